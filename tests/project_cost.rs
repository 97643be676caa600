//! What a project costs: its traffic file, its settings, its edges, priced by hand here.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TEMPLATE: &str = r"AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: provided.al2023, Handler: bootstrap, MemorySize: 256, Timeout: 30}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Events: {Post: {Type: HttpApi, Properties: {Path: /orders, Method: post}}}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Architectures: [arm64]
      Events: {Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, BatchSize: 10}}}
  Nightly:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      MemorySize: 512
      AutoPublishAlias: live
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 2}
      Events: {Night: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}}
  Jobs: {Type: AWS::SQS::Queue}
  Out: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: subnet-1}}
  Shards: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 3}}
  Cache: {Type: AWS::ElastiCache::CacheCluster, Properties: {NumCacheNodes: 1}}
";

const TRAFFIC: &str = "version: 1
functions:
  Orders: {requests: 10M/month, duration: 200ms, logs: 1KB}
  Worker: {duration: 100ms, failing: 1%}
  Nightly: {duration: 2s}
sources:
  Jobs: {messages: 8M/month, batch: 8}
";

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let dir = std::env::temp_dir().join(format!("faaslint-cost-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a directory");
        for (name, text) in files {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
        Self(dir)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn cost(&self, args: &[&str]) -> Output {
        let mut all = vec!["cost", "--no-cargo"];
        all.extend(args);
        let binary = env!("CARGO_BIN_EXE_cargo-faaslint");
        Command::new(binary).args(all).current_dir(&self.0).output().expect("it runs")
    }

    fn text(&self, args: &[&str]) -> String {
        let output = self.cost(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text(&["--format", "json"])).expect("JSON")
    }

    fn error(&self, args: &[&str]) -> String {
        let output = self.cost(args);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An amount in whole dollars and cents, rounded half up.
fn cents(value: &Value) -> String {
    let exact = faaslint::exact::Exact::parse(value.as_str().expect("text")).expect("an amount");
    exact.places(2)
}

fn named<'v>(all: &'v Value, key: &str, name: &str) -> &'v Value {
    let found = all.as_array().expect("a list").iter().find(|one| one[key] == name);
    found.unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn a_project_is_priced_by_hand() {
    let dir = Dir::new("hand", &[("template.yaml", TEMPLATE), ("faaslint-traffic.yaml", TRAFFIC)]);
    let cost = dir.json();
    let functions = &cost["functions"];
    // 2.00 requests + 8.33335 duration + 9.5367 GB of logs at 0.50 + 10.00 of the HTTP API.
    assert_eq!(cents(&named(functions, "id", "Orders")["known_usd"]), "25.10");
    // 1M batches, none tried again: no redrive policy says how often. 25,000 GB-s on arm.
    let worker = named(functions, "id", "Worker");
    assert_eq!((worker["requests"].as_str(), worker["attempts"].as_str()), (Some("1000000.00"), Some("1000000.00")));
    assert_eq!(cents(&worker["known_usd"]), "0.53");
    assert_eq!(worker["because"], "messages of `Jobs`, 8 in a batch");
    // 43,800 × 2 s × 0.5 GB on environments that are ready: 43,800 GB-s at 0.0000097222, and the requests.
    let nightly = named(functions, "id", "Nightly");
    assert_eq!(nightly["because"], "rate(1 minute)");
    assert_eq!(cents(&nightly["known_usd"]), "0.43");
    // 2 × 0.5 GB × 2,628,000 s at 0.0000041667; 730 h × 0.045; 3 × 730 h × 0.015.
    let fixed: Vec<String> =
        cost["fixed"].as_array().expect("a list").iter().map(|one| cents(&one["line"]["usd"])).collect();
    assert_eq!(fixed, ["10.95", "32.85", "32.85"]);
    // Every message is sent, and received and deleted eight at a time: 10M calls.
    assert_eq!(cents(&named(&cost["around"], "name", "Jobs")["line"]["usd"]), "4.00");
    assert!(named(&cost["unknown"], "what", "cache cluster `Cache`: no price in the data")["declared"].is_string());
    // The exact sum is rounded, not the sum of what was rounded: 106.71974.
    assert_eq!(cents(&cost["total"]["known_usd"]), "106.72");
}

#[test]
fn without_traffic_what_is_fixed_is_exact_and_nothing_is_free() {
    let dir = Dir::new("fixed", &[("template.yaml", TEMPLATE)]);
    let text = dir.text(&[]);
    assert!(text.contains("Nightly, 2 × 512 MB") && text.contains("$10.95"), "{text}");
    assert!(text.contains("43,800 invocations a month (rate(1 minute)), no duration given"), "{text}");
    // 0.20 + 1M × 30 s × 0.25 GB.
    assert!(text.contains("$125.20 at its timeout of 30 s"), "{text}");
    assert!(text.contains("total a month: at least $76.65"), "{text}");
    assert!(dir.text(&["--format", "markdown"]).contains("| Orders | 256 MB | x86_64 |"));
    assert!(String::from_utf8_lossy(&dir.cost(&["--format", "svg"]).stderr).contains("no traffic is known"));
}

/// What stands before a choice and after a map is passed once by every execution; what a choice leads to is not known.
#[test]
fn a_state_machine_passes_on_what_its_input_does_not_decide() {
    let task =
        |name: &str, next: &str| format!("          {name}: {{Type: Task, Resource: !GetAtt {name}.Arn, {next}}}\n");
    let function = |name: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: ., Handler: bootstrap, \
             Runtime: provided.al2023, MemorySize: 1024, Timeout: 30}}\n"
        )
    };
    let each = "          Each:\n            Type: Map\n            Next: Last\n            ItemProcessor:\n\
                \x20             StartAt: Item\n              States:\n                \
                Item: {Type: Task, Resource: !GetAtt Item.Arn, End: true}\n";
    let choice = "          Again: {Type: Choice, Choices: [{Variable: $.more, BooleanEquals: true, Next: Poll}], \
                  Default: Sometimes}\n";
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n{}  Machine:\n    Type: AWS::Serverless::StateMachine\n    \
         Properties:\n      Definition:\n        StartAt: First\n        States:\n{}{each}{}{}{choice}{}",
        ["First", "Item", "Last", "Poll", "Sometimes"].map(function).concat(),
        task("First", "Next: Each"),
        task("Last", "Next: Poll"),
        task("Poll", "Next: Again"),
        task("Sometimes", "End: true"),
    );
    let traffic = "version: 1\ndefaults: {duration: 1s}\nsources:\n  Machine: {messages: 1M/month}\n";
    let dir = Dir::new("machine", &[("template.yaml", &template), ("faaslint-traffic.yaml", traffic)]);
    let cost = dir.json();
    let functions = cost["functions"].as_array().expect("a list");
    let load = |name: &str| {
        let one = functions.iter().find(|one| one["id"].as_str().is_some_and(|id| id.ends_with(name)));
        one.unwrap_or_else(|| panic!("{name} in {cost}"))["known_usd"].clone()
    };
    // 0.20 and a million GB-s.
    assert_eq!(cents(&load("First")), "16.87");
    assert_eq!(cents(&load("Last")), "16.87");
    let text = dir.text(&[]);
    for open in ["Item", "Poll", "Sometimes"] {
        let row = text.lines().find(|line| line.trim_start().starts_with(open)).unwrap_or_else(|| panic!("{text}"));
        assert!(row.contains("how often `Machine` reaches it is decided there"), "{row}");
    }
}

