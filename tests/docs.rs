//! Made documents are current. `BLESS=1 cargo test --test docs` writes them anew.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::cli::rules;
use faaslint::spec;
use std::path::Path;

fn check(path: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, wanted).expect("writes");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is not current; BLESS=1 cargo test --test docs", path.display());
}

#[test]
fn the_page_of_rules_is_current() {
    check("docs/rules.md", &rules::pages(&spec::embedded()));
}

#[test]
fn the_rule_table_of_the_readme_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(path).expect("README.md");
    let (start, end) = ("<!-- rules -->\n", "<!-- /rules -->\n");
    let (head, rest) = text.split_once(start).expect("the start of the table");
    let (_, tail) = rest.split_once(end).expect("the end of the table");
    let table = rules::table(&spec::embedded());
    check("README.md", &format!("{head}{start}{table}{end}{tail}"));
}
