//! `Cargo.lock`: the resolved crates and their edges. Always available, never runs anything.

use crate::model::crates::{CrateGraph, CrateNode, GraphSource};
use std::collections::HashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads a lock file.
///
/// # Errors
/// The reason and 0-based byte offset if it is not a valid lock file.
pub(crate) fn read(text: &str) -> Result<CrateGraph, (String, usize)> {
    let root = DeTable::parse(text)
        .map_err(|error| (error.message().to_owned(), error.span().map_or(0, |range| range.start)))?;
    let Some(DeValue::Array(packages)) = root.get_ref().get("package").map(Spanned::get_ref) else {
        return Ok(CrateGraph { source: GraphSource::LockFile, nodes: Vec::new(), edges: Vec::new() });
    };
    let mut nodes = Vec::new();
    let mut wanted: Vec<Vec<String>> = Vec::new();
    for package in packages.iter() {
        let DeValue::Table(package) = package.get_ref() else {
            continue;
        };
        let text = |key: &str| match package.get(key).map(Spanned::get_ref) {
            Some(DeValue::String(text)) => text.to_string(),
            _ => String::new(),
        };
        let name = text("name");
        nodes.push(CrateNode {
            version: text("version"),
            library: name.replace('-', "_"),
            local: !package.contains_key("source"),
            is_proc_macro: is_proc_macro(&name),
            features: None,
            defaults: None,
            name,
        });
        let dependencies: Vec<String> = match package.get("dependencies").map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => items
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        wanted.push(dependencies);
    }
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        by_name.entry(node.name.as_str()).or_default().push(index);
    }
    let edges = wanted
        .iter()
        .map(|dependencies| dependencies.iter().filter_map(|entry| resolve(&by_name, &nodes, entry)).collect())
        .collect();
    Ok(CrateGraph { source: GraphSource::LockFile, nodes, edges })
}

/// Whether a crate is called as proc macros are; the registry's have these endings almost without exception.
fn is_proc_macro(name: &str) -> bool {
    const ENDINGS: [&str; 5] = ["derive", "macros", "macro", "attributes", "codegen"];
    ENDINGS.iter().any(|ending| name.rsplit(['-', '_']).next() == Some(ending)) || name == "async-trait"
}

/// An entry is `name`, `name version` or `name version (source)`.
fn resolve(by_name: &HashMap<&str, Vec<usize>>, nodes: &[CrateNode], entry: &str) -> Option<usize> {
    let mut words = entry.split(' ');
    let candidates = by_name.get(words.next()?)?;
    match words.next() {
        Some(version) => candidates.iter().copied().find(|&index| nodes[index].version == version),
        None => candidates.first().copied(),
    }
}
