//! TOML into a [`Doc`].

use super::tree::{Doc, Entry, Format, Kind, NodeId, Style};
use crate::text::{FileId, Span};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads TOML. Errors are kept in the document with their place.
pub(crate) fn read(file: FileId, text: &str) -> Doc {
    let (body, base) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let mut reader = Reader { doc: Doc::written(file, Format::Toml), body, base };
    match DeTable::parse(body) {
        Ok(root) => {
            let root = reader.table(root.get_ref(), root.span());
            reader.doc.roots.push(root);
        }
        Err(error) => {
            let place = reader.span(error.span().unwrap_or(0..0));
            reader.doc.error = Some((error.message().to_owned(), place));
        }
    }
    reader.doc
}

struct Reader<'t> {
    doc: Doc,
    body: &'t str,
    base: u32,
}

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.doc.file, range.start as u32 + self.base, range.end as u32 + self.base)
    }

    /// The parser bounds nesting at 80, and with it this recursion. The place of a table below a header is the header;
    /// of one that only longer keys or headers imply, the first key that does.
    fn table(&mut self, table: &DeTable<'_>, range: Range<usize>) -> NodeId {
        let entries = table
            .iter()
            .map(|(key, inner)| Entry {
                key: key.get_ref().to_string(),
                key_span: self.span(key.span()),
                value: self.value(inner),
            })
            .collect();
        self.add(Kind::Map(entries), range)
    }

    fn value(&mut self, inner: &Spanned<DeValue<'_>>) -> NodeId {
        let text = match inner.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Datetime(time) => time.to_string(),
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                return self.add(Kind::Seq(items), inner.span());
            }
            DeValue::Table(table) => return self.table(table, inner.span()),
        };
        self.add(Kind::Scalar { text }, inner.span())
    }

    fn add(&mut self, kind: Kind, range: Range<usize>) -> NodeId {
        let first = self.body.as_bytes().get(range.start);
        let style = match kind {
            Kind::Map(_) if first != Some(&b'{') => Style::Block,
            Kind::Seq(_) if self.body[range.clone()].starts_with("[[") && self.body[range.clone()].ends_with("]]") => {
                Style::Block
            }
            _ => Style::Flow,
        };
        let span = self.span(range);
        self.doc.add(kind, span, None, style)
    }
}
