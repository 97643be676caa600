//! What a stranger's checkout may try, and that it has no effect.

#![cfg(unix)] // links, pipes and devices
#![allow(clippy::disallowed_methods)] // tests read and run what they test

mod paths;
mod repository;
mod silence;

use serde_json::Value;
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
