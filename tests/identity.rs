//! Two parts of an application may have one name: findings, reports and graphs keep them apart.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn run(dir: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(args)
        .arg("--no-cargo")
        .current_dir(dir)
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .expect("the program runs");
    assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(dir: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&run(dir, &[args, &["--format", "json"]].concat())).expect("JSON")
}

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("writes");
        fs::write(path, text).expect("writes");
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A SAM template with an `ApiFunction`, a `Worker` and the given body of `Events`.
fn sam(events: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  ApiFunction:\n    Type: AWS::Serverless::Function\n    \
         Properties:\n      Runtime: provided.al2023\n      Handler: bootstrap\n      CodeUri: .\n      Events:\n\
         {events}"
    )
}

const HTTP: &str = "        Call: {Type: HttpApi, Properties: {Method: get, Path: /a}}\n";

/// Findings whose function is declared in another application than the line they stand on; a line of `shared` belongs
/// to all.
fn strangers(report: &Value) -> Vec<String> {
    let application = |place: &Value| place["path"].as_str().and_then(|path| path.split('/').next()).map(str::to_owned);
    list(&report["findings"])
        .iter()
        .filter(|finding| !finding["declared"].is_null())
        .filter(|finding| application(&finding["declared"]) != application(&finding["primary"]))
        .filter(|finding| application(&finding["primary"]).as_deref() != Some("shared"))
        .map(|finding| format!("{}: {}", finding["function"], finding["primary"]))
        .collect()
}

#[test]
fn findings_stand_under_the_function_of_their_own_application() {
    let report = json(&fixtures(), &["check", "orders-sam", "media-sam"]);
    assert!(list(&report["findings"]).len() > 50);
    assert_eq!(strangers(&report), [""; 0]);
    let names: BTreeSet<&str> =
        list(&report["findings"]).iter().filter_map(|finding| finding["function"].as_str()).collect();
    for name in ["ApiFunction (orders-sam/template.yaml)", "ApiFunction (media-sam/template.yaml)", "TaxFunction"] {
        assert!(names.contains(name), "{names:?}");
    }
    assert!(!names.contains("ApiFunction"));
    let text = run(&fixtures(), &["check", "orders-sam", "media-sam"]);
    let (mut group, mut seen) = ("", 0);
    for line in text.lines() {
        if line.starts_with('━') {
            group = line;
        }
        // The first place of an excerpt is the finding's.
        if let Some(place) = line.trim_start().strip_prefix("┌─ ") {
            for (own, other) in [("orders-sam", "media-sam"), ("media-sam", "orders-sam")] {
                assert!(!(group.contains(own) && place.starts_with(other)), "{place} under {group}");
            }
            seen += 1;
        }
    }
    assert!(seen > 50 && text.contains("━━ ApiFunction (media-sam/template.yaml)  media-sam/template.yaml:"), "{text}");
    assert!(text.contains("━━ TaxFunction  orders-sam/template.yaml:"));
    let page = run(&fixtures(), &["check", "orders-sam", "media-sam", "--format", "markdown"]);
    assert!(page.contains("### `ApiFunction (orders-sam/template.yaml)`") && page.contains("### `TaxFunction`"));
}

#[test]
fn a_finding_of_json_says_what_it_is_about_and_what_to_do() {
    let report = json(&fixtures(), &["check", "orders-sam"]);
    let finding = list(&report["findings"]).iter().find(|finding| finding["function"] == "TaxFunction").expect("one");
    assert!(finding["declared"]["path"] == "template.yaml" && finding["declared"]["line"].as_u64() > Some(1));
    let rule = finding["rule"].as_str().expect("a rule");
    assert!(finding["url"].as_str().is_some_and(|url| url.ends_with(&format!("/{rule}.md"))));
    assert!(finding["advice"].as_str().is_some_and(|text| text.len() > 10));
    assert!(finding["fingerprint"].as_str().is_some_and(|text| text.len() == 32));
    assert!(finding["category"].as_str().is_some_and(|text| !text.is_empty()));
    let alone = json(&fixtures().join("orders-sam"), &["check"]);
    let prints = |report: &Value| -> BTreeSet<String> {
        list(&report["findings"]).iter().map(|finding| finding["fingerprint"].to_string()).collect()
    };
    assert_eq!(prints(&report), prints(&alone), "how the directory is reached changes nothing");
}

