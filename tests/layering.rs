//! The table is the architecture: modules only look down. Edit it on purpose.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("finding", &["text"]),
    ("model", &["text", "finding"]),
    ("spec", &["text", "finding"]),
    ("frontends", &["text", "finding", "model", "spec"]),
    ("config", &["text", "finding", "spec"]),
    ("link", &["text", "finding", "model"]),
    ("checks", &["text", "finding", "model", "spec"]),
    ("fixes", &["text", "finding"]),
    ("report", &["text", "finding", "model", "spec"]),
    ("engine", &["text", "finding", "model", "spec", "frontends", "link", "checks", "config", "fixes"]),
    ("cli", &["finding", "model", "spec", "frontends", "config", "checks", "engine", "report", "fixes"]),
];

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// `crate::NAME` of a file, comments left out, with the line.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        for part in code.split("crate::").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push((number + 1, name));
        }
    }
    found
}

fn violations(layer: &str, text: &str) -> Vec<String> {
    let table: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let allowed = table.get(layer).copied().unwrap_or(&[]);
    imports(text)
        .into_iter()
        .filter(|(_, name)| name != layer && !allowed.contains(&name.as_str()))
        .map(|(line, name)| {
            let what = if name.is_empty() { "a group; import each layer by itself".to_owned() } else { name };
            format!("line {line}: `{layer}` imports {what}")
        })
        .collect()
}

#[test]
fn modules_only_look_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut failures = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).expect("under src");
        let layer = relative.components().next().expect("a component").as_os_str().to_string_lossy().into_owned();
        let layer = layer.trim_end_matches(".rs").to_owned();
        if layer == "lib" || layer == "main" {
            continue;
        }
        assert!(LAYERS.iter().any(|(name, _)| *name == layer), "`{layer}` has no row in the table");
        let text = std::fs::read_to_string(&file).expect("readable");
        failures.extend(violations(&layer, &text).into_iter().map(|found| format!("{}: {found}", relative.display())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_table_holds_no_cycle() {
    for (index, (name, below)) in LAYERS.iter().enumerate() {
        for other in *below {
            let at = LAYERS.iter().position(|(known, _)| known == other);
            assert!(at.is_some_and(|at| at < index), "`{name}` may only name rows above it, not `{other}`");
        }
    }
}

#[test]
fn planted_violations_are_caught() {
    assert_eq!(violations("finding", "use crate::checks::Check;\n").len(), 1);
    assert_eq!(violations("checks", "use crate::frontends::rust;\n").len(), 1);
    assert_eq!(violations("model", "use crate::{text, finding};\n").len(), 1);
    assert!(violations("model", "// crate::cli is far away\nuse crate::text::Span;\n").is_empty());
}
