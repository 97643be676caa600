//! The hooks of `.pre-commit-hooks.yaml` with the real pre-commit. CI installs it and runs this with `-- --ignored`.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const GOOD: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Function\n    \
                    Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., Timeout: 5}\n";

fn run(dir: &Path, program: &str, args: &[&str]) -> Output {
    let built = Path::new(env!("CARGO_BIN_EXE_cargo-faaslint")).parent().expect("a directory");
    let path = format!("{}:{}", built.display(), std::env::var("PATH").unwrap_or_default());
    let names = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
    Command::new(program)
        .args(args)
        .current_dir(dir)
        .env("PATH", path)
        .envs(names.map(|name| (name, "a@example.com")))
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn git(dir: &Path, args: &[&str]) {
    let output = run(dir, "git", args);
    assert!(output.status.success(), "{output:?}");
}

/// A repository that offers the hooks, with the program that was built in place of one that pre-commit would build.
fn hooks(dir: &Path) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).expect("reads");
    fs::create_dir_all(dir).expect("creates");
    fs::write(dir.join(".pre-commit-hooks.yaml"), text.replace("language: rust", "language: system")).expect("writes");
    git(dir, &["init", "-q"]);
    git(dir, &["add", "."]);
    git(dir, &["commit", "-qm", "hooks"]);
    git(dir, &["tag", "v1"]);
}

#[test]
#[ignore = "needs pre-commit"]
fn a_bad_commit_is_stopped_and_a_good_one_is_not() {
    let dir = TempDir::new().expect("temporary directory");
    let (offered, project) = (dir.path().join("hooks"), dir.path().join("project"));
    hooks(&offered);
    fs::create_dir_all(&project).expect("creates");
    git(&project, &["init", "-q"]);
    let config = format!("repos:\n  - repo: {}\n    rev: v1\n    hooks: [{{id: faaslint}}]\n", offered.display());
    fs::write(project.join(".pre-commit-config.yaml"), config).expect("writes");
    fs::write(project.join("template.yaml"), GOOD).expect("writes");
    let installed = run(&project, "pre-commit", &["install"]);
    assert!(installed.status.success(), "{installed:?}");
    let commit = |message: &str| {
        git(&project, &["add", "."]);
        run(&project, "git", &["commit", "-m", message])
    };
    let output = commit("good");
    assert!(output.status.success(), "{output:?}");
    fs::write(project.join("template.yaml"), GOOD.replace(", Timeout: 5", "")).expect("writes");
    let output = commit("bad");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && said.contains("function-timeout-not-configured"), "{said}");
    // What was there before does not stop a commit of something else.
    let output = run(&project, "git", &["commit", "--no-verify", "-qm", "forced"]);
    assert!(output.status.success(), "{output:?}");
    fs::write(project.join("notes.yaml"), "a: 1\n").expect("writes");
    let output = commit("elsewhere");
    assert!(output.status.success(), "{output:?}");
    fs::write(project.join("notes.txt"), "text\n").expect("writes");
    let output = commit("no file of ours");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("Skipped"), "{said}");
}
