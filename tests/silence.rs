//! How findings are silenced, and that it is said: comments, metadata, config, baseline, `--since`.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const HEAD: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n";
const RULE: &str = "function-timeout-not-configured";

fn function(name: &str, comment: &str, settings: &str) -> String {
    format!(
        "  {name}: {comment}\n    Type: AWS::Serverless::Function\n    Properties: {{Runtime: provided.al2023, \
         Handler: bootstrap, CodeUri: ., {settings}}}\n"
    )
}

fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("temporary directory");
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    dir
}

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("parent")).expect("creates");
    fs::write(path, text).expect("writes");
}

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-faaslint")).args(args).current_dir(dir).output().expect("the program runs")
}

fn report(dir: &Path, args: &[&str]) -> Value {
    let output = run(dir, &[&["--format", "json", "--no-cargo"], args].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// `rule line` of each finding.
fn findings(report: &Value) -> Vec<String> {
    let list = report["findings"].as_array().into_iter().flatten();
    list.map(|finding| format!("{} {}", finding["rule"].as_str().unwrap_or(""), finding["primary"]["line"])).collect()
}

#[test]
fn comments_and_metadata_silence_and_are_counted() {
    let text = format!(
        "{HEAD}{}{}  # faaslint: allow({RULE}) three seconds are what we want\n{}",
        function("A", "", ""),
        function("B", &format!("# faaslint: allow({RULE}) so be it"), ""),
        function("C", "", ""),
    );
    let dir = project(&[("template.yaml", &text)]);
    let report = report(dir.path(), &["--select", RULE]);
    assert_eq!(findings(&report), [format!("{RULE} 3")]);
    assert_eq!(report["silenced"]["suppressed"], 2);
}

#[test]
fn a_suppression_without_effect_or_reason_is_reported() {
    let text = format!("{HEAD}{}", function("A", &format!("# faaslint: allow({RULE})"), "Timeout: 5"));
    let dir = project(&[("template.yaml", &text)]);
    let found =
        findings(&report(dir.path(), &["--select", &format!("{RULE},unused-suppression,suppression-without-reason")]));
    assert_eq!(found, ["unused-suppression 3", "suppression-without-reason 3"], "the worst first");
    let found = findings(&report(dir.path(), &["--select", "unused-suppression"]));
    assert!(found.is_empty(), "a rule that did not run cannot have been silenced: {found:?}");
    let rule = "deployment-package-too-large";
    write(
        dir.path(),
        "template.yaml",
        &format!("{HEAD}{}", function("A", &format!("# faaslint: allow({rule}) so be it"), "Timeout: 5")),
    );
    let found = findings(&report(dir.path(), &["--select", &format!("{rule},unused-suppression")]));
    assert!(found.is_empty(), "a build on another machine may show it: {found:?}");
}

#[test]
fn text_in_json_silences_its_object() {
    let template = format!(
        r#"{{"Transform": "AWS::Serverless-2016-10-31", "Resources": {{
 "A": {{"Type": "AWS::Serverless::Function", "Metadata": {{"Comment": "x"}},
   "Properties": {{"Runtime": "provided.al2023"}}}},
 "B": {{"Type": "AWS::Serverless::Function", "Metadata": {{"faaslint": {{"allow": {{"{RULE}": "fine"}}}}}},
   "Properties": {{"Runtime": "provided.al2023"}}}}
}}}}"#
    );
    let dir = project(&[("template.json", &template)]);
    assert_eq!(findings(&report(dir.path(), &["--select", RULE])), [format!("{RULE} 2")]);
}

