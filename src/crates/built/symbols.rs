//! Which crate the machine code of an executable comes from, by the names of its symbols.

use crate::knowledge::c_symbols;
use crate::model::crates::artifact::Attribution;
use object::read::ReadRef;
use object::{File, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};
use std::collections::HashSet;

/// Crates of the standard library's own build.
/// Source: rust-lang/rust, `library/Cargo.lock`.
const STANDARD: [&str; 6] = ["std", "core", "alloc", "std_detect", "compiler_builtins", "panic_unwind"];

/// How those are called together.
const STD: &str = "std";

/// Sums sizes of functions by crate.
pub(crate) fn attribute<'d, R: ReadRef<'d>>(file: &File<'d, R>, code: u64) -> Attribution {
    let text: HashSet<_> =
        file.sections().filter(|section| section.kind() == SectionKind::Text).map(|section| section.index()).collect();
    let mut found = Attribution::default();
    let mut seen = HashSet::new();
    let mut named = 0;
    for symbol in file.symbols() {
        let in_code = symbol.section_index().is_some_and(|index| text.contains(&index));
        if !in_code || symbol.kind() != SymbolKind::Text || symbol.size() == 0 || !seen.insert(symbol.address()) {
            continue;
        }
        let Some(name) = symbol.name().ok().and_then(crate_of) else { continue };
        named += symbol.size();
        *found.crates.entry(name).or_default() += symbol.size();
    }
    found.other = code.saturating_sub(named);
    found
}

/// The crate a symbol belongs to; none if nothing tells.
fn crate_of(symbol: &str) -> Option<String> {
    let Ok(demangled) = rustc_demangle::try_demangle(symbol) else {
        // The crate's name in source is what mangled symbols carry.
        let known = c_symbols().prefixes.iter().find(|(prefix, _)| symbol.starts_with(prefix.as_str()));
        return known.map(|(_, package)| package.replace('-', "_"));
    };
    crate_of_path(&format!("{demangled:#}"))
}

/// The crate of a path: its first segment. For `<Type as Trait>::method`, the type's crate, unless the type is the
/// standard library's or none's: then the trait's. What the standard library is only instantiated with, as drop glue
/// and collections are, goes when the crate of the element goes: it is that crate's.
fn crate_of_path(path: &str) -> Option<String> {
    let own = match path.strip_prefix('<') {
        None => first_segment(path)?,
        Some(inner) => {
            let (of_type, of_trait) = split_as(inner);
            let own = first_segment(of_type).filter(|name| name != STD);
            own.or_else(|| of_trait.and_then(first_segment)).unwrap_or_else(|| STD.to_owned())
        }
    };
    Some(if own == STD { argument(path).unwrap_or(own) } else { own })
}

/// The first crate that a path names inside brackets and that is not the standard library's.
fn argument(path: &str) -> Option<String> {
    let starts = path.match_indices(['<', '(', '[', '&', '*', ' ', ',']).map(|(at, _)| at + 1);
    starts.filter_map(|at| first_segment(&path[at..])).find(|name| name != STD)
}

/// Splits `Type as Trait>…` at the ` as ` that is not inside angle brackets.
fn split_as(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0i32;
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if !text[..at].ends_with('-') => {
                if depth == 0 {
                    return (&text[..at], None);
                }
                depth -= 1;
            }
            ')' | ']' => depth -= 1,
            ' ' if depth == 0 && text[at..].starts_with(" as ") => return (&text[..at], Some(&text[at + 4..])),
            _ => {}
        }
    }
    (text, None)
}

/// The first segment of a path behind references, pointers and brackets; `std` for the standard library's crates.
fn first_segment(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['&', '*', '(', '[', '<']);
    let text =
        ["mut ", "const ", "dyn ", "impl "].iter().fold(text, |text, word| text.strip_prefix(word).unwrap_or(text));
    let text = text.trim_start_matches(['&', '*', '(', '[', '<']);
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let name = &text[..end];
    let is_path = text[end..].starts_with("::") || text[end..].starts_with('[');
    if name.is_empty() || !is_path {
        return None;
    }
    Some(if STANDARD.contains(&name) { STD } else { name }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::crate_of_path;

    #[test]
    fn paths_belong_to_crates() {
        let of = |path: &str| crate_of_path(path).unwrap_or_default();
        assert_eq!(of("serde_json::de::from_str"), "serde_json");
        assert_eq!(of("<hyper::client::Client as core::clone::Clone>::clone"), "hyper");
        assert_eq!(of("<alloc::vec::Vec<T> as bytes::buf::Buf>::advance"), "bytes");
        assert_eq!(of("<&mut rustls::Stream as std::io::Read>::read"), "rustls");
        assert_eq!(of("<[u8] as core::fmt::Debug>::fmt"), "std");
        assert_eq!(of("core::ptr::drop_in_place<tokio::task::Task>"), "tokio");
        assert_eq!(of("alloc::raw_vec::RawVec<T,A>::grow_one"), "std");
        assert_eq!(of("core::ptr::drop_in_place<alloc::vec::Vec<(alloc::string::String,&http::Uri)>>"), "http");
        assert_eq!(of("<dyn core::error::Error>::is::<std::io::Error>"), "std");
        assert_eq!(of("<fn(a::B) -> c::D as tower::Service>::call"), "tower");
    }
}
