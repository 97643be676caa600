//! TOML into a [`Doc`].

use super::tree::{Doc, Entry, Kind, NodeId};
use crate::text::{FileId, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads TOML. Errors are kept in the document with their place.
pub(crate) fn read(file: FileId, text: &str) -> Doc {
    let mut doc = Doc::new(file);
    let (body, base) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let span = |range: std::ops::Range<usize>| Span::new(file, range.start as u32 + base, range.end as u32 + base);
    match DeTable::parse(body) {
        Ok(root) => {
            let place = span(root.span());
            let node = table(&mut doc, root.get_ref(), place, &span);
            doc.roots.push(node);
        }
        Err(error) => doc.error = Some((error.message().to_owned(), span(error.span().unwrap_or(0..0)))),
    }
    doc
}

/// The parser bounds nesting at 80, and with it this recursion.
fn table(doc: &mut Doc, table: &DeTable<'_>, place: Span, span: &dyn Fn(std::ops::Range<usize>) -> Span) -> NodeId {
    let entries = table
        .iter()
        .map(|(key, inner)| Entry {
            key: key.get_ref().to_string(),
            key_span: span(key.span()),
            value: value(doc, inner, span),
        })
        .collect();
    doc.push(Kind::Map(entries), place, None)
}

fn value(doc: &mut Doc, inner: &Spanned<DeValue<'_>>, span: &dyn Fn(std::ops::Range<usize>) -> Span) -> NodeId {
    let place = span(inner.span());
    let text = match inner.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| value(doc, item, span)).collect();
            return doc.push(Kind::Seq(items), place, None);
        }
        DeValue::Table(inner) => return table(doc, inner, place, span),
    };
    doc.push(Kind::Scalar { text }, place, None)
}
