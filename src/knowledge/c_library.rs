//! Versions of the GNU C library: `rules/data/c-library.yaml`.

use super::data::embedded;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A version: major and minor.
pub type Version = (u32, u32);

/// An image, by the end of its name and a word of its tag.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Image {
    name: String,
    tag: Option<String>,
    version: Option<Version>,
    #[serde(default)]
    least: bool,
}

/// What programs ask for that were linked with a version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asks {
    /// The version from which on they do, and which they ask for.
    pub from: Version,
    /// Why.
    pub says: String,
    /// The document that says so.
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "date")]
    _date: String,
    runtimes: BTreeMap<String, Version>,
    machines: BTreeMap<String, Version>,
    images: Vec<Image>,
    asks: Vec<Asks>,
    zig: Linked,
    any_machine: Linked,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Linked {
    version: Version,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "date")]
    _date: String,
}

static FILE: LazyLock<File> = LazyLock::new(|| embedded!("c-library"));

/// Which C library a machine has, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CLibrary {
    /// The GNU one, of this version.
    Glibc(Version),
    /// The GNU one, of this version or a later one.
    AtLeast(Version),
    /// Another one.
    Other,
}

/// What a runtime of Lambda has.
pub fn c_library_of_runtime(runtime: &str) -> Option<Version> {
    FILE.runtimes.get(runtime).copied()
}

/// What an image or the machine of a workflow has; none if nothing is known of it.
pub fn c_library_of(machine: &str) -> Option<CLibrary> {
    if let Some(version) = FILE.machines.get(machine) {
        return Some(CLibrary::Glibc(*version));
    }
    let whole = machine.split('@').next().unwrap_or(machine);
    // A port of a registry is no tag.
    let (name, tag) = match whole.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (whole, "latest"),
    };
    let named = |known: &str| name == known || name.strip_suffix(known).is_some_and(|rest| rest.ends_with('/'));
    let tagged = |word: &str| tag.split(['-', '_']).any(|part| part == word || part.starts_with(&format!("{word}.")));
    let found = FILE.images.iter().find(|row| named(&row.name) && row.tag.as_deref().is_none_or(tagged))?;
    Some(match found.version {
        None => CLibrary::Other,
        Some(version) if found.least => CLibrary::AtLeast(version),
        Some(version) => CLibrary::Glibc(version),
    })
}

/// What a Rust program asks for that was linked with a version.
pub fn asked_of_c_library(linked: Version) -> Option<&'static Asks> {
    FILE.asks.iter().filter(|row| row.from <= linked).max_by_key(|row| row.from)
}

/// What zig links with when it is not told a version.
pub fn c_library_of_zig() -> Version {
    FILE.zig.version
}

/// What any machine that is still maintained has at least.
pub fn c_library_of_any_machine() -> Version {
    FILE.any_machine.version
}

#[cfg(test)]
mod tests {
    use super::{CLibrary, asked_of_c_library, c_library_of};

    #[test]
    fn images_are_found_by_name_and_tag() {
        assert_eq!(c_library_of("rust:1.80-slim-bookworm"), Some(CLibrary::Glibc((2, 36))));
        assert_eq!(c_library_of("docker.io/library/rust:1.60"), Some(CLibrary::AtLeast((2, 28))));
        assert_eq!(c_library_of("rust"), Some(CLibrary::AtLeast((2, 36))));
        assert_eq!(c_library_of("rust:1-alpine"), Some(CLibrary::Other));
        assert_eq!(c_library_of("public.ecr.aws/lambda/provided:al2023"), Some(CLibrary::Glibc((2, 34))));
        assert_eq!(c_library_of("public.ecr.aws/lambda/provided:al2-arm64"), Some(CLibrary::Glibc((2, 26))));
        assert_eq!(c_library_of("amazonlinux:2023.4"), Some(CLibrary::Glibc((2, 34))));
        assert_eq!(c_library_of("registry:5000/trust:bookworm"), None);
        assert_eq!(c_library_of("ubuntu:latest"), None);
        assert_eq!(c_library_of("ubuntu-latest"), Some(CLibrary::Glibc((2, 39))));
    }

    #[test]
    fn programs_ask_for_less_than_they_are_linked_with() {
        assert_eq!(asked_of_c_library((2, 36)).map(|row| row.from), Some((2, 34)));
        assert_eq!(asked_of_c_library((2, 39)).map(|row| row.from), Some((2, 38)));
        assert!(asked_of_c_library((2, 26)).is_none());
    }
}
