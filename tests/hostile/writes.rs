//! What is written: whole, through no link, and nothing that somebody else wrote meanwhile.

use super::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

/// A template with a finding that `--fix` mends.
const MENDED: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Q:\n    Type: AWS::SQS::Queue\n  A:\n    \
                      Type: AWS::Serverless::Function\n    Properties:\n      Runtime: provided.al2023\n      \
                      Handler: bootstrap\n      CodeUri: .\n      Timeout: 5\n      Events:\n        E:\n          \
                      Type: SQS\n          Properties:\n            Queue: !GetAtt Q.Arn\n            BatchSize: 10\n";

fn fixes(dir: &Path) -> Output {
    run(dir, &["--no-cargo", "--audience", "auditor", "--fix=unsafe"])
}

#[test]
fn nothing_is_written_through_links() {
    let dir = project(&[("precious.txt", "precious"), ("out/x", ""), ("tree/template.yaml", TEMPLATE)]);
    let tree = dir.path().join("tree");
    for name in ["report.json", "faaslint-baseline.json", "b.json"] {
        link(&tree, name, "../precious.txt");
    }
    link(&tree, "dir", "../out");
    for args in [
        &["check", "--no-cargo", "--format", "json", "-o", "report.json"][..],
        &["check", "--no-cargo", "--format", "json", "-o", "dir/new.json"],
        &["check", "--no-cargo", "--baseline", "b.json", "--write-baseline"],
        &["graph", "--no-cargo", "-o", "report.json"],
        &["init", "--no-cargo"],
    ] {
        let output = run(&tree, args);
        assert!(output.status.code() == Some(2) && said(&output).contains("not followed"), "{args:?} {output:?}");
    }
    assert_eq!(fs::read_to_string(dir.path().join("precious.txt")).expect("reads"), "precious");
    assert!(!dir.path().join("out/new.json").exists());
    // A file that is none is written to as it is.
    assert!(!run(&tree, &["--no-cargo", "-q", "-o", "/dev/stdout"]).stdout.is_empty());
}

#[test]
fn written_files_are_whole_and_keep_their_mode() {
    let dir = project(&[("template.yaml", TEMPLATE), ("report.json", "old")]);
    let report = dir.path().join("report.json");
    fs::set_permissions(&report, fs::Permissions::from_mode(0o640)).expect("sets");
    run(dir.path(), &["--no-cargo", "--format", "json", "-o", "report.json"]);
    assert_eq!(report.metadata().expect("there").mode() & 0o7777, 0o640);
    serde_json::from_slice::<Value>(&fs::read(&report).expect("reads")).expect("JSON");
    run(dir.path(), &["--no-cargo", "--format", "json", "-o", "new.json"]);
    assert_eq!(
        dir.path().join("new.json").metadata().expect("there").mode() & 0o444,
        0o444,
        "readable as any new file"
    );
    let left = fs::read_dir(dir.path()).expect("lists").flatten().count();
    assert_eq!(left, 3, "nothing is left behind");
}

#[test]
fn fixes_keep_modes_and_refuse_what_is_read_only() {
    let dir = project(&[("template.yaml", MENDED)]);
    let template = dir.path().join("template.yaml");
    fs::set_permissions(&template, fs::Permissions::from_mode(0o444)).expect("sets");
    let output = fixes(dir.path());
    assert!(output.status.code() == Some(2) && said(&output).contains("read-only"), "{output:?}");
    assert_eq!(fs::read_to_string(&template).expect("reads"), MENDED);
    fs::set_permissions(&template, fs::Permissions::from_mode(0o4755)).expect("sets");
    let output = fixes(dir.path());
    assert!(said(&output).contains("fixed:"), "{output:?}");
    assert_eq!(template.metadata().expect("there").mode() & 0o7777, 0o755, "the mode, without the bit that sets ids");
    assert_ne!(fs::read_to_string(&template).expect("reads"), MENDED);
}

#[test]
fn fixes_among_edits_that_are_not_committed_are_said() {
    let dir = project(&[("template.yaml", MENDED)]);
    repository::git(dir.path(), &["init", "-q"]);
    repository::git(dir.path(), &["add", "-A"]);
    repository::git(dir.path(), &["commit", "-qm", "a"]);
    write(dir.path(), "template.yaml", &MENDED.replace("Timeout: 5", "Timeout: 6"));
    let said = said(&fixes(dir.path()));
    assert!(said.contains("not committed in `template.yaml`"), "{said}");
    repository::git(dir.path(), &["checkout", "-q", "template.yaml"]);
    assert!(!super::said(&fixes(dir.path())).contains("not committed"));
}
