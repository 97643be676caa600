//! Every folder of `fixtures/` against its `expected.json`: rule, severity, file, line and function of each
//! finding, and the places of gaps. No wording, so that wording can change. `BLESS=1` writes the files anew.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The JSON report of a fixture, without cargo: what a fresh machine without downloaded crates sees.
fn report(name: &str) -> (Value, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(["check", "--format", "json", "--no-cargo", "--audience", "auditor"])
        .arg(fixtures().join(name))
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    (serde_json::from_str(&text).expect("JSON"), output.status.code())
}

fn summary(report: &Value) -> Value {
    let place = |label: &Value| format!("{}:{}", label["path"].as_str().unwrap_or(""), label["line"]);
    let list = |key: &str| report[key].as_array().cloned().unwrap_or_default();
    let findings: Vec<Value> = list("findings")
        .iter()
        .map(|finding| {
            let related: Vec<String> = finding["related"].as_array().into_iter().flatten().map(place).collect();
            json!({
                "rule": finding["rule"], "severity": finding["severity"], "at": place(&finding["primary"]),
                "function": finding["function"], "related": related,
            })
        })
        .collect();
    let gaps: Vec<String> = list("gaps").iter().map(place).collect();
    let units: Vec<Value> = list("units")
        .iter()
        .map(|unit| json!({"function": unit["function"], "binary": unit["binary"], "evidence": unit["evidence"]}))
        .collect();
    json!({"findings": findings, "gaps": gaps, "units": units})
}

fn check(name: &str) -> (Value, Option<i32>) {
    let (report, code) = report(name);
    let found = summary(&report);
    let path = fixtures().join(name).join("expected.json");
    if std::env::var_os("BLESS").is_some() {
        let text = serde_json::to_string_pretty(&found).expect("serialises");
        std::fs::write(&path, format!("{text}\n")).expect("writes");
    }
    let wanted: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("expected.json")).expect("JSON");
    assert_eq!(
        serde_json::to_string_pretty(&found).expect("serialises"),
        serde_json::to_string_pretty(&wanted).expect("serialises"),
        "{name} differs from its expected.json"
    );
    (report, code)
}

#[test]
fn the_applications_show_every_anti_pattern() {
    let mut rules: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
    for name in ["orders-sam", "media-sam", "covers-sam", "shop-terraform"] {
        let (report, code) = check(name);
        assert_eq!(code, Some(1), "{name}");
        let found = report["findings"].as_array().into_iter().flatten();
        rules.extend(found.filter_map(|finding| Some(finding["rule"].as_str()?.to_owned())));
    }
    let all: Vec<String> = faaslint::rule::embedded().into_iter().map(|rule| rule.id).collect();
    let missing: Vec<&String> = all.iter().filter(|id| !rules.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "the fixture shows no {missing:?}");
}

#[test]
fn the_clean_application_is_silent() {
    let (report, code) = check("clean");
    assert_eq!(code, Some(0));
    assert_eq!(report["findings"], json!([]));
    assert_eq!(report["gaps"], json!([]));
}

#[test]
fn broken_inputs_are_gaps_and_the_rest_is_analysed() {
    let (report, code) = check("broken-inputs");
    assert_eq!(code, Some(1), "the readable part still has findings");
    for gap in report["gaps"].as_array().into_iter().flatten() {
        assert!(gap["line"].as_u64().is_some_and(|line| line >= 1), "{gap}");
        assert!(gap["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{gap}");
    }
}
