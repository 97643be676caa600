//! What takes twice as much input takes about twice the work: counted in looks at nodes, values and resources, which
//! repeat, and not in seconds.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::config::Selected;
use faaslint::engine::{self, Options};
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::text::steps;
use faaslint::tree::Memory;
use std::fmt::Write;

/// Growth exponent that is let pass.
const MOST: f64 = 1.1;

type Files = Vec<(String, String)>;

/// Looks that a run over files takes.
fn looks(files: Files) -> u64 {
    let rules =
        rule::embedded().into_iter().map(|spec| Selected { params: Params::defaults(&spec.params), spec }).collect();
    let (tree, options) = (Memory::new(files), Options::new(rules));
    // Looks are counted for each thread.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build().expect("a thread");
    pool.install(|| {
        let before = steps();
        let outcome = engine::run(&tree, None, &options, &|_| {});
        assert!(!outcome.is_empty(), "{:?}", outcome.project.gaps);
        steps() - before
    })
}

/// Fails if four times as much takes more than in proportion.
fn grows(name: &str, small: usize, make: impl Fn(usize) -> Files) {
    let (one, four) = (looks(make(small)), looks(make(small * 4)));
    let exponent = (four as f64 / one as f64).log(4.0);
    assert!(one > small as u64 && exponent <= MOST, "{name}: {one} looks, then {four}: exponent {exponent:.2}");
}

fn file(path: &str, text: String) -> (String, String) {
    (path.to_owned(), text)
}

/// A function with a queue that has a dead-letter queue, a route, policies and variables.
fn template(functions: usize) -> String {
    let mut text =
        "Transform: AWS::Serverless-2016-10-31\nParameters:\n  Stage: {Type: String, Default: dev}\nResources:\n"
            .to_owned();
    for n in 0..functions {
        let _ = write!(
            text,
            "  F{n}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: provided.al2023\n      \
             Handler: bootstrap\n      CodeUri: f{n}/\n      Environment: {{Variables: {{QUEUE: !Ref Q{n}, STAGE: !Ref \
             Stage, URL: !Sub 'https://${{AWS::Region}}/${{Q{n}}}'}}}}\n      Policies:\n        - \
             SQSSendMessagePolicy: {{QueueName: !GetAtt Q{n}.QueueName}}\n      Events:\n        \
             Queue: {{Type: SQS, Properties: {{Queue: !GetAtt Q{n}.Arn}}}}\n        \
             Route: {{Type: Api, Properties: {{Path: /{n}, Method: get}}}}\n  \
             Q{n}:\n    Type: AWS::SQS::Queue\n    Properties: {{RedrivePolicy: {{deadLetterTargetArn: !GetAtt \
             D{n}.Arn, \
             maxReceiveCount: 5}}}}\n  D{n}: {{Type: AWS::SQS::Queue}}\n  \
             P{n}:\n    Type: AWS::Lambda::Permission\n    Properties: {{FunctionName: !Ref F{n}, Principal: \
             sns.amazonaws.com, SourceArn: !Ref T{n}, Action: 'lambda:InvokeFunction'}}\n  \
             T{n}: {{Type: AWS::SNS::Topic}}\n"
        );
    }
    text
}

/// Functions that share a role, each with a queue it consumes and a policy.
fn terraform(functions: usize) -> String {
    let mut text =
        "locals {\n  common = { LOG = \"info\" }\n}\nresource \"aws_iam_role\" \"app\" {\n  name = \"app\"\n}\n"
            .to_owned();
    for n in 0..functions {
        let _ = write!(
            text,
            "resource \"aws_lambda_function\" \"f{n}\" {{\n  function_name = \"f{n}\"\n  runtime = \
             \"provided.al2023\"\n  \
             role = aws_iam_role.app.arn\n  environment {{\n    variables = merge(local.common, {{ QUEUE = \
             aws_sqs_queue.q{n}.url }})\n  }}\n}}\nresource \"aws_sqs_queue\" \"q{n}\" {{\n  name = \"q{n}\"\n}}\n\
             resource \"aws_lambda_event_source_mapping\" \"m{n}\" {{\n  event_source_arn = aws_sqs_queue.q{n}.arn\n  \
             function_name = aws_lambda_function.f{n}.arn\n}}\nresource \"aws_iam_role_policy\" \"p{n}\" {{\n  role = \
             aws_iam_role.app.id\n  policy = jsonencode({{ Statement = [{{ Effect = \"Allow\", Action = \"sqs:*\", \
             Resource = aws_sqs_queue.q{n}.arn }}] }})\n}}\n"
        );
    }
    text
}

