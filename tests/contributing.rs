//! What `CONTRIBUTING.md` shows is true: its rule runs, what it quotes stands in the file it names, and `CHANGELOG.md`,
//! the workflows and the manifest agree.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::checks;
use faaslint::engine::examples::cases;
use faaslint::source::STACK_BYTES;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The code blocks that follow a mark, each with what the mark says.
fn blocks<'t>(text: &'t str, mark: &str) -> Vec<(&'t str, &'t str)> {
    let parts = text.split(mark).skip(1);
    let block = |part: &'t str| {
        let (said, rest) = part.split_once(" -->\n```").expect("a mark and a block");
        let (_, code) = rest.split_once('\n').expect("a language");
        (said.trim(), code.split_once("```").expect("an end").0)
    };
    parts.map(block).collect()
}

#[test]
fn the_rule_it_shows_is_one_and_its_examples_hold() {
    let text = read("CONTRIBUTING.md");
    let found = blocks(&text, "<!-- rule");
    let [(_, yaml)] = found.as_slice() else { panic!("one rule, not {}", found.len()) };
    let id = yaml.lines().next().and_then(|line| line.strip_prefix("id: ")).expect("an id");
    let rule = checks::read(id, yaml).unwrap_or_else(|errors| panic!("{errors:?}"));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build().expect("a thread");
    let cases = cases(&rule);
    assert_eq!(cases.len(), 2);
    for case in cases {
        let verdict = pool.install(|| case.judge(std::slice::from_ref(&rule)));
        assert_eq!(verdict, Ok(()), "{}", case.name());
    }
}

#[test]
fn what_it_quotes_stands_there() {
    let text = read("CONTRIBUTING.md");
    let quotes = blocks(&text, "<!-- from ");
    assert!(quotes.len() >= 4, "a check, a fact of the vocabulary, one of source code, a library's row");
    for (path, code) in quotes {
        assert!(read(path).contains(code), "CONTRIBUTING.md quotes {path}, which says something else now:\n{code}");
    }
}

#[test]
fn commands_and_files_it_names_exist() {
    let text = read("CONTRIBUTING.md");
    let words = text.split(|c: char| c.is_whitespace() || "`(),;:".contains(c)).map(|word| word.trim_end_matches('.'));
    let paths = words.filter(|word| ["src/", "tests/", "docs/", "rules/"].iter().any(|dir| word.starts_with(dir)));
    let paths: Vec<&str> = paths.filter(|path| !path.contains(['*', '<']) && !path.contains("queue-hides")).collect();
    assert!(paths.len() > 8, "{paths:?}");
    for path in paths {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "CONTRIBUTING.md names {path}");
    }
}

#[test]
fn the_workflow_checks_the_minimum_rust_of_the_manifest() {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("TOML");
    let wanted = manifest["package"]["rust-version"].as_str().expect("a version").to_owned();
    let workflow = read(".github/workflows/ci.yml");
    assert!(workflow.contains(&format!("cargo +{wanted} check")), "ci.yml checks another Rust than {wanted}");
    assert!(workflow.contains(&format!("toolchain install {wanted} ")));
}

#[test]
fn the_changelog_has_the_form_it_names() {
    let text = read("CHANGELOG.md");
    let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let known = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    assert!(!headings.is_empty() && headings.iter().all(|heading| known.contains(heading)), "{headings:?}");
    let releases: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## [")).collect();
    assert!(releases.first().is_some_and(|first| first.starts_with("Unreleased]")), "{releases:?}");
    for release in releases {
        let name = release.split(']').next().expect("a name");
        assert!(text.contains(&format!("\n[{name}]: https://")), "no link for {name}");
    }
}
