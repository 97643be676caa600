//! What git tracks below the scanned root, read from its index: ignore files do not hide what is tracked.
//! Format: git documentation, `gitformat-index`, versions 2 to 4.

#![allow(clippy::disallowed_methods)] // reads the repository's own files, which no change can bring

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// An index larger than this lists more files than anybody has.
const MAX_INDEX: u64 = 256 << 20;
/// Bytes of an entry before its name.
const FIXED: usize = 62;

/// The repository around a directory: its top, and where git keeps what.
pub(super) struct Repository {
    pub(super) top: PathBuf,
    git: PathBuf,
}

impl Repository {
    /// The nearest directory at or above this one that is the top of a working tree.
    pub(super) fn around(root: &Path) -> Option<Self> {
        let top = root.ancestors().find(|dir| dir.join(".git").symlink_metadata().is_ok())?;
        let git = top.join(".git");
        // In linked working trees it is a file that names the directory.
        let git = if git.is_dir() { git } else { top.join(named(&git, "gitdir: ")?) };
        Some(Self { top: top.to_owned(), git })
    }

    /// The file that lists what is tracked.
    pub(super) fn index(&self) -> PathBuf {
        self.git.join("index")
    }

    /// The file of patterns that are not committed.
    pub(super) fn exclude(&self) -> PathBuf {
        let common = named(&self.git.join("commondir"), "").map(|dir| self.git.join(dir));
        common.as_ref().unwrap_or(&self.git).join("info/exclude")
    }

    /// Whether a merge is under way. Source: git, "gitrepository-layout".
    pub(super) fn is_merging(&self) -> bool {
        self.git.join("MERGE_HEAD").is_file()
    }

    /// The tracked files below a directory, relative to it, sorted. None if the index cannot be read.
    pub(super) fn tracked(&self, root: &Path) -> Option<Vec<String>> {
        let mut bytes = Vec::new();
        File::open(self.index()).ok()?.take(MAX_INDEX).read_to_end(&mut bytes).ok()?;
        let below = root.strip_prefix(&self.top).ok()?.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
        let prefix = if below.is_empty() { below } else { format!("{below}/") };
        let names = names(&bytes)?;
        let inside = names.into_iter().filter_map(|name| {
            let name = String::from_utf8(name).ok()?;
            name.strip_prefix(&prefix).map(str::to_owned)
        });
        let mut inside: Vec<String> = inside.collect();
        inside.sort_unstable();
        Some(inside)
    }
}

/// Whether a merge is under way in the repository around a directory.
pub fn is_merging(root: &Path) -> bool {
    Repository::around(root).is_some_and(|repository| repository.is_merging())
}

/// The path that a small file names.
fn named(file: &Path, before: &str) -> Option<PathBuf> {
    let mut text = String::new();
    File::open(file).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(PathBuf::from(text.trim_end().strip_prefix(before)?))
}

/// The names an index lists. None if it has another form.
fn names(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (version, count) = (number(4)?, number(8)? as usize);
    if !bytes.starts_with(b"DIRC") || !(2..=4).contains(&version) || count > bytes.len() / FIXED {
        return None;
    }
    let mut names: Vec<Vec<u8>> = Vec::with_capacity(count);
    let mut at = 12;
    for _ in 0..count {
        let flags = u16::from_be_bytes(bytes.get(at + FIXED - 2..at + FIXED)?.try_into().ok()?);
        let extended = version >= 3 && flags & 0x4000 != 0;
        let mut start = at + FIXED + if extended { 2 } else { 0 };
        let mut name = Vec::new();
        if version == 4 {
            let (cut, next) = varint(bytes, start)?;
            let last = names.last().map_or(&[][..], Vec::as_slice);
            name.extend(&last[..last.len().checked_sub(cut)?]);
            start = next;
        }
        let length = memchr::memchr(0, bytes.get(start..)?)?;
        name.extend(&bytes[start..start + length]);
        // What has object names of another length would be read as something else.
        let said = usize::from(flags & 0xfff);
        if name.is_empty() || said != name.len().min(0xfff) {
            return None;
        }
        let end = start + length;
        at = if version == 4 { end + 1 } else { at + (end - at) / 8 * 8 + 8 };
        names.push(name);
    }
    Some(names)
}

/// A number of a variable count of bytes, and where it ends.
fn varint(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = 0usize;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
        value = value.checked_add(1)?.checked_mul(128)?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Repository, names};
    use std::process::Command;

    #[test]
    fn indices_of_every_version_are_read() {
        let dir = tempfile::tempdir().expect("a directory");
        let git = |args: &[&str]| {
            let output = Command::new("git").args(args).current_dir(dir.path()).output().expect("git runs");
            assert!(output.status.success(), "{output:?}");
        };
        git(&["init", "-q"]);
        let mut expected: Vec<String> = (0..40).map(|at| format!("sub/{}{at}.txt", "n".repeat(at))).collect();
        expected.push(format!("sub/{}", "long/".repeat(60)) + &"x".repeat(200));
        expected.sort_unstable();
        for path in &expected {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("creates");
            std::fs::write(path, "").expect("writes");
        }
        std::fs::write(dir.path().join("top.txt"), "").expect("writes");
        for version in ["2", "3", "4"] {
            git(&["add", "-A"]);
            git(&["update-index", "--index-version", version]);
            let root = dir.path().join("sub");
            let repository = Repository::around(&root).expect("a repository");
            let inside: Vec<String> = expected.iter().map(|path| path["sub/".len()..].to_owned()).collect();
            assert_eq!(repository.tracked(&root).expect("readable"), inside, "version {version}");
        }
    }

    #[test]
    fn damaged_indices_are_refused() {
        for bytes in [&b""[..], b"DIRC", b"DIRC\0\0\0\x02\xff\xff\xff\xff", &[b'x'; 200]] {
            assert_eq!(names(bytes), None);
        }
        let mut bytes = b"DIRC\0\0\0\x04\0\0\0\x01".to_vec();
        bytes.extend([0; 62]);
        bytes.extend([0xff; 40]);
        assert_eq!(names(&bytes), None);
    }
}
