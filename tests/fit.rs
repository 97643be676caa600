//! Whether functions fit: words with their evidence, traps that must not fire, what a config expects.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                        lambda_runtime = \"1\"\nserde_json = \"1\"\ntokio = \"1\"\nrayon = \"1\"\npolars = \"0.50\"\n\
                        aws-sdk-ecs = \"1\"\naxum = \"0.8\"\n";

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let dir = std::env::temp_dir().join(format!("faaslint-fit-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        for (name, text) in files.iter().chain(&[("Cargo.toml", MANIFEST)]) {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
        Self(dir)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut all = vec!["fit", "--no-cargo"];
        all.extend(args);
        Command::new(env!("CARGO_BIN_EXE_cargo-faaslint")).args(all).current_dir(&self.0).output().expect("it runs")
    }

    /// The only function.
    fn function(&self) -> Value {
        let output = self.run(&["--format", "json"]);
        let value: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        value["functions"][0].clone()
    }

    fn verdict(&self) -> String {
        self.function()["verdict"].as_str().expect("a word").to_owned()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn template(memory: &str, timeout: u32, more: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Worker:\n    Type: AWS::Serverless::Function\n    \
         Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: worker}}}}\n    Properties:\n      \
         CodeUri: .\n      Handler: bootstrap\n      Runtime: provided.al2023\n      MemorySize: {memory}\n      \
         Timeout: {timeout}\n{more}"
    )
}

const SCHEDULE: &str = "      Events: {Night: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}\n";
const QUEUE: &str =
    "      Events: {Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}\n  Jobs: {Type: AWS::SQS::Queue}\n";
const WEB: &str = "      Events: {Get: {Type: HttpApi, Properties: {Path: /, Method: get}}}\n";

fn handler(body: &str) -> String {
    format!(
        "use lambda_runtime::{{run, service_fn, Error, LambdaEvent}};\nuse serde_json::Value;\n#[tokio::main]\n\
         async fn main() -> Result<(), Error> {{ run(service_fn(handler)).await }}\n\
         async fn handler(event: LambdaEvent<Value>) -> Result<(), Error> {{\n    {body}\n    drop(event);\n    \
         Ok(())\n}}\n"
    )
}

fn judged(name: &str, template: &str, body: &str) -> Value {
    let source = handler(body);
    let dir = Dir::new(name, &[("template.yaml", template), ("src/main.rs", &source)]);
    let function = dir.function();
    let evidence = function["evidence"].as_array().expect("a list");
    let places = evidence.iter().filter(|item| !item["places"].as_array().expect("a list").is_empty()).count();
    // No word without evidence, and none without a place.
    assert!(function["verdict"] == "not judged" || places > 0, "{function}");
    assert_eq!(places, evidence.len(), "{function}");
    function
}

const POLARS: &str =
    "let frame = polars::prelude::LazyFrame::scan_parquet(\"/tmp/a\", Default::default())?; drop(frame);";
const PARALLEL: &str = "let all: Vec<u32> = vec![1u32]; all.par_iter().for_each(|n| drop(n));";

#[test]
fn what_starts_a_function_speaks_for_it() {
    for (name, more, row) in
        [("cron", SCHEDULE, "scheduled"), ("queue", QUEUE, "event-driven"), ("web", WEB, "requests")]
    {
        let function = judged(name, &template("256", 10, more), "");
        assert_eq!(function["verdict"], "fits", "{function}");
        assert_eq!(function["evidence"][0]["row"], row);
        // A schedule says how often.
        let missing = if name == "cron" { "no duration given" } else { "no traffic given" };
        assert!(function["unknown"].to_string().contains(missing), "{function}");
    }
    assert_eq!(judged("nothing", &template("256", 10, ""), "")["verdict"], "not judged");
}

#[test]
fn an_engine_needs_a_processor() {
    let small = judged("small", &template("512", 60, QUEUE), POLARS);
    assert_eq!(small["verdict"], "fits with change", "{small}");
    assert!(small["because"].as_str().expect("text").contains("512 MB, 0.28 vCPU"), "{small}");
    assert_eq!(judged("whole", &template("1769", 60, QUEUE), POLARS)["verdict"], "fits");
    // No setting is left to turn.
    assert_eq!(judged("long", &template("2048", 300, QUEUE), POLARS)["verdict"], "poor fit");
    let unknown = judged("unknown", &template("!Ref Size", 60, QUEUE), POLARS);
    assert_eq!(unknown["verdict"], "fits", "unknown memory is no evidence: {unknown}");
    assert!(unknown["unknown"].to_string().contains("heavy-compute"), "{unknown}");
}

