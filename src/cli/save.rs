//! Writing files: whole or not at all, never through links, and nothing that somebody else wrote meanwhile.

use crate::report::clean;
use crate::tree::git::Revision;
use crate::tree::{Disk, Tree};
use anyhow::{Context, anyhow, bail};
use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A file that is written beside its target, to be put in its place.
struct Ready {
    file: NamedTempFile,
    target: PathBuf,
}

impl Ready {
    /// Writes beside a target what will stand there, with the owner and the mode of what does. Set-id bits go: they
    /// were given to other contents.
    fn beside(target: &Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let shown = || format!("cannot write `{}`", target.display());
        let old = regular(target).with_context(shown)?;
        let dir = target.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        let mut builder = builder.prefix(".faaslint");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What a new file gets; the system takes away what the user does not want.
            builder = builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(dir).with_context(shown)?;
        file.write_all(bytes).with_context(shown)?;
        if let Some(old) = old {
            keep(file.as_file(), &old).with_context(shown)?;
        }
        file.as_file().sync_all().with_context(shown)?;
        Ok(Self { file, target: target.to_owned() })
    }

    fn put(self) -> anyhow::Result<()> {
        let target = self.target;
        self.file
            .persist(&target)
            .map_err(|error| error.error)
            .with_context(|| format!("cannot write `{}`", target.display()))?;
        Ok(())
    }
}

/// What stands at a path; none if nothing does.
fn regular(target: &Path) -> anyhow::Result<Option<Metadata>> {
    let meta = match target.symlink_metadata() {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if meta.is_symlink() {
        bail!("it is a link, and links are not followed");
    }
    if !meta.is_file() {
        bail!("it is no regular file");
    }
    if meta.permissions().readonly() {
        bail!("it is read-only");
    }
    Ok(Some(meta))
}

/// Gives a file the mode and the owner of the one it replaces.
fn keep(file: &File, old: &Metadata) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            fchown(file, Some(old.uid()), Some(old.gid()))?;
        }
        file.set_permissions(std::fs::Permissions::from_mode(old.mode() & 0o777))
    }
    #[cfg(not(unix))]
    file.set_permissions(old.permissions())
}

/// Writes a file that the command line or the config names, whole or not at all.
///
/// # Errors
/// If it cannot be written, or a link leads to it: a change could have put that there.
pub(super) fn whole(root: Option<&Path>, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // What the system offers as files: standard output, a pipe.
    if ["/dev", "/proc"].iter().any(|system| path.starts_with(system)) {
        let written = OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(bytes));
        return written.with_context(|| format!("cannot write `{}`", path.display()));
    }
    let full = std::path::absolute(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    let roots = root.map(|root| [std::path::absolute(root).ok(), root.canonicalize().ok()]);
    let below = roots.iter().flatten().flatten().find_map(|root| Some((root, full.strip_prefix(root).ok()?)));
    if let Some((root, below)) = below {
        let mut at = root.clone();
        for part in below.parent().into_iter().flat_map(Path::components) {
            at.push(part);
            if at.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
                bail!("cannot write `{}`: `{}` is a link, and links are not followed", path.display(), at.display());
            }
        }
    }
    Ready::beside(path, bytes)?.put()
}

/// Replaces files of the tree by new texts, all of them or none, if they still are what was read.
///
/// # Errors
/// If one cannot be written, or is not what it was.
pub(super) fn replace(
    tree: &Disk,
    texts: &BTreeMap<String, String>,
    read: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let root = tree.root().ok_or_else(|| anyhow!("nothing is scanned"))?;
    let mut ready = Vec::new();
    for (path, text) in texts {
        // A file that links lead to is refused when it is read again.
        ready.push((path, Ready::beside(&root.join(path), text.as_bytes())?));
    }
    for path in texts.keys() {
        let now = tree.read(path).map_err(|reason| anyhow!("`{path}` {reason}"))?;
        if read.get(path).is_none_or(|read| read.as_bytes() != now) {
            bail!("`{path}` was edited meanwhile; nothing was changed");
        }
    }
    for (_, file) in ready {
        file.put()?;
    }
    Ok(())
}

/// The files among some that differ from what is committed; none outside a repository.
pub(super) fn uncommitted<'p>(tree: &Disk, read: &'p BTreeMap<String, String>) -> Vec<&'p str> {
    let Ok(head) = Revision::open(tree, "HEAD") else { return Vec::new() };
    // Git may change line endings as it checks out.
    let plain = |text: &str| text.replace("\r\n", "\n");
    let differs = |path: &str, text: &str| head.text(path).is_ok_and(|committed| plain(&committed) != plain(text));
    read.iter().filter(|(path, text)| differs(path, text)).map(|(path, _)| path.as_str()).collect()
}

/// What to say of files with edits of one's own.
pub(super) fn mixed(paths: &[&str]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", clean(path))).collect();
    format!("fixes are mixed with edits that are not committed in {}", paths.join(", "))
}
