//! What a run looked at, kept to tell later, mostly without reading it again, that another one would see the same.

#![allow(clippy::disallowed_methods)] // this is the layer the ban protects

use super::ReadError;
use super::tracked::Repository;
use super::walk::Listed;
use crate::cache::{Reader, Stamp, Stamped, Writer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// What is looked at while a run goes on.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) read: Mutex<BTreeMap<String, Read>>,
    pub(super) built: Mutex<BTreeMap<String, Option<Stamp>>>,
}

/// A file that was read, or why it could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    /// None if it could not be read.
    pub(super) stamp: Option<Stamp>,
    /// Of its bytes, or of the reason.
    pub(super) hash: u128,
}

impl Notes {
    pub(super) fn read(&self, path: &str, stamp: Option<Stamp>, result: &Result<Vec<u8>, ReadError>) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let note = Read { stamp: stamp.filter(|_| result.is_ok()), hash: hash(result) };
        // Of two looks that differ none is certain.
        read.entry(path.to_owned())
            .and_modify(|known| *known = if *known == note { note } else { NEVER })
            .or_insert(note);
    }

    pub(super) fn built(&self, path: &str, stamp: Option<Stamp>) {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.insert(path.to_owned(), stamp);
    }
}

/// What no file ever is.
pub(super) const NEVER: Read = Read { stamp: None, hash: 0 };

pub(super) fn hash(result: &Result<Vec<u8>, ReadError>) -> u128 {
    match result {
        Ok(bytes) => xxh3_128(bytes),
        Err(error) => xxh3_128(format!("cannot be read: {error}").as_bytes()),
    }
}

/// Directories, and the files in them and around that say what is ignored.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// When the walk began.
    pub(super) moment: u64,
    pub(super) top: Option<PathBuf>,
    dirs: Vec<String>,
    ignores: Vec<String>,
    /// Of what was listed.
    pub(super) list: u128,
}

impl Places {
    pub(super) fn of(root: &Path, moment: u64, listed: &Listed) -> Self {
        let top = Repository::around(root).map(|repository| repository.top);
        let (mut dirs, ignores) = (listed.dirs.clone(), listed.ignores.clone());
        dirs.sort_unstable();
        Self { moment, top, dirs, ignores, list: 0 }
    }

    /// Notes what was listed in the end.
    pub(super) fn listed(&mut self, files: &[String], hidden: &str) {
        let mut all = Xxh3::new();
        for file in files {
            all.update(file.as_bytes());
            all.update(b"\0");
        }
        all.update(hidden.as_bytes());
        self.list = all.digest128();
    }

    /// Everything that decides what is listed.
    pub(super) fn decide(&self, root: &Path) -> Vec<PathBuf> {
        let inside = self.dirs.iter().chain(&self.ignores).map(|path| root.join(path));
        let around = root.ancestors().skip(1).flat_map(|dir| [".gitignore", ".ignore"].map(|name| dir.join(name)));
        let own =
            Repository::around(root).into_iter().flat_map(|repository| [repository.index(), repository.exclude()]);
        let user = ignore::gitignore::gitconfig_excludes_path().into_iter().chain(configurations());
        inside.chain(around).chain(own).chain(user).collect()
    }
}

/// The files in which git's users say where their patterns are.
fn configurations() -> impl Iterator<Item = PathBuf> {
    let dir = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = dir("HOME").or_else(|| dir("USERPROFILE"));
    let base = dir("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    home.map(|home| home.join(".gitconfig")).into_iter().chain(base.map(|base| base.join("git/config")))
}

/// What a run has seen.
#[derive(Debug)]
pub struct Seen {
    pub(super) moment: u64,
    pub(super) top: Option<PathBuf>,
    pub(super) list: u128,
    pub(super) decides: Stamped,
    pub(super) read: BTreeMap<String, Read>,
    pub(super) built: BTreeMap<String, Option<Stamp>>,
}

impl Seen {
    /// Writes it.
    pub fn write(&self, to: &mut Writer) {
        to.number(self.moment);
        to.flag(self.top.is_some());
        to.bytes(self.top.as_deref().unwrap_or(Path::new("")).as_os_str().as_encoded_bytes());
        to.wide(self.list);
        self.decides.write(to);
        to.number(self.read.len() as u64);
        for (path, read) in &self.read {
            to.text(path);
            to.flag(read.stamp.is_some());
            read.stamp.unwrap_or_default().write(to);
            to.wide(read.hash);
        }
        to.number(self.built.len() as u64);
        for (path, stamp) in &self.built {
            to.text(path);
            to.flag(stamp.is_some());
            stamp.unwrap_or_default().write(to);
        }
    }

    /// Reads it.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let moment = from.number()?;
        let (there, top) = (from.flag()?, std::str::from_utf8(from.bytes()?).ok()?);
        let top = there.then(|| PathBuf::from(top));
        let (list, decides) = (from.wide()?, Stamped::read(from)?);
        let (mut read, mut built) = (BTreeMap::new(), BTreeMap::new());
        for _ in 0..from.count()? {
            let (path, there, stamp) = (from.text()?.to_owned(), from.flag()?, Stamp::read(from)?);
            read.insert(path, Read { stamp: there.then_some(stamp), hash: from.wide()? });
        }
        for _ in 0..from.count()? {
            let (path, there, stamp) = (from.text()?.to_owned(), from.flag()?, Stamp::read(from)?);
            built.insert(path, there.then_some(stamp));
        }
        Some(Self { moment, top, list, decides, read, built })
    }
}
