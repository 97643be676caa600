//! The walk below the scanned root: what is listed, and what ignore files hide. They are files of the tree: regular, of
//! a bounded size, and hiding nothing that git tracks.

#![allow(clippy::disallowed_methods)] // this is the layer the ban protects

use super::bounded::regular;
use super::tracked::Repository;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::HashMap;
use std::fs::{DirEntry, FileType};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Directories that hold generated or foreign files in every dialect we read.
const SKIPPED_DIRS: &[&str] = &["node_modules", ".aws-sam", ".git", ".terraform", ".serverless", ".venv"];
/// Bytes of an ignore file; what it takes to compile the patterns grows with them.
const MAX_IGNORE: u64 = 128 << 10;
/// Bytes of all of them.
const MAX_ALL: usize = 1 << 20;
/// Directories inside each other that each have patterns: every file is matched with all of them.
const MAX_NESTED: usize = 64;

/// What ignore files hide although git tracks it, or where there is no git to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Files.
    pub files: usize,
    /// Directories that were not entered.
    pub dirs: usize,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) files: Vec<String>,
    pub(super) problems: Vec<(String, String)>,
    pub(super) links: Vec<String>,
    pub(super) hidden: Hidden,
    /// The directories that were listed, and the ignore files in them.
    pub(super) dirs: Vec<String>,
    pub(super) ignores: Vec<String>,
}

/// The patterns of a directory, and of those around it.
struct Patterns {
    around: Option<Arc<Self>>,
    /// The directory they are relative to.
    dir: PathBuf,
    /// Of `.ignore`, which is no file of git's.
    ignore: Arc<Gitignore>,
    git: Arc<Gitignore>,
    /// Whether this is the top of a repository: those around it have no say about what git ignores.
    top: bool,
    /// How many there are around this.
    nested: usize,
}

/// Who hides something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Ignore,
    Git,
}

/// A directory that is still to be listed.
struct Dir {
    path: PathBuf,
    relative: String,
    patterns: Arc<Patterns>,
    /// Git ignores it: only what is tracked nevertheless counts.
    ignored: bool,
}

struct Walk<'r> {
    root: &'r Path,
    repository: Option<Repository>,
    /// The patterns of the user's own.
    global: Gitignore,
    exclude: Arc<Gitignore>,
    tracked: OnceLock<Option<Vec<String>>>,
    /// Bytes of ignore files that may still be read.
    left: AtomicUsize,
    compiled: Compiled,
}

/// Patterns by the text that says them: many directories have the file their tool has put there.
#[derive(Default)]
struct Compiled(Mutex<HashMap<String, Arc<Gitignore>>>);

/// Lists what is below a root. Links are not followed, so loops cannot occur.
pub(super) fn list(root: &Path) -> Listed {
    let mut listed = Listed::default();
    let repository = Repository::around(root);
    let compiled = Compiled::default();
    let exclude = repository.as_ref().and_then(|repository| compiled.patterns(&repository.exclude()).ok());
    let exclude = exclude.map_or_else(|| Arc::new(Gitignore::empty()), |(read, _)| read);
    let walk = Walk {
        root,
        repository,
        global: Gitignore::global().0,
        exclude,
        tracked: OnceLock::new(),
        left: MAX_ALL.into(),
        compiled,
    };
    let patterns = walk.around(&mut listed);
    let mut left = vec![Dir { path: root.to_owned(), relative: String::new(), patterns, ignored: false }];
    while let Some(dir) = left.pop() {
        left.extend(walk.visit(dir, &mut listed));
    }
    listed
}

