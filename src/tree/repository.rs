//! The repository a path lies in, found without running git.

#![allow(clippy::disallowed_methods)] // looks for `.git`, and reads nothing

use std::path::{Path, PathBuf};

/// The working tree a path lies in: the nearest folder above it, or itself, that holds `.git` (a folder, or a file in
/// worktrees and submodules). None if there is none.
/// Source: git, "gitrepository-layout".
pub fn repository(path: &Path) -> Option<PathBuf> {
    let full = path.canonicalize().ok()?;
    full.ancestors().find(|dir| dir.join(".git").exists()).map(Path::to_path_buf)
}
