//! Files on disk: what a walk that respects `.gitignore` lists, and what a build left.

#![allow(clippy::disallowed_methods)] // this is the layer the ban protects

use super::{Built, MAX_FILE_BYTES, ReadError, Tree};
use crate::text::path;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Directories that hold generated or foreign files in every dialect we read.
const SKIPPED_DIRS: &[&str] = &["node_modules", ".aws-sam", ".git", ".terraform", ".serverless", ".venv"];

/// Whether a directory is what cargo builds into; a module may be called `target` as well.
fn is_build_dir(name: &str, path: &Path) -> bool {
    let tagged = || path.join("CACHEDIR.TAG").exists();
    let beside_manifest = || path.parent().is_some_and(|parent| parent.join("Cargo.toml").exists());
    name == "target" && (beside_manifest() || tagged())
}

/// Files on disk, `.gitignore` respected.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    files: Vec<String>,
    problems: Vec<(String, String)>,
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
        let mut files = Vec::new();
        let mut problems = Vec::new();
        let walk = ignore::WalkBuilder::new(&root)
            .hidden(false)
            .require_git(false)
            .follow_links(false)
            .filter_entry(|entry| {
                let name = entry.file_name().to_string_lossy();
                entry.depth() == 0 || !(SKIPPED_DIRS.contains(&name.as_ref()) || is_build_dir(&name, entry.path()))
            })
            .build();
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    let relative = entry.path().strip_prefix(&root).unwrap_or(entry.path());
                    match relative.to_str() {
                        Some(path) => files.push(path.replace(std::path::MAIN_SEPARATOR, "/")),
                        None => {
                            problems.push((relative.to_string_lossy().into_owned(), "the path is not UTF-8".to_owned()))
                        }
                    }
                }
                Ok(_) => {}
                Err(error) => problems.push((".".to_owned(), format!("cannot list: {error}"))),
            }
        }
        assemblies(&root, &mut files);
        files.sort_unstable();
        files.dedup();
        Ok(Self { root, files, problems })
    }

    /// Keeps the files a test holds for.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.files.retain(|path| keep(path));
    }
}

/// What the CDK synthesised, although projects keep `cdk.out` out of version control: templates and manifests, not
/// the assets beside them.
fn assemblies(root: &Path, files: &mut Vec<String>) {
    let apps: Vec<String> =
        files.iter().filter(|path| *path == "cdk.json" || path.ends_with("/cdk.json")).cloned().collect();
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
        for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
            if let Some(path) = entry.path().strip_prefix(root).ok().and_then(Path::to_str) {
                files.push(path.replace(std::path::MAIN_SEPARATOR, "/"));
            }
        }
    }
}

impl Tree for Disk {
    fn files(&self) -> &[String] {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let full = self.root.join(path);
        let meta = std::fs::metadata(&full)?;
        if meta.len() > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge { bytes: meta.len() });
        }
        Ok(std::fs::read(&full)?)
    }

    fn built(&self, path: &str) -> Option<Built> {
        let path = self.root.join(path);
        // A pipe or a device would block or never end.
        let meta = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        let file = File::open(&path).ok()?;
        Some(Built { file, bytes: meta.len(), modified: meta.modified().ok() })
    }

    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn problems(&self) -> &[(String, String)] {
        &self.problems
    }
}
