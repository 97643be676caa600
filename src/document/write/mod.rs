//! Edits that set what a path leads to, on the tree a reader built, in the style and indentation around it. What cannot
//! be written without changing something else is not written: a value that several places share, a reference.

mod hcl;
mod json;
mod lines;
mod path;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

pub(crate) use self::hcl::{add_block_behind, set_attribute};
pub(crate) use self::toml::set_table;

use self::lines::Lines;
use super::tree::{Doc, Format};
use crate::text::{Edit, Value};

/// Sets what a path leads to below the value of the key at a byte; mappings that are missing are made. If the value is
/// a scalar, `short` is the key it gets in the mapping that takes its place.
pub(crate) fn set(doc: &Doc, text: &str, of: u32, path: &[String], value: &Value, short: Option<&str>) -> Option<Edit> {
    let lines = Lines { file: doc.file, text };
    match doc.format {
        Format::Yaml => yaml::Writer::of(doc, lines).set(of, path, value, short),
        Format::Json => json::Writer::of(doc, lines).set(of, path, value, short),
        Format::Toml | Format::Made => None,
    }
}

/// Adds an entry behind the one whose key begins at a byte.
pub(crate) fn add_behind(doc: &Doc, text: &str, of: u32, key: &str, value: &Value) -> Option<Edit> {
    let lines = Lines { file: doc.file, text };
    match doc.format {
        Format::Yaml => yaml::Writer::of(doc, lines).add_behind(of, key, value),
        Format::Json => json::Writer::of(doc, lines).add_behind(of, key, value),
        Format::Toml | Format::Made => None,
    }
}
