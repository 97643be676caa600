//! What runs keep for the next one: in the user's cache directory, never in the checkout. Whatever is missing, damaged,
//! of another version or not ours is not there; nothing depends on what is.

#![allow(clippy::disallowed_methods)] // its own files, outside the scanned tree

mod bytes;
mod stamp;

pub use self::bytes::{Reader, Writer};
pub use self::stamp::{Stamp, Stamped, now};

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// What an entry begins with; the number changes with the layout of entries.
const MAGIC: &[u8; 8] = b"faasl\0\0\x01";
/// Entries larger than this are not kept: reading them would not pay.
const MAX_ENTRY: usize = 16 << 20;
/// All entries together; the ones that were not used for longest go first.
const MAX_ALL: u64 = 128 << 20;
/// As many entries: each is a file.
const MAX_ENTRIES: usize = 2_000;

/// A directory with entries.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
}

impl Cache {
    /// The user's cache, made if it is not there. None if there is no place for one, if it would lie in one of the
    /// directories that are scanned, or if others could write to it.
    pub fn open(scanned: &[&Path]) -> Option<Self> {
        let dir = place(&|name| std::env::var_os(name).filter(|value| !value.is_empty()))?;
        Self::at(dir, scanned)
    }

    fn at(dir: PathBuf, scanned: &[&Path]) -> Option<Self> {
        if !dir.is_absolute() {
            return None;
        }
        make(&dir).ok()?;
        // What is compared and written to is the same place, whatever links lead there.
        let dir = dir.canonicalize().ok()?;
        let inside = scanned.iter().any(|root| root.canonicalize().is_ok_and(|root| dir.starts_with(root)));
        (!inside && is_private(&dir)).then_some(Self { dir })
    }

    /// What was kept under a name.
    pub fn get(&self, key: u128) -> Option<Vec<u8>> {
        let path = self.path(key);
        let meta = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
        let file = fs::File::open(&path).ok()?;
        (&file).take(MAX_ENTRY as u64 + 1).read_to_end(&mut bytes).ok()?;
        let (head, body) = bytes.split_at_checked(MAGIC.len() + 8)?;
        let whole = head.starts_with(MAGIC) && head[MAGIC.len()..] == xxh3_64(body).to_le_bytes();
        if !whole {
            return None;
        }
        // The ones that are used stay.
        let _ = file.set_modified(SystemTime::now());
        bytes.drain(..MAGIC.len() + 8);
        Some(bytes)
    }

    /// Keeps something under a name: whole or not at all, and a run beside this one reads the old or the new.
    pub fn put(&self, key: u128, body: &[u8]) {
        if body.len() > MAX_ENTRY {
            return;
        }
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::Builder::new().prefix("new-").tempfile_in(&self.dir)?;
            file.write_all(MAGIC)?;
            file.write_all(&xxh3_64(body).to_le_bytes())?;
            file.write_all(body)?;
            file.persist(self.path(key)).map_err(|error| error.error)?;
            Ok(())
        };
        if write().is_ok() {
            self.trim();
        }
    }

    fn path(&self, key: u128) -> PathBuf {
        self.dir.join(format!("{key:032x}"))
    }

    /// Removes what was not used for longest, down to three quarters of what may be there.
    fn trim(&self) {
        let Ok(list) = fs::read_dir(&self.dir) else { return };
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = list
            .flatten()
            .filter_map(|entry| {
                let meta = entry.metadata().ok()?;
                Some((meta.modified().ok()?, meta.len(), entry.path()))
            })
            .collect();
        let mut bytes: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        let mut count = entries.len();
        if bytes <= MAX_ALL && count <= MAX_ENTRIES {
            return;
        }
        entries.sort_unstable();
        for (_, size, path) in entries {
            if bytes <= MAX_ALL / 4 * 3 && count <= MAX_ENTRIES / 4 * 3 {
                return;
            }
            if fs::remove_file(path).is_ok() {
                bytes -= size;
                count -= 1;
            }
        }
    }
}

