//! Fixes mend what they are for, in every dialect, keep everything else as it was, and compose.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::config::Selected;
use faaslint::engine::{self, Options, Outcome};
use faaslint::fixes;
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::tree::Memory;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Rules that RULES marks as mended safely.
const SAFE: [&str; 14] = [
    "axum-route-without-stage",
    "built-for-newer-glibc",
    "code-change-undetected",
    "deprecated-or-invalid-runtime",
    "partial-batch-response-not-enabled",
    "queue-visibility-timeout-too-short",
    "function-timeout-exceeds-integration-timeout",
    "duplicate-heavy-crate-versions",
    "unoptimized-function-build",
    "http-api-payload-version-mismatch",
    "architecture-mismatch",
    "state-machine-task-without-error-handling",
    "unused-default-features",
    "provisioned-concurrency-misconfigured",
];
/// Rules whose fix may change behaviour.
const UNSAFE: [&str; 4] =
    ["queue-without-dead-letter-queue", "remote-call-without-timeout", "unstructured-logging", "wrong-item-identifier"];

type Files = BTreeMap<String, String>;

fn analyse(files: &Files, rule: &str) -> Outcome {
    let specs = rule::embedded().into_iter().filter(|spec| spec.id == rule);
    let rules = specs.map(|spec| Selected { params: Params::defaults(&spec.params), spec }).collect();
    let tree = Memory::new(files.clone());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads start");
    pool.install(|| engine::run(&tree, None, &Options::new(rules), &|_| {}))
}

/// The files after the fixes of one rule, and how many were made.
fn mend(files: &Files, rule: &str) -> (Files, usize) {
    let mut files = files.clone();
    let mut count = 0;
    loop {
        let outcome = analyse(&files, rule);
        let applied = fixes::apply(&outcome.project.sources, &outcome.findings, true, &[]);
        if applied.findings.is_empty() || count > 20 {
            return (files, count);
        }
        count += applied.findings.len();
        files.extend(applied.files);
    }
}

