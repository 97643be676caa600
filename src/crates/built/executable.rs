//! ELF executables, read in parts: a debug build may be hundreds of megabytes.

use super::depth::Depth;
use super::symbols;
use crate::model::crates::artifact::Executable;
use crate::tree::Built;
use object::read::{ReadCache, ReadRef};
use object::{File, Object, ObjectSection, SectionKind};
use std::io::BufReader;

/// Executables larger than this are not opened: Lambda takes no package of that size.
const MOST_BYTES: u64 = 4 << 30;

/// What the first bytes of an executable say.
pub(crate) fn headers(bytes: &[u8]) -> Option<Executable> {
    Some(Executable { architecture: machine(bytes)?, ..Executable::default() })
}

/// Reads an executable. None if it is not ELF.
pub(crate) fn read(built: Built, depth: Depth) -> Option<Executable> {
    if built.bytes > MOST_BYTES {
        return None;
    }
    let cache = ReadCache::new(BufReader::new(built.file));
    let architecture = machine(cache.range(0, 20).read_bytes_at(0, 20).ok()?)?;
    let file = File::parse(&cache).ok()?;
    let mut executable = Executable { architecture, ..Executable::default() };
    for section in file.sections() {
        let name = section.name().unwrap_or_default();
        match section.kind() {
            SectionKind::Text => executable.code += section.size(),
            _ if name.starts_with(".debug_") => executable.debug_info += section.size(),
            _ => {}
        }
    }
    executable.is_stripped = file.symbol_table().is_none();
    if depth == Depth::Symbols && !executable.is_stripped {
        executable.attribution = Some(symbols::attribute(&file, executable.code));
    }
    Some(executable)
}

/// `e_machine` of a 64-bit little-endian ELF header; the outer option tells whether it is one.
/// Source: System V ABI, "ELF Header"; EM_X86_64 is 62, EM_AARCH64 is 183.
#[allow(clippy::option_option)] // not ELF, and ELF that Lambda does not run, are different answers
fn machine(bytes: &[u8]) -> Option<Option<&'static str>> {
    if bytes.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    Some(match u16::from_le_bytes([*bytes.get(18)?, *bytes.get(19)?]) {
        62 => Some("x86_64"),
        183 => Some("arm64"),
        _ => None,
    })
}
