//! `--hook`: what pre-commit asks for. A commit is compared with what is committed, a push with what is pushed to;
//! where neither can be told, everything is reported, and never nothing.

use super::args::CheckArgs;
use crate::tree::git::Revision;
use crate::tree::{Disk, Tree, is_merging};
use anyhow::anyhow;
use std::path::{Path, PathBuf};

/// The arguments of a check, settled by what pre-commit says. It hands over the files it runs for; directories are the
/// user's own arguments.
pub(super) fn settled(args: &CheckArgs) -> anyhow::Result<CheckArgs> {
    let mut settled = args.clone();
    let (files, paths): (Vec<PathBuf>, Vec<PathBuf>) = args.scan.path.iter().cloned().partition(|path| !path.is_dir());
    settled.scan.path = paths;
    settled.since = args.since.clone().or(revision(&files)?);
    Ok(settled)
}

fn revision(files: &[PathBuf]) -> anyhow::Result<Option<String>> {
    // Of `--from-ref`, and of the hooks that push. Source: pre-commit, "Supported git hooks".
    if let Some(from) = from() {
        return Ok(Some(from));
    }
    let root = Path::new(".").canonicalize()?;
    if is_merging(&root) {
        return Ok(Some("HEAD".to_owned()));
    }
    let tree = Disk::open(&root).map_err(|reason| anyhow!(reason))?;
    let head = Revision::open(&tree, "HEAD").map_err(|reason| anyhow!("--hook: {reason}"))?;
    // Git may change line endings as it checks out.
    let plain = |text: String| text.replace("\r\n", "\n");
    let same = |path: &PathBuf| {
        let path = path.to_str().unwrap_or_default().replace(std::path::MAIN_SEPARATOR, "/");
        let (now, before) = (tree.text(&path), head.text(&path));
        now.is_ok() && now.map(plain) == before.map(plain)
    };
    // Pre-commit runs for a commit's files alone, unless it is asked for all.
    let of_a_commit = !files.is_empty() && !files.iter().any(same);
    Ok(of_a_commit.then(|| "HEAD".to_owned()))
}

#[allow(clippy::disallowed_methods)] // pre-commit says it in the environment
fn from() -> Option<String> {
    std::env::var("PRE_COMMIT_FROM_REF").ok().filter(|name| !name.is_empty())
}