#[test]
fn the_config_silences_by_path_and_function() {
    let text = format!("{HEAD}{}{}", function("OrdersA", "", ""), function("Billing", "", ""));
    let config = format!(
        "allow:\n  - rules: [{RULE}]\n    functions: ['Orders*']\n    reason: agreed\n  - rules: [{RULE}]\n    paths: \
         ['old/**']\n    reason: frozen\n"
    );
    let dir = project(&[("template.yaml", &text), ("old/template.yaml", &text), ("faaslint.yaml", &config)]);
    let report = report(dir.path(), &["--select", RULE]);
    assert_eq!(report["silenced"]["suppressed"], 3);
    assert_eq!(report["findings"][0]["function"], "Billing (template.yaml)", "the other template has one too");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    let unused = format!("{config}  - rules: [{RULE}]\n    paths: ['gone/**']\n    reason: moved\n");
    write(dir.path(), "faaslint.yaml", &unused);
    let report = self::report(dir.path(), &["--select", &format!("{RULE},unused-suppression")]);
    assert!(findings(&report).contains(&"unused-suppression 8".to_owned()), "{:?}", findings(&report));
}

#[test]
fn findings_of_one_cause_are_one_and_each_is_in_the_baseline() {
    const SAME: &str = "function-timeout-not-configured";
    let plain = |name: &str| {
        let settings = "{Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}";
        format!("  {name}:\n    Type: AWS::Serverless::Function\n    Properties: {settings}\n")
    };
    let text = format!("{HEAD}{}{}{}", plain("A"), plain("B"), plain("C"));
    let dir = project(&[("template.yaml", &text)]);
    let first = report(dir.path(), &["--select", SAME]);
    assert_eq!(findings(&first), [format!("{SAME} 3")]);
    let others: Vec<&Value> = first["findings"][0]["related"].as_array().into_iter().flatten().collect();
    assert_eq!(others.iter().map(|place| place["line"].as_u64()).collect::<Vec<_>>(), [Some(6), Some(9)]);
    assert!(others[0]["note"].as_str().is_some_and(|note| note.starts_with("`B")), "{others:?}");
    run(dir.path(), &["--no-cargo", "--select", SAME, "--baseline", "b.json", "--write-baseline"]);
    write(dir.path(), "template.yaml", &format!("{text}{}", plain("D")));
    let report = report(dir.path(), &["--select", SAME, "--baseline", "b.json"]);
    assert_eq!(findings(&report), [format!("{SAME} 12")], "only the new one");
    assert_eq!(report["silenced"]["baseline"], 3);
}

