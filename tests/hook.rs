//! The hooks of `.pre-commit-hooks.yaml` with the real pre-commit. CI installs it and runs this with `-- --ignored`.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::fs;
use std::path::{Path, PathBuf};
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

/// A project that has the hook installed, with a template that is good.
fn installed(dir: &Path) -> PathBuf {
    let (offered, project) = (dir.join("hooks"), dir.join("project"));
    hooks(&offered);
    fs::create_dir_all(&project).expect("creates");
    git(&project, &["init", "-q", "-b", "main"]);
    let config = format!("repos:\n  - repo: {}\n    rev: v1\n    hooks: [{{id: faaslint}}]\n", offered.display());
    fs::write(project.join(".pre-commit-config.yaml"), config).expect("writes");
    fs::write(project.join("template.yaml"), GOOD).expect("writes");
    let installed = run(&project, "pre-commit", &["install", "-t", "pre-commit", "-t", "pre-merge-commit"]);
    assert!(installed.status.success(), "{installed:?}");
    project
}

fn commit(project: &Path, message: &str) -> Output {
    git(project, &["add", "-A"]);
    run(project, "git", &["commit", "-m", message])
}

fn bad() -> String {
    GOOD.replace(", Timeout: 5", "")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn passes(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

fn stops(output: &Output) {
    let said = said(output);
    assert!(!output.status.success() && said.contains("function-timeout-not-configured"), "{said}");
}

#[test]
#[ignore = "needs pre-commit"]
fn a_bad_commit_is_stopped_and_a_good_one_is_not() {
    let dir = TempDir::new().expect("temporary directory");
    let project = installed(dir.path());
    passes(&commit(&project, "good"));
    fs::write(project.join("template.yaml"), bad()).expect("writes");
    stops(&commit(&project, "bad"));
    // Also when git takes what is changed by itself, and its index is another one.
    git(&project, &["reset", "-q"]);
    stops(&run(&project, "git", &["commit", "-am", "bad"]));
    // What was there before does not stop a commit of something else.
    git(&project, &["commit", "--no-verify", "-qam", "forced"]);
    fs::write(project.join("notes.yaml"), "a: 1\n").expect("writes");
    passes(&commit(&project, "elsewhere"));
    fs::write(project.join("notes.yaml"), "a: 2\n").expect("writes");
    passes(&run(&project, "git", &["commit", "-am", "elsewhere"]));
    fs::write(project.join("notes.txt"), "text\n").expect("writes");
    let output = commit(&project, "no file of ours");
    assert!(output.status.success() && said(&output).contains("Skipped"), "{}", said(&output));
}

#[test]
#[ignore = "needs pre-commit"]
fn all_files_are_judged_whole() {
    let dir = TempDir::new().expect("temporary directory");
    let project = installed(dir.path());
    let all = || run(&project, "pre-commit", &["run", "--all-files"]);
    passes(&commit(&project, "good"));
    passes(&all());
    fs::write(project.join("template.yaml"), bad()).expect("writes");
    git(&project, &["commit", "--no-verify", "-qam", "forced"]);
    stops(&all());
    // Whatever else is being worked on.
    fs::write(project.join("notes.yaml"), "a: 1\n").expect("writes");
    git(&project, &["add", "-A"]);
    stops(&all());
}

#[test]
#[ignore = "needs pre-commit"]
fn a_range_is_compared_with_where_it_begins() {
    let dir = TempDir::new().expect("temporary directory");
    let project = installed(dir.path());
    let range = |from: &str| run(&project, "pre-commit", &["run", "--from-ref", from, "--to-ref", "HEAD"]);
    passes(&commit(&project, "good"));
    fs::write(project.join("template.yaml"), bad()).expect("writes");
    git(&project, &["commit", "--no-verify", "-qam", "forced"]);
    stops(&range("HEAD~1"));
    fs::write(project.join("notes.yaml"), "a: 1\n").expect("writes");
    passes(&commit(&project, "elsewhere"));
    passes(&range("HEAD~1"));
    stops(&range("HEAD~2"));
}

#[test]
#[ignore = "needs pre-commit"]
fn a_merge_is_judged_by_what_it_brings() {
    let dir = TempDir::new().expect("temporary directory");
    let project = installed(dir.path());
    fs::write(project.join("notes.yaml"), "a: 1\n").expect("writes");
    passes(&commit(&project, "good"));
    let branch = |name: &str, template: &str, notes: &str| {
        git(&project, &["checkout", "-q", "-B", name, "main"]);
        fs::write(project.join("template.yaml"), template).expect("writes");
        fs::write(project.join("notes.yaml"), notes).expect("writes");
        git(&project, &["commit", "--no-verify", "-qam", name]);
        git(&project, &["checkout", "-q", "main"]);
    };
    branch("good", &GOOD.replace("Timeout: 5", "Timeout: 6"), "a: 1\n");
    branch("bad", &bad(), "a: 1\n");
    branch("conflict", GOOD, "a: 2\n");
    branch("conflict-bad", &bad(), "a: 4\n");
    let merge = |name: &str| run(&project, "git", &["merge", "--no-ff", "-m", "merge", name]);
    stops(&merge("bad"));
    git(&project, &["reset", "-q", "--hard", "main"]);
    passes(&merge("good"));
    // With a conflict, the hook of the commit is what runs.
    fs::write(project.join("notes.yaml"), "a: 3\n").expect("writes");
    passes(&commit(&project, "ours"));
    for (name, expected) in [("conflict", passes as fn(&Output)), ("conflict-bad", stops)] {
        assert!(!merge(name).status.success(), "{name} conflicts");
        fs::write(project.join("notes.yaml"), "a: 5\n").expect("writes");
        expected(&commit(&project, "merged"));
    }
}
