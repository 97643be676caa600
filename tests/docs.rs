//! Made documents are current, and the book's links lead somewhere. `BLESS=1 cargo test --test docs` writes them anew.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::cli::{peers, rules};
use faaslint::{config, rule};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn check(path: &str, wanted: &str) {
    let path = root().join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, wanted).expect("writes");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is not current; BLESS=1 cargo test --test docs", path.display());
}

/// Replaces what stands between two marks of a file.
fn check_part(path: &str, (start, end): (&str, &str), wanted: &str) {
    let text = std::fs::read_to_string(root().join(path)).expect("reads");
    let (head, rest) = text.split_once(start).expect("the start of the part");
    let (_, tail) = rest.split_once(end).expect("the end of the part");
    check(path, &format!("{head}{start}{wanted}{end}{tail}"));
}

#[test]
fn the_pages_of_rules_are_current() {
    let specs = rule::embedded();
    check("docs/rules/README.md", &rules::index(&specs));
    for rule in &specs {
        check(&format!("docs/rules/{}.md", rule.id), &rules::page(rule));
    }
    let known: BTreeSet<String> = specs.iter().map(|rule| format!("{}.md", rule.id)).collect();
    for entry in std::fs::read_dir(root().join("docs/rules")).expect("reads").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(name == "README.md" || known.contains(&name), "docs/rules/{name} belongs to no rule");
    }
}

#[test]
fn the_comparison_with_other_tools_is_current() {
    check("docs/peers.md", &peers::page(&rule::embedded()));
}

#[test]
fn the_list_of_fixes_names_the_rules_that_have_one() {
    let text = std::fs::read_to_string(root().join("docs/fixes.md")).expect("reads");
    for rule in rule::embedded() {
        let row = text.lines().find(|line| line.starts_with(&format!("| [`{}`]", rule.id)));
        let said = row.map(|row| if row.contains("(unsafe)") { rule::Edits::Unsafe } else { rule::Edits::Safe });
        assert_eq!(rule.edits, said, "{}", rule.id);
    }
}

#[test]
fn lists_of_rules_are_current() {
    let specs = rule::embedded();
    check_part("docs/SUMMARY.md", ("- [Rules](rules/README.md)\n", "- [Architecture]"), &rules::summary(&specs));
}

#[test]
fn the_vocabulary_of_rule_files_is_current() {
    check_part("docs/rule-files.md", ("<!-- facts -->\n", "<!-- /facts -->\n"), &rules::vocabulary());
}

/// What the program prints in a fixture.
fn printed(fixture: &str, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"))
        .args(args)
        .arg("--no-cargo")
        .current_dir(root().join("fixtures").join(fixture))
        .output()
        .expect("the program runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn what_the_readme_shows_is_what_the_program_prints() {
    let graph = printed("orders-sam", &["graph", "--findings", "--format", "svg"]);
    check("docs/orders.svg", &graph);
    let finding = printed("orders-sam", &["check", "--quiet", "--select", "partial-batch-response-not-enabled"]);
    check_part("README.md", ("$ cargo-faaslint\n", "\n```\n"), finding.trim_end());
}

#[test]
fn the_schema_of_the_report_is_current() {
    let text = serde_json::to_string_pretty(&faaslint::report::schema()).expect("JSON");
    check("docs/report.schema.json", &format!("{text}\n"));
}

#[test]
fn the_schema_of_the_config_is_current() {
    let text = serde_json::to_string_pretty(&config::schema()).expect("JSON");
    check("docs/faaslint.schema.json", &format!("{text}\n"));
    let validator = jsonschema::validator_for(&config::schema()).expect("a schema");
    let valid = |text: &str| {
        let value: serde_json::Value = serde_yaml::from_str(text).expect("YAML");
        assert_eq!(
            validator.is_valid(&value),
            config::parse(text).is_ok(),
            "the schema and the reader agree on: {text}"
        );
        validator.is_valid(&value)
    };
    assert!(valid(
        "ignore: [heavy-dependency, my-own-rule]\noverrides: {heavy-dependency: {severity: info, params: {max_crates: \
         9}}}"
    ));
    assert!(valid("allow: [{rules: [heavy-dependency], reason: agreed, functions: ['A*']}]\nbaseline: b.json"));
    assert!(!valid("ignored: [heavy-dependency]"));
    assert!(valid("peers: [cfn-lint-serverless, checkov]"));
    assert!(!validator.is_valid(&serde_json::json!({"peers": ["chekov"]})));
    assert!(!valid("allow: [{rules: [heavy-dependency]}]"));
    assert!(!validator.is_valid(&serde_json::json!({"overrides": {"heavy-dependency": {"params": {"max_crate": 9}}}})));
}

#[test]
fn links_lead_somewhere() {
    let mut pages =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root().join(name)).to_vec();
    for dir in ["docs", "docs/rules"] {
        let entries = std::fs::read_dir(root().join(dir)).expect("reads").flatten().map(|entry| entry.path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("reads");
        let mut in_code = false;
        for line in text.lines() {
            in_code ^= line.starts_with("```");
            for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|_| !in_code) {
                let file = link.split('#').next().unwrap_or("");
                let outside = link.contains("://") || file.is_empty();
                let target = page.parent().unwrap_or(Path::new("")).join(file);
                assert!(outside || target.exists(), "{}: {link}", page.display());
            }
        }
    }
}
