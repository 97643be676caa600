//! What a build left of a binary: its size, what it runs on, and which crate its bytes come from.

use super::TargetId;
use std::collections::BTreeMap;

/// An executable or a zip archive that a build left.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The binary.
    pub target: TargetId,
    /// Its path, relative to the scanned root.
    pub path: String,
    /// Bytes of the file: of the executable, or of the archive.
    pub bytes: u64,
    /// Bytes of all files of the archive, unpacked; none for an executable.
    pub unpacked: Option<u64>,
    /// Whether it lies where debug builds do.
    pub is_debug: bool,
    /// Whether the lock file was written after it.
    pub is_stale: bool,
    /// The executable; none if the archive's could not be read.
    pub executable: Option<Executable>,
}

impl Artifact {
    /// Bytes it has when it runs, as far as they are known.
    pub fn unpacked_bytes(&self) -> i64 {
        self.unpacked.unwrap_or(self.bytes) as i64
    }
}

/// What the headers of an executable say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Executable {
    /// `x86_64` or `arm64`; none for anything Lambda does not run.
    pub architecture: Option<&'static str>,
    /// Bytes of debug information.
    pub debug_info: u64,
    /// Bytes of machine code.
    pub code: u64,
    /// Where the machine code comes from; none if the symbols are stripped or were not asked for.
    pub attribution: Option<Attribution>,
    /// Whether it has no symbol table.
    pub is_stripped: bool,
    /// The newest version of the GNU C library whose symbols it cannot run without; none if it asks for none.
    pub c_library: Option<(u32, u32)>,
}

/// Bytes of machine code by crate, as the symbols name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attribution {
    /// By the crate's name in source (`_`, not `-`); the standard library's crates together as `std`.
    pub crates: BTreeMap<String, u64>,
    /// Code of symbols that name no crate: C, assembly, thunks.
    pub other: u64,
}

impl Attribution {
    /// Bytes of a crate, by its name in source.
    pub fn of(&self, name: &str) -> u64 {
        self.crates.get(name).copied().unwrap_or(0)
    }
}
