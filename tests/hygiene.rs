//! Conventions as tests: files are small, rules and checks belong together, facts have sources.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::checks::BUILTINS;
use faaslint::{knowledge, rule};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, extension: &str, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, extension, into);
        } else if path.extension().is_some_and(|found| found == extension) {
            into.push(path);
        }
    }
}

#[test]
fn files_have_a_header_and_stay_small() {
    let mut sources = Vec::new();
    files(&root().join("src"), "rs", &mut sources);
    for path in sources {
        let text = std::fs::read_to_string(&path).expect("readable");
        let lines = text.lines().count();
        let check = path.parent().is_some_and(|dir| dir.ends_with("checks"));
        let builtin = path.file_stem().is_some_and(|stem| BUILTINS.contains(&stem.to_string_lossy().as_ref()));
        let limit = if check && builtin { 200 } else { 500 };
        assert!(lines <= limit, "{} has {lines} lines; the limit is {limit}", path.display());
        assert!(text.starts_with("//! "), "{} begins with what it owns", path.display());
    }
}

#[test]
fn every_rule_file_is_in_the_catalog_and_the_other_way_round() {
    let mut paths: Vec<String> = std::fs::read_dir(root().join("rules"))
        .expect("readable")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "yaml"))
        .map(|entry| entry.path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    paths.sort();
    let ids: Vec<String> = rule::embedded().into_iter().map(|rule| rule.id).collect();
    assert_eq!(paths, ids);
}

#[test]
fn every_built_in_check_has_exactly_one_rule() {
    let mut used: Vec<String> = rule::embedded().into_iter().filter_map(|rule| rule.builtin).collect();
    used.sort();
    assert_eq!(used, BUILTINS);
}

#[test]
fn facts_about_platforms_have_source_and_date() {
    for heavy in knowledge::heavy_crates() {
        assert!(!heavy.source.is_empty() && heavy.date.len() == 10, "{}", heavy.name);
    }
    assert!(knowledge::platforms().aws_lambda.timeout_s.max > 0);
    assert!(knowledge::sam_policies().len() > 50 && !knowledge::sam_connectors().is_empty());
    for name in [
        "platforms/aws-lambda",
        "platforms/azure-functions",
        "platforms/cloudflare-workers",
        "platforms/spin",
        "sam-policy-templates",
        "sam-connectors",
        "crates",
        "dialects/terraform",
        "dialects/serverless-framework",
        "dialects/cargo-lambda",
        "dialects/cloudformation",
        "dialects/sam",
        "dialects/cdk",
    ] {
        let text = std::fs::read_to_string(root().join(format!("rules/data/{name}.yaml"))).expect("readable");
        assert!(text.contains("source") && text.contains("2026-"), "{name} says where and when it was read");
    }
}
