//! Rule files of a folder, read and checked; what is wrong is said with file, line and column.

use crate::checks;
use crate::config;
use crate::rule::RuleSpec;
use crate::tree::Tree;
use anyhow::{anyhow, bail};
use std::fmt::Display;

/// The file new rules are made from. A folder with one holds other things than rules below it.
pub(super) const TEMPLATE: &str = "TEMPLATE.yaml";

/// Reads every rule file of a folder; the empty name is the root.
///
/// # Errors
/// If there is none, or something is wrong with one.
pub(super) fn read(tree: &dyn Tree, folder: &str) -> anyhow::Result<Vec<RuleSpec>> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let inside = |path: &&String| path.strip_prefix(&prefix).filter(|name| name.ends_with(".yaml")).is_some();
    let flat = tree.contains(&format!("{prefix}{TEMPLATE}"));
    let is_rule = |path: &&String| !flat || (!path[prefix.len()..].contains('/') && !path.ends_with(TEMPLATE));
    let files: Vec<&String> = tree.files().iter().filter(inside).filter(is_rule).collect();
    if files.is_empty() {
        let folder = if folder.is_empty() { "." } else { folder };
        bail!("there is no rule file in `{folder}`; `cargo faaslint rules new ID` writes a first one");
    }
    let mut specs: Vec<RuleSpec> = Vec::new();
    for path in files {
        let text = tree.text(path).map_err(|error| anyhow!("`{path}` {error}"))?;
        config::gate(&text).map_err(|error| placed(path, error.at, &error))?;
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".yaml");
        let rule = checks::read(stem, &text).map_err(|errors| {
            let lines = errors.iter().map(|error| placed(path, error.at, error).to_string());
            anyhow!(lines.collect::<Vec<_>>().join("\n"))
        })?;
        if specs.iter().any(|known| known.id == rule.id) {
            bail!("{path}: there is a rule `{}` already", rule.id);
        }
        specs.push(rule);
    }
    Ok(specs)
}

/// The rule folders of a config, as the tree names them.
pub(super) fn folder(name: &str) -> &str {
    let name = name.trim_start_matches("./").trim_end_matches('/');
    if name == "." { "" } else { name }
}

/// An error with its file and, where they are known, line and column.
pub(super) fn placed<N: Display>(name: &str, at: Option<(N, N)>, error: &dyn Display) -> anyhow::Error {
    match at {
        Some((line, column)) => anyhow!("{name}:{line}:{column}: {error}"),
        None => anyhow!("{name}: {error}"),
    }
}
