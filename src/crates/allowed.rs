//! What cargo would read of a workspace, looked at before it does: regular files of a bounded size inside the tree, and
//! no pattern that walks the disk. Cargo follows links, and reads whatever they lead to to the end.

use crate::text::path;
use crate::tree::{ReadError, Tree};
use globset::GlobBuilder;
use std::collections::BTreeSet;
use toml::{Table, Value};

/// Manifests of one workspace.
const MAX_MANIFESTS: usize = 5_000;

/// Whether cargo may be asked about a workspace.
///
/// # Errors
/// What it must not read.
pub(super) fn check(tree: &dyn Tree, dir: &str) -> Result<(), String> {
    // Cargo looks for a workspace in the directories above.
    let mut above = dir;
    while !above.is_empty() {
        above = path::parent(above);
        read(tree, &super::at(above, "Cargo.toml"))?;
    }
    read(tree, &super::at(dir, "Cargo.lock"))?;
    let mut left = vec![dir.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(dir) = left.pop() {
        if !seen.insert(dir.clone()) {
            continue;
        }
        if seen.len() > MAX_MANIFESTS {
            return Err(format!("it has more than {MAX_MANIFESTS} manifests"));
        }
        let name = super::at(&dir, "Cargo.toml");
        let Some(text) = read(tree, &name)? else { continue };
        let Ok(manifest) = toml::from_str::<Table>(&text) else { continue };
        let mut paths = Vec::new();
        named(&manifest, 0, &mut paths);
        for reference in paths {
            // A directory beside the scanned one is not a change's to fill.
            left.extend(path::join(&dir, reference));
            if reference.starts_with('/') {
                return Err(format!("`{name}` names `{reference}`, which is no place of the project"));
            }
        }
        let members = manifest.get("workspace").and_then(|table| table.get("members")).and_then(Value::as_array);
        for pattern in members.into_iter().flatten().filter_map(Value::as_str) {
            left.extend(
                matched(tree, &dir, pattern).map_err(|reason| format!("`{name}`: member `{pattern}` {reason}"))?,
            );
        }
    }
    Ok(())
}

/// A file as cargo would read it; none if there is none.
fn read(tree: &dyn Tree, path: &str) -> Result<Option<String>, String> {
    match tree.text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.is_missing() => Ok(None),
        // Cargo says so itself.
        Err(ReadError::NotUtf8 { .. }) => Ok(None),
        Err(error) => Err(format!("`{path}` {error}")),
    }
}

/// The directories of dependencies: each `path` of a table that is no target's.
fn named<'t>(table: &'t Table, depth: usize, paths: &mut Vec<&'t str>) {
    // `target.'cfg(x)'.dependencies.name` and `patch.registry.name` are the deepest.
    if depth > 4 {
        return;
    }
    for (key, value) in table {
        let targets = depth == 0 && matches!(key.as_str(), "lib" | "bin" | "test" | "example" | "bench" | "profile");
        match value {
            Value::String(path) if key == "path" => paths.push(path),
            Value::Table(inner) if !targets => named(inner, depth + 1, paths),
            _ => {}
        }
    }
}

/// The directories that a member stands for.
fn matched(tree: &dyn Tree, dir: &str, pattern: &str) -> Result<Vec<String>, String> {
    let Some(full) = path::join(dir, pattern) else { return Err("lies outside the scanned directory".to_owned()) };
    if !pattern.contains(['*', '?', '[', '{']) {
        return Ok(vec![full]);
    }
    if pattern.matches("**").count() > 1 {
        return Err("would have the disk walked more than once".to_owned());
    }
    let glob = |pattern: &str| {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        glob.map(|glob| glob.compile_matcher()).map_err(|error| error.to_string())
    };
    // A link is matched as a directory is; what is behind it need not be of this tree.
    let parts: Vec<&str> = full.split('/').collect();
    let deep = parts.iter().position(|part| *part == "**");
    for link in tree.links() {
        let count = link.split('/').count();
        let prefix = if deep.is_some_and(|deep| deep < count) {
            full.clone()
        } else {
            parts[..count.min(parts.len())].join("/")
        };
        if count <= parts.len() || deep.is_some() {
            let through = glob(&prefix)?.is_match(link);
            if through {
                return Err(format!("goes through the link `{link}`"));
            }
        }
    }
    let glob = glob(&full)?;
    let manifests = tree.files().iter().filter(|path| path.ends_with("/Cargo.toml") || *path == "Cargo.toml");
    Ok(manifests.map(|path| path::parent(path).to_owned()).filter(|dir| glob.is_match(dir)).collect())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tree::Memory;

    fn verdict(files: &[(&str, &str)]) -> Result<(), String> {
        check(&Memory::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))), "")
    }

    #[test]
    fn usual_workspaces_may_be_asked_about() {
        let root =
            "[workspace]\nmembers = [\"crates/*\", \"tools\"]\n[workspace.dependencies]\nb = {path = \"crates/b\"}\n";
        let a = "[package]\nname = \"a\"\n[lib]\npath = \"/x\"\n[dependencies]\nb = {path = \"../b\"}\n";
        assert_eq!(verdict(&[("Cargo.toml", root), ("crates/a/Cargo.toml", a), ("crates/b/Cargo.toml", "")]), Ok(()));
    }

    #[test]
    fn what_leaves_the_tree_or_walks_the_disk_is_refused() {
        for root in [
            "[workspace]\nmembers = [\"/**/*/**/x\"]\n",
            "[workspace]\nmembers = [\"**/a/**/b\"]\n",
            "[workspace]\nmembers = [\"../../x\"]\n",
            "[dependencies]\na = {path = \"/dev\"}\n",
            "[target.'cfg(unix)'.dependencies.a]\npath = \"/dev\"\n",
            "[patch.crates-io]\na = {path = \"/dev\"}\n",
        ] {
            assert!(verdict(&[("Cargo.toml", root)]).is_err(), "{root}");
        }
    }
}
