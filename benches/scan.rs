//! Full analysis beside the parse-only floor on the same files, and how both grow with the input.
//! Ratios within one run are what counts; machines differ.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use divan::{Bencher, black_box};
use faaslint::config::Selected;
use faaslint::engine::{self, Options};
use faaslint::fixes;
use faaslint::rule::{self, Params, World};
use faaslint::source::{STACK_BYTES, parse_only};
use faaslint::tree::Memory;
use std::collections::BTreeSet;
use std::path::Path;

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads start");
    pool.install(divan::main);
}

/// The two applications of the fixtures, `times` over, each copy in a folder of its own.
fn files(times: usize) -> Vec<(String, String)> {
    fn walk(dir: &Path, root: &Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, root, into);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path.strip_prefix(root).expect("under the root").to_string_lossy().replace('\\', "/");
                into.push((name, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut once = Vec::new();
    for name in ["orders-sam", "media-sam"] {
        walk(&root.join(name), &root, &mut once);
    }
    (0..times)
        .flat_map(|copy| once.iter().map(move |(path, text)| (format!("copy{copy}/{path}"), text.clone())))
        .collect()
}

fn options() -> Options {
    let rules =
        rule::embedded().into_iter().map(|spec| Selected { params: Params::defaults(&spec.params), spec }).collect();
    Options::new(rules)
}

#[divan::bench(args = [1, 2, 4, 8])]
fn parse_rust_only(bencher: Bencher<'_, '_>, times: usize) {
    let files: Vec<_> = files(times).into_iter().filter(|(path, _)| path.ends_with(".rs")).collect();
    bencher.bench_local(|| files.iter().filter(|(_, text)| parse_only(black_box(text))).count());
}

#[divan::bench(args = [1, 2, 4, 8])]
fn full_analysis(bencher: Bencher<'_, '_>, times: usize) {
    let tree = Memory::new(files(times));
    let options = options();
    bencher.bench_local(|| engine::run(black_box(&tree), None, &options, &|_| {}).findings.len());
}

#[divan::bench(args = [1, 2, 4, 8])]
fn deployment_rules_only(bencher: Bencher<'_, '_>, times: usize) {
    let tree = Memory::new(files(times));
    let mut options = options();
    options.rules.retain(|rule| rule.spec.needs == BTreeSet::from([World::Deploy]));
    bencher.bench_local(|| engine::run(black_box(&tree), None, &options, &|_| {}).findings.len());
}

#[divan::bench]
fn load_the_rules(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| rule::embedded().len());
}

/// One handler with `statements` statements, as generated code has them: growth inside a function.
#[divan::bench(args = [500, 1000, 2000, 4000])]
fn one_long_function(bencher: Bencher<'_, '_>, statements: usize) {
    let manifest = "[package]\nname = \"long\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                    lambda_runtime = \"1\"\naws-sdk-dynamodb = \"1\"\ntokio = \"1\"\n";
    let mut main = String::from(
        "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
         async fn main() { let db = aws_sdk_dynamodb::Client::new(&config().await); run(service_fn(|e| handler(&db, \
         e))).await; }\n\
         async fn handler(db: &aws_sdk_dynamodb::Client, event: LambdaEvent<Value>) -> Result<(), Error> {\n",
    );
    for at in 0..statements {
        main.push_str(&match at % 3 {
            0 => format!(
                "let a{at} = db.get_item().table_name(\"t\").key(\"k\", event.payload.k.clone()).send().await?;\n"
            ),
            1 => "if let Err(error) = db.put_item().table_name(\"t\").send().await { println!(\"{error}\"); }\n"
                .to_owned(),
            _ => {
                "loop { if ready(db).await { break; } tokio::time::sleep(Duration::from_secs(1)).await; }\n".to_owned()
            }
        });
    }
    main.push_str("Ok(()) }\n");
    let tree = Memory::new([("Cargo.toml".to_owned(), manifest.to_owned()), ("src/main.rs".to_owned(), main)]);
    let options = options();
    bencher.bench_local(|| engine::run(black_box(&tree), None, &options, &|_| {}).findings.len());
}

/// One Terraform root with `functions` functions, each with a queue, a mapping and a policy on a shared role.
#[divan::bench(args = [250, 500, 1000, 2000])]
fn one_terraform_root(bencher: Bencher<'_, '_>, functions: usize) {
    let mut main = String::from("locals {\n  common = { LOG = \"info\" }\n}\nresource \"aws_iam_role\" \"app\" {}\n");
    for at in 0..functions {
        main.push_str(&format!(
            "resource \"aws_lambda_function\" \"f{at}\" {{\n  timeout = max({at} % 800, 3)\n  role = \
             aws_iam_role.app.arn\n  \
             environment {{\n    variables = merge(local.common, {{ QUEUE = aws_sqs_queue.q{at}.url }})\n  }}\n}}\n\
             resource \"aws_sqs_queue\" \"q{at}\" {{\n  name = \"q{at}\"\n}}\n\
             resource \"aws_lambda_event_source_mapping\" \"m{at}\" {{\n  event_source_arn = \
             aws_sqs_queue.q{at}.arn\n  \
             function_name = aws_lambda_function.f{at}.arn\n}}\n\
             resource \"aws_iam_role_policy\" \"p{at}\" {{\n  role = aws_iam_role.app.id\n  policy = jsonencode({{ \
             Statement = [{{ Effect = \"Allow\", Action = \"sqs:*\", Resource = aws_sqs_queue.q{at}.arn }}] }})\n}}\n"
        ));
    }
    let tree = Memory::new([("main.tf".to_owned(), main)]);
    let mut options = options();
    options.rules.retain(|rule| rule.spec.needs == BTreeSet::from([World::Deploy]));
    bencher.bench_local(|| engine::run(black_box(&tree), None, &options, &|_| {}).findings.len());
}

/// One template whose every queue can be mended twice: findings, edits, and the text with all of them.
#[divan::bench(args = [250, 500, 1000, 2000])]
fn fixes_of_one_template(bencher: Bencher<'_, '_>, queues: usize) {
    let mut template = String::from("Resources:\n");
    for at in 0..queues {
        template.push_str(&format!(
            "  F{at}:\n    Type: AWS::Lambda::Function\n    Properties: {{Runtime: python3.13, Timeout: 20, Code: \
             src}}\n  Q{at}:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: q{at}\n  \
             M{at}:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties: {{FunctionName: !Ref F{at}, \
             EventSourceArn: !GetAtt Q{at}.Arn}}\n"
        ));
    }
    let tree = Memory::new([("template.yaml".to_owned(), template)]);
    let mut options = options();
    options.rules.retain(|rule| rule.spec.needs == BTreeSet::from([World::Deploy]));
    bencher.bench_local(|| {
        let outcome = engine::run(black_box(&tree), None, &options, &|_| {});
        let applied = fixes::apply(&outcome.project.sources, &outcome.findings, true, &[]);
        assert!(applied.findings.len() >= queues);
        applied.files.len()
    });
}

/// One application of `functions` functions with four edges each: a queue in, a topic out, a dead-letter queue, a
/// schedule.
#[divan::bench(args = [625, 1250, 2500, 5000])]
fn one_large_graph(bencher: Bencher<'_, '_>, functions: usize) {
    let mut template = String::from("Resources:\n");
    for at in 0..functions {
        let next = (at + 1) % functions;
        template.push_str(&format!(
            "  F{at}: {{Type: AWS::Lambda::Function, Properties: {{Runtime: python3.13, Timeout: 5, Code: src}}}}\n  \
             Q{at}: {{Type: AWS::SQS::Queue, Properties: {{RedrivePolicy: {{deadLetterTargetArn: !GetAtt Q{next}.Arn, \
             maxReceiveCount: 5}}}}}}\n  T{at}: {{Type: AWS::SNS::Topic}}\n  \
             M{at}: {{Type: AWS::Lambda::EventSourceMapping, Properties: {{FunctionName: !Ref F{at}, EventSourceArn: \
             !GetAtt Q{at}.Arn}}}}\n  \
             S{at}: {{Type: AWS::SNS::Subscription, Properties: {{TopicArn: !Ref T{at}, Protocol: sqs, Endpoint: \
             !GetAtt Q{at}.Arn}}}}\n  \
             R{at}: {{Type: AWS::Events::Rule, Properties: {{ScheduleExpression: rate(1 day), Targets: [{{Id: a, Arn: \
             !GetAtt F{next}.Arn}}]}}}}\n"
        ));
    }
    let tree = Memory::new([("template.yaml".to_owned(), template)]);
    let options = options();
    bencher.bench_local(|| engine::run(black_box(&tree), None, &options, &|_| {}).project.graph.edges.len());
}
