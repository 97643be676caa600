//! What a person in a terminal meets beside findings: words completed, colours, counts, names that nothing has.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const COLOURS: [&str; 5] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CARGO_TERM_COLOR"];

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orders-sam")
}

fn run(args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"));
    COLOURS.iter().for_each(|name| {
        command.env_remove(name);
    });
    let command = command.args(args).current_dir(fixture()).env_remove("CARGO");
    command.envs(environment.iter().copied()).output().expect("the program runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What bash is told for the last of some words.
fn completed(words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let args: Vec<&str> = std::iter::once("--").chain(words.iter().copied()).collect();
    let asked = [("FAASLINT_COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", index.as_str()), ("_CLAP_IFS", "\n")];
    text(&run(&args, &asked)).lines().map(str::to_owned).collect()
}

#[test]
fn shells_complete_rules_values_and_what_the_directory_deploys() {
    assert_eq!(completed(&["cargo-faaslint", "explain", "shared-mut"]), ["shared-mutable-state"]);
    assert_eq!(completed(&["cargo-faaslint", "check", "--format", "js"]), ["json", "jsonl"]);
    assert_eq!(completed(&["cargo-faaslint", "--severity", ""]), ["info", "warning", "error"]);
    assert_eq!(completed(&["cargo-faaslint", "graph", "--function", "Check"]), ["CheckoutFunction"]);
    assert_eq!(completed(&["cargo-faaslint", "--stack", "t"]), ["template.yaml"]);
    let several = completed(&["cargo-faaslint", "--select", "heavy-dependency,monol"]);
    assert_eq!(several, ["heavy-dependency,monolithic-function"]);
    let of_cargo = run(&["--", "cargo", "faaslint", "check", "--audi"], &[("FAASLINT_COMPLETE", "fish")]);
    assert_eq!(text(&of_cargo), "--audience\tWho listens\n");
}

#[test]
fn each_shell_gets_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["completions", shell], &[]);
        assert!(output.status.success() && text(&output).contains("FAASLINT_COMPLETE"), "{shell}");
    }
}

#[test]
fn colours_follow_the_environment() {
    let colored = |args: &[&str], environment: &[(&str, &str)]| {
        let words: Vec<&str> = ["check", "--no-cargo", "--select", "shared-mutable-state"].into_iter().collect();
        text(&run(&[&words, args].concat(), environment)).contains('\u{1b}')
    };
    assert!(!colored(&[], &[]), "no terminal");
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    for (name, value) in [("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1"), ("CARGO_TERM_COLOR", "always")] {
        assert!(colored(&[], &[(name, value)]), "{name}");
        assert!(!colored(&[], &[(name, value), ("NO_COLOR", "1")]), "{name} beside NO_COLOR");
        assert!(!colored(&["--color", "never"], &[(name, value)]), "{name} beside --color never");
    }
    assert!(!colored(&[], &[("FORCE_COLOR", "0"), ("CARGO_TERM_COLOR", "never")]));
    let explained = text(&run(&["explain", "shared-mutable-state", "--color", "always"], &[]));
    assert!(explained.contains("\u{1b}[1mshared-mutable-state"), "{explained}");
}

#[test]
fn statistics_count_rules_and_show_no_finding() {
    let plain = text(&run(&["check", "--no-cargo", "--statistics"], &[]));
    assert!(plain.contains("error    undefined-env-var") && !plain.contains("main.rs"), "{plain}");
    let output = run(&["check", "--no-cargo", "--statistics", "--format", "json"], &[]);
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let all = text(&run(&["check", "--no-cargo", "--format", "jsonl"], &[]));
    let total: u64 = rows.as_array().expect("rows").iter().filter_map(|row| row["count"].as_u64()).sum();
    assert_eq!(total as usize, all.lines().count());
    assert_eq!(run(&["check", "--statistics", "--format", "sarif"], &[]).status.code(), Some(2));
}

#[test]
fn the_model_is_there_for_programs() {
    let output = run(&["model", "--no-cargo", "--format", "json", "--function", "FulfilmentFunction"], &[]);
    let model: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let units = model["units"].as_array().expect("units");
    assert_eq!((units.len(), &model["version"]), (1, &1.into()));
    let function = &units[0]["function"];
    assert_eq!(function["settings"]["timeout_s"]["values"], serde_json::json!(["30"]));
    assert!(function["settings"]["timeout_s"]["at"]["line"].is_u64(), "{function}");
    assert_eq!(function["triggers"][0]["kind"], "SQS queue");
    assert_eq!(units[0]["binary"]["source"]["handlers"][0]["name"], "handler");
    let whole = run(&["model", "--no-cargo", "--format", "json"], &[]);
    let whole: serde_json::Value = serde_json::from_slice(&whole.stdout).expect("JSON");
    let count = |key: &str| whole[key].as_array().map_or(0, Vec::len);
    assert!(count("units") > 7 && count("queues") > 0 && count("state_machines") == 1);
}

#[test]
fn the_output_file_says_the_format() {
    let dir = tempfile::tempdir().expect("a folder");
    let begins = |name: &str, args: &[&str], start: &str| {
        let path = dir.path().join(name);
        run(&[args, &["--no-cargo", "-o", path.to_str().expect("UTF-8")]].concat(), &[]);
        let found = fs::read_to_string(&path).expect("written");
        assert!(found.starts_with(start), "{name}: {}", found.chars().take(80).collect::<String>());
    };
    begins("a.svg", &["graph"], "<svg");
    begins("a.dot", &["graph"], "digraph");
    begins("a.html", &["check"], "<!doctype html>");
    begins("a.sarif", &["check"], "{");
    begins("a.json", &["check", "--format", "concise"], "Makefile:2:1");
    assert!(text(&run(&["graph", "--no-cargo", "-o", "-"], &[])).starts_with("flowchart"));
    assert!(!fixture().join("-").exists());
}

#[test]
fn names_that_nothing_has_fail_before_anything_is_printed() {
    for args in [
        &["check", "--stack", "nope"][..],
        &["check", "--stage", "nope"],
        &["graph", "--function", "nope"],
        &["model", "--function", "nope"],
        &["model", "--stack", "nope"],
        &["graph", "--stage", "nope"],
    ] {
        let output = run(&[args, &["--no-cargo"]].concat(), &[]);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(complaint(&output).contains("nope") && output.stdout.is_empty(), "{args:?}: {}", complaint(&output));
    }
}

#[test]
fn an_id_is_found_as_reports_write_it_and_no_word_is_guessed_from_afar() {
    assert!(text(&run(&["explain", "error[undefined-env-var]"], &[])).starts_with("undefined-env-var\n"));
    assert!(text(&run(&["explain", "UNDEFINED-ENV-VAR"], &[])).starts_with("undefined-env-var\n"));
    assert!(complaint(&run(&["--select", "heavy-dependencies"], &[])).contains("did you mean `heavy-dependency`?"));
    let far = complaint(&run(&["--select", "nonsense"], &[]));
    assert!(far.starts_with("error: there is no rule `nonsense`") && !far.contains("did you mean"), "{far}");
}
