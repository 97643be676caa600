//! Conventions as tests: files are small, rules and checks belong together, facts have sources.

#![allow(clippy::disallowed_methods, clippy::print_stdout)] // tests read what they test, and say what they measured

use faaslint::checks::{self, BUILTINS};
use faaslint::engine::examples::{Case, cases};
use faaslint::{knowledge, rule};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// `cargo fmt` follows `mod` lines, and the build writes those of checks.
#[test]
fn checks_are_formatted() {
    let mut sources = Vec::new();
    files(&root().join("src/checks"), "rs", &mut sources);
    let mut rustfmt = Command::new("rustfmt");
    let output = match rustfmt.args(["--edition", "2024", "--check"]).args(&sources).current_dir(root()).output() {
        Ok(output) => output,
        // A toolchain without rustfmt formats nothing; CI has it.
        Err(error) => return println!("rustfmt cannot be run: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "rustfmt --edition 2024 src/checks/*.rs\n{said}");
}

#[test]
fn every_rule_file_is_found_by_the_build_and_nothing_else() {
    let mut paths: Vec<String> = std::fs::read_dir(root().join("rules"))
        .expect("readable")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "yaml"))
        .map(|entry| entry.path().file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|stem| stem != "TEMPLATE")
        .collect();
    paths.sort();
    let ids: Vec<String> = rule::embedded().into_iter().map(|rule| rule.id).collect();
    assert_eq!(paths, ids);
}

#[test]
fn every_rule_has_examples_texts_and_known_names() {
    for rule in rule::embedded() {
        assert!(!rule.examples.bad.is_empty() && !rule.examples.good.is_empty(), "{}: examples of both kinds", rule.id);
        let names: BTreeSet<String> = cases(&rule).iter().map(Case::name).collect();
        assert_eq!(names.len(), cases(&rule).len(), "{}: names of examples are unique", rule.id);
        assert!(rule.links.iter().any(|link| link.url().is_some()), "{}: a source that can be opened", rule.id);
        for text in [&rule.what, &rule.why, &rule.fix] {
            assert!(text.trim().len() > 40 && text.trim().ends_with(['.', '`', ')']), "{}: {text}", rule.id);
        }
        let capital = rule.title.starts_with(|c: char| c.is_uppercase()) && !rule.title.starts_with("HTTP");
        assert!(!rule.title.ends_with('.') && !capital, "{}", rule.title);
        let text = std::fs::read_to_string(root().join(format!("rules/{}.yaml", rule.id))).expect("readable");
        if let Err(errors) = checks::read(&rule.id, &text) {
            panic!("rules/{}.yaml: {errors:?}", rule.id);
        }
    }
}

#[test]
fn every_built_in_check_has_exactly_one_rule() {
    let mut used: Vec<String> = rule::embedded().into_iter().filter_map(|rule| rule.builtin).collect();
    used.sort();
    assert_eq!(used, BUILTINS);
}

#[test]
fn every_file_of_facts_says_where_and_when_it_was_read() {
    let mut paths = Vec::new();
    files(&root().join("rules/data"), "yaml", &mut paths);
    assert!(paths.len() > 10, "{paths:?}");
    let wrong: Vec<String> = paths.iter().filter_map(|path| undated(path)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for heavy in knowledge::heavy_crates() {
        assert!(!heavy.source.is_empty() && is_date(&heavy.date), "{}", heavy.name);
    }
    assert!(knowledge::platforms().aws_lambda.timeout_s.max > 0);
    assert!(knowledge::sam_policies().len() > 50 && !knowledge::sam_connectors().is_empty());
}

/// What is missing in a file of facts: a source and a day for all of it, or for each of its rows.
fn undated(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).expect("readable");
    let name = path.strip_prefix(root()).unwrap_or(path).display();
    // A comment of the header, where the file is rows and nothing else.
    let in_header = |key: &str| {
        let header = text.lines().take_while(|line| line.starts_with('#'));
        header.filter_map(|line| line.strip_prefix("# ")?.strip_prefix(key)).map(str::to_owned).next()
    };
    let (source, date) = (in_header("source: "), in_header("date: "));
    if date.as_deref().is_some_and(|date| !is_date(date)) {
        return Some(format!("{name}: the date of the header is no day"));
    }
    let value: Value = serde_yaml::from_str(&text).expect("YAML");
    let (source, date) = (source.is_some() || has_source(&value), date.is_some() || has_date(&value));
    let rows: Vec<(String, &Value)> = match &value {
        Value::Sequence(rows) => rows.iter().enumerate().map(|(at, row)| (format!("row {}", at + 1), row)).collect(),
        Value::Mapping(rows) => rows.iter().map(|(key, row)| (key.as_str().unwrap_or("?").to_owned(), row)).collect(),
        _ => Vec::new(),
    };
    let rows = match value.get("rows") {
        Some(Value::Mapping(inner)) => {
            inner.iter().map(|(key, row)| (key.as_str().unwrap_or("?").to_owned(), row)).collect()
        }
        _ => rows,
    };
    let bad = rows.iter().find(|(_, row)| !(source || has_source(row)) || !(date || has_date(row)));
    match bad {
        Some((row, _)) if !(source && date) => Some(format!("{name}: {row}: no source, or no day it was read")),
        _ => None,
    }
}

fn has_source(value: &Value) -> bool {
    let said = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let listed = |value: &Value| value.as_sequence().is_some_and(|all| !all.is_empty() && all.iter().all(said));
    value.get("source").is_some_and(said) || value.get("sources").is_some_and(listed)
}

/// A `date`, or sources that each end in the day they were read.
fn has_date(value: &Value) -> bool {
    let ends = |source: &Value| source.as_str().is_some_and(|text| is_date(&text[text.len().saturating_sub(10)..]));
    let listed = |value: &Value| value.as_sequence().is_some_and(|all| !all.is_empty() && all.iter().all(ends));
    value.get("date").and_then(Value::as_str).is_some_and(is_date) || value.get("sources").is_some_and(listed)
}

/// Whether a text is a day as ISO 8601 writes it.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let within = |at: usize, most: u32| parts[at].parse::<u32>().is_ok_and(|number| (1..=most).contains(&number));
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    digits && lengths == [4, 2, 2] && within(1, 12) && within(2, 31)
}

#[test]
fn facts_without_a_day_are_caught() {
    assert!(is_date("2026-11-25") && !is_date("2026-13-01") && !is_date("2026-1-01") && !is_date("soon"));
    let dir = tempfile::TempDir::new().expect("a folder");
    let path = dir.path().join("planted.yaml");
    let said = |text: &str| {
        std::fs::write(&path, text).expect("writes");
        undated(&path)
    };
    assert!(said("source: a page\ndate: 2026-11-25\nrows: {a: {b: 1}}\n").is_none());
    assert!(said("sources: ['a page, read 2026-11-25']\nrows: {a: {b: 1}}\n").is_none());
    assert!(said("- {name: a, source: b, date: 2026-11-25}\n").is_none());
    assert!(said("# source: a page\n# date: 2026-11-25\na: 1\n").is_none());
    assert!(said("sources: [a page]\nrows: {a: {b: 1}}\n").is_some(), "no day");
    assert!(said("- {name: a, source: b, date: 2026-11-25}\n- {name: c}\n").is_some(), "one row without");
    assert!(said("# source: a page\n# date: yesterday\na: 1\n").is_some());
    assert!(said("date: 2026-11-25\nrows: {a: {b: 1}}\n").is_some(), "no source");
}

#[test]
fn no_line_is_wider_than_120_columns() {
    let mut paths = vec![root().join("build.rs"), root().join("rules/TEMPLATE.rs")];
    ["src", "tests", "benches"].iter().for_each(|dir| files(&root().join(dir), "rs", &mut paths));
    let mut wide = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).expect("readable");
        let lines = text.lines().enumerate().filter(|(_, line)| line.chars().count() > 120);
        wide.extend(lines.map(|(at, _)| format!("{}:{}", path.display(), at + 1)));
    }
    assert!(paths.len() > 200 && wide.is_empty(), "rustfmt leaves these and what is around them alone: {wide:#?}");
}

/// The names of a table of dependencies.
fn dependencies(table: &str) -> Vec<String> {
    let manifest: toml::Table =
        std::fs::read_to_string(root().join("Cargo.toml")).expect("readable").parse().expect("TOML");
    manifest[table].as_table().expect("a table").keys().map(|name| name.replace('-', "_")).collect()
}

/// Whether a crate is the root of a path in a source file: `name::…` or `use name`, outside comments.
fn uses(text: &str, name: &str) -> bool {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    let mut rest = code.as_str();
    let mut before = ' ';
    while let Some(at) = rest.find(name) {
        before = rest[..at].chars().next_back().unwrap_or(before);
        let after = &rest[at + name.len()..];
        let path = after.starts_with("::") || (rest[..at].ends_with("use ") && after.starts_with([';', ' ']));
        if path && !(before.is_alphanumeric() || before == '_' || rest[..at].ends_with("::")) {
            return true;
        }
        before = name.chars().next_back().unwrap_or(before);
        rest = after;
    }
    false
}

#[test]
fn every_dependency_is_used() {
    for (table, dirs) in [("dependencies", &["src"][..]), ("dev-dependencies", &["tests", "benches", "src"])] {
        let mut paths = vec![root().join("build.rs")];
        dirs.iter().for_each(|dir| files(&root().join(dir), "rs", &mut paths));
        let texts: Vec<String> = paths.iter().map(|path| std::fs::read_to_string(path).expect("readable")).collect();
        let names = dependencies(table);
        let unused: Vec<&String> = names.iter().filter(|name| !texts.iter().any(|text| uses(text, name))).collect();
        assert!(!names.is_empty() && unused.is_empty(), "[{table}]: nothing uses {unused:?}");
    }
    assert!(uses("use quote::ToTokens;", "quote") && uses("fn f() { quote::quote!(a) }", "quote"));
    assert!(!uses("let quote = 1; // quote::ToTokens", "quote") && !uses("unquote::x(); a::quote::y()", "quote"));
}

#[test]
fn rooms_and_files_stay_small() {
    let src = root().join("src");
    let mut paths = Vec::new();
    files(&src, "rs", &mut paths);
    let mut sizes = Vec::new();
    let mut rooms: BTreeMap<String, usize> = BTreeMap::new();
    for path in &paths {
        let lines = std::fs::read_to_string(path).expect("readable").lines().count();
        let room = path.strip_prefix(&src).expect("in src").iter().next().expect("a name").to_string_lossy();
        *rooms.entry(room.into_owned()).or_default() += lines;
        sizes.push(lines);
    }
    sizes.sort_unstable();
    let (median, total) = (sizes[sizes.len() / 2], sizes.iter().sum::<usize>());
    let (largest, lines) = rooms.iter().max_by_key(|(_, lines)| **lines).expect("rooms");
    let percent = lines * 100 / total;
    println!("{} files, {total} lines, median {median}; largest room `{largest}`: {percent} %", sizes.len());
    assert!(median < 160, "the median file has {median} lines");
    assert!(percent < 30, "`{largest}` holds {percent} % of the code");
}
