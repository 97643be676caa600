//! Rendered text of every format, kept: a change of layout or wording shows in the diff of `tests/snapshots`.
//! `BLESS=1 cargo test --test snapshots` writes the files anew. 80 columns, no colours, no cargo, no versions.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::config::Selected;
use faaslint::engine::{self, Options};
use faaslint::finding::Audience;
use faaslint::report::{self, FORMATS, GRAPH_FORMATS, Input};
use faaslint::rule::{self, Params, RuleSpec};
use faaslint::source::STACK_BYTES;
use faaslint::tree::Disk;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fixtures that are shown in every format, with the rules that are asked for: findings with related places, fixes,
/// trails and another severity, several functions, and files that could not be read.
const SHOWN: &[(&str, &[&str])] = &[
    (
        "orders-sam",
        &["partial-batch-response-not-enabled", "remote-call-without-timeout", "undefined-env-var", "heavy-dependency"],
    ),
    ("broken-inputs", &["function-timeout-not-configured"]),
    ("clean", &["function-timeout-not-configured"]),
];

/// Fixtures whose every finding is shown as people read it.
const READ: &[&str] = &["orders-sam", "media-sam", "dialects"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What differs from machine to machine and release to release, by a name.
fn normal(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let text = text.replace(&format!("\"version\": \"{version}\""), "\"version\": \"VERSION\"");
    let text = text.replace(&format!("faaslint {version}"), "faaslint VERSION");
    let root = root();
    let text = text.replace(&root.display().to_string(), "ROOT");
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Compares with the file of a name.
fn check(name: &str, text: &str, known: &mut BTreeSet<String>) {
    assert!(known.insert(name.to_owned()), "{name} twice");
    let text = normal(text);
    assert!(!text.contains('\u{1b}'), "{name} has colours");
    let path = root().join("tests/snapshots").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes the folder");
        std::fs::write(&path, &text).expect("writes");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept != text {
        let differs = kept.lines().zip(text.lines()).position(|(kept, found)| kept != found);
        let at = differs.unwrap_or(kept.lines().count().min(text.lines().count()));
        let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").chars().take(400).collect::<String>();
        let bless = "BLESS=1 cargo test --test snapshots, if it is meant";
        panic!("{name} line {}:\n  kept:  {}\n  found: {}\n{bless}", at + 1, line(&kept), line(&text));
    }
}

fn rules(only: Option<&[&str]>) -> Vec<RuleSpec> {
    let all = rule::embedded();
    if let Some(missing) = only.into_iter().flatten().find(|id| !all.iter().any(|rule| rule.id == **id)) {
        panic!("there is no rule `{missing}`");
    }
    all.into_iter().filter(|rule| only.is_none_or(|only| only.contains(&rule.id.as_str()))).collect()
}

/// The report of a fixture at 80 columns, as the command line makes it.
fn rendered(fixture: &str, format: &str, only: Option<&[&str]>) -> String {
    let tree = Disk::open(&root().join("fixtures").join(fixture)).expect("a fixture");
    let specs = rules(only);
    let selected = specs.iter().map(|spec| Selected { spec: spec.clone(), params: Params::defaults(&spec.params) });
    let options = Options { audience: Audience::Regular, ..Options::new(selected.collect()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads");
    let outcome = pool.install(|| engine::run(&tree, None, &options, &|_| {}));
    let counts = outcome.silenced.counts();
    let specs: Vec<&RuleSpec> = specs.iter().collect();
    let input = Input {
        project: &outcome.project,
        rules: &specs,
        findings: &outcome.findings,
        silenced: &counts,
        unread: &[],
        prefix: "",
        color: false,
        hyperlinks: false,
        width: Some(80),
        verbose: false,
        quiet: false,
        statistics: false,
        inside: "",
        title: ["project", "revision abc1234, 2026-11-25"],
    };
    let mut text = Vec::new();
    report::format(format).expect("a format").write(&input, &mut text).expect("writes");
    String::from_utf8(text).expect("UTF-8")
}

/// What the program prints in a fixture.
fn printed(fixture: &str, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-faaslint"));
    let command = command.args(args).arg("--no-cargo").current_dir(root().join("fixtures").join(fixture));
    let output = command.env_remove("CARGO").env_remove("NO_COLOR").output().expect("the program runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The ending of a file in a format.
fn ending(format: &str) -> &str {
    match format {
        "json" | "sarif" | "gitlab" | "rdjson" => "json",
        "junit" => "xml",
        "markdown" => "md",
        "html" | "svg" | "dot" => format,
        _ => "txt",
    }
}

#[test]
fn rendered_text_is_what_it_was() {
    let mut known = BTreeSet::new();
    for (fixture, only) in SHOWN {
        for (format, _) in FORMATS {
            let name = format!("{fixture}/{format}.{}", ending(format));
            check(&name, &rendered(fixture, format, Some(only)), &mut known);
        }
    }
    for fixture in READ {
        check(&format!("{fixture}/all.txt"), &rendered(fixture, "human", None), &mut known);
    }
    for format in GRAPH_FORMATS {
        let name = format!("orders-sam/graph-{format}.{}", ending(format));
        check(&name, &printed("orders-sam", &["graph", "--format", format]), &mut known);
    }
    check("orders-sam/model.txt", &printed("orders-sam", &["model"]), &mut known);
    for format in ["text", "json"] {
        let name = format!("orders-sam/deps-{format}.{}", ending(format));
        check(&name, &printed("orders-sam", &["deps", "--format", format]), &mut known);
    }
    let kept = kept(&root().join("tests/snapshots"), "");
    assert_eq!(kept, known, "tests/snapshots holds what is rendered, and nothing else");
}

fn kept(dir: &Path, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(dir).expect("readable").flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => found.extend(kept(&entry.path(), &format!("{name}/"))),
            false => drop(found.insert(name)),
        }
    }
    found
}