#[test]
fn suppressions_of_a_template_are_about_its_own_function() {
    let dir = TempDir::new().expect("temporary directory");
    let silent = "    Metadata: {faaslint: {allow: {function-timeout-not-configured: short on purpose}}}\n";
    let text = sam(HTTP);
    write(dir.path(), &[("a/template.yaml", &format!("{text}{silent}")), ("b/template.yaml", &text)]);
    let report = json(dir.path(), &["check"]);
    let about: Vec<&Value> = list(&report["findings"])
        .iter()
        .filter(|finding| finding["rule"] == "function-timeout-not-configured")
        .map(|finding| &finding["declared"]["path"])
        .collect();
    assert_eq!(about, ["b/template.yaml"]);
}

#[test]
fn other_functions_of_one_place_are_named_with_their_template() {
    let dir = TempDir::new().expect("temporary directory");
    let cargo = "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                 lambda_runtime = \"0.13\"\n";
    let main = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
                async fn handler(e: LambdaEvent<serde_json::Value>) -> Result<(), Error> {\n    \
                std::thread::sleep(std::time::Duration::from_secs(9));\n    Ok(())\n}\n#[tokio::main]\n\
                async fn main() -> Result<(), Error> { run(service_fn(handler)).await }\n";
    let stage = |name: &str| {
        sam(HTTP).replace("CodeUri: .", "CodeUri: api/\n      FunctionName: NAME".replace("NAME", name).as_str())
    };
    write(
        dir.path(),
        &[
            ("dev.yaml", &stage("dev-api")),
            ("prod.yaml", &stage("prod-api")),
            ("api/Cargo.toml", cargo),
            ("api/src/main.rs", main),
        ],
    );
    let report = json(dir.path(), &["check"]);
    let sleeps: Vec<&Value> = list(&report["findings"])
        .iter()
        .filter(|finding| finding["primary"]["path"] == "api/src/main.rs" && finding["primary"]["line"] == 3)
        .collect();
    assert!(!sleeps.is_empty(), "{report}");
    for finding in sleeps {
        assert_eq!(finding["function"], "ApiFunction (dev.yaml)");
        let message = finding["message"].as_str().expect("text");
        assert!(message.ends_with("; the same holds for `ApiFunction (prod.yaml)`"), "{message}");
    }
}

/// From, kind of node, label, to.
fn edges(graph: &Value) -> BTreeSet<(String, String, String, String)> {
    let node = |at: &Value, key: &str| {
        graph["nodes"][at.as_u64().expect("an index") as usize][key].as_str().expect("text").to_owned()
    };
    list(&graph["edges"])
        .iter()
        .map(|edge| {
            let label = edge["label"].as_str().expect("text").to_owned();
            (node(&edge["from"], "name"), node(&edge["from"], "kind"), label, node(&edge["to"], "name"))
        })
        .collect()
}

fn rows(rows: &[(&str, &str, &str, &str)]) -> BTreeSet<(String, String, String, String)> {
    let owned = |text: &str| text.to_owned();
    rows.iter().map(|(from, kind, label, to)| (owned(from), owned(kind), owned(label), owned(to))).collect()
}