/// The name of an entry: what it is of, the build of the program that wrote it, and everything it depends on.
pub fn key(kind: &str, parts: &[u8]) -> u128 {
    let mut all = Writer::default();
    all.text(kind);
    all.text(env!("CARGO_PKG_VERSION"));
    all.text(env!("FAASLINT_BUILD"));
    all.bytes(parts);
    xxh3_128(&all.done())
}

/// The directory for what programs can make again, by each system's convention.
fn place(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let home = |name: &str| variable(name).map(PathBuf::from);
    let base = if cfg!(windows) {
        home("LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        home("HOME")?.join("Library/Caches")
    } else {
        home("XDG_CACHE_HOME").filter(|dir| dir.is_absolute()).or_else(|| Some(home("HOME")?.join(".cache")))?
    };
    Some(base.join("faaslint"))
}

#[cfg(unix)]
fn make(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn make(dir: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).create(dir)
}

/// Whether nobody else can put something there.
#[cfg(unix)]
fn is_private(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let mode = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.uid(), meta.mode()));
    let Some((owner, mode)) = mode(dir) else { return false };
    // What this process makes belongs to the user it runs as.
    let mine = tempfile::tempfile_in(dir).ok().and_then(|file| file.metadata().ok()).map(|meta| meta.uid());
    mode & 0o022 == 0 && mine == Some(owner)
}

#[cfg(not(unix))]
fn is_private(_dir: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::{Cache, MAX_ENTRIES, place};
    use std::ffi::OsString;
    use std::fs;
    use std::path::PathBuf;

    fn cache() -> (tempfile::TempDir, Cache) {
        let dir = tempfile::tempdir().expect("a directory");
        let cache = Cache::at(dir.path().join("faaslint"), &[]).expect("opens");
        (dir, cache)
    }

    #[test]
    fn what_is_put_is_got_and_nothing_else() {
        let (_dir, cache) = cache();
        cache.put(7, b"something");
        assert_eq!((cache.get(7).as_deref(), cache.get(8)), (Some(&b"something"[..]), None));
    }

    #[test]
    fn damaged_entries_are_not_there() {
        let (_dir, cache) = cache();
        cache.put(7, b"something");
        let whole = fs::read(cache.path(7)).expect("readable");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(cache.path(7), &bytes).expect("writable");
            assert_eq!(cache.get(7), None, "byte {at}");
            fs::write(cache.path(7), &whole[..at]).expect("writable");
            assert_eq!(cache.get(7), None, "the first {at} bytes");
        }
    }

    #[test]
    fn there_is_no_cache_in_what_is_scanned() {
        let dir = tempfile::tempdir().expect("a directory");
        assert!(Cache::at(dir.path().join("faaslint"), &[dir.path()]).is_none());
        assert!(Cache::at(PathBuf::from("faaslint"), &[]).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_others_may_write_to_is_no_cache() {
        use std::os::unix::fs::PermissionsExt;
        let (dir, _) = cache();
        let place = dir.path().join("faaslint");
        fs::set_permissions(&place, fs::Permissions::from_mode(0o777)).expect("may be changed");
        assert!(Cache::at(place, &[]).is_none());
    }

    #[test]
    fn the_ones_that_were_not_used_go() {
        let (_dir, cache) = cache();
        for key in 0..=MAX_ENTRIES as u128 {
            cache.put(key, b"");
        }
        let left = fs::read_dir(&cache.dir).expect("readable").count();
        assert_eq!(left, MAX_ENTRIES / 4 * 3);
    }

    #[test]
    fn runs_beside_each_other_read_whole_entries() {
        let (_dir, cache) = cache();
        let bodies: Vec<Vec<u8>> = (0..4u8).map(|n| vec![n; 100_000]).collect();
        std::thread::scope(|scope| {
            for body in &bodies {
                scope.spawn(|| (0..50).for_each(|_| cache.put(1, body)));
            }
            for _ in 0..200 {
                assert!(cache.get(1).is_none_or(|body| bodies.contains(&body)));
            }
        });
    }

    #[test]
    fn the_place_is_the_users() {
        let set = |name: &str| (name != "XDG_CACHE_HOME").then(|| OsString::from("/home/a"));
        assert!(place(&set).is_some_and(|dir| dir.starts_with("/home/a") && dir.ends_with("faaslint")));
        assert_eq!(place(&|_| None), None);
    }
}
