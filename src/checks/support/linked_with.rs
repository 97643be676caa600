//! Which C library a build command links with, as far as its words and its machine tell.

use crate::knowledge::{CLibrary, asked_of_c_library, c_library_of, c_library_of_any_machine, c_library_of_zig};

/// Major and minor.
pub(crate) type Version = (u32, u32);

/// The version a command's binary asks for, and why; none if it asks for none, or nothing tells.
pub(crate) fn asks(text: &str, machine: Option<&str>) -> Option<(Version, String)> {
    if ["$", "-musl", "crt-static", "wasm"].iter().any(|word| text.contains(word)) {
        return None;
    }
    let triple = option(text, "--target");
    if let Some((_, version)) = triple.and_then(|triple| triple.split_once("-gnu.")) {
        let mut parts = version.split('.').map(str::parse::<u32>);
        let version = (parts.next()?.ok()?, parts.next()?.ok()?);
        return Some((version, format!("built for glibc {}", shown(version))));
    }
    if uses_zig(text) {
        let triple = unversioned(text)?;
        return Some((c_library_of_zig(), format!("built for `{triple}` without a version of glibc")));
    }
    // `docker run … image cargo build`: on an image of its own.
    let contained = ["docker run", "podman run"].iter().any(|word| text.contains(word));
    let found = if contained {
        let mut words = text.split_whitespace().filter_map(|word| Some((word, c_library_of(word)?)));
        words.next()?
    } else {
        match machine {
            Some(machine) => (machine, c_library_of(machine)?),
            None => ("", CLibrary::AtLeast(c_library_of_any_machine())),
        }
    };
    let (linked, says) = match found {
        (_, CLibrary::Other) => return None,
        ("", CLibrary::AtLeast(version)) => (version, "linked with the glibc of the machine that builds it".to_owned()),
        (name, CLibrary::AtLeast(version)) => {
            (version, format!("linked on `{name}` with glibc {} or later", shown(version)))
        }
        (name, CLibrary::Glibc(version)) => (version, format!("linked on `{name}` with glibc {}", shown(version))),
    };
    let asks = asked_of_c_library(linked)?;
    Some((asks.from, format!("{says} ({})", asks.says)))
}

/// Whether zig links, which has every version of glibc.
pub(crate) fn uses_zig(text: &str) -> bool {
    let by_default =
        text.contains("lambda build") && option(text, "--compiler").is_none_or(|of| of == "cargo-zigbuild");
    by_default && !text.contains("--disable-zig-linker") || runs_zigbuild(text)
}

/// Whether cargo-zigbuild runs a command.
fn runs_zigbuild(text: &str) -> bool {
    text.split_whitespace().any(|word| word == "zigbuild")
}

/// The target of a command, if it is one of the GNU C library and names no version.
pub(crate) fn unversioned(text: &str) -> Option<&str> {
    option(text, "--target").filter(|triple| triple.ends_with("-linux-gnu"))
}

/// The value of an option.
fn option<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let value = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        let value = if word == name { words.next() } else { value };
        if value.is_some() {
            return value.map(|value| value.trim_matches(['"', '\'', ',', ';']));
        }
    }
    None
}

/// A version as people write it.
pub(crate) fn shown((major, minor): Version) -> String {
    format!("{major}.{minor}")
}