#[test]
fn two_applications_with_one_name_are_two_graphs() {
    let dir = TempDir::new().expect("temporary directory");
    let events = format!("{HTTP}        Nightly: {{Type: Schedule, Properties: {{Schedule: rate(1 day)}}}}\n");
    let text = sam(&events).replace("      Events", "      FunctionUrlConfig: {AuthType: NONE}\n      Events");
    write(dir.path(), &[("a/template.yaml", &text), ("b/template.yaml", &text)]);
    let graph = json(dir.path(), &["graph"]);
    let mut wanted = Vec::new();
    for path in ["a/template.yaml", "b/template.yaml"] {
        let function = format!("ApiFunction ({path})");
        wanted.push((format!("HTTP API ({path})"), "API", "GET /a", function.clone()));
        wanted.push((format!("schedule of {function}"), "schedule", "schedule", function.clone()));
        wanted.push((format!("URL of {function}"), "API", "function URL", function));
    }
    let wanted: Vec<(&str, &str, &str, &str)> =
        wanted.iter().map(|(a, b, c, d)| (a.as_str(), *b, *c, d.as_str())).collect();
    assert_eq!(edges(&graph), rows(&wanted));
    // One of them, and both.
    assert_eq!(list(&json(dir.path(), &["graph", "--function", "ApiFunction (b/template.yaml)"])["edges"]).len(), 3);
    assert_eq!(list(&json(dir.path(), &["graph", "--function", "ApiFunction"])["edges"]).len(), 6);
    let model = run(dir.path(), &["model"]);
    assert!(model.contains("function ApiFunction (a/template.yaml)  a/template.yaml:3"), "{model}");
    let one = run(dir.path(), &["model", "--function", "ApiFunction (b/template.yaml)"]);
    assert!(one.contains("b/template.yaml:3") && !one.contains("a/template.yaml"), "{one}");
}

#[test]
fn functions_of_one_template_share_its_implicit_api() {
    let dir = TempDir::new().expect("temporary directory");
    let rest = "        Call: {Type: Api, Properties: {Method: get, Path: /a}}\n";
    let named = "        Call: {Type: Api, Properties: {Method: post, Path: /b, RestApiId: !Ref ServerlessRestApi}}\n";
    let own = "        Call: {Type: Api, Properties: {Method: put, Path: /c, RestApiId: !Ref Own}}\n";
    let mut text = sam(rest);
    for (name, events) in [("Second", named), ("Third", own), ("Fourth", HTTP)] {
        let more = sam(events).replace("ApiFunction", name);
        text.push_str(more.split_once("Resources:\n").expect("resources").1);
    }
    text.push_str("  Own: {Type: AWS::Serverless::Api, Properties: {StageName: a}}\n");
    write(dir.path(), &[("template.yaml", &text)]);
    let graph = json(dir.path(), &["graph"]);
    let wanted = rows(&[
        ("REST API", "API", "GET /a", "ApiFunction"),
        ("REST API", "API", "POST /b", "Second"),
        ("Own", "API", "PUT /c", "Third"),
        ("HTTP API", "API", "GET /a", "Fourth"),
    ]);
    assert_eq!(edges(&graph), wanted);
    let apis = list(&graph["nodes"]).iter().filter(|node| node["kind"] == "API").count();
    assert_eq!(apis, 3);
}