#[test]
fn rules_with_fixes_mend_their_own_examples() {
    let mut failures = Vec::new();
    for rule in rule::embedded() {
        let mut made = 0;
        for example in &rule.examples.bad {
            let before = analyse(&example.tree(), &rule.id).findings;
            let mendable = before.iter().filter(|finding| !finding.fixes.is_empty()).count();
            let (after, count) = mend(&example.tree(), &rule.id);
            made += count;
            let left = analyse(&after, &rule.id).findings;
            if left.len() + mendable > before.len() || left.iter().any(|finding| !finding.fixes.is_empty()) {
                failures.push(format!(
                    "{}: `{}`: {} of {} left after {count}",
                    rule.id,
                    example.name,
                    left.len(),
                    before.len()
                ));
            }
        }
        let wanted = SAFE.contains(&rule.id.as_str()) || UNSAFE.contains(&rule.id.as_str());
        if wanted != (made > 0) {
            failures.push(format!("{}: {made} fixes made", rule.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

const MAIN: &str = "use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};\n\
                    use lambda_runtime::{run, service_fn, Error, LambdaEvent};\n\
    #[tokio::main]\nasync fn main() -> Result<(), Error> { run(service_fn(handler)).await }\n\
    async fn handler(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> { \
    Ok(SqsBatchResponse::default()) }\n";
const MANIFEST: &str = "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n\
                        lambda_runtime = \"1\"\naws_lambda_events = \"1\"\n";

/// The text with a tab for every two spaces that begin a line.
fn tabbed(text: &str) -> String {
    let line = |line: &str| {
        let body = line.trim_start_matches(' ');
        format!("{}{body}\n", "\t".repeat((line.len() - body.len()) / 2))
    };
    text.lines().map(line).collect()
}

fn compact(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json).expect("JSON").to_string()
}

/// One consumer of one queue, in every dialect and style: the file it is in and its text.
fn consumers() -> Vec<(&'static str, &'static str, String)> {
    let sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n  # the consumer\n  Worker: # keep\n    Type: \
               AWS::Serverless::Function\n    \
        Metadata: {BuildMethod: rust-cargolambda}\n    Properties:\n      CodeUri: .\n      Handler: bootstrap\n      \
        Runtime: provided.al2023\n      \
        Timeout: 30\n      Events:\n        Jobs:\n          Type: SQS\n          Properties:\n            Queue: \
        !GetAtt Jobs.Arn # from here\n  \
        Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      VisibilityTimeout: 30 # too short\n";
    let flow = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Worker:\n    Type: AWS::Serverless::Function\n    \
        Metadata: {BuildMethod: rust-cargolambda}\n    Properties: {CodeUri: ., Handler: bootstrap, Runtime: \
        provided.al2023, Timeout: 30, \
        Events: {Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}}\n  Jobs: {Type: AWS::SQS::Queue}\n";
    let json = r#"{
  "Transform": "AWS::Serverless-2016-10-31",
  "Resources": {
    "Worker": {
      "Type": "AWS::Serverless::Function",
      "Metadata": {"BuildMethod": "rust-cargolambda"},
      "Properties": {
        "CodeUri": ".", "Handler": "bootstrap", "Runtime": "provided.al2023", "Timeout": 30,
        "Events": {"Jobs": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Jobs", "Arn"]}}}}
      }
    },
    "Jobs": {
      "Type": "AWS::SQS::Queue"
    }
  }
}
"#;
    let raw = "Resources:\n  Worker:\n    Type: AWS::Lambda::Function\n    Properties: {Code: target/lambda/worker/, \
               Handler: bootstrap, Runtime: \
        provided.al2023, Timeout: 30, Role: arn:aws:iam::123456789012:role/w}\n  Mapping:\n    Type: \
        AWS::Lambda::EventSourceMapping\n    Properties:\n      \
        FunctionName: !Ref Worker\n      EventSourceArn: !GetAtt Jobs.Arn\n  Jobs:\n    Type: AWS::SQS::Queue\n";
    let terraform = "resource \"aws_lambda_function\" \"worker\" {\n  function_name = \"worker\"\n  role          \
                     = \"arn:aws:iam::123456789012:role/w\"\n  \
        runtime       = \"provided.al2023\"\n  handler       = \"bootstrap\"\n  timeout       = 30\n  filename      \
        = \"target/lambda/worker/bootstrap.zip\"\n}\n\n\
        resource \"aws_lambda_event_source_mapping\" \"jobs\" {\n  event_source_arn = aws_sqs_queue.jobs.arn # from \
        here\n  function_name    = \
        aws_lambda_function.worker.arn\n\n  scaling_config {\n    maximum_concurrency = 5\n  }\n}\n\n\
        resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n";
    let serverless = "service: jobs\nprovider: {name: aws, runtime: provided.al2023}\n\
                      package: {artifact: target/lambda/worker/bootstrap.zip}\nfunctions:\n  worker:\n    \
        handler: bootstrap\n    timeout: 30\n    events:\n      - sqs: # the long form\n          arn: !GetAtt \
        Jobs.Arn\nresources:\n  Resources:\n    Jobs:\n      Type: AWS::SQS::Queue\n";
    let short = serverless.replace("sqs: # the long form\n          arn: !GetAtt Jobs.Arn", "sqs: !GetAtt Jobs.Arn");
    vec![
        ("SAM", "template.yaml", sam.to_owned()),
        ("SAM in flow style", "template.yaml", flow.to_owned()),
        ("SAM as JSON", "template.json", json.to_owned()),
        ("SAM as JSON with tabs", "template.json", tabbed(json)),
        ("SAM as compact JSON", "template.json", compact(json)),
        ("SAM as JSON with Windows line endings", "template.json", json.replace('\n', "\r\n")),
        ("SAM indented by four", "template.yaml", sam.replace("  ", "    ")),
        ("SAM with Windows line endings", "template.yaml", sam.replace('\n', "\r\n")),
        ("CloudFormation", "template.yaml", raw.to_owned()),
        ("Terraform", "main.tf", terraform.to_owned()),
        ("Serverless Framework", "serverless.yml", serverless.to_owned()),
        ("Serverless Framework, short form", "serverless.yml", short),
    ]
}

#[test]
fn queue_consumers_are_mended_in_every_dialect_and_style() {
    let rules =
        ["partial-batch-response-not-enabled", "queue-visibility-timeout-too-short", "queue-without-dead-letter-queue"];
    for (dialect, path, text) in consumers() {
        let mut files = Files::from([
            ("Cargo.toml".to_owned(), MANIFEST.to_owned()),
            ("src/main.rs".to_owned(), MAIN.to_owned()),
            (path.to_owned(), text.clone()),
        ]);
        for rule in rules {
            assert_eq!(analyse(&files, rule).findings.len(), 1, "{dialect}: {rule} is found");
            let (after, count) = mend(&files, rule);
            let left = analyse(&after, rule);
            assert!(count == 1 && left.findings.is_empty(), "{dialect}: {rule}: {count}\n{}", after[path]);
            assert!(left.project.gaps.is_empty(), "{dialect}: {:?}", left.project.gaps);
            files = after;
        }
        let after = &files[path];
        if text.contains("\r\n") {
            assert!(!after.replace("\r\n", "").contains('\n'), "{dialect}: one kind of line ending\n{after}");
        }
        let tabs = text.contains('\t');
        let indented = |line: &str| line.starts_with(if tabs { ' ' } else { '\t' });
        assert!(!after.lines().any(indented), "{dialect}: one kind of indentation\n{after}");
        assert_eq!(text.lines().count() == 1, after.lines().count() == 1, "{dialect}: lines stay lines\n{after}");
        if dialect.contains("by four") {
            let indent = |line: &str| line.len() - line.trim_start().len();
            assert!(after.lines().all(|line| indent(line) % 4 == 0), "{dialect}: one depth\n{after}");
        }
        for comment in ["# the consumer", "# keep", "# from here", "# too short", "# the long form"] {
            assert_eq!(text.contains(comment), after.contains(comment), "{dialect}: {comment}\n{after}");
        }
        // Every old line is there, in order, unless its value changed.
        let mut rest = after.lines();
        let kept =
            text.lines().filter(|line| rest.clone().any(|other| other == *line) && rest.any(|other| other == *line));
        let lost = text.lines().count() - kept.count();
        assert!(lost <= 4, "{dialect}: {lost} lines changed\n{after}");
    }
}

#[test]
fn what_two_queues_share_is_written_for_neither() {
    let sam = consumers().remove(0).2;
    let shared = sam.replace(
        "    Properties:\n      VisibilityTimeout: 30 # too short\n",
        "    Properties: &short\n      VisibilityTimeout: 30\n  Other:\n    Type: AWS::SQS::Queue\n    Properties: \
         *short\n",
    );
    assert_ne!(sam, shared);
    let files = Files::from([
        ("Cargo.toml".to_owned(), MANIFEST.to_owned()),
        ("src/main.rs".to_owned(), MAIN.to_owned()),
        ("template.yaml".to_owned(), shared.clone()),
    ]);
    let rule = "queue-visibility-timeout-too-short";
    assert!(!analyse(&files, rule).findings.is_empty(), "it is found");
    let (after, count) = mend(&files, rule);
    assert_eq!((count, &after["template.yaml"]), (0, &shared));
}

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-faaslint")).args(args).current_dir(dir).output().expect("the program runs")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("creates");
    for entry in fs::read_dir(from).expect("reads").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true if entry.file_name() != "target" => copy(&path, &target),
            true => {}
            false => drop(fs::copy(path, target).expect("copies")),
        }
    }
}

fn texts(dir: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(dir).expect("reads").flatten() {
        let path = entry.path();
        if path.is_dir() {
            texts(&path, into);
        } else {
            into.insert(path.clone(), fs::read(path).expect("reads"));
        }
    }
}

#[test]
fn fixing_the_fixtures_converges_and_breaks_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for name in [
        "orders-sam",
        "media-sam",
        "dialects/sam",
        "dialects/cloudformation",
        "dialects/terraform",
        "dialects/serverless",
    ] {
        let dir = TempDir::new().expect("temporary directory");
        copy(&root.join(name), dir.path());
        let gaps = |dir: &Path| {
            let output = run(dir, &["--no-cargo", "--format", "json"]);
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let count = |key: &str| report[key].as_array().map_or(0, Vec::len);
            (count("gaps"), count("findings"))
        };
        let (gaps_before, found_before) = gaps(dir.path());
        let output = run(dir.path(), &["--no-cargo", "--fix=unsafe", "--format", "concise"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("fixed: ") && !said.contains("not fixed: "), "{name}: {said}");
        let (gaps_after, found_after) = gaps(dir.path());
        assert!(gaps_after <= gaps_before && found_after < found_before, "{name}");
        let mut once = BTreeMap::new();
        texts(dir.path(), &mut once);
        let output = run(dir.path(), &["--no-cargo", "--fix=unsafe", "--format", "concise"]);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("fixed: "), "{name}: a second run has nothing to do");
        let mut twice = BTreeMap::new();
        texts(dir.path(), &mut twice);
        assert!(once == twice, "{name}: a second run changes nothing");
    }
}

