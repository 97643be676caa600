//! What other tools have: `peers` of a config leaves to them what they find as well; rule files name them; lists of
//! rules can be narrowed.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const SAM: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Orders:\n    \
                   Type: AWS::Serverless::Function\n    \
                   Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}\n";
const TERRAFORM: &str = "resource \"aws_lambda_function\" \"bills\" {\n  function_name = \"bills\"\n  role = \"r\"\n  \
                         filename = \"a.zip\"\n  handler = \"bootstrap\"\n  runtime = \"provided.al2023\"\n}\n";

fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("temporary directory");
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("creates");
        fs::write(path, text).expect("writes");
    }
    dir
}

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-faaslint")).args(args).current_dir(dir).output().expect("the program runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Rule and path of each finding.
fn found(dir: &Path, args: &[&str]) -> Vec<(String, String)> {
    let all = ["--format", "json", "--audience", "auditor", "--no-cargo"];
    let output = run(dir, &[&all[..], args].concat());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    findings.map(|finding| (text(&finding["rule"]), text(&finding["primary"]["path"]))).collect()
}

#[test]
fn what_a_peer_finds_in_the_files_it_reads_is_left_to_it() {
    let files = [("template.yaml", SAM), ("infra/main.tf", TERRAFORM)];
    let plain = project(&files);
    let with = |peers: &str| {
        let config = format!("peers: {peers}\n");
        project(&[files[0], files[1], ("faaslint.yaml", config.as_str())])
    };
    let has = |found: &[(String, String)], rule: &str, path: &str| {
        found.iter().any(|(known, at)| known == rule && at.ends_with(path))
    };
    let all = found(plain.path(), &[]);
    for rule in ["tracing-disabled", "function-timeout-not-configured", "function-without-alarm"] {
        assert!(has(&all, rule, "template.yaml") && has(&all, rule, "main.tf"), "{rule}: {all:?}");
    }
    let beside = with("[cfn-lint-serverless]");
    let rest = found(beside.path(), &[]);
    for rule in ["tracing-disabled", "function-timeout-not-configured"] {
        assert!(!has(&rest, rule, "template.yaml") && has(&rest, rule, "main.tf"), "{rule}: {rest:?}");
    }
    // Nobody else looks for alarms.
    assert!(has(&rest, "function-without-alarm", "template.yaml"));
    // checkov's check of tracing reads Terraform alone.
    let rest = found(with("[checkov]").path(), &[]);
    assert!(has(&rest, "tracing-disabled", "template.yaml") && !has(&rest, "tracing-disabled", "main.tf"), "{rest:?}");
    assert_eq!(found(beside.path(), &["--no-config"]), all);
}

#[test]
fn unknown_peers_are_errors_with_a_suggestion_and_a_place() {
    let dir = project(&[("template.yaml", SAM), ("faaslint.yaml", "select: []\npeers: [chekov]\n")]);
    let output = run(dir.path(), &["--no-cargo"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("did you mean `checkov`?") && said.contains("faaslint.yaml:2"), "{said}");
    // It looks at source of other languages, and does not run here.
    let dir = project(&[("template.yaml", SAM), ("faaslint.yaml", "peers: [pythaw]\n")]);
    assert_eq!(run(dir.path(), &["--no-cargo"]).status.code(), Some(2));
}

#[test]
fn tools_read_dialects_that_exist() {
    let known = faaslint::rule::peers();
    let reads = known.tools.values().flat_map(|tool| &tool.reads);
    let unknown: Vec<&String> = reads.filter(|name| faaslint::knowledge::dialect(name).is_none()).collect();
    assert!(unknown.is_empty() && known.beside().count() > 10, "{unknown:?}");
}

#[test]
fn a_rule_file_names_tools_that_exist() {
    let rule = include_str!("../rules/TEMPLATE.yaml").replace("id: TEMPLATE", "id: much-memory");
    let with = |peers: &str| rule.replace("params:\n", &format!("{peers}params:\n"));
    let read = |text: &str| faaslint::checks::read("much-memory", text);
    assert!(read(&with("peers: [{tool: sls-mentor, checks: [underMaxMemory], note: in the account}]\n")).is_ok());
    assert!(read(&with("peers: [\"sls-mentor underMaxMemory (in the account)\"]\n")).is_ok());
    let wrong = read(&with("peers:\n  - {tool: slsmentor, checks: [underMaxMemory]}\n")).expect_err("no such tool");
    assert!(wrong[0].reason.contains("there is no tool `slsmentor`") && wrong[0].at.is_some(), "{wrong:?}");
    let wrong = read(&with("peers:\n  - {tool: checkov, checks: [A], reads: [terrafrom]}\n")).expect_err("no dialect");
    assert!(wrong[0].reason.contains("terrafrom"), "{wrong:?}");
}

#[test]
fn rules_are_listed_by_category_platform_audience_and_whether_they_mend() {
    let dir = project(&[]);
    let list = |args: &[&str]| {
        let all = [&["rules"], args].concat();
        let text = text(&run(dir.path(), &all));
        text.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect::<Vec<_>>()
    };
    let all = list(&[]);
    let security = list(&["--category", "security"]);
    assert!(security.contains(&"secret-in-environment".to_owned()) && security.len() < all.len());
    assert!(!security.contains(&"heavy-dependency".to_owned()));
    assert!(list(&["--audience", "auditor"]).contains(&"function-without-alarm".to_owned()));
    assert!(!list(&["--audience", "regular"]).contains(&"function-without-alarm".to_owned()));
    let mends = list(&["--fixable", "--category", "failure-handling"]);
    assert!(mends.contains(&"queue-without-dead-letter-queue".to_owned()), "{mends:?}");
    assert!(!mends.contains(&"batch-failure-swallowed".to_owned()));
    assert!(list(&["--platform", "aws-lambda"]).len() <= all.len());
    assert!(text(&run(dir.path(), &["rules", "--category", "secureity"])).contains("security"));
}