#[test]
fn what_one_for_each_makes_keeps_its_kinds() {
    let dir = TempDir::new().expect("temporary directory");
    let text = r#"
resource "aws_lambda_function" "worker" {
  function_name = "worker"
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  filename      = "worker.zip"
  role          = "arn:aws:iam::123456789012:role/worker"
}
resource "aws_sqs_queue" "jobs" {}
resource "aws_kinesis_stream" "clicks" { name = "clicks" }
resource "aws_dynamodb_table" "orders" {
  name             = "orders"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
}
resource "aws_sns_topic" "news" { name = "news" }
locals {
  sources = {
    jobs   = aws_sqs_queue.jobs.arn
    clicks = aws_kinesis_stream.clicks.arn
    orders = aws_dynamodb_table.orders.stream_arn
    broker = "arn:aws:mq:eu-west-1:123456789012:broker:b:b-1"
  }
}
resource "aws_lambda_event_source_mapping" "all" {
  for_each         = local.sources
  event_source_arn = each.value
  function_name    = aws_lambda_function.worker.arn
}
resource "aws_lambda_permission" "all" {
  for_each      = toset(["iot", "logs", "cognito-idp"])
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.worker.function_name
  principal     = "${each.value}.amazonaws.com"
}
"#;
    write(dir.path(), &[("main.tf", text)]);
    let graph = json(dir.path(), &["graph"]);
    let worker = "aws_lambda_function.worker";
    let broker = "arn:aws:mq:eu-west-1:123456789012:broker:b:b-1";
    let wanted = rows(&[
        ("aws_sqs_queue.jobs", "queue", "polls", worker),
        ("aws_kinesis_stream.clicks", "stream", "polls", worker),
        ("aws_dynamodb_table.orders", "table", "polls", worker),
        (broker, "queue", "Amazon MQ broker", worker),
        (&format!("IoT rule of {worker}"), "external", "IoT rule", worker),
        (&format!("CloudWatch Logs subscription of {worker}"), "external", "CloudWatch Logs subscription", worker),
        (&format!("Cognito trigger of {worker}"), "external", "Cognito trigger", worker),
    ]);
    assert_eq!(edges(&graph), wanted);
    // Two functions under one `for_each` of mappings: each has its own source.
    let two = text.replace(
        "function_name    = aws_lambda_function.worker.arn",
        "function_name    = each.key == \"jobs\" ? aws_lambda_function.other.arn : aws_lambda_function.worker.arn",
    ) + "resource \"aws_lambda_function\" \"other\" {\n  function_name = \"other\"\n  runtime = \"provided.al2023\"\n  \
         filename = \"other.zip\"\n  role = \"r\"\n}\n";
    write(dir.path(), &[("main.tf", &two)]);
    let found = edges(&json(dir.path(), &["graph"]));
    let polls: Vec<_> = found
        .iter()
        .filter(|(_, _, label, _)| label == "polls")
        .map(|(from, _, _, to)| (from.as_str(), to.as_str()))
        .collect();
    assert_eq!(polls.len(), 3, "{polls:?}");
    assert!(polls.contains(&("aws_sqs_queue.jobs", "aws_lambda_function.other")), "{polls:?}");
}

/// A template with a queue, a table and a function; the mapping of `jobs` names the queue by its ARN in words.
fn stage(queue: &str, mapping: bool) -> String {
    let mapping = if mapping {
        "  Poll:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties:\n      FunctionName: jobs-worker\n      \
         EventSourceArn: arn:aws:sqs:eu-west-1:123456789012:jobs\n"
    } else {
        ""
    };
    format!(
        "Resources:\n  {queue}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: jobs}}}}\n  Worker:\n    Type: \
         AWS::Lambda::Function\n    \
         Properties: {{FunctionName: jobs-worker, Runtime: provided.al2023, Handler: bootstrap, Code: {{S3Bucket: \
         b}}}}\n{mapping}"
    )
}

#[test]
fn a_physical_name_means_the_resource_of_its_own_stack() {
    let dir = TempDir::new().expect("temporary directory");
    write(
        dir.path(),
        &[("dev/template.yaml", &stage("DevJobs", true)), ("prod/template.yaml", &stage("ProdJobs", true))],
    );
    let found = edges(&json(dir.path(), &["graph"]));
    let wanted = rows(&[
        ("DevJobs", "queue", "polls", "Worker (dev/template.yaml)"),
        ("ProdJobs", "queue", "polls", "Worker (prod/template.yaml)"),
    ]);
    assert_eq!(found, wanted);
}