#[test]
fn a_baseline_survives_edits_elsewhere_and_lets_new_findings_through() {
    let text = format!("{HEAD}{}", function("A", "", ""));
    let dir = project(&[("template.yaml", &text)]);
    let output = run(dir.path(), &["--no-cargo", "--baseline", "baseline.json", "--write-baseline"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let moved = format!("# A remark\n\n{HEAD}{}{}", function("B", "", ""), function("A", "", ""));
    write(dir.path(), "template.yaml", &moved);
    let report = report(dir.path(), &["--select", RULE, "--baseline", "baseline.json"]);
    assert_eq!(findings(&report), [format!("{RULE} 5")]);
    assert_eq!(report["silenced"]["baseline"], 1);
    write(dir.path(), "baseline.json", "{\"version\": 9, \"findings\": []}");
    let output = run(dir.path(), &["--baseline", "baseline.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("version 9"));
}

fn git(dir: &Path, args: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(dir)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{output:?}");
}

const MANIFEST: &str =
    "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nlambda_runtime = \"1\"\n";
const MAIN: &str = "use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};\n\
                    use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
    #[tokio::main]\nasync fn main() -> Result<(), Error> { run(service_fn(handler)).await }\n\
    async fn handler(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> { \
    Ok(SqsBatchResponse::default()) }\n";

fn queue_function(settings: &str) -> String {
    format!(
        "{HEAD}  A:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildMethod: rust-cargolambda}}\n    \
         Properties:\n      \
         Runtime: provided.al2023\n      Handler: bootstrap\n      CodeUri: .\n      Events:\n        \
         Orders:\n          \
         Type: SQS\n          Properties:\n            Queue: arn:aws:sqs:eu-west-1:123456789012:orders\n{settings}"
    )
}

#[test]
fn since_shows_what_a_change_touches_or_brings() {
    let enabled = queue_function("            FunctionResponseTypes: [ReportBatchItemFailures]\n");
    let dir = project(&[("template.yaml", &enabled), ("Cargo.toml", MANIFEST), ("src/main.rs", MAIN)]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "first"]);
    let rules = format!("{RULE},partial-batch-response-not-enabled");
    let since =
        |rev: &str| findings(&report(dir.path(), &["--select", &rules, "--since", rev, "--audience", "pedantic"]));
    assert_eq!(since("HEAD"), [""; 0], "nothing changed, and the timeout was missing before");
    // Taking a line away breaks code that did not change.
    write(dir.path(), "template.yaml", &queue_function(""));
    assert_eq!(since("HEAD"), ["partial-batch-response-not-enabled 11"]);
    // A change of the function's own line shows what is wrong there.
    write(dir.path(), "template.yaml", &enabled.replace("  A:\n", "  B:\n"));
    assert_eq!(since("HEAD"), [format!("{RULE} 3")]);
    // So does a change of what makes an edge it joins.
    write(dir.path(), "template.yaml", &queue_function(""));
    git(dir.path(), &["commit", "-qam", "broken"]);
    write(dir.path(), "template.yaml", &queue_function("            BatchSize: 5\n"));
    assert_eq!(since("HEAD"), ["partial-batch-response-not-enabled 11"]);
    write(dir.path(), "template.yaml", &enabled.replace("  A:\n", "  B:\n"));
    git(dir.path(), &["commit", "-qam", "second"]);
    assert_eq!(since("HEAD~2"), [format!("{RULE} 3")]);
    assert_eq!(since("HEAD"), [""; 0]);
    let output = run(dir.path(), &["--since", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no revision `nowhere`"), "{output:?}");
    let output = run(dir.path(), &["--since=--output=x"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn since_head_before_the_first_commit_shows_everything() {
    let text = format!("{HEAD}{}", function("A", "", ""));
    let dir = project(&[("template.yaml", &text)]);
    let output = run(dir.path(), &["--since", "HEAD"]);
    assert!(
        output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("not a git repository"),
        "{output:?}"
    );
    git(dir.path(), &["init", "-q"]);
    assert_eq!(findings(&report(dir.path(), &["--select", RULE, "--since", "HEAD"])), [format!("{RULE} 3")]);
    fs::remove_file(dir.path().join("template.yaml")).expect("removes");
    assert_eq!(run(dir.path(), &["--since", "HEAD"]).status.code(), Some(0), "no function yet");
}

#[test]
fn a_revision_that_a_shallow_clone_lacks_says_so() {
    let text = format!("{HEAD}{}", function("A", "", ""));
    let dir = project(&[("origin/template.yaml", &text)]);
    let origin = dir.path().join("origin");
    git(&origin, &["init", "-q"]);
    for message in ["first", "second"] {
        git(&origin, &["add", "."]);
        git(&origin, &["commit", "-qm", message, "--allow-empty"]);
    }
    let first = Command::new("git").args(["rev-parse", "HEAD~1"]).current_dir(&origin).output().expect("git runs");
    let first = String::from_utf8_lossy(&first.stdout).trim().to_owned();
    let url = format!("file://{}", origin.display());
    git(dir.path(), &["clone", "-q", "--depth", "1", &url, "clone"]);
    let output = run(&dir.path().join("clone"), &["--since", &first]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("shallow"), "{said}");
}

#[test]
fn since_works_below_the_root_of_the_repository() {
    let text = format!("{HEAD}{}", function("A", "", ""));
    let dir = project(&[("infra/template.yaml", &text), ("other.txt", "x")]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "first"]);
    write(dir.path(), "infra/template.yaml", &format!("{text}{}", function("B", "", "")));
    let found = findings(&report(dir.path(), &["infra", "--select", RULE, "--since", "HEAD"]));
    assert_eq!(found, [format!("{RULE} 6")]);
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["infra", "--format", "concise", "--select", RULE, "--since", "HEAD"])
        .current_dir(dir.path())
        .env("GIT_DIR", ".git")
        .env("GIT_INDEX_FILE", ".git/index")
        .output()
        .expect("the program runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1, "as a hook of git runs it: {output:?}");
}
