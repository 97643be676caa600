//! The Rust reader on the shapes people write: handlers, phases, names and types, and where values come from.
//! Each case is a small program; what is asserted is what rules rely on.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

mod coverage;
mod macros;
mod shapes;

use faaslint::config::Selected;
use faaslint::engine::{self, Options, Outcome};
use faaslint::model::source::{ClientBuild, Discard, EnvRead, HttpCall, InitWait, Operand, Phase, Program, SdkCall};
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::tree::Memory;

const MANIFEST: &str = r#"
[package]
name = "app"
version = "0.1.0"
edition = "2021"
[dependencies]
lambda_runtime = "1"
lambda_http = "1"
aws_lambda_events = "1"
aws-config = "1"
aws-sdk-dynamodb = "1"
aws-sdk-sqs = "1"
aws-sdk-eventbridge = "1"
storage = { package = "aws-sdk-s3", version = "1" }
axum = "0.8"
envy = "0.4"
config = "0.15"
figment = "0.10"
clap = "4"
reqwest = "0.12"
tokio = "1"
worker = "0.5"
lambda-appsync = "0.1"
core-lib = { path = "core" }
"#;

fn run(files: &[(&str, &str)]) -> Outcome {
    let mut all = vec![
        ("Cargo.toml".to_owned(), MANIFEST.to_owned()),
        (
            "core/Cargo.toml".to_owned(),
            "[package]\nname = \"core-lib\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
             lambda_http = \"1\"\nreqwest = \"0.12\"\naws-sdk-dynamodb = \"1\"\n"
                .to_owned(),
        ),
        ("core/src/lib.rs".to_owned(), String::new()),
    ];
    all.extend(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    let mut latest = std::collections::BTreeMap::new();
    latest.extend(all);
    let rules = rule::embedded().into_iter().map(|spec| Selected { params: Params::defaults(&spec.params), spec });
    let options = Options::new(rules.collect());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads start");
    pool.install(|| engine::run(&Memory::new(latest), None, &options, &|_| {}))
}

/// The program of one `main.rs`.
fn program(main: &str) -> Program {
    let outcome = run(&[("src/main.rs", main)]);
    assert!(outcome.project.gaps.is_empty(), "{:?}", outcome.project.gaps);
    outcome.project.programs.into_iter().next().expect("the binary is read")
}

/// Name, runtime call and event of each handler.
fn handlers(main: &str) -> Vec<(String, String, String)> {
    let found = program(main).handlers;
    found.into_iter().map(|handler| (handler.name, handler.entry, handler.event)).collect()
}

fn handler(name: &str, entry: &str, event: &str) -> Vec<(String, String, String)> {
    vec![(name.to_owned(), entry.to_owned(), event.to_owned())]
}

const SQS: &str = "aws_lambda_events::sqs::SqsEvent";

#[test]
fn handlers_of_every_shape_are_found() {
    let uses = "use lambda_runtime::{run, service_fn, Error, LambdaEvent}; use \
                aws_lambda_events::event::sqs::SqsEvent;\n\
                async fn h(e: LambdaEvent<SqsEvent>) -> Result<(), Error> { Ok(()) }\n";
    for (shape, main) in [
        ("by path", "async fn main() { run(service_fn(h)).await; }"),
        ("bound first", "async fn main() { let func = service_fn(h); lambda_runtime::run(func).await; }"),
        ("closure", "async fn main() { let c = 1; run(service_fn(|e| h(e))).await; }"),
        ("moving closure", "async fn main() { run(service_fn(move |e| { async move { h(e).await } })).await; }"),
        ("runtime", "async fn main() { lambda_runtime::Runtime::new(service_fn(h)).layer(x()).run().await; }"),
        ("returned", "fn make() -> impl Sized { service_fn(move |e| h(e)) } async fn main() { run(make()).await; }"),
        ("helper", "async fn start() { run(service_fn(h)).await; } async fn main() { start().await; }"),
        ("wrapper", "async fn main() { framework::start(\"x\", h).await; }"),
        ("concurrent", "async fn main() { lambda_runtime::run_concurrent(service_fn(h)).await; }"),
        ("streaming", "async fn main() { lambda_runtime::run_with_streaming_response(service_fn(h)).await; }"),
        ("tower", "async fn main() { let s = tower::ServiceBuilder::new().layer(x()).service_fn(h); run(s).await; }"),
        ("pre-GA", "async fn main() { lambda_runtime::run(lambda_runtime::handler_fn(h)).await; }"),
        ("macro", "fn main() { lambda!(h); }"),
    ] {
        let found = handlers(&format!("{uses}#[tokio::main]\n{main}"));
        assert_eq!(found.len(), 1, "{shape}: {found:?}");
        assert_eq!((found[0].0.as_str(), found[0].2.as_str()), ("h", SQS), "{shape}: {found:?}");
    }
}

#[test]
fn methods_structs_and_generics_are_handlers_too() {
    let method = "use lambda_runtime::*; struct A; impl A { async fn handle(&self, e: LambdaEvent<u8>) -> Result<(), \
                  Error> { Ok(()) } }\n\
                  async fn main() { let a = std::sync::Arc::new(A); run(service_fn(|e| { let a = a.clone(); async move \
                  { a.handle(e).await } })).await; }";
    assert_eq!(handlers(method), handler("handle", "lambda_runtime::run", "u8"));
    let service = "use lambda_runtime::*; struct H; impl Service<LambdaEvent<u8>> for H { type Response = (); \
                   fn call(&mut self, e: LambdaEvent<u8>) -> Self::Future { Box::pin(async { \
                   reqwest::get(\"https://a\").await; }) } }\n\
                   async fn main() { let h = H; run(h).await; }";
    assert_eq!(handlers(service), handler("call", "lambda_runtime::run", "u8"));
    let routes = "use axum::{routing::{get, post}, Router}; async fn list() { reqwest::get(\"https://a\").await; }\n\
                  fn router() -> Router { Router::new().route(\"/a\", get(list)).route(\"/b\", post(|| async { \
                  reqwest::get(\"https://b\").await; })) }\n\
                  async fn main() { lambda_http::run(Router::new().nest(\"/v1\", router())).await; }";
    let routed = program(routes);
    let calls = routed.facts::<HttpCall>();
    assert_eq!(calls.iter().filter(|call| call.site.phase == Phase::Invoke).count(), 2, "{calls:?}");
    let legacy = "use lambda_runtime::{handler_fn, Context}; async fn f(e: serde_json::Value, c: Context) -> \
                  Result<(), ()> { Ok(()) }\n\
                  async fn main() { lambda_runtime::run(handler_fn(f)).await; }";
    assert_eq!(handlers(legacy), handler("f", "lambda_runtime::run", "serde_json::Value"));
    let made = "lambda_appsync::appsync_lambda_main!(\"schema.graphql\");";
    assert_eq!(handlers(made), handler("macro", "lambda_appsync::appsync_lambda_main", ""));
    let worker = "use worker::*; #[event(fetch)] async fn main(req: Request, env: Env, ctx: Context) -> \
                  Result<Response> { todo() }";
    assert_eq!(program(worker).platform().map(|platform| platform.id()), Some("cloudflare-workers"));
    let azure = "#[tokio::main] async fn main() { let port = std::env::var(\"FUNCTIONS_CUSTOMHANDLER_PORT\").unwrap(); \
                 serve(port).await; }";
    let outcome = run(&[("host.json", "{}"), ("src/main.rs", azure)]);
    assert_eq!(outcome.project.programs[0].platform().map(|platform| platform.id()), Some("azure-functions"));
}

#[test]
fn extensions_and_shutdown_hooks_are_no_handlers() {
    let program = program(
        "use lambda_runtime::*; async fn ext(e: lambda_extension::LambdaEvent) -> Result<(), Error> { \
         reqwest::get(\"https://a\").await; Ok(()) }\n\
         async fn h(e: LambdaEvent<u8>) -> Result<(), Error> { Ok(()) }\n\
         async fn main() { lambda_extension::run(service_fn(ext)).await; \
         lambda_runtime::spawn_graceful_shutdown_handler(|| async { reqwest::get(\"https://b\").await; }).await; \
         run(service_fn(h)).await; }",
    );
    assert_eq!(program.handlers.len(), 1);
    assert!(program.facts::<HttpCall>().is_empty(), "{:?}", program.facts::<HttpCall>());
}

/// The operand of the only SDK call.
fn target(main: &str) -> Operand {
    let program = program(main);
    assert_eq!(program.facts::<SdkCall>().len(), 1, "{:?}", program.facts::<SdkCall>());
    program.facts::<SdkCall>()[0].target.clone()
}

#[test]
fn environment_variables_reach_calls() {
    let uses = "use lambda_runtime::{run, service_fn, Error, LambdaEvent}; use aws_sdk_dynamodb::Client;\n\
                type Ev = LambdaEvent<serde_json::Value>; async fn client() -> Client { todo() }\n";
    let key = Operand::Env("TABLE".to_owned());
    for (shape, code) in [
        (
            "a static",
            "static T: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| \
             std::env::var(\"TABLE\").expect(\"t\"));\n\
            async fn h(db: &Client, e: Ev) { db.get_item().table_name(T.as_str()).send().await; }\n\
            async fn main() { let db = client().await; run(service_fn(|e| h(&db, e))).await; }",
        ),
        (
            "a constructor",
            "struct R { db: Client, t: String } impl R { fn new(db: Client, t: impl Into<String>) -> Self { Self { db, \
             t: t.into() } }\n\
            async fn get(&self) { self.db.get_item().table_name(&self.t).send().await; } }\n\
            struct A { r: std::sync::Arc<R> } async fn h(a: &A, e: Ev) { a.r.get().await; }\n\
            async fn main() { let t = std::env::var(\"TABLE\").unwrap_or_else(|_| \"dev\".into());\n\
            let a = A { r: std::sync::Arc::new(R::new(client().await, t)) }; run(service_fn(|e| h(&a, e))).await; }",
        ),
        (
            "a tuple",
            "async fn up() -> Result<(Client, String), Error> { Ok((client().await, std::env::var(\"TABLE\")?)) }\n\
            async fn h(db: &Client, t: &str, e: Ev) { let q = db.get_item().table_name(t); q.send().await; }\n\
            async fn main() { let (db, t) = up().await?; run(service_fn(|e| h(&db, &t, e))).await; }",
        ),
        (
            "a helper and a constant",
            "const K: &str = \"TABLE\"; fn must(k: &str) -> String { std::env::var(k).expect(k) }\n\
            struct C { t: String, db: Client } async fn h(c: &C, e: Ev) { let C { t, db } = c; \
            db.get_item().table_name(t.clone()).send().await; }\n\
            async fn main() { let c = C { t: must(K), db: client().await }; run(service_fn(|e| h(&c, e))).await; }",
        ),
        (
            "envy",
            "#[derive(serde::Deserialize)] struct S { #[serde(rename = \"table\")] name: String }\n\
            async fn h(db: &Client, s: &S, e: Ev) { db.get_item().table_name(&s.name).send().await; }\n\
            async fn main() { let s: S = envy::from_env().unwrap(); let db = client().await; run(service_fn(|e| h(&db, \
            &s, e))).await; }",
        ),
        (
            "clap",
            "#[derive(clap::Parser)] struct S { #[arg(env = \"TABLE\")] name: String }\n\
            async fn h(db: &Client, s: &S, e: Ev) { db.get_item().table_name(&s.name).send().await; }\n\
            async fn main() { let s = S::parse(); let db = client().await; run(service_fn(|e| h(&db, &s, e))).await; }",
        ),
        (
            "a newtype",
            "struct D(Client); impl std::ops::Deref for D { type Target = Client; fn deref(&self) -> &Client { &self.0 \
             } }\n\
            async fn h(db: &D, t: &str, e: Ev) { db.get_item().table_name(t).send().await; }\n\
            async fn main() { let db = D(client().await); let t = std::env::var(\"TABLE\").unwrap(); \
            run(service_fn(|e| h(&db, &t, e))).await; }",
        ),
    ] {
        assert_eq!(target(&format!("{uses}{code}")), key, "{shape}");
    }
    let state = "use axum::{extract::State, routing::get, Router}; #[derive(Clone)] struct S { db: \
                 aws_sdk_dynamodb::Client, c: std::sync::Arc<C> }\n\
        struct C { t: String } impl C { fn load() -> Self { C { t: std::env::var(\"TABLE\").unwrap() } } }\n\
        async fn a(State(S { db, c }): State<S>) { let t = c.t.clone(); db.get_item().table_name(t).send().await; }\n\
        async fn main() { let db = aws_sdk_dynamodb::Client::new(&conf().await); let s = S { db, c: \
        std::sync::Arc::new(C::load()) };\n\
        lambda_http::run(Router::new().route(\"/\", get(a)).with_state(s)).await; }";
    assert_eq!(target(state), key, "axum state");
    let entry = "use lambda_runtime::*; async fn h(eb: &aws_sdk_eventbridge::Client, b: &str, e: LambdaEvent<u8>) {\n\
        let n = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder().event_bus_name(b).build(); \
        eb.put_events().entries(n).send().await; }\n\
        async fn main() { let eb = aws_sdk_eventbridge::Client::new(&conf().await); let b = \
        std::env::var(\"TABLE\").unwrap(); run(service_fn(|e| h(&eb, &b, e))).await; }";
    assert_eq!(target(entry), key, "an entry of a batch");
}

#[test]
fn types_are_followed_through_enums_generics_traits_renames_and_globs() {
    for (shape, code) in [
        (
            "enum payload",
            "enum S { Ready(aws_sdk_sqs::Client), Not } async fn h(s: &S) { match s { S::Ready(c) => { \
             c.list_queues().send().await; } S::Not => {} } }\n\
            async fn main() { let s = S::Not; run(service_fn(|e: LambdaEvent<u8>| h(&s))).await; }",
        ),
        (
            "generic bounded by a trait",
            "trait T { async fn go(&self); } struct D(aws_sdk_sqs::Client); impl T for D { async fn go(&self) { \
             self.0.list_queues().send().await; } }\n\
            struct V<X> { x: X } impl<X: T> V<X> { async fn h(&self) { self.x.go().await; } }\n\
            async fn main() { let v = V { x: D(c()) }; run(service_fn(|e: LambdaEvent<u8>| v.h())).await; }",
        ),
        (
            "trait object",
            "trait T { async fn go(&self); } struct D { c: aws_sdk_sqs::Client } impl T for D { async fn go(&self) { \
             self.c.list_queues().send().await; } }\n\
            fn make() -> Box<dyn T> { Box::new(D { c: c() }) } async fn main() { let t = make(); run(service_fn(|e: \
            LambdaEvent<u8>| t.go())).await; }",
        ),
        (
            "adapter",
            "async fn work(c: &aws_sdk_sqs::Client) { c.list_queues().send().await; }\n\
            async fn h(c: &aws_sdk_sqs::Client) { let v: Vec<aws_sdk_sqs::Client> = vec![]; v.iter().for_each(|one| { \
            one.list_topics(); }); futures::future::join_all((0..9).map(|_| work(c))).await; }\n\
            async fn main() { let c = aws_sdk_sqs::Client::new(&k()); run(service_fn(|e: LambdaEvent<u8>| \
            h(&c))).await; }",
        ),
        (
            "a map of trait objects",
            "trait T { async fn go(&self); } struct D { c: aws_sdk_sqs::Client } impl T for D { async fn go(&self) { \
             self.c.list_queues().send().await; } }\n\
            struct R { all: std::collections::HashMap<String, std::sync::Arc<dyn T>> }\n\
            impl R { async fn h(&self) { for (_, t) in &self.all { t.go().await; } if let Some(t) = \
            self.all.get(\"a\") { t.go().await; } } }\n\
            async fn main() { let r = R { all: x() }; run(service_fn(|e: LambdaEvent<u8>| r.h())).await; }",
        ),
        (
            "join",
            "async fn work(c: &aws_sdk_sqs::Client) { c.list_queues().send().await; }\n\
            async fn h(c: &aws_sdk_sqs::Client) { tokio::join!(work(c), other()); }\n\
            async fn main() { let c = aws_sdk_sqs::Client::new(&k()); run(service_fn(|e: LambdaEvent<u8>| \
            h(&c))).await; }",
        ),
    ] {
        let program = program(&format!("use lambda_runtime::{{run, service_fn, LambdaEvent}};\n{code}"));
        let calls: Vec<&str> = program.facts::<SdkCall>().iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(calls, ["list_queues"], "{shape}");
        assert_eq!(program.facts::<SdkCall>()[0].site.phase, Phase::Invoke, "{shape}");
    }
    let outcome = run(&[
        (
            "core/src/lib.rs",
            "pub mod prelude { pub use crate::net::*; pub use lambda_http::{lambda_runtime, tower}; } mod net { pub \
             use reqwest::Client as Http; pub fn http() -> Http { Http::new() } }",
        ),
        (
            "src/main.rs",
            "use core_lib::prelude::{lambda_runtime::{run, service_fn, LambdaEvent}, *};\n\
            async fn h(e: LambdaEvent<u8>) { let c = http(); c.get(\"https://a\").send().await; \
            storage::Client::new(&k()); }\n\
            async fn main() { run(service_fn(h)).await; }",
        ),
    ]);
    let program = &outcome.project.programs[0];
    assert_eq!(program.facts::<HttpCall>().len(), 1, "through a prelude and a rename");
    let built: Vec<&str> = program.facts::<ClientBuild>().iter().map(|client| client.path.as_str()).collect();
    assert!(built.contains(&"aws_sdk_s3::Client::new"), "a crate the manifest renames: {built:?}");
}

#[test]
fn code_runs_when_it_runs() {
    let program = program(
        "use lambda_runtime::{run, service_fn, LambdaEvent}; static C: tokio::sync::OnceCell<reqwest::Client> = \
         tokio::sync::OnceCell::const_new();\n\
         async fn one() -> &'static reqwest::Client { C.get_or_init(|| async { reqwest::Client::new() }).await }\n\
         async fn h(e: LambdaEvent<u8>, c: &reqwest::Client) { let a = one().await; let b = \
         reqwest::Client::builder(); if cfg!(debug_assertions) { reqwest::Client::default(); } }\n\
         #[cfg(test)] mod tests { fn t() { reqwest::Client::new(); } }\n\
         async fn main() { let c = reqwest::Client::new(); run(service_fn(|e| h(e, &c))).await; }",
    );
    let mut phases: Vec<(&str, Phase)> =
        program.facts::<ClientBuild>().iter().map(|client| (client.path.as_str(), client.site.phase)).collect();
    phases.sort();
    assert_eq!(
        phases,
        [
            ("reqwest::Client::builder", Phase::Invoke),
            ("reqwest::Client::new", Phase::Init),
            ("reqwest::Client::new", Phase::Once)
        ]
    );
}

#[test]
fn binaries_of_one_package_are_kept_apart() {
    let one = "use lambda_runtime::{run, service_fn, LambdaEvent}; struct A; impl A { fn fetch_settings(&self) { \
               std::env::var(\"A\").unwrap(); } }\n\
               async fn h(e: LambdaEvent<u8>) { A.fetch_settings(); } async fn main() { run(service_fn(h)).await; }";
    let two = "use lambda_runtime::{run, service_fn, LambdaEvent};\n\
               async fn h(e: LambdaEvent<u8>) { unknown().fetch_settings(); } async fn main() { \
               run(service_fn(h)).await; }";
    let outcome = run(&[("src/bin/one.rs", one), ("src/bin/two.rs", two), ("src/main.rs", "fn main() {}")]);
    let reads: Vec<usize> = outcome.project.programs.iter().map(|program| program.facts::<EnvRead>().len()).collect();
    assert_eq!(reads.iter().sum::<usize>(), 1, "{reads:?}");
}

#[test]
fn discards_and_waits_of_init_stand_once_in_the_order_of_the_source() {
    let program = program(
        "use lambda_runtime::{run, service_fn, LambdaEvent};\n\
         struct Order { kind: String, state: String }\n\
         fn first(order: &Order) { if order.kind == \"draft\" { return; } }\n\
         fn second(order: &Order) { if order.state == \"closed\" { return; } }\n\
         async fn one() { other::open().await; }\n\
         async fn two() { other::connect().await; }\n\
         async fn h(e: LambdaEvent<Order>) { second(&e.payload); first(&e.payload); }\n\
         async fn main() { two().await; one().await; run(service_fn(h)).await; }",
    );
    let fields: Vec<&str> = program.facts::<Discard>().iter().map(|discard| discard.field.as_str()).collect();
    assert_eq!(fields, ["kind", "state"]);
    let waits: Vec<&str> =
        program.facts::<InitWait>().iter().filter_map(|wait| wait.site.trail.last()).map(String::as_str).collect();
    assert_eq!(waits, ["one", "two"]);
}

#[test]
fn globs_that_name_each_other_end() {
    let mut code = String::from("use lambda_runtime::{run, service_fn, LambdaEvent};\n");
    for at in 0..40 {
        code.push_str(&format!(
            "mod m{at} {{ pub use super::*; pub use super::m{}::*; pub use super::m{}::*; }}\n",
            (at + 1) % 40,
            (at + 7) % 40
        ));
    }
    code.push_str(
        "use m0::*; use m3::*; async fn h(e: LambdaEvent<u8>) { nowhere(); m5::elsewhere(); }\n\
                   async fn main() { run(service_fn(h)).await; }",
    );
    assert_eq!(program(&code).handlers.len(), 1);
}

/// How many requests of an invocation are seen in a program whose handler is `handler`.
fn requests(body: &str) -> usize {
    let main = format!(
        "use lambda_runtime::{{run, service_fn, Error, LambdaEvent}}; use std::sync::Arc;\n\
         #[tokio::main] async fn main() {{ run(service_fn(handler)).await; }}\n{body}"
    );
    let found = program(&main);
    found.facts::<HttpCall>().iter().filter(|call| call.site.phase == Phase::Invoke).count()
}

#[test]
fn calls_behind_dispatch_are_followed() {
    let far = "async fn run(&self) { reqwest::get(\"https://a\").await; }";
    for (shape, body) in [
        (
            "a clone of a trait object",
            "trait Task { async fn run(&self); } struct A; impl Task for A { FAR }\n\
             struct App { task: Arc<dyn Task> } impl App { async fn go(&self) { let task = self.task.clone(); \
             task.run().await; } }\n\
             async fn handler(e: LambdaEvent<u8>) { let app = App { task: Arc::new(A) }; app.go().await; }",
        ),
        (
            "a method that a derive gives an enum",
            "trait Task { async fn run(&self); } struct A; impl Task for A { FAR } enum Any { A(A) }\n\
             async fn handler(e: LambdaEvent<u8>) { let any = Any::A(A); any.run().await; }",
        ),
        (
            "what a chain makes of the records",
            "struct A; impl A { fn of(r: &u8) -> Result<Self, Error> { todo!() } FAR }\n\
             async fn handler(e: LambdaEvent<Vec<u8>>) { let all = \
             e.payload.iter().map(A::of).collect::<Result<Vec<_>, _>>().unwrap(); \
             for one in all { one.run().await; } }",
        ),
        (
            "a list whose elements the initialiser decides",
            "struct A; impl A { fn new(r: &u8) -> Self { A } FAR }\n\
             async fn handler(e: LambdaEvent<Vec<u8>>) { let all: Vec<_> = e.payload.iter().map(|r| \
             A::new(r)).collect(); \
             for (at, one) in all.iter().enumerate() { one.run().await; } }",
        ),
        (
            "an index, and pairs of two lists",
            "struct A; impl A { FAR }\n\
             async fn handler(e: LambdaEvent<Vec<u8>>) { let all = vec![A]; let names = vec![1]; all[0]; \
             for (name, one) in names.iter().zip(all.iter()) { one.run().await; } }",
        ),
        (
            "what a derived constructor makes",
            "#[derive(Default)] struct Maker; impl Maker { fn with(self) -> Self { self } fn build(self) -> A { A } } \
             struct A; impl A { FAR }\n\
             async fn handler(e: LambdaEvent<u8>) { let one = Maker::default().with().build(); one.run().await; }",
        ),
    ] {
        assert_eq!(requests(&body.replace("FAR", far)), 1, "{shape}");
    }
    let common = "trait Task { async fn run(&self); } struct A; impl Task for A { FAR } struct B; impl B { async fn \
                  run(&self) {} }\n\
                  async fn handler(e: LambdaEvent<u8>) { B.run().await; }";
    assert_eq!(requests(&common.replace("FAR", far)), 0, "a type's own method is the one that runs");
}

#[test]
fn functions_and_modules_may_share_a_name() {
    let outcome = run(&[
        (
            "src/main.rs",
            "mod tasks; use tasks::handler; use lambda_runtime::*;\n\
             fn reqwest() {}\n#[tokio::main] async fn main() { run(service_fn(handler)).await; }",
        ),
        ("src/tasks/mod.rs", "mod handler; pub use handler::handler;"),
        (
            "src/tasks/handler.rs",
            "use lambda_runtime::*; pub async fn handler(e: LambdaEvent<u8>) -> Result<(), Error> { \
             reqwest::get(\"https://a\").await; Ok(()) }",
        ),
    ]);
    let program = &outcome.project.programs[0];
    assert_eq!(program.handlers.len(), 1);
    assert_eq!(program.handlers[0].name, "handler");
    assert_eq!(program.facts::<HttpCall>().len(), 1);
}

#[test]
fn a_runtime_in_the_workspace_is_the_runtime() {
    let manifest = MANIFEST.replace("lambda_runtime = \"1\"", "lambda_runtime = { path = \"vendor/lambda_runtime\" }");
    let outcome = run(&[
        ("Cargo.toml", &manifest),
        (
            "vendor/lambda_runtime/Cargo.toml",
            "[package]\nname = \"lambda_runtime\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
        ),
        (
            "vendor/lambda_runtime/src/lib.rs",
            "pub async fn run<S>(s: S) {} pub fn service_fn<F>(f: F) -> F { f } pub struct LambdaEvent<T> { pub \
             payload: T }",
        ),
        (
            "src/main.rs",
            "use lambda_runtime::{run, service_fn, LambdaEvent}; async fn h(e: LambdaEvent<u8>) {}\n\
             #[tokio::main] async fn main() { run(service_fn(h)).await; }",
        ),
    ]);
    let handlers: Vec<&str> =
        outcome.project.programs.iter().flat_map(|p| &p.handlers).map(|h| h.name.as_str()).collect();
    assert_eq!(handlers, ["h"]);
}

#[test]
fn an_unknown_wrapper_around_a_known_client_is_seen_through() {
    let found = program(
        "use lambda_runtime::*; struct App { db: lazily::Cell<aws_sdk_dynamodb::Client> }\n\
         impl App { async fn h(&self, e: LambdaEvent<u8>) { \
         self.db.get().await.get_item().table_name(\"t\").send().await; } }\n\
         #[tokio::main] async fn main() { let app = make(); run(service_fn(|e| app.h(e))).await; } fn make() -> App { \
         todo!() }",
    );
    assert_eq!(found.facts::<SdkCall>().len(), 1);
}