#[test]
fn a_physical_name_of_one_other_stack_is_that_and_of_several_is_unknown() {
    let dir = TempDir::new().expect("temporary directory");
    let mapping = "Resources:\n  Reader:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: provided.al2023, \
                   Handler: bootstrap, Code: {S3Bucket: b}}\n  \
                   Poll:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties:\n      FunctionName: !Ref \
                   Reader\n      EventSourceArn: arn:aws:sqs:eu-west-1:123456789012:jobs\n";
    write(dir.path(), &[("dev/template.yaml", &stage("DevJobs", false)), ("reader/template.yaml", mapping)]);
    let wanted = rows(&[("DevJobs", "queue", "polls", "Reader")]);
    assert_eq!(edges(&json(dir.path(), &["graph"])), wanted);
    write(dir.path(), &[("prod/template.yaml", &stage("ProdJobs", false))]);
    assert!(edges(&json(dir.path(), &["graph"])).iter().all(|(from, ..)| !from.contains("Jobs")));
    let report = json(dir.path(), &["check"]);
    let gap = list(&report["gaps"]).iter().find(|gap| gap["path"] == "reader/template.yaml").expect("a gap");
    let reason = gap["reason"].as_str().expect("text");
    assert!(
        reason.contains("names `jobs`, which 2 resources have (`dev/template.yaml`, `prod/template.yaml`)"),
        "{reason}"
    );
}

#[test]
fn a_nested_stack_sees_the_names_of_its_parent_first() {
    let dir = TempDir::new().expect("temporary directory");
    let nested = "Resources:\n  Reader:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: provided.al2023, \
                  Handler: bootstrap, Code: {S3Bucket: b}}\n  \
                  Poll:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties:\n      FunctionName: !Ref \
                  Reader\n      EventSourceArn: arn:aws:sqs:eu-west-1:123456789012:jobs\n";
    let parent = format!(
        "{}  Inner: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: nested.yaml}}}}\n",
        stage("Own", false)
    );
    write(
        dir.path(),
        &[("app/template.yaml", &parent), ("app/nested.yaml", nested), ("other/template.yaml", &stage("Other", false))],
    );
    assert_eq!(edges(&json(dir.path(), &["graph"])), rows(&[("Own", "queue", "polls", "Reader")]));
}

