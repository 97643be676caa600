//! Why a file could not be read. The texts are said of a file: `orders.rs` *is 20 MiB; …*.

use std::io;
use thiserror::Error;

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The tree has no such file.
    #[error("does not exist")]
    Missing,
    /// It is larger than any file a person wrote.
    #[error("is {}; files over {} are not read", size(*.bytes), size(*.most))]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The most that is read of such a file.
        most: u64,
    },
    /// It is no text.
    #[error("is not UTF-8; not analysed")]
    NotUtf8 {
        /// Bytes before the first that is wrong.
        valid: usize,
        /// The 1-based line that is on.
        line: u32,
    },
    /// The disk, or git, did not give it.
    #[error("cannot be read: {reason}")]
    Refused {
        /// The kind of trouble.
        kind: io::ErrorKind,
        /// What was said.
        reason: String,
    },
}

/// A number of bytes in words.
fn size(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

impl ReadError {
    /// Whether there is no such file, whoever says so.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing | Self::Refused { kind: io::ErrorKind::NotFound, .. })
    }

    /// The text that bytes are.
    ///
    /// # Errors
    /// Where they stop being one.
    pub fn decode(bytes: Vec<u8>) -> Result<String, Self> {
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = memchr::memchr_iter(b'\n', &error.as_bytes()[..valid]).count() as u32 + 1;
            Self::NotUtf8 { valid, line }
        })
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Refused { kind: error.kind(), reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::ReadError;
    use crate::tree::{Disk, Memory, Tree};

    #[test]
    fn callers_can_tell_what_is_not_there_from_what_is_no_text() {
        let tree = Memory::new([("a".to_owned(), "x".to_owned())]);
        assert_eq!(tree.text("a").as_deref(), Ok("x"));
        assert!(tree.text("b").is_err_and(|error| error.is_missing()));
        let dir = tempfile::tempdir().expect("a directory");
        let disk = Disk::open(dir.path()).expect("opens");
        assert!(disk.text("b").is_err_and(|error| error.is_missing()));
        assert_eq!(ReadError::decode(b"a\nb\xff".to_vec()), Err(ReadError::NotUtf8 { valid: 3, line: 2 }));
    }
}
