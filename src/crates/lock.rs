//! `Cargo.lock`: the resolved crates and their edges. Always available, never runs anything.

use crate::document::tree::Doc;
use crate::model::crates::{CrateGraph, CrateNode, GraphSource};
use crate::text::Span;
use std::collections::HashMap;

/// Reads a lock file.
///
/// # Errors
/// The reason and the place if it is not a valid lock file.
pub(crate) fn read(doc: &Doc) -> Result<CrateGraph, (String, Span)> {
    if let Some(error) = &doc.error {
        return Err(error.clone());
    }
    let packages = doc.roots.first().and_then(|&root| doc.get(root, "package"));
    let mut nodes = Vec::new();
    let mut wanted: Vec<Vec<&str>> = Vec::new();
    for &package in packages.map_or(&[][..], |packages| doc.items(packages)) {
        let text = |key: &str| doc.get(package, key).and_then(|node| doc.text(node)).unwrap_or_default().to_owned();
        let name = text("name");
        nodes.push(CrateNode {
            version: text("version"),
            library: name.replace('-', "_"),
            local: doc.get(package, "source").is_none(),
            is_proc_macro: is_proc_macro(&name),
            features: None,
            defaults: None,
            name,
        });
        let dependencies = doc.get(package, "dependencies").map_or(&[][..], |list| doc.items(list));
        wanted.push(dependencies.iter().filter_map(|&item| doc.text(item)).collect());
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