const MANIFEST: &str =
    "edition = \"2021\"\n[dependencies]\nlambda_runtime = \"1\"\ntokio = \"1\"\naws-sdk-dynamodb = \"1\"\n";

/// A function with a call of a service, one through another function, and a lock.
fn code(n: usize) -> String {
    format!(
        "pub async fn put{n}(db: &aws_sdk_dynamodb::Client) -> Result<(), Error> {{\n    let name = \
         std::env::var(\"TABLE{n}\").unwrap();\n    db.put_item().table_name(name).send().await?;\n    \
         again{n}(db).await\n\
         }}\nasync fn again{n}(db: &aws_sdk_dynamodb::Client) -> Result<(), Error> {{\n    if let Err(error) = \
         db.get_item().table_name(\"t\").send().await {{ println!(\"{{error}}\"); }}\n    Ok(())\n}}\n"
    )
}

/// A binary that calls functions of modules by their numbers.
fn main_of(calls: impl Iterator<Item = String>) -> String {
    let mut text = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n#[tokio::main]\nasync fn main() -> \
                    Result<(), Error> {\n    let db = aws_sdk_dynamodb::Client::new(&config().await);\n    \
                    run(service_fn(|e| handler(&db, e))).await\n}\nasync fn handler(db: \
                    &aws_sdk_dynamodb::Client, event: \
                    LambdaEvent<Value>) -> Result<(), Error> {\n"
        .to_owned();
    for call in calls {
        let _ = writeln!(text, "    {call}(db).await?;");
    }
    text.push_str("    Ok(())\n}\n");
    text
}

#[test]
fn templates() {
    grows("templates", 10, |count| (0..count).map(|n| file(&format!("t{n}/template.yaml"), template(4))).collect());
}

#[test]
fn one_template() {
    grows("one template", 60, |count| vec![file("template.yaml", template(count))]);
}

#[test]
fn one_terraform_root() {
    grows("one Terraform root", 60, |count| vec![file("main.tf", terraform(count))]);
}

#[test]
fn terraform_roots_among_files() {
    grows("Terraform roots", 20, |count| {
        let root = |n| {
            let values = (0..4).map(move |at| file(&format!("r{n}/{at}.auto.tfvars"), format!("v{at} = 1\n")));
            values.chain([file(&format!("r{n}/main.tf"), terraform(1))])
        };
        (0..count).flat_map(root).collect()
    });
}

#[test]
fn modules_of_a_binary() {
    grows("modules", 20, |count| {
        let mut main: String = (0..count).map(|n| format!("mod m{n};\n")).collect();
        main.push_str(&main_of((0..count).map(|n| format!("m{n}::put{n}"))));
        let modules = (0..count).map(|n| file(&format!("src/m{n}.rs"), code(n)));
        let manifest = format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n{MANIFEST}");
        modules.chain([file("src/main.rs", main), file("Cargo.toml", manifest)]).collect()
    });
}

#[test]
fn binaries_of_one_library() {
    grows("binaries", 8, |count| {
        let library: String = (0..20).map(code).collect();
        let manifest = format!("[package]\nname = \"shared\"\nversion = \"0.1.0\"\n{MANIFEST}");
        let binary = |n| file(&format!("src/bin/b{n}.rs"), main_of((0..20).map(|at| format!("shared::put{at}"))));
        (0..count).map(binary).chain([file("src/lib.rs", library), file("Cargo.toml", manifest)]).collect()
    });
}