#[test]
fn names_in_code_mean_the_stack_of_the_function() {
    let dir = TempDir::new().expect("temporary directory");
    let cargo = "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                 lambda_runtime = \"0.13\"\naws-sdk-sqs = \"1\"\n";
    let main = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
                async fn handler(e: LambdaEvent<serde_json::Value>) -> Result<(), Error> {\n    \
                let sqs = aws_sdk_sqs::Client::new(&aws_config::load_from_env().await);\n    \
                sqs.send_message().queue_url(\"https://sqs.eu-west-1.amazonaws.com/123456789012/jobs\")\
                .message_body(\"x\").send().await?;\n    Ok(())\n}\n\
                #[tokio::main]\nasync fn main() -> Result<(), Error> { run(service_fn(handler)).await }\n";
    let sender = |queue: &str| {
        let queue = if queue.is_empty() {
            String::new()
        } else {
            format!("  {queue}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: jobs}}}}\n")
        };
        format!(
            "{}{queue}",
            sam("        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}\n")
                .replace("CodeUri: .", "CodeUri: api/")
                .replace("ApiFunction", "Sender")
        )
    };
    let call = |dir: &Path| -> Vec<(String, String)> {
        edges(&json(dir, &["graph"]))
            .into_iter()
            .filter(|(_, _, label, _)| label == "send_message")
            .map(|(from, _, _, to)| (from, to))
            .collect()
    };
    write(
        dir.path(),
        &[
            ("a/template.yaml", &sender("Jobs")),
            ("a/api/Cargo.toml", cargo),
            ("a/api/src/main.rs", main),
            ("b/template.yaml", &stage("Others", false)),
        ],
    );
    assert_eq!(call(dir.path()), [("Sender".to_owned(), "Jobs".to_owned())]);
    // Two other stacks have it: nobody can tell.
    write(dir.path(), &[("a/template.yaml", &sender("")), ("c/template.yaml", &stage("Thirds", false))]);
    assert_eq!(call(dir.path()), [("Sender".to_owned(), "sqs ?".to_owned())]);
}

#[test]
fn formatting_leaves_a_baseline_as_it_is() {
    let dir = TempDir::new().expect("temporary directory");
    let cargo = "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                 lambda_runtime = \"0.13\"\nreqwest = \"0.12\"\n";
    let main = |body: &str| {
        format!(
            "use lambda_runtime::{{run, service_fn, Error, LambdaEvent}};\nuse std::time::Duration;\n\
             async fn handler(e: LambdaEvent<serde_json::Value>) -> Result<String, Error> {{\n{body}}}\n\
             #[tokio::main]\nasync fn main() -> Result<(), Error> {{ run(service_fn(handler)).await }}\n"
        )
    };
    let flat = "let a = \
                reqwest::Client::builder().user_agent(\"a\").build()?.get(\"https://a.example\").send().await?;\n\
                let b = e.payload[\"x\"].as_str().unwrap(); let c = e.payload[\"x\"].as_str().unwrap();\n\
                std::thread::sleep(Duration::from_secs(1)); std::thread::sleep(Duration::from_secs(1));\n\
                Ok(a.text().await?)\n";
    let broken = "    let a = reqwest::Client::builder()\n        .user_agent(\n            \"a\",\n        )\n        \
                  .build()?\n        .get(\"https://a.example\")\n        \
                  .send()\n        .await?;\n    // A remark.\n    let b = e.payload[\"x\"]\n        \
                  .as_str()\n        .unwrap();\n    let c = e.payload[\"x\"]\n        .as_str()\n        \
                  .unwrap();\n    std::thread::sleep(\n        Duration::from_secs(1),\n    );\n    \
                  std::thread::sleep(\n        Duration::from_secs(1),\n    );\n    \
                  Ok(a.text().await?)\n";
    let prints = |body: &str| -> Vec<(String, String)> {
        write(dir.path(), &[("Cargo.toml", cargo), ("src/main.rs", &main(body))]);
        let report = json(dir.path(), &["check"]);
        let in_source = list(&report["findings"]).iter().filter(|finding| finding["primary"]["path"] == "src/main.rs");
        in_source.map(|finding| (finding["rule"].to_string(), finding["fingerprint"].to_string())).collect()
    };
    let before = prints(flat);
    let sorted = |prints: &[(String, String)]| prints.iter().cloned().collect::<BTreeSet<_>>();
    assert!(before.len() >= 4, "{before:?}");
    assert_eq!(sorted(&before).len(), before.len(), "equal expressions are kept apart");
    assert_eq!(sorted(&before), sorted(&prints(broken)));
    let changed = sorted(&prints(&broken.replace("user_agent(\n            \"a\"", "user_agent(\n            \"z\"")));
    let same: Vec<_> = sorted(&before).intersection(&changed).cloned().collect();
    assert!(same.len() < before.len() && !same.is_empty(), "{same:?}");
}

#[test]
fn a_bus_is_not_taken_for_another_thing_of_its_name() {
    let dir = TempDir::new().expect("temporary directory");
    let rule = "Resources:\n  Rule:\n    Type: AWS::Events::Rule\n    Properties:\n      EventBusName: shared\n      \
                EventPattern: {source: [a]}\n      \
                Targets: [{Id: q, Arn: !GetAtt Jobs.Arn}]\n  Jobs: {Type: AWS::SQS::Queue}\n  Worker:\n    Type: \
                AWS::Lambda::Function\n    \
                Properties: {Runtime: provided.al2023, Handler: bootstrap, Code: {S3Bucket: b}}\n";
    let other = "Resources:\n  Channel: {Type: AWS::AppSync::ChannelNamespace, Properties: {Name: shared}}\n";
    write(dir.path(), &[("a/template.yaml", rule), ("b/template.yaml", other)]);
    assert_eq!(edges(&json(dir.path(), &["graph"])), rows(&[("Rule", "event bus", "", "Jobs")]));
    let bus = "Resources:\n  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shared}}\n";
    write(dir.path(), &[("b/template.yaml", bus)]);
    assert_eq!(edges(&json(dir.path(), &["graph"])), rows(&[("Bus", "event bus", "", "Jobs")]));
}