#[test]
fn a_diff_shows_what_fix_does_and_touches_nothing() {
    let dir = TempDir::new().expect("temporary directory");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orders-sam"), &dir.path().join("app"));
    let mut before = BTreeMap::new();
    texts(dir.path(), &mut before);
    let output = run(dir.path(), &["app", "--no-cargo", "--diff"]);
    assert_eq!(output.status.code(), Some(1));
    let mut after = BTreeMap::new();
    texts(dir.path(), &mut after);
    assert!(before == after);
    let patch = dir.path().join("fixes.patch");
    fs::write(&patch, &output.stdout).expect("writes");
    let applied =
        Command::new("git").args(["apply", "fixes.patch"]).current_dir(dir.path()).output().expect("git runs");
    assert!(applied.status.success(), "{applied:?}");
    fs::remove_file(patch).expect("removes");
    let mut patched = BTreeMap::new();
    texts(dir.path(), &mut patched);
    let other = TempDir::new().expect("temporary directory");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orders-sam"), &other.path().join("app"));
    run(other.path(), &["app", "--no-cargo", "--fix"]);
    let mut fixed = BTreeMap::new();
    texts(other.path(), &mut fixed);
    assert!(patched.values().eq(fixed.values()), "the diff is what --fix writes");
    let unsafe_too = run(dir.path(), &["app", "--no-cargo", "--diff", "--fix=unsafe"]);
    assert!(String::from_utf8_lossy(&unsafe_too.stdout).contains("DeadLetterQueue"));
}

