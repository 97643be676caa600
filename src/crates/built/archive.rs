//! Deployment packages: what they unpack to, without unpacking them.

use crate::tree::Built;
use std::io::{BufReader, Read};
use zip::ZipArchive;

/// Bytes of `bootstrap` that are unpacked: a larger one is known by its beginning.
const MOST_BYTES: u64 = 64 << 20;
/// A package with more entries than this is not one that a Rust function needs.
const MOST_ENTRIES: usize = 100_000;

/// What an archive says of itself.
pub(crate) struct Packed {
    /// Bytes of all files.
    pub(crate) unpacked: u64,
    /// The executable, or its first bytes.
    pub(crate) bootstrap: Option<Vec<u8>>,
}

/// Reads the directory of an archive and its executable. None if it is no archive.
pub(crate) fn read(built: Built) -> Option<Packed> {
    let mut archive = ZipArchive::new(BufReader::new(built.file)).ok()?;
    if archive.len() > MOST_ENTRIES {
        return None;
    }
    let mut unpacked = 0u64;
    for index in 0..archive.len() {
        unpacked = unpacked.saturating_add(archive.by_index_raw(index).ok()?.size());
    }
    let bootstrap = archive.by_name("bootstrap").ok().and_then(|file| {
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    });
    Some(Packed { unpacked, bootstrap })
}
