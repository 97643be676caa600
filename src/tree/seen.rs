//! What a run looked at, kept to tell later, mostly without reading it again, that another one would see the same.

#![allow(clippy::disallowed_methods)] // this is the layer the ban protects

use super::tracked::Repository;
use super::walk::Listed;
use super::{Disk, ReadError, Tree};
use crate::cache::{Reader, Stamp, Stamped, Writer, now};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Looks at the disk that are divided among threads.
const MANY: usize = 512;

/// What is looked at while a run goes on.
#[derive(Debug, Default)]
pub(super) struct Notes {
    read: Mutex<BTreeMap<String, Read>>,
    built: Mutex<BTreeMap<String, Option<Stamp>>>,
}

/// A file that was read, or why it could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Read {
    /// None if it could not be read.
    stamp: Option<Stamp>,
    /// Of its bytes, or of the reason.
    hash: u128,
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
const NEVER: Read = Read { stamp: None, hash: 0 };

fn hash(result: &Result<Vec<u8>, ReadError>) -> u128 {
    match result {
        Ok(bytes) => xxh3_128(bytes),
        Err(error) => xxh3_128(format!("cannot be read: {error}").as_bytes()),
    }
}

/// Directories, and the files in them and around that say what is ignored.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// When the walk began.
    moment: u64,
    top: Option<PathBuf>,
    dirs: Vec<String>,
    ignores: Vec<String>,
    /// Of what was listed.
    list: u128,
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
    fn decide(&self, root: &Path) -> Vec<PathBuf> {
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
    moment: u64,
    top: Option<PathBuf>,
    list: u128,
    decides: Stamped,
    read: BTreeMap<String, Read>,
    built: BTreeMap<String, Option<Stamp>>,
}

/// What another look found.
#[derive(Debug)]
pub enum Again {
    /// The same, at one glance.
    Same,
    /// The same, and what to keep to see it at one glance the next time.
    After(Box<Seen>),
    /// Something else, and the walk if there was one.
    Other(Option<Disk>),
}

impl Disk {
    /// What was looked at since `watch`. None if not everything could be listed.
    pub fn seen(&self) -> Option<Seen> {
        let (notes, places) = (self.notes.as_ref()?, &self.places);
        if !self.problems().is_empty() {
            return None;
        }
        let root = self.root()?;
        let copy = |text: &Mutex<BTreeMap<String, Read>>| text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(Seen {
            moment: places.moment,
            top: places.top.clone(),
            list: places.list,
            decides: Stamped::as_of(places.moment, places.decide(root)),
            read: copy(&notes.read),
            built: notes.built.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        })
    }
}

impl Seen {
    /// Looks again.
    pub fn again(mut self, root: &Path) -> Again {
        let moment = now();
        let built = self.built.iter().all(|(path, known)| {
            let stamp = Stamp::at(&root.join(path));
            known.is_none_or(|known| known.holds_since(self.moment)) && stamp == *known
        });
        if !built {
            return Again::Other(None);
        }
        let around = Repository::around(root).map(|repository| repository.top);
        let mut disk = None;
        if around != self.top || !self.decides.holds() {
            let Ok(walked) = Disk::open(root) else { return Again::Other(None) };
            if walked.places.list != self.list || !walked.problems().is_empty() {
                return Again::Other(Some(walked));
            }
            self.decides = Stamped::as_of(moment, walked.places.decide(root));
            self.top = around;
            disk = Some(walked);
        }
        let files: Vec<(&String, &Read)> = self.read.iter().collect();
        let look = |files: &[(&String, &Read)]| -> Option<Vec<(String, Stamp)>> {
            let mut moved = Vec::new();
            for (path, read) in files {
                let full = root.join(path);
                let stamp = Stamp::at(&full);
                let same = read.stamp.is_some_and(|known| known.holds_since(self.moment)) && stamp == read.stamp;
                if same {
                    continue;
                }
                // Another stamp may be that of the same bytes: a checkout writes them all anew.
                let result = Disk::bytes_of(root, path);
                if **read == NEVER || hash(&result) != read.hash {
                    return None;
                }
                moved.extend(stamp.filter(|_| result.is_ok()).map(|stamp| ((*path).clone(), stamp)));
            }
            Some(moved)
        };
        let moved: Option<Vec<_>> = if files.len() < MANY {
            look(&files)
        } else {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let parts: Vec<_> = std::thread::scope(|scope| {
                let parts: Vec<_> =
                    files.chunks(files.len().div_ceil(threads)).map(|part| scope.spawn(|| look(part))).collect();
                parts.into_iter().map(|part| part.join().ok().flatten()).collect()
            });
            parts.into_iter().collect::<Option<Vec<_>>>().map(|parts| parts.into_iter().flatten().collect())
        };
        let Some(moved) = moved else { return Again::Other(disk) };
        if moved.is_empty() && disk.is_none() {
            return Again::Same;
        }
        // What held at one glance holds as of now as well: nothing of it changed since.
        for (path, stamp) in moved {
            if let Some(read) = self.read.get_mut(&path) {
                read.stamp = Some(stamp);
            }
        }
        self.moment = moment;
        Again::After(Box::new(self))
    }

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