/// A cluster is billed through its instances; shards that are not counted have no price.
#[test]
fn what_is_not_known_of_standing_resources_is_said() {
    let template = TEMPLATE.replace("{ShardCount: 3}", "{Name: s}")
        + "  Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}
  Documents: {Type: AWS::DocDB::DBInstance, Properties: {DBInstanceClass: db.t3.medium}}
";
    let dir = Dir::new("standing", &[("template.yaml", &template)]);
    let text = dir.text(&[]);
    assert!(text.contains("shards `Shards`: how many is not known before it is deployed"), "{text}");
    assert!(text.contains("document database instance `Documents`: no price in the data"), "{text}");
    assert!(!text.contains("Cluster"), "{text}");
}

#[test]
fn another_region_has_no_price_of_this_one() {
    let dir = Dir::new("region", &[("template.yaml", TEMPLATE), ("faaslint-traffic.yaml", TRAFFIC)]);
    std::fs::write(dir.path().join("samconfig.toml"), "[default.deploy.parameters]\nregion = \"eu-central-1\"\n")
        .expect("a file");
    let text = dir.text(&[]);
    assert!(text.contains("eu-central-1 (samconfig.toml)") && text.contains("no price in eu-central-1"), "{text}");
    // 2 × 0.5 GB × 2,628,000 s at 0.0000050147.
    assert!(text.contains("$13.18") && text.contains("No price of an always-on machine in eu-central-1"), "{text}");
    assert!(dir.text(&["--region", "us-east-1"]).contains("us-east-1 (named)"));
}

