//! Reading with an end: regular files only, and no more bytes than a file of the kind may have.

#![allow(clippy::disallowed_methods)] // this is the layer the ban protects

use super::ReadError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Why something is not read.
pub(super) fn refused(reason: &str) -> ReadError {
    ReadError::Refused { kind: ErrorKind::InvalidInput, reason: reason.to_owned() }
}

/// The bytes of a regular file, if they are no more than so many.
pub(super) fn regular(path: &Path, meta: &std::fs::Metadata, most: u64) -> Result<Vec<u8>, ReadError> {
    if !meta.is_file() {
        return Err(refused("it is no regular file"));
    }
    if meta.len() > most {
        return Err(ReadError::TooLarge { bytes: meta.len(), most });
    }
    // It may grow while it is read.
    bounded(path, meta.len() as usize + 1, most)
}

/// What is read of a file, at most so many bytes.
pub(super) fn bounded(path: &Path, expected: usize, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::with_capacity(expected);
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        read if read > most => Err(ReadError::TooLarge { bytes: read, most }),
        _ => Ok(bytes),
    }
}
