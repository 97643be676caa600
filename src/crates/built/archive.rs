//! Deployment packages: what they unpack to, without unpacking them.

use crate::tree::Built;
use std::io::{BufReader, Read};
use zip::ZipArchive;

/// Bytes of `bootstrap` that hold its ELF header.
const HEADER_BYTES: u64 = 64;
/// A package with more entries than this is not one that a Rust function needs.
const MOST_ENTRIES: usize = 100_000;

/// What an archive says of itself.
pub(crate) struct Packed {
    /// Bytes of all files.
    pub(crate) unpacked: u64,
    /// The first bytes of the executable.
    pub(crate) bootstrap: Option<Vec<u8>>,
}

/// Reads the directory of an archive and the first bytes of its executable. None if it is no archive.
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
        file.take(HEADER_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    });
    Some(Packed { unpacked, bootstrap })
}
