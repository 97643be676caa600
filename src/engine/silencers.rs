//! What a change edits of what hides findings: the config and the files it names, ignore files, suppressions. They
//! apply as the change has them, so that it can bring its own; but each edit is said, where gaps are.

use super::change::Change;
use super::options::Options;
use crate::config;
use crate::model::{Gap, Project};
use crate::text::path;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Not of git, which hides nothing that it tracks.
const IGNORE: &str = ".ignore";

/// A gap for each edit.
pub(super) fn changed(
    project: &Project,
    tree: &dyn Tree,
    base: &dyn Tree,
    change: &Change<'_>,
    options: &Options,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let files: BTreeSet<&String> = tree.files().iter().chain(base.files()).collect();
    let named = |path: &str| options.decides.iter().any(|decides| path::is_within(path, decides));
    // Configs of folders decide wherever that of the root would.
    let nested = config::FILE_NAMES.iter().any(|name| options.decides.iter().any(|decides| decides == name));
    let by_name = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == IGNORE || (nested && config::FILE_NAMES.contains(&name))
    };
    let decides = files.into_iter().filter(|path| named(path) || by_name(path)).map(String::as_str);
    // What a config names need not be listed.
    let unlisted = options.decides.iter().map(String::as_str).filter(|path| *path != "Cargo.toml");
    let decides: BTreeSet<&str> = decides.chain(unlisted).collect();
    for path in decides {
        let (now, before) = (tree.read(path).ok(), base.read(path).ok());
        if now != before {
            let what = match (&now, &before) {
                (Some(_), None) => "adds",
                (None, Some(_)) => "removes",
                _ => "edits",
            };
            gaps.push(Gap::file(path, format!("the change {what} this file, which decides what is reported")));
        }
    }
    let of_manifest = |tree: &dyn Tree| config::manifest_table(&tree.text("Cargo.toml").ok()?);
    if of_manifest(tree) != of_manifest(base) {
        gaps.push(Gap::file("Cargo.toml", "the change edits the metadata here that decide what is reported"));
    }
    for suppression in project.suppressions.iter().filter(|suppression| suppression.problem.is_none()) {
        if change.adds(project, suppression.span) {
            let rules = suppression.rules.join(", ");
            gaps.push(Gap::at(&project.sources, suppression.span, format!("the change suppresses {rules} here")));
        }
    }
    gaps
}
