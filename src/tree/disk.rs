//! Files on disk: what a walk that respects `.gitignore` lists, and what a build left.

#![allow(clippy::disallowed_methods)] // this is the layer the ban protects

use super::bounded::{bounded, refused, regular};
use super::seen::{Notes, Places};
use super::walk::{self, Hidden, Listed};
use super::{Built, MAX_FILE_BYTES, ReadError, Tree};
use crate::cache::{Stamp, now};
use crate::text::path;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

/// Files on disk, `.gitignore` respected.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    files: Vec<String>,
    problems: Vec<(String, String)>,
    links: Vec<String>,
    hidden: Hidden,
    excluded: usize,
    /// What decides what is listed.
    pub(super) places: Places,
    /// What is looked at, if somebody wants to know.
    pub(super) notes: Option<Notes>,
}

impl Disk {
    /// Lists the files under `root`. Symbolic links are not followed, so loops cannot occur.
    ///
    /// # Errors
    /// If the root does not exist or is not a directory.
    pub fn open(root: &Path) -> Result<Self, String> {
        let root = root.canonicalize().map_err(|error| format!("cannot read `{}`: {error}", root.display()))?;
        if !root.is_dir() {
            return Err(format!("`{}` is not a directory", root.display()));
        }
        let moment = now();
        let mut listed = walk::list(&root);
        assemblies(&root, &mut listed);
        let mut places = Places::of(&root, moment, &listed);
        let Listed { mut files, problems, links, hidden, .. } = listed;
        files.sort_unstable();
        files.dedup();
        places.listed(&files, &format!("{hidden:?}"));
        Ok(Self { root, files, problems, links, hidden, excluded: 0, places, notes: None })
    }

    /// Notes from now on what is looked at.
    pub fn watch(&mut self) {
        self.notes = Some(Notes::default());
    }

    /// The bytes of a file of a tree that is not listed.
    pub(super) fn bytes_of(root: &Path, path: &str) -> Result<Vec<u8>, ReadError> {
        let full = unlisted(root, path)?;
        regular(&full, &std::fs::symlink_metadata(&full)?, MAX_FILE_BYTES)
    }

    /// Keeps the files a test holds for.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.files.retain(|path| keep(path));
    }

    /// Leaves out what a config does not want to be read, and counts it.
    pub fn exclude(&mut self, excluded: impl Fn(&str) -> bool) {
        let before = self.files.len();
        self.retain(|path| !excluded(path));
        self.excluded += before - self.files.len();
    }

    /// How many files a config left out.
    pub fn excluded(&self) -> usize {
        self.excluded
    }

    /// What ignore files hide.
    pub fn hidden(&self) -> Hidden {
        self.hidden
    }
}

/// Where a file lies that the walk did not list: configs name some. None is outside the tree, or behind a link.
fn unlisted(root: &Path, path: &str) -> Result<PathBuf, ReadError> {
    let inside = path::join("", path).ok_or_else(|| refused("it lies outside the scanned directory"))?;
    let mut full = root.to_path_buf();
    for part in inside.split('/') {
        // On some systems a name can be a drive or several names.
        if Path::new(part).components().ne([Component::Normal(part.as_ref())]) {
            return Err(refused("it lies outside the scanned directory"));
        }
        full.push(part);
        if std::fs::symlink_metadata(&full)?.is_symlink() {
            return Err(refused("links are not followed"));
        }
    }
    Ok(full)
}

/// What the CDK synthesised, although projects keep `cdk.out` out of version control: templates and manifests, not
/// the assets beside them.
fn assemblies(root: &Path, listed: &mut Listed) {
    let apps: Vec<String> =
        listed.files.iter().filter(|path| *path == "cdk.json" || path.ends_with("/cdk.json")).cloned().collect();
    for app in apps {
        let dir = root.join(path::parent(&app)).join("cdk.out");
        let walk = ignore::WalkBuilder::new(&dir)
            .standard_filters(false)
            .follow_links(false)
            .max_depth(Some(6))
            .filter_entry(|entry| {
                let name = entry.file_name().to_string_lossy();
                let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
                entry.depth() == 0 || (is_dir && name.starts_with("assembly-")) || (!is_dir && name.ends_with(".json"))
            })
            .build();
        for entry in walk.flatten() {
            let Some(path) = entry.path().strip_prefix(root).ok().and_then(Path::to_str) else { continue };
            let path = path.replace(std::path::MAIN_SEPARATOR, "/");
            match entry.file_type() {
                Some(kind) if kind.is_file() => listed.files.push(path),
                Some(kind) if kind.is_dir() => listed.dirs.push(path),
                _ => {}
            }
        }
    }
}

/// The text of a file that the command line names. It may lie anywhere; but if it lies below the scanned root, a change
/// could have made a link of it.
///
/// # Errors
/// Why it cannot be read, or that it is no text.
pub fn named(root: Option<&Path>, path: &Path) -> Result<String, ReadError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let within = parent.canonicalize().is_ok_and(|parent| root.is_some_and(|root| parent.starts_with(root)));
    if !within {
        // What a shell substitutes is a pipe.
        return ReadError::decode(bounded(path, 0, MAX_FILE_BYTES)?);
    }
    let meta = std::fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Err(refused("links of the scanned directory are not followed"));
    }
    ReadError::decode(regular(path, &meta, MAX_FILE_BYTES)?)
}

impl Tree for Disk {
    fn files(&self) -> &[String] {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let mut stamp = None;
        let mut read = || {
            let full = if self.contains(path) { self.root.join(path) } else { unlisted(&self.root, path)? };
            let meta = std::fs::symlink_metadata(&full)?;
            stamp = Some(Stamp::of(&meta));
            regular(&full, &meta, MAX_FILE_BYTES)
        };
        let result = read();
        if let Some(notes) = &self.notes {
            notes.read(path, stamp, &result);
        }
        result
    }

    fn built(&self, path: &str) -> Option<Built> {
        let full = self.root.join(path);
        if let Some(notes) = &self.notes {
            notes.built(path, Stamp::at(&full));
        }
        // A pipe or a device would block or never end.
        let meta = std::fs::metadata(&full).ok().filter(std::fs::Metadata::is_file)?;
        let file = File::open(&full).ok()?;
        Some(Built { file, bytes: meta.len(), modified: meta.modified().ok() })
    }

    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn links(&self) -> &[String] {
        &self.links
    }

    fn problems(&self) -> &[(String, String)] {
        &self.problems
    }
}