/// What only writes down a plan computes nothing, until somebody asks for what it says.
#[test]
fn a_plan_that_nobody_runs_is_no_work() {
    let plan = "let frame = polars::prelude::LazyFrame::default().with_column(polars::prelude::col(\"a\")); \
                drop(frame);";
    assert_eq!(judged("plan", &template("256", 10, QUEUE), plan)["verdict"], "fits");
    let run = "let frame: polars::prelude::LazyFrame = Default::default(); frame.collect()?;";
    assert_eq!(judged("run", &template("256", 10, QUEUE), run)["verdict"], "fits with change");
}

#[test]
fn who_asks_once_does_not_wait() {
    let asks = "let ecs = aws_sdk_ecs::Client::new(&aws_config::load_from_env().await); \
                ecs.describe_tasks().cluster(\"c\").send().await?;";
    let function = judged("asks", &template("128", 30, ""), asks);
    assert_eq!((&function["verdict"], &function["evidence"][0]["row"]), (&"fits".into(), &"control-plane".into()));
    let polls = format!("loop {{ {asks} tokio::time::sleep(std::time::Duration::from_secs(5)).await; }}");
    assert_eq!(judged("polls", &template("128", 30, ""), &polls)["verdict"], "not judged");
}

/// The client is in a cell of the thread, its type is re-exported, and a library fetches every page.
#[test]
fn a_broadcast_is_seen_through_what_wraps_the_client() {
    let web = "      Events: {Send: {Type: Api, Properties: {Path: /, Method: get}}}\n";
    let source = "use dynomite::{dynamodb::{DynamoDbClient, ScanInput}, DynamoDbExt};
use futures::TryStreamExt;
use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use rusoto_apigatewaymanagementapi::{ApiGatewayManagementApi, ApiGatewayManagementApiClient, PostToConnectionRequest};
use serde_json::Value;
thread_local!(static DB: DynamoDbClient = DynamoDbClient::new(Default::default()););
#[tokio::main]
async fn main() -> Result<(), Error> { run(service_fn(handler)).await }
async fn handler(event: LambdaEvent<Value>) -> Result<(), Error> {
    let client = ApiGatewayManagementApiClient::new(Default::default());
    let sent = DB.with(|db| {
        db.clone().scan_pages(ScanInput { table_name: \"t\".into(), ..ScanInput::default() }).try_for_each(move |item| {
            let client = client.clone();
            async move { client.post_to_connection(PostToConnectionRequest::default()).await.ok(); drop(item); Ok(()) }
        })
    });
    sent.await.ok();
    drop(event);
    Ok(())
}
";
    let dir = Dir::new("broadcast", &[("template.yaml", &template("128", 6, web)), ("src/main.rs", source)]);
    assert_eq!(dir.verdict(), "fits", "a REST API has no connections to post to");
    let socket = "service: s\nprovider: {name: aws, runtime: rust, memorySize: 128, timeout: 6}\nfunctions:\n  \
                  send: {handler: worker, events: [{websocket: {route: send}}]}\n";
    let dir = Dir::new("socket", &[("serverless.yml", socket), ("src/main.rs", source)]);
    let function = dir.function();
    assert_eq!(function["verdict"], "fits with change", "{function}");
    assert!(function["because"].as_str().expect("text").starts_with("reads the whole table"), "{function}");
}

#[test]
fn what_code_allows_is_held_against_the_timeout() {
    let allows = "let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(20)).build()?; \
                  client.get(\"https://example.com\").send().await?;";
    let hints = |timeout: u32| judged("allows", &template("256", timeout, WEB), allows)["hints"].to_string();
    assert!(hints(10).contains("is ended after 10 s, and allows something 20 s"), "{}", hints(10));
    assert!(!hints(30).contains("is ended after"));
}

#[test]
fn threads_of_a_part_of_a_processor_are_worth_a_note() {
    assert_eq!(judged("threads", &template("128", 10, QUEUE), PARALLEL)["verdict"], "fits");
    let many = judged("many", &template("3538", 10, QUEUE), PARALLEL);
    assert!(many["evidence"].to_string().contains("spreads work"), "{many}");
}

