//! One application in every dialect: `fixtures/dialects` gives the same rules on the same functions whichever tool
//! deploys it, shown in that tool's files.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Rule and function; a state machine has none.
type Pair = (String, String);

/// What the application does wrong, by rule and function. What it does right is as much part of it: `tax` invokes
/// `audit` without waiting; `audit` takes another type because its rule passes a part of the event, has somewhere to
/// put what it fails on, and its rule looks at one bucket.
const TABLE: &[(&str, &str)] = &[
    ("async-invocation-without-failure-destination", "notify"),
    ("event-type-trigger-mismatch", "notify"),
    ("function-timeout-exceeds-integration-timeout", "checkout"),
    ("partial-batch-response-not-enabled", "worker"),
    ("queue-visibility-timeout-too-short", "worker"),
    ("queue-without-dead-letter-queue", ""),
    ("recursive-trigger-loop", "worker"),
    ("state-machine-task-without-error-handling", ""),
    ("stream-without-failure-destination", "projector"),
    ("synchronous-call-chain", "checkout"),
    ("synchronous-lambda-invocation", "checkout"),
    ("synchronous-lambda-invocation", "pricing"),
    ("undefined-env-var", "checkout"),
];

/// What `cargo lambda deploy` can express: it makes no triggers, queues or state machines, and the fixture's shared
/// `CargoLambda.toml` sets a timeout for all.
const CARGO_LAMBDA: &[(&str, &str)] = &[
    ("synchronous-call-chain", "checkout"),
    ("synchronous-lambda-invocation", "checkout"),
    ("synchronous-lambda-invocation", "pricing"),
    ("undefined-env-var", "checkout"),
];

fn report(paths: &[&str], more: &[&str]) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dialects");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["check", "--format", "json", "--no-cargo"])
        .args(more)
        .args(paths.iter().map(|path| root.join(path)))
        .output()
        .expect("the program runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The name people give a function, without the address or spelling of the dialect.
fn bare(name: &str) -> String {
    let keyed = name.split_once("[\"").and_then(|(_, rest)| rest.split_once("\"]")).map(|(key, _)| key);
    keyed.unwrap_or_else(|| name.rsplit('.').next().unwrap_or(name)).to_lowercase()
}

/// Rule and function of every finding, those of which a finding says that the same holds for them included.
fn pairs(report: &Value) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for finding in report["findings"].as_array().into_iter().flatten() {
        let rule = finding["rule"].as_str().expect("a rule").to_owned();
        pairs.insert((rule.clone(), bare(finding["function"].as_str().unwrap_or(""))));
        let message = finding["message"].as_str().expect("a message");
        if let Some((_, others)) = message.split_once("the same holds for `") {
            pairs.insert((rule, bare(others.split('`').next().expect("a name"))));
        }
    }
    pairs
}

fn table(rows: &[(&str, &str)]) -> BTreeSet<Pair> {
    rows.iter().map(|(rule, function)| ((*rule).to_owned(), (*function).to_owned())).collect()
}

#[test]
fn every_dialect_gives_the_same_findings() {
    for dialect in
        ["sam", "cloudformation", "terraform", "terraform-modules", "serverless", "cdk", "cdk-source", "cdk-python"]
    {
        let report = report(&["Cargo.toml", "services", dialect], &[]);
        assert_eq!(pairs(&report), table(TABLE), "{dialect}");
        // What only those hear who ask for more.
        let more = pairs(&self::report(&["Cargo.toml", "services", dialect], &["--audience", "pedantic"]));
        for (rule, function) in [
            ("async-invocation-without-failure-destination", "nightly"),
            ("function-timeout-not-configured", "nightly"),
            ("n-plus-one-remote-calls", "worker"),
        ] {
            assert!(more.contains(&(rule.to_owned(), function.to_owned())), "{dialect}: {rule}");
        }
        let gaps = report["gaps"].as_array().expect("gaps");
        match dialect {
            // A program that is read and not run may deploy more than it says.
            "cdk-source" | "cdk-python" => {
                assert_eq!(gaps.len(), 1, "{dialect}: {gaps:?}");
                assert!(gaps[0]["reason"].as_str().expect("a reason").contains("`cdk synth`"));
            }
            _ => assert!(gaps.is_empty(), "{dialect}: {gaps:?}"),
        }
        for finding in report["findings"].as_array().into_iter().flatten() {
            let path = finding["primary"]["path"].as_str().expect("a path");
            assert!(path.starts_with("services/") || path.starts_with(&format!("{dialect}/")), "{dialect}: {path}");
            // What the CDK synthesised is shown where it is written.
            assert!(!path.contains("cdk.out"), "{path}");
        }
        let linked = report["units"].as_array().into_iter().flatten().filter(|unit| unit["evidence"] == "declared");
        assert_eq!(linked.count(), 8, "{dialect}: every function has its binary");
    }
}

#[test]
fn cargo_lambda_gives_what_it_can_express() {
    let report = report(&["Cargo.toml", "CargoLambda.toml", "services"], &[]);
    assert_eq!(pairs(&report), table(CARGO_LAMBDA));
    let more = pairs(&self::report(&["Cargo.toml", "CargoLambda.toml", "services"], &["--audience", "pedantic"]));
    assert!(more.contains(&("n-plus-one-remote-calls".to_owned(), "worker".to_owned())));
}

#[test]
fn dialects_live_side_by_side() {
    let report = report(&["."], &[]);
    let functions: BTreeSet<&str> =
        report["units"].as_array().into_iter().flatten().filter_map(|unit| unit["function"].as_str()).collect();
    for name in [
        "aws_lambda_function.worker",
        "Worker (sam/template.yaml)",
        "Worker (cdk/cdk.out/OrdersStack.template.json)",
        "Worker (cdk-source/cdk.json)",
        "worker (serverless/serverless.yml)",
    ] {
        assert!(functions.contains(name), "{name}: {functions:?}");
    }
    // A line of shared source is reported once, whoever deploys it.
    let found = report["findings"].as_array().into_iter().flatten();
    let calls = found.filter(|finding| finding["rule"] == "synchronous-lambda-invocation");
    assert_eq!(calls.count(), 2);
}

#[test]
fn the_user_chooses_what_a_config_leaves_open() {
    let timeout = |more: &[&str]| {
        let report = report(&["."], more);
        let found = report["findings"].as_array().expect("findings").iter().any(|finding| {
            finding["rule"] == "queue-visibility-timeout-too-short"
                && finding["message"].as_str().is_some_and(|message| message.contains("for 30 s"))
        });
        (found, report["units"].as_array().map_or(0, Vec::len))
    };
    // One stack of the nine, and no other.
    let (_, units) = timeout(&["--stack", "terraform"]);
    assert_eq!(units, 8);
}
