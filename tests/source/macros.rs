//! `macro_rules!` of the workspace: what they write is read where they are called.

use super::{program, run};
use faaslint::model::source::{Operand, SdkCall};

#[test]
fn what_macros_of_the_workspace_write_is_code_of_their_callers() {
    // A macro of a library writes `main`, through another macro of its own.
    let library = "pub use lambda_runtime;\n#[macro_export]\nmacro_rules! start {\n\
                   (common $handler:ident) => {\n\
                   #[tokio::main]\nasync fn main() -> Result<(), $crate::lambda_runtime::Error> {\n\
                   $crate::lambda_runtime::run($crate::lambda_runtime::service_fn($handler)).await\n} };\n\
                   ($handler:ident) => { $crate::start!(common $handler); };\n}";
    let main = "async fn root(event: lambda_runtime::LambdaEvent<aws_lambda_events::sqs::SqsEvent>) -> \
                Result<(), lambda_runtime::Error> { Ok(()) }\ncore_lib::start!(root);";
    let outcome = run(&[
        (
            "core/Cargo.toml",
            "[package]\nname = \"core-lib\"\nversion = \"0.1.0\"\n[dependencies]\nlambda_runtime = \"1\"\n",
        ),
        ("core/src/lib.rs", library),
        ("src/main.rs", main),
    ]);
    let found = &outcome.project.programs[0].handlers;
    assert_eq!((found[0].name.as_str(), found[0].entry.as_str()), ("root", "lambda_runtime::run"));

    // What the call gives keeps its place and its scope; names the macro made up are its own.
    let main = r#"
use lambda_runtime::{service_fn, LambdaEvent, Error};
macro_rules! lookup {
    ($client:ident, $key:expr => $found:ident) => {
        let table = "orders";
        let $found = $client.get_item().table_name(table).key("id", $key).send().await?;
    };
}
#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_from_env().await;
    let client = &aws_sdk_dynamodb::Client::new(&config);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<String>| handle(client, event))).await
}
async fn handle(client: &aws_sdk_dynamodb::Client, event: LambdaEvent<String>) -> Result<(), Error> {
    let table = "customers";
    lookup!(client, event.payload.clone() => order);
    client.put_item().table_name(table).send().await?;
    drop(order);
    Ok(())
}
"#;
    let calls = program(main).facts::<SdkCall>().to_vec();
    let tables: Vec<(String, Operand)> =
        calls.iter().map(|call| (call.operation.clone(), call.target.clone())).collect();
    let named = |name: &str| Operand::Literal(name.to_owned());
    assert_eq!(tables, [("get_item".to_owned(), named("orders")), ("put_item".to_owned(), named("customers"))]);
    let (at, line) = (main.find("lookup!(client").expect("is there"), calls[0].site.span);
    assert!((at as u32..at as u32 + 50).contains(&line.start), "{line:?}");
}

#[test]
fn edits_stand_where_a_macro_wrote_something_or_nowhere() {
    let main = r#"
use lambda_runtime::{service_fn, LambdaEvent, Error};
macro_rules! fetch {
    ($url:expr) => { reqwest::Client::builder().build()?.get($url).send().await? };
}
macro_rules! fetch_with {
    ($builder:expr, $url:expr) => { $builder.build()?.get($url).send().await? };
}
#[tokio::main]
async fn main() -> Result<(), Error> { lambda_runtime::run(service_fn(handle)).await }
async fn handle(event: LambdaEvent<String>) -> Result<(), Error> {
    let answer = CALL;
    drop(answer);
    Ok(())
}
"#;
    let edited = |call: &str| {
        let text = main.replace("CALL", call);
        let outcome = run(&[("src/main.rs", &text)]);
        let found: Vec<_> =
            outcome.findings.iter().filter(|found| found.rule == "remote-call-without-timeout").collect();
        assert_eq!(found.len(), 1, "{call}");
        let edits = found[0].fixes.iter().flat_map(|fix| &fix.edits);
        edits.map(|edit| text[..edit.span.start as usize].matches('\n').count() + 1).collect::<Vec<_>>()
    };
    assert_eq!(edited("reqwest::Client::builder().build()?.get(\"https://example.com\").send().await?"), [12]);
    // What the macro wrote itself is mended there.
    assert_eq!(edited("fetch!(\"https://example.com\")"), [4]);
    // Half of it stands in the call and half in the macro.
    assert!(edited("fetch_with!(reqwest::Client::builder(), \"https://example.com\")").is_empty());
}
