//! Which binary a deployed function runs, where configuration does not name one.

use faaslint::config::Selected;
use faaslint::engine::{self, Options, Outcome};
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::tree::Memory;
use std::collections::BTreeMap;

const LAMBDA: &str = "use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
                      async fn main() -> Result<(), Error> { run(service_fn(handle)).await }\n\
                      async fn handle(event: LambdaEvent<String>) -> Result<(), Error> { Ok(()) }\n";
const TOOL: &str = "fn main() {}\n";

fn run(files: &[(&str, &str)]) -> Outcome {
    let tree: BTreeMap<String, String> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let rules = rule::embedded().into_iter().map(|spec| Selected { params: Params::defaults(&spec.params), spec });
    let options = Options::new(rules.collect());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads start");
    pool.install(|| engine::run(&Memory::new(tree), None, &options, &|_| {}))
}

/// Function and binary of each unit, with the evidence.
fn links(outcome: &Outcome) -> Vec<String> {
    let project = &outcome.project;
    let show = |unit: &faaslint::model::Unit| {
        let function = unit.function().map_or("-", |id| project.deploy.function_name(id));
        let binary = unit.target().map_or("-", |id| project.cargo.target(id).name.as_str());
        format!("{function} {binary} {}", unit.evidence().map_or("-", |evidence| evidence.as_str()))
    };
    project.units.iter().map(show).collect()
}

fn manifest(name: &str) -> String {
    let head = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    head + "[dependencies]\nlambda_runtime = \"1\"\n"
}

fn terraform(names: &[&str]) -> String {
    let block = |name: &&str| {
        format!(
            "resource \"aws_lambda_function\" \"{name}\" {{\n  function_name = \"{name}\"\n  runtime = \
             \"provided.al2023\"\n  handler = \"bootstrap\"\n  filename = var.archive\n}}\n"
        )
    };
    names.iter().map(block).collect()
}

#[test]
fn a_name_alone_ties_no_program_without_an_entry_point() {
    let (orders, worker) = (manifest("orders"), manifest("worker"));
    let config = terraform(&["orders"]);
    let outcome = run(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"cli\", \"worker\"]\n"),
        ("cli/Cargo.toml", &orders.replace("lambda_runtime = \"1\"\n", "")),
        ("cli/src/main.rs", TOOL),
        ("worker/Cargo.toml", &worker),
        ("worker/src/main.rs", LAMBDA),
        ("main.tf", &config),
    ]);
    // The only function and the only Lambda binary.
    assert_eq!(links(&outcome), ["aws_lambda_function.orders worker same-name"]);
    assert!(
        outcome.project.gaps.iter().all(|gap| !gap.reason.contains("no binary found")),
        "{:?}",
        outcome.project.gaps
    );
}

#[test]
fn several_functions_are_not_guessed() {
    let worker = manifest("worker");
    let config = terraform(&["orders", "invoices"]);
    let code = [("worker/Cargo.toml", worker.as_str()), ("worker/src/main.rs", LAMBDA)];
    let outcome = run(&[code[0], code[1], ("infra/main.tf", &config)]);
    assert_eq!(links(&outcome), ["aws_lambda_function.orders - -", "aws_lambda_function.invoices - -", "- worker -"]);
    assert_eq!(outcome.project.gaps.iter().filter(|gap| gap.reason.contains("no binary found")).count(), 2);
    // Another language behind the same runtime.
    let config = "Resources:\n  Orders:\n    \
                  Type: AWS::Serverless::Function\n    Metadata: {BuildMethod: makefile}\n    \
                  Properties: {Runtime: provided.al2023, CodeUri: go}\nTransform: AWS::Serverless-2016-10-31\n";
    let makefile = "build-Orders:\n\tGOOS=linux go build -o $(ARTIFACTS_DIR)/bootstrap .\n";
    let outcome = run(&[code[0], code[1], ("template.yaml", config), ("go/Makefile", makefile)]);
    assert_eq!(links(&outcome), ["Orders - -", "- worker -"]);
}

#[test]
fn names_agree_behind_what_all_binaries_share() {
    let config = terraform(&["publisher", "reader", "cleaner"]);
    let packages = ["web-lambda-publisher", "web-lambda-reader", "web-lambda-other"];
    let mut files = vec![("Cargo.toml".to_owned(), "[workspace]\nmembers = [\"*\"]\n".to_owned())];
    for package in packages {
        files.push((format!("{package}/Cargo.toml"), manifest(package)));
        files.push((format!("{package}/src/main.rs"), LAMBDA.to_owned()));
    }
    files.push(("main.tf".to_owned(), config));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(
        links(&run(&files)),
        [
            "aws_lambda_function.publisher web-lambda-publisher same-name",
            "aws_lambda_function.reader web-lambda-reader same-name",
            "aws_lambda_function.cleaner - -",
            "- web-lambda-other -",
        ]
    );
}

#[test]
fn a_directory_of_cargo_lambda_may_have_the_name_of_the_package() {
    let binary = "[[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n";
    let config = terraform(&["a"]).replace("var.archive", "\"target/lambda/shop-orders/bootstrap.zip\"");
    let (orders, billing) = (manifest("shop-orders") + binary, manifest("shop-billing") + binary);
    let outcome = run(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"orders\", \"billing\"]\n"),
        ("orders/Cargo.toml", &orders),
        ("orders/src/main.rs", LAMBDA),
        ("billing/Cargo.toml", &billing),
        ("billing/src/main.rs", LAMBDA),
        ("main.tf", &config),
    ]);
    assert_eq!(links(&outcome), ["aws_lambda_function.a bootstrap artifact", "- bootstrap -"]);
}