#[test]
fn in_a_repository_git_takes_the_diff_from_every_folder() {
    for (from, argument, apply_in) in
        [("app", ".", "app"), ("app/api", "..", "app"), ("app", ".", "."), (".", "app", ".")]
    {
        let dir = TempDir::new().expect("temporary directory");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orders-sam"), &dir.path().join("app"));
        let git = |args: &[&str], at: &str| {
            Command::new("git").args(args).current_dir(dir.path().join(at)).output().expect("git runs")
        };
        assert!(git(&["init", "-q"], ".").status.success());
        let output = run(&dir.path().join(from), &[argument, "--no-cargo", "--diff"]);
        let patch = dir.path().join("fixes.patch");
        fs::write(&patch, &output.stdout).expect("writes");
        let applied = git(&["apply", "--verbose", patch.to_str().expect("UTF-8")], apply_in);
        assert!(applied.status.success(), "from {from}: {applied:?}");
        let said = String::from_utf8_lossy(&applied.stderr);
        assert!(said.contains("Applied patch app/") && !said.contains("Skipped"), "from {from}: {said}");
        let again = run(&dir.path().join("app"), &["--no-cargo", "--diff"]);
        assert!(again.stdout.is_empty(), "from {from}: nothing is left to mend");
    }
    let formatted = run(Path::new("."), &["--diff", "--format", "json"]);
    assert_eq!(formatted.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn files_are_replaced_whole_and_keep_their_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().expect("temporary directory");
    let (_, path, text) = consumers().swap_remove(0);
    for (path, text) in [("Cargo.toml", MANIFEST), ("src/main.rs", MAIN), (path, text.as_str())] {
        fs::create_dir_all(dir.path().join(path).parent().expect("parent")).expect("creates");
        fs::write(dir.path().join(path), text).expect("writes");
    }
    let template = dir.path().join(path);
    fs::set_permissions(&template, fs::Permissions::from_mode(0o640)).expect("sets");
    let output = run(dir.path(), &["--no-cargo", "--fix"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("fixed: "), "{output:?}");
    assert_eq!(template.metadata().expect("there").permissions().mode() & 0o777, 0o640);
    let left: Vec<_> = fs::read_dir(dir.path()).expect("reads").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 3, "nothing is left beside the files: {left:?}");
    assert!(fs::read_to_string(&template).expect("reads").contains("FunctionResponseTypes: [ReportBatchItemFailures]"));
}
