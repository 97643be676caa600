//! What a stranger's checkout may try, and that it has no effect: docs/threats.md has a line for each.

#![cfg(unix)] // links, pipes and devices
#![allow(clippy::disallowed_methods)] // tests read and run what they test

mod children;
mod generated;
mod paths;
mod repository;
mod silence;
mod text;
mod writes;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A template with one function that has a finding.
const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Function\n\
                        \x20   Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: .}\n";
/// The finding.
const RULE: &str = "function-timeout-not-configured";

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

fn link(dir: &Path, path: &str, to: impl AsRef<Path>) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("parent")).expect("creates");
    std::os::unix::fs::symlink(to, path).expect("links");
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
}

fn run(dir: &Path, args: &[&str]) -> Output {
    program().args(args).current_dir(dir).output().expect("the program runs")
}

/// Everything that was said.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn report(dir: &Path, args: &[&str]) -> Value {
    let output = run(dir, &[&["--format", "json", "--no-cargo"], args].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn each_threat_has_its_test_and_each_test_its_threat() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/threats.md")).expect("reads");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| What it may try"));
    let cells = rows.filter_map(|line| line.trim_end_matches(" |").rsplit(" | ").next());
    let named: BTreeSet<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let mut tests = BTreeSet::new();
    for file in fs::read_dir(root.join("tests/hostile")).expect("lists").flatten() {
        let text = fs::read_to_string(file.path()).expect("reads");
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line == "#[test]" {
                let name =
                    lines.next().and_then(|line| line.strip_prefix("fn ")?.split_once('(')).map(|(name, _)| name);
                tests.insert(name.expect("a test has a name").to_owned());
            }
        }
    }
    tests.remove("each_threat_has_its_test_and_each_test_its_threat");
    assert_eq!(named, tests.iter().map(String::as_str).collect());
}
