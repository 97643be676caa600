//! The files under the scanned root: on disk, in memory, in a revision, or with new texts over them.
//! The only code of the crate that touches the disk for input.

mod again;
mod bounded;
mod child;
mod disk;
mod error;
pub mod git;
mod memory;
mod overlay;
mod repository;
mod seen;
mod tracked;
mod walk;

pub use self::again::Again;
pub use self::child::program;
pub use self::disk::{Disk, named};
pub use self::error::ReadError;
pub use self::memory::Memory;
pub use self::overlay::Overlay;
pub use self::repository::repository;
pub use self::seen::Seen;
pub use self::tracked::is_merging;
pub use self::walk::Hidden;

use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

/// Files larger than this are listed as gaps: no hand-written template or source comes near it.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

/// A place files come from.
pub trait Tree: Sync {
    /// Every file, relative to the root and `/`-separated, sorted.
    fn files(&self) -> &[String];

    /// The bytes of a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// The text of a file.
    ///
    /// # Errors
    /// Why it cannot be read, or that it is no text.
    fn text(&self, path: &str) -> Result<String, ReadError> {
        ReadError::decode(self.read(path)?)
    }

    /// What is at a path that need not be listed: what a build left. None if there is no regular file.
    fn built(&self, _path: &str) -> Option<Built> {
        None
    }

    /// The root on disk, for tools that must be run on it.
    fn root(&self) -> Option<&Path> {
        None
    }

    /// Whether a file exists; cheap, since the list is sorted.
    fn contains(&self, path: &str) -> bool {
        self.files().binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }

    /// Links, which are not followed; for what would follow them.
    fn links(&self) -> &[String] {
        &[]
    }

    /// Trouble met while listing.
    fn problems(&self) -> &[(String, String)] {
        &[]
    }
}

/// A file that a build left.
#[derive(Debug)]
pub struct Built {
    /// The open file; it is read in parts, never whole.
    pub file: File,
    /// Bytes.
    pub bytes: u64,
    /// When it was written, where the disk tells.
    pub modified: Option<SystemTime>,
}