#[test]
fn a_timeout_is_permission() {
    assert_eq!(judged("permitted", &template("256", 300, QUEUE), "")["verdict"], "watch");
    let waits = "tokio::time::sleep(std::time::Duration::from_secs(90)).await;";
    assert_eq!(judged("waits", &template("256", 120, QUEUE), waits)["verdict"], "fits with change");
    assert_eq!(judged("ended", &template("256", 60, QUEUE), waits)["verdict"], "poor fit");
    let hands = "let ecs = aws_sdk_ecs::Client::new(&aws_config::load_from_env().await); \
                 ecs.run_task().cluster(\"c\").send().await?; \
                 tokio::time::sleep(std::time::Duration::from_secs(90)).await;";
    assert_eq!(judged("hands", &template("256", 120, QUEUE), hands)["verdict"], "fits");
    let durable = template("256", 900, &format!("      DurableConfig: {{ExecutionTimeout: 86400}}\n{QUEUE}"));
    assert_eq!(judged("durable", &durable, "")["verdict"], "fits");
}

#[test]
fn a_task_is_given_more_time_than_there_is() {
    let machine = "  Machine:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      Definition:\n        \
                   StartAt: Work\n        States:\n          Work: {Type: Task, Resource: !GetAtt Worker.Arn, \
                   TimeoutSeconds: 1800, End: true}\n";
    let function = judged("task", &template("256", 60, machine), "");
    assert_eq!(function["verdict"], "poor fit", "{function}");
    assert!(function["because"].as_str().expect("text").contains("1800 s"), "{function}");
}

#[test]
fn only_the_deployed_binary_is_asked_about_servers() {
    let server = "#[tokio::main]\nasync fn main() -> std::io::Result<()> {\n    let listener = \
                  tokio::net::TcpListener::bind(\"0.0.0.0:8080\").await?;\n    axum::serve(listener, \
                  axum::Router::new()).await\n}\n";
    let served = Dir::new("served", &[("template.yaml", &template("256", 10, WEB)), ("src/main.rs", server)]);
    assert_eq!(served.verdict(), "poor fit");
    let adapted = template("256", 10, &format!("      Environment: {{Variables: {{AWS_LWA_PORT: \"8080\"}}}}\n{WEB}"));
    let adapted = Dir::new("adapted", &[("template.yaml", &adapted), ("src/main.rs", server)]);
    assert_eq!(adapted.verdict(), "fits");
    let beside = handler("");
    let beside = Dir::new(
        "beside",
        &[
            ("template.yaml", &template("256", 10, WEB).replace("Binary: worker", "Binary: lambda")),
            ("src/main.rs", server),
            ("src/bin/lambda.rs", &beside),
        ],
    );
    assert_eq!(beside.verdict(), "fits", "a server for local use is not what is deployed");
}

#[test]
fn traffic_decides_about_steady_load() {
    let with = |name: &str, rate: &str| {
        let source = handler("");
        let traffic = format!("functions: {{Worker: {{requests: {rate}, duration: 200ms}}}}\n");
        let files =
            [("template.yaml", template("256", 10, WEB)), ("src/main.rs", source), ("faaslint-traffic.yaml", traffic)];
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Dir::new(name, &files).function()
    };
    let steady = with("steady", "120/s");
    assert_eq!(steady["verdict"], "poor fit", "{steady}");
    assert!(steady["because"].as_str().expect("text").contains("$325.87"), "{steady}");
    assert_eq!(with("even", "14.2/s")["verdict"], "fits");
    let seldom = with("seldom", "100k/month");
    assert!(seldom["evidence"].to_string().contains("low-traffic"), "{seldom}");
}

#[test]
fn what_is_worse_than_expected_fails() {
    let source = handler(POLARS);
    let expect = |name: &str, config: &str| {
        let template = template("512", 60, QUEUE);
        let dir = Dir::new(name, &[("template.yaml", &template), ("src/main.rs", &source), ("faaslint.yaml", config)]);
        dir.run(&[]).status.code()
    };
    assert_eq!(expect("expected", "fit: {expect: {Worker: fits with change}}\n"), Some(0));
    assert_eq!(expect("worse", "fit: {expect: {\"*\": fits}}\n"), Some(1));
    assert_eq!(expect("allowed", "fit: {allow: [heavy-compute], expect: {Worker: fits}}\n"), Some(0));
    assert_eq!(expect("unknown", "fit: {expect: {Nobody: fits}}\n"), Some(2));
    let dir = Dir::new("on", &[("template.yaml", &template("512", 60, QUEUE)), ("src/main.rs", &source)]);
    assert_eq!(dir.run(&["--fail-on", "fits-with-change"]).status.code(), Some(1));
    assert_eq!(dir.run(&["--fail-on", "poor-fit"]).status.code(), Some(0));
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fit.md").exists());
}