impl Walk<'_> {
    /// The patterns of the directories between the top of the repository and the root.
    fn around(&self, listed: &mut Listed) -> Arc<Patterns> {
        let empty = Arc::new(Gitignore::empty());
        let dir = self.root.to_owned();
        let mut all =
            Arc::new(Patterns { around: None, dir, ignore: empty.clone(), git: empty, top: false, nested: 0 });
        let Some(repository) = &self.repository else { return all };
        let mut dirs: Vec<&Path> = self.root.ancestors().skip(1).collect();
        dirs.retain(|dir| dir.starts_with(&repository.top));
        for dir in dirs.into_iter().rev() {
            let names = [".gitignore", ".ignore"].map(|name| dir.join(name).symlink_metadata().is_ok());
            all = self.extended(dir, "..", names, false, &all, listed);
        }
        all
    }

    /// The patterns that hold in a directory with such files.
    fn extended(
        &self,
        dir: &Path,
        shown: &str,
        [git, ignore]: [bool; 2],
        top: bool,
        around: &Arc<Patterns>,
        listed: &mut Listed,
    ) -> Arc<Patterns> {
        if !git && !ignore && !top {
            return Arc::clone(around);
        }
        let mut read = |there: bool, name: &str| {
            let read = if there { self.patterns(dir, name, around.nested).map(Some) } else { Ok(None) };
            let read = read.unwrap_or_else(|reason| {
                listed.problems.push((joined(shown, name), reason));
                None
            });
            read.unwrap_or_else(|| Arc::new(Gitignore::empty()))
        };
        let (git, ignore) = (read(git, ".gitignore"), read(ignore, ".ignore"));
        let (dir, nested) = (dir.to_owned(), around.nested + 1);
        Arc::new(Patterns { around: Some(Arc::clone(around)), dir, ignore, git, top, nested })
    }

    /// The patterns of an ignore file, as long as there are not too many of them.
    fn patterns(&self, dir: &Path, name: &str, nested: usize) -> Result<Arc<Gitignore>, String> {
        if nested > MAX_NESTED {
            return Err(format!("ignore files in more than {MAX_NESTED} directories inside each other are not read"));
        }
        if self.left.load(Ordering::Relaxed) == 0 {
            return Err("there are more ignore files than are read".to_owned());
        }
        let (read, bytes) = self.compiled.patterns(&dir.join(name))?;
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(bytes)));
        Ok(read)
    }

    /// Lists a directory, and gives the ones below it.
    fn visit(&self, dir: Dir, listed: &mut Listed) -> Vec<Dir> {
        let fails = |error: std::io::Error| {
            let shown = if dir.relative.is_empty() { "." } else { &dir.relative };
            (shown.to_owned(), format!("cannot list: {error}"))
        };
        let entries = match std::fs::read_dir(&dir.path) {
            Ok(entries) => entries,
            Err(error) => {
                listed.problems.push(fails(error));
                return Vec::new();
            }
        };
        let mut inside: Vec<(DirEntry, FileType, Option<String>)> = Vec::new();
        for entry in entries {
            match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) {
                Ok((entry, kind)) => {
                    let name = entry.file_name().to_str().map(str::to_owned);
                    inside.push((entry, kind, name));
                }
                Err(error) => listed.problems.push(fails(error)),
            }
        }
        let has = |wanted: &str| inside.iter().any(|(.., name)| name.as_deref() == Some(wanted));
        let manifest = has("Cargo.toml");
        let names = [has(".gitignore"), has(".ignore")];
        let ignores = [".gitignore", ".ignore"].iter().zip(names).filter(|(_, there)| *there);
        listed.ignores.extend(ignores.map(|(name, _)| joined(&dir.relative, name)));
        listed.dirs.push(dir.relative.clone());
        let patterns = self.extended(&dir.path, &dir.relative, names, has(".git"), &dir.patterns, listed);
        let mut below = Vec::new();
        for (entry, kind, name) in inside {
            let is_dir = kind.is_dir();
            if !is_dir && !kind.is_file() {
                if let (true, Some(name)) = (kind.is_symlink(), &name) {
                    listed.links.push(joined(&dir.relative, name));
                }
                continue;
            }
            let Some(name) = name else {
                let shown = entry.file_name().to_string_lossy().into_owned();
                listed.problems.push((joined(&dir.relative, &shown), "the path is not UTF-8".to_owned()));
                continue;
            };
            let path = entry.path();
            if is_dir && (SKIPPED_DIRS.contains(&name.as_str()) || is_build_dir(&name, &path, manifest)) {
                continue;
            }
            let relative = joined(&dir.relative, &name);
            // A file that hides things does not hide itself.
            let hides = name == ".ignore" && !is_dir;
            let by = self.hides(&patterns, &path, is_dir).or(dir.ignored.then_some(By::Git)).filter(|_| !hides);
            // What is tracked is deployed, whatever ignore files say.
            let tracked = by.is_some().then(|| self.tracked(&relative, is_dir)).flatten();
            match (by, tracked) {
                (None, _) | (Some(By::Git), Some(1..)) => {}
                (Some(By::Git), Some(0)) | (Some(By::Ignore), Some(0)) => continue,
                (Some(By::Ignore), Some(files)) => {
                    listed.hidden.files += files;
                    continue;
                }
                (Some(_), None) => {
                    listed.hidden.dirs += usize::from(is_dir);
                    listed.hidden.files += usize::from(!is_dir);
                    continue;
                }
            }
            if is_dir {
                let ignored = by.is_some();
                below.push(Dir { path, relative, patterns: Arc::clone(&patterns), ignored });
            } else {
                listed.files.push(relative);
            }
        }
        below
    }

    /// Who hides a path: nearer files before those around them, and `.ignore` before git.
    fn hides(&self, patterns: &Patterns, path: &Path, is_dir: bool) -> Option<By> {
        let (mut by_ignore, mut by_git, mut beyond) = (Match::None, Match::None, false);
        let mut level = Some(patterns);
        let inside = |dir: &Path| path.strip_prefix(dir).unwrap_or(path);
        while let Some(at) = level {
            if by_ignore.is_none() && !at.ignore.is_empty() {
                by_ignore = at.ignore.matched(inside(&at.dir), is_dir).map(|_| ());
            }
            if by_git.is_none() && !beyond && !at.git.is_empty() {
                by_git = at.git.matched(inside(&at.dir), is_dir).map(|_| ());
            }
            beyond |= at.top;
            level = at.around.as_deref();
        }
        let exclude = || {
            let top = self.repository.as_ref().map_or(self.root, |repository| &repository.top);
            self.exclude.matched(inside(top), is_dir).map(|_| ())
        };
        let own = || exclude().or(self.global.matched(path, is_dir).map(|_| ()));
        match by_ignore {
            Match::Ignore(()) => Some(By::Ignore),
            Match::Whitelist(()) => None,
            Match::None => by_git.or(own()).is_ignore().then_some(By::Git),
        }
    }

    /// How many files git tracks at or below a path. None if there is no git to say.
    fn tracked(&self, relative: &str, is_dir: bool) -> Option<usize> {
        let tracked = self.tracked.get_or_init(|| self.repository.as_ref()?.tracked(self.root));
        let tracked = tracked.as_ref()?;
        if !is_dir {
            return Some(usize::from(tracked.binary_search_by(|name| name.as_str().cmp(relative)).is_ok()));
        }
        let from = tracked.partition_point(|name| name.as_str() < relative);
        let prefix = format!("{relative}/");
        let below = |name: &str| name.starts_with(&prefix);
        // Names like `a-b` stand between `a` and `a/b`.
        let from = from + tracked[from..].partition_point(|name| name.as_str() < prefix.as_str());
        Some(tracked[from..].partition_point(|name| below(name)))
    }
}

fn joined(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// Whether a directory is what cargo builds into; a module may be called `target` as well.
fn is_build_dir(name: &str, path: &Path, beside_manifest: bool) -> bool {
    name == "target" && (beside_manifest || path.join("CACHEDIR.TAG").exists())
}

impl Compiled {
    /// The patterns of an ignore file, for paths relative to its directory, and its bytes.
    fn patterns(&self, file: &Path) -> Result<(Arc<Gitignore>, usize), String> {
        let meta = file.symlink_metadata().map_err(|error| error.to_string())?;
        // Git does not follow links here either.
        if meta.is_symlink() {
            return Err("links are not followed".to_owned());
        }
        let bytes = regular(file, &meta, MAX_IGNORE).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&bytes);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&*text) {
            return Ok((Arc::clone(known), bytes.len()));
        }
        let mut builder = GitignoreBuilder::new("");
        for line in text.trim_start_matches('\u{feff}').lines() {
            // What is no pattern hides nothing.
            let _ = builder.add_line(None, line);
        }
        let read = Arc::new(builder.build().map_err(|error| error.to_string())?);
        known.insert(text.into_owned(), Arc::clone(&read));
        Ok((read, bytes.len()))
    }
}