/// Money stands where it persuades, at the prices of the region, and nowhere else.
#[test]
fn findings_say_what_they_cost() {
    let source = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
                  use aws_lambda_events::event::s3::S3Event;\n\
                  #[tokio::main]\nasync fn main() -> Result<(), Error> { run(service_fn(handler)).await }\n\
                  async fn handler(event: LambdaEvent<S3Event>) -> Result<(), Error> {\n    \
                  println!(\"{:?}\", event.payload);\n    \
                  tokio::time::sleep(std::time::Duration::from_millis(1500)).await;\n    Ok(())\n}\n";
    let manifest = "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                    lambda_runtime = \"1\"\naws_lambda_events = \"1\"\ntokio = \"1\"\n";
    let function = |more: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  Worker:\n    Type: AWS::Serverless::Function\n    \
             Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: worker}}}}\n    Properties:\n      \
             CodeUri: .\n      Handler: bootstrap\n      Runtime: provided.al2023\n      MemorySize: 512\n      \
             Timeout: 30\n{more}"
        )
    };
    let kept = function(
        "      AutoPublishAlias: live\n      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 4}\n",
    );
    let found = |region: &str, template: &str| {
        let settings = format!("version = 0.1\n[default.deploy.parameters]\nregion = \"{region}\"\n");
        let files = [
            ("template.yaml", template),
            ("src/main.rs", source),
            ("Cargo.toml", manifest),
            ("samconfig.toml", &settings),
        ];
        let dir = Dir::new(&format!("money-{region}"), &files);
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
            .args(["--no-cargo", "--format", "concise"])
            .current_dir(dir.path())
            .output()
            .expect("it runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // 1M × 1.5 s × 0.5 GB at 0.0000166667; a KB a million times is 0.9537 GB at 0.50.
    let text = found("us-east-1", &function(""));
    assert!(text.contains("waiting 1.5 s with 512 MB costs $12.50 for a million invocations in us-east-1"), "{text}");
    assert!(text.contains("a million lines of 1 KB cost $0.48 in us-east-1"), "{text}");
    // What logs cost elsewhere was not read.
    let text = found("eu-west-1", &function(""));
    assert!(
        text.contains("costs $12.50 for a million invocations in eu-west-1") && !text.contains("lines of 1 KB"),
        "{text}"
    );
    assert!(!found("eu-isoe-west-1", &function("")).contains('$'));
    // 4 × 0.5 GB × 2,628,000 s at 0.0000041667, and at 0.0000050147: there 0.0000117011 is not cheap enough for it.
    let text = found("us-east-1", &kept);
    assert!(text.contains("costs $21.90 a month in us-east-1") && text.contains("above 60 % of the time"), "{text}");
    let text = found("eu-central-1", &kept);
    assert!(text.contains("costs $26.36 a month in eu-central-1") && text.contains("never cheaper"), "{text}");
    // What is kept ready is billed otherwise while it waits.
    assert!(!text.contains("waiting 1.5 s"), "{text}");
}

/// What is paid for open connections is left out, and said to be.
#[test]
fn minutes_of_connections_are_not_counted() {
    let files = [
        (
            "serverless.yml",
            "service: s\nprovider: {name: aws, runtime: provided.al2023, memorySize: 1024, timeout: 6}\nfunctions:\n  \
             send: {handler: bootstrap, events: [{websocket: {route: send}}]}\n",
        ),
        ("faaslint-traffic.yaml", "version: 1\nfunctions:\n  send: {requests: 2M/month, duration: 100ms}\n"),
    ];
    let text = Dir::new("socket", &files).text(&["-v"]);
    // 0.40, 200,000 GB-s, and 2M messages at 1.00.
    assert!(text.contains("$5.73") && text.contains("$1.00 per 1M messages"), "{text}");
    assert!(text.contains("Not counted: the minutes that WebSocket connections stay open, "), "{text}");
}

/// The page of a project with traffic shows it over the volume.
#[test]
fn the_page_has_the_plot_where_traffic_is_known() {
    let page = |dir: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
            .args(["--no-cargo", "--format", "html", dir])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("it runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let with = page("fixtures/media-sam");
    let picture = with.split("<img src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a picture");
    assert!(picture.starts_with("data:image/svg+xml,%3Csvg") && picture.contains("All functions with their traffic"));
    assert!(!page("fixtures/orders-sam").contains("<img "));
}

#[test]
fn mistakes_are_placed() {
    let wrong = |traffic: &str| {
        let dir = Dir::new("wrong", &[("template.yaml", TEMPLATE), ("faaslint-traffic.yaml", traffic)]);
        dir.error(&[])
    };
    let error = wrong("functions:\n  Order: {requests: 1M/month}\n");
    assert!(error.contains("faaslint-traffic.yaml:2") && error.contains("did you mean `Orders`?"), "{error}");
    let error = wrong("functions:\n  Nightly: {requests: 1M/month}\n");
    assert!(error.contains("contradicts rate(1 minute) at template.yaml:"), "{error}");
    let error = wrong("functions:\n  Orders: {duration: 31s}\n");
    assert!(error.contains("31000 ms") && error.contains("its timeout is 30 s"), "{error}");
    assert!(wrong("sources: {Job: {messages: 1/s}}\n").contains("no queue, topic, stream or state machine"));
}

#[test]
fn a_stub_has_every_function_and_no_number() {
    let dir = Dir::new("stub", &[("template.yaml", TEMPLATE)]);
    assert!(dir.text(&["--init"]).contains("wrote "));
    let path = dir.path().join("faaslint-traffic.yaml");
    let stub = std::fs::read_to_string(&path).expect("a file");
    for line in
        ["  Orders:   # 256 MB, x86_64, timeout 30 s, HTTP API, template.yaml:6", "  Jobs:\n    messages:\n    batch:"]
    {
        assert!(stub.contains(line), "{stub}");
    }
    assert!(stub.contains("# requests: 43,800 a month, from rate(1 minute)"), "{stub}");
    // It can be read as it is, and says nothing.
    assert!(dir.text(&[]).contains("no traffic given"));
    // What people wrote is never written over.
    std::fs::write(&path, "functions: {Orders: {requests: 1/s, duration: 1s}}\n").expect("a file");
    let said = dir.text(&["--init"]);
    assert!(said.contains("was not changed") && said.contains("Worker:") && !said.contains("Orders:"), "{said}");
    assert!(std::fs::read_to_string(&path).expect("a file").starts_with("functions: {Orders"));
}

#[test]
fn the_traffic_may_stand_in_the_manifest() {
    let manifest = "[package]\nname = \"orders\"\nversion = \"0.1.0\"\n[package.metadata.faaslint.traffic.functions]\n\
                    Orders = {requests = \"10M/month\", duration = \"200ms\"}\n";
    let dir = Dir::new("manifest", &[("template.yaml", TEMPLATE), ("Cargo.toml", manifest)]);
    assert_eq!(cents(&named(&dir.json()["functions"], "id", "Orders")["known_usd"]), "20.33");
}

#[test]
fn a_picture_is_the_same_every_time_and_small() {
    let dir = Dir::new("plot", &[("template.yaml", TEMPLATE), ("faaslint-traffic.yaml", TRAFFIC)]);
    let plot = dir.text(&["--format", "svg"]);
    assert_eq!(plot, dir.text(&["--format", "svg"]));
    assert!(plot.len() < 20_000 && plot.starts_with("<svg") && plot.contains("requests a month"), "{}", plot.len());
    let one = dir.text(&["--requests", "10M", "--memory", "256", "--duration", "200ms", "--format", "svg"]);
    assert!(one.contains("break-even with EC2 t3.medium: 29.4M") && one.len() < 20_000, "{}", one.len());
}

/// What a `console` block of the documentation shows is what the program prints; `BLESS=1` writes it anew.
#[test]
fn the_documentation_shows_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"));
        let output =
            command.args(args).env("SOURCE_DATE_EPOCH", "1795600000").current_dir(root).output().expect("it runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let same = |path: &Path, wanted: &str| {
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, wanted).expect("writable");
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == wanted, "{}: `BLESS=1 cargo test --test project_cost` makes it anew", path.display());
    };
    for page in ["docs/cost.md", "docs/fit.md"] {
        page_is_current(&root.join(page), &run, &same);
    }
    let picture = run(&["cost", "--requests", "10M", "--memory", "256", "--duration", "200ms", "--format", "svg"]);
    same(&root.join("docs/cost.svg"), &picture);
}

fn page_is_current(path: &Path, run: &dyn Fn(&[&str]) -> String, same: &dyn Fn(&Path, &str)) {
    let page = std::fs::read_to_string(path).expect("the page");
    let mut blocks = page.split("```console\n$ cargo-faaslint ");
    let mut wanted = blocks.next().expect("text").to_owned();
    for block in blocks {
        let (command, rest) = block.split_once('\n').expect("a command");
        let (_, rest) = rest.split_once("```").expect("an end");
        let printed = run(&command.split_whitespace().collect::<Vec<_>>());
        wanted += &format!("```console\n$ cargo-faaslint {command}\n{printed}```{rest}");
    }
    same(path, &wanted);
}
