//! Whether a file or directory is as it was, without reading it.

use super::bytes::{Reader, Writer};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What changes this shortly before it was looked at may change again without a trace: clocks of file systems tick.
const TICK: u64 = 2_000_000_000;

/// What the disk says of a file or directory besides its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    bytes: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    /// When anything about it last changed, where the disk tells; nobody can set it back.
    changed: u64,
    /// Which file it is.
    device: u64,
    inode: u64,
    is_dir: bool,
}

impl Stamp {
    /// The stamp of what the disk says.
    pub fn of(meta: &Metadata) -> Self {
        let modified = meta.modified().ok().map_or(0, nanos);
        let (changed, device, inode) = identity(meta);
        Self { bytes: meta.len(), modified, changed: changed.unwrap_or(modified), device, inode, is_dir: meta.is_dir() }
    }

    /// The stamp of what is at a path; links are not followed.
    #[allow(clippy::disallowed_methods)] // looks, and reads nothing
    pub fn at(path: &Path) -> Option<Self> {
        std::fs::symlink_metadata(path).ok().map(|meta| Self::of(&meta))
    }

    /// Whether it tells of every change since a moment: not if it had just been changed then.
    pub fn holds_since(&self, moment: u64) -> bool {
        self.modified.max(self.changed).saturating_add(TICK) < moment
    }

    /// Writes it.
    pub fn write(&self, to: &mut Writer) {
        for number in [self.bytes, self.modified, self.changed, self.device, self.inode, u64::from(self.is_dir)] {
            to.number(number);
        }
    }

    /// Reads it.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            bytes: from.number()?,
            modified: from.number()?,
            changed: from.number()?,
            device: from.number()?,
            inode: from.number()?,
            is_dir: from.number()? == 1,
        })
    }
}

/// Now, in nanoseconds since 1970.
pub fn now() -> u64 {
    nanos(SystemTime::now())
}

fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |age| age.as_nanos() as u64)
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> (Option<u64>, u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let changed = (meta.ctime() as u64).saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec() as u64);
    (Some(changed), meta.dev(), meta.ino())
}

#[cfg(not(unix))]
fn identity(_meta: &Metadata) -> (Option<u64>, u64, u64) {
    (None, 0, 0)
}

/// Paths with their stamps, or that nothing was there, as of a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamped {
    moment: u64,
    paths: Vec<(PathBuf, Option<Stamp>)>,
}

impl Stamped {
    /// Looks at paths.
    pub fn look(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self::as_of(now(), paths)
    }

    /// Looks at paths that something was read of at a moment before: what changed since never holds.
    pub fn as_of(moment: u64, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut paths: Vec<_> = paths.into_iter().collect();
        paths.sort_unstable();
        paths.dedup();
        let paths = paths.into_iter().map(|path| {
            let stamp = Stamp::at(&path);
            (path, stamp)
        });
        Self { moment, paths: paths.collect() }
    }

    /// Whether everything is as it was.
    pub fn holds(&self) -> bool {
        self.paths
            .iter()
            .all(|(path, stamp)| stamp.is_none_or(|stamp| stamp.holds_since(self.moment)) && Stamp::at(path) == *stamp)
    }

    /// Whether it is of the same paths with the same stamps, and they tell of every change.
    pub fn same(&self, later: &Self) -> bool {
        let holds = |stamp: &Option<Stamp>| stamp.is_none_or(|stamp| stamp.holds_since(self.moment));
        self.paths == later.paths && self.paths.iter().all(|(_, stamp)| holds(stamp))
    }

    /// Writes it; paths that are not UTF-8 make it one that never holds.
    pub fn write(&self, to: &mut Writer) {
        to.number(self.moment);
        to.number(self.paths.len() as u64);
        for (path, stamp) in &self.paths {
            to.text(path.to_str().unwrap_or_default());
            to.flag(stamp.is_some());
            stamp.unwrap_or_default().write(to);
        }
    }

    /// Reads it.
    pub fn read(from: &mut Reader<'_>) -> Option<Self> {
        let moment = from.number()?;
        let count = from.count()?;
        let mut paths = Vec::with_capacity(count);
        for _ in 0..count {
            let path = from.text().filter(|path| !path.is_empty())?;
            let (there, stamp) = (from.flag()?, Stamp::read(from)?);
            paths.push((PathBuf::from(path), there.then_some(stamp)));
        }
        Some(Self { moment, paths })
    }
}
