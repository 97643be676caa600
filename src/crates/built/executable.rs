//! ELF executables, read in parts: a debug build may be hundreds of megabytes.

use super::depth::Depth;
use super::symbols;
use crate::model::crates::artifact::Executable;
use crate::tree::Built;
use object::elf::{FileHeader64, VER_FLG_WEAK};
use object::read::elf::ElfFile;
use object::read::{ReadCache, ReadRef};
use object::{Endianness, File, Object, ObjectSection, SectionKind};
use std::io::BufReader;

/// Executables larger than this are not opened: Lambda takes no package of that size.
const MOST_BYTES: u64 = 4 << 30;

/// Entries of a table of versions that are looked at.
const MOST_VERSIONS: usize = 10_000;

/// What the bytes of an executable say, or its first ones.
pub(crate) fn headers(bytes: &[u8]) -> Option<Executable> {
    let c_library = File::parse(bytes).ok().and_then(|file| c_library(&file));
    Some(Executable { architecture: machine(bytes)?, c_library, ..Executable::default() })
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
    executable.c_library = c_library(&file);
    executable.is_stripped = file.symbol_table().is_none();
    if depth == Depth::Symbols && !executable.is_stripped {
        executable.attribution = Some(symbols::attribute(&file, executable.code));
    }
    Some(executable)
}

/// The newest version of the GNU C library that an executable needs; what it can do without is marked as weak.
/// Source: Linux Standard Base, "Symbol Versioning": section `.gnu.version_r`.
fn c_library<'d, R: ReadRef<'d>>(file: &File<'d, R>) -> Option<(u32, u32)> {
    let File::Elf64(elf) = file else { return None };
    let elf: &ElfFile<'d, FileHeader64<Endianness>, R> = elf;
    let (endian, sections) = (elf.endian(), elf.elf_section_table());
    let (mut libraries, strings) = sections.gnu_verneed(endian, elf.data()).ok()??;
    let strings = sections.strings(endian, elf.data(), strings).ok()?;
    let mut newest = None;
    let mut left = MOST_VERSIONS;
    while let Ok(Some((_, mut versions))) = libraries.next() {
        while let Ok(Some(version)) = versions.next() {
            left = left.checked_sub(1)?;
            let name = version.name(endian, strings).ok().and_then(|name| std::str::from_utf8(name).ok());
            let number = name.and_then(|name| name.strip_prefix("GLIBC_")).and_then(|number| {
                let mut parts = number.split('.').map(str::parse::<u32>);
                Some((parts.next()?.ok()?, parts.next()?.ok()?))
            });
            if !version.vna_flags.get(endian).contains(VER_FLG_WEAK) {
                newest = newest.max(number);
            }
        }
    }
    newest
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
