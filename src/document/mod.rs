//! YAML, JSON, TOML and HCL: read to trees with a span and a style on every node, and written to in the style that is
//! there. The only place that knows how they are spelt, for readers and for fixes.

pub(crate) mod hcl;
pub(crate) mod json;
mod kept;
pub(crate) mod toml;
pub(crate) mod tree;
pub(crate) mod write;
pub(crate) mod yaml;

pub use self::kept::Documents;

use self::tree::{Doc, Format};
use crate::text::FileId;

/// Whether a text is YAML or JSON, by what it begins with.
pub(crate) fn format_of(text: &str) -> Format {
    let json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    if json { Format::Json } else { Format::Yaml }
}

/// Reads YAML or JSON, by what the text begins with.
pub(crate) fn read(file: FileId, text: &str) -> Doc {
    if format_of(text) == Format::Json { json::read(file, text) } else { yaml::read(file, text) }
}
