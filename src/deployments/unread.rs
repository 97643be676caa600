//! Configs of tools that are not read: what they deploy is unknown, and that is said.

use crate::model::{Gap, Project};
use crate::tree::Tree;
use memchr::memmem;
use std::collections::BTreeMap;

/// Configs of tools whose dialect is not read yet: one gap for each tool, at its first file.
pub(crate) fn note(tree: &dyn Tree, project: &mut Project) {
    let mut by_tool: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for path in tree.files() {
        if let Some(tool) = other_tool(path).filter(|_| speaks_of_provider(tree, path)) {
            by_tool.entry(tool).or_default().push(path);
        }
    }
    for (tool, paths) in by_tool {
        let more = if paths.len() == 1 { String::new() } else { format!(" ({} files)", paths.len()) };
        let reason = format!("{tool} is not read yet, so what it deploys is unknown{more}");
        project.gaps.push(Gap::file(paths[0], reason));
        project.deploy.unread.extend(paths.into_iter().cloned());
    }
}

/// Whether a config in a programming language is one: the framework's own launcher has the same name.
fn speaks_of_provider(tree: &dyn Tree, path: &str) -> bool {
    let program = path.ends_with(".ts") || path.ends_with(".js");
    !program
        || tree.read(path).is_ok_and(|bytes| {
            memmem::find(&bytes, b"provider").is_some() || memmem::find(&bytes, b"$config").is_some()
        })
}

/// The tool a config belongs to, by the names those tools insist on.
fn other_tool(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(match name {
        "serverless.ts" | "serverless.js" => "the Serverless Framework in a programming language",
        "sst.config.ts" => "SST",
        "Pulumi.yaml" => "Pulumi",
        _ => return None,
    })
}
