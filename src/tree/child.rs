//! Programs that are run: found where no change can put one, with an environment that leads nowhere in the tree.

#![allow(clippy::disallowed_methods)] // the layer that runs programs

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a program may know of the environment besides the search path.
const KEPT: &[&str] = &[
    "HOME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "APPDATA",
    "LOCALAPPDATA",
    "SystemRoot",
    "XDG_CONFIG_HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
];

/// A program of the search path, with an environment of which nothing lies in the scanned tree. A relative entry of the
/// path would be looked up in the tree.
pub fn program(name: &str, root: &Path) -> Result<Command, String> {
    let dirs = search(&std::env::var_os("PATH").unwrap_or_default(), root);
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let found = dirs.iter().map(|dir| dir.join(&file)).find(|path| path.is_file());
    let found = found.ok_or_else(|| format!("{name} cannot be run: there is none on the search path"))?;
    let mut command = Command::new(found);
    command.env_clear().env("PATH", std::env::join_paths(dirs).unwrap_or_default());
    for name in KEPT {
        if let Some(value) = std::env::var_os(name).filter(|value| !leads_into(value, root)) {
            command.env(name, value);
        }
    }
    Ok(command)
}

/// The entries of a search path that are absolute and lie outside the tree.
fn search(path: &OsStr, root: &Path) -> Vec<PathBuf> {
    std::env::split_paths(path).filter(|dir| dir.is_absolute() && !lies_in(dir, root)).collect()
}

/// Whether the value of a variable is a path into the tree. A directory for downloads may lie there, as some runners
/// have it: what it holds is kept from build to build, and what cargo reads of it as a configuration is overridden.
fn leads_into(value: &OsString, root: &Path) -> bool {
    let path = Path::new(value);
    path.components().count() > 1 && (path.is_relative() || lies_in(path, root)) && !path.join("registry").is_dir()
}

fn lies_in(path: &Path, root: &Path) -> bool {
    path.starts_with(root) || path.canonicalize().is_ok_and(|path| path.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::{leads_into, search};
    use std::path::Path;

    #[test]
    fn nothing_of_the_tree_is_searched() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path().canonicalize().expect("there");
        let path = std::env::join_paths([Path::new("."), Path::new("bin"), &root.join("bin"), Path::new("/usr/bin")]);
        assert_eq!(search(&path.expect("joins"), &root), [Path::new("/usr/bin")]);
        assert!(leads_into(&root.join("toolchain").into_os_string(), &root) && leads_into(&"./here/x".into(), &root));
        assert!(!leads_into(&"stable".into(), &root) && !leads_into(&"/usr/x".into(), &root));
    }
}
