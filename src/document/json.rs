//! JSON into a [`Doc`].

use super::tree::{Doc, Entry, Format, Kind, NodeId, Style};
use crate::text::{FileId, Span};
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// Reads strict JSON. Errors are kept in the document with their place.
pub(crate) fn read(file: FileId, text: &str) -> Doc {
    let mut doc = Doc::written(file, Format::Json);
    let (text, base) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &strict) {
        Ok(parsed) => {
            if let Some(value) = &parsed.value {
                let root = add(&mut doc, base, value);
                doc.roots.push(root);
            }
        }
        Err(error) => {
            let range = error.range();
            let span = Span::new(file, range.start as u32 + base, range.end as u32 + base);
            doc.error = Some((error.kind().to_string().to_lowercase(), span));
        }
    }
    doc
}

/// The parser bounds nesting at 512, and with it this recursion.
fn add(doc: &mut Doc, base: u32, value: &Value<'_>) -> NodeId {
    let range = value.range();
    let file = doc.file;
    let span = |start: usize, end: usize| Span::new(file, start as u32 + base, end as u32 + base);
    let here = span(range.start, range.end);
    let scalar = |doc: &mut Doc, text: String| doc.add(Kind::Scalar { text }, here, None, Style::Flow);
    match value {
        Value::NullKeyword(_) => doc.add(Kind::Null, here, None, Style::Flow),
        Value::StringLit(text) => scalar(doc, text.value.to_string()),
        Value::NumberLit(number) => scalar(doc, number.value.to_owned()),
        Value::BooleanLit(truth) => scalar(doc, truth.value.to_string()),
        Value::Array(array) => {
            let items = array.elements.iter().map(|element| add(doc, base, element)).collect();
            doc.add(Kind::Seq(items), here, None, Style::Flow)
        }
        Value::Object(object) => {
            let entries: Vec<Entry> = object
                .properties
                .iter()
                .map(|property| {
                    let name = property.name.range();
                    Entry {
                        key: property.name.as_str().to_owned(),
                        key_span: span(name.start, name.end),
                        value: add(doc, base, &property.value),
                    }
                })
                .collect();
            doc.note_duplicates(&entries);
            doc.add(Kind::Map(entries), here, None, Style::Flow)
        }
    }
}
