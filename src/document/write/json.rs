//! Entries of JSON: on one line or over several, with the blanks and tabs that are there.

use super::lines::Lines;
use super::path::{Reached, follow, is_literal, nested};
use crate::document::tree::{Doc, Entry, Kind, NodeId};
use crate::text::{Edit, Span, Value};

/// What a nested object is indented by, where nothing shows another habit.
const STEP: &str = "  ";

pub(super) struct Writer<'d> {
    doc: &'d Doc,
    lines: Lines<'d>,
}

/// How an object is laid out.
struct Layout<'t> {
    /// Before each entry's line; none if entries follow each other on one.
    margin: Option<String>,
    /// One level of indentation.
    step: &'t str,
    /// Between a key and its value.
    colon: &'t str,
    /// Between entries on one line.
    comma: &'t str,
}

impl<'d> Writer<'d> {
    pub(super) fn of(doc: &'d Doc, lines: Lines<'d>) -> Self {
        Self { doc, lines }
    }

    pub(super) fn set(&self, of: u32, path: &[String], value: &Value, short: Option<&str>) -> Option<Edit> {
        let (map, entry) = self.doc.key_at(of)?;
        let span = self.doc.span(entry.value);
        if let (Kind::Scalar { .. }, Some(short)) = (&self.doc.node(entry.value).kind, short) {
            let kept = Value::Verbatim(self.lines.slice(span).to_owned());
            let (first, rest) = path.split_first()?;
            let long = Value::Map(vec![(short.to_owned(), kept), (first.clone(), nested(rest, value))]);
            return Some(self.lines.replace(span, self.layout(map, entry).value(&long)));
        }
        match follow(self.doc, entry.value, path)? {
            Reached::Until(map, depth) => self.insert(map, &path[depth], &nested(&path[depth + 1..], value)),
            Reached::Value(node) => self.overwrite(node, value),
        }
    }

    pub(super) fn add_behind(&self, of: u32, key: &str, value: &Value) -> Option<Edit> {
        let (map, entry) = self.doc.key_at(of)?;
        Some(self.behind(map, entry, key, value))
    }

    fn overwrite(&self, node: NodeId, value: &Value) -> Option<Edit> {
        let span = self.doc.span(node);
        let written = self.lines.slice(span);
        let flat = self.flat();
        match (&self.doc.node(node).kind, value) {
            (Kind::Scalar { .. } | Kind::Null, Value::List(_) | Value::Map(_)) => None,
            (Kind::Scalar { .. } | Kind::Null, _) if is_literal(written) => {
                let text = flat.value(value);
                // What was text stays text.
                let quote = written.starts_with('"') && !text.starts_with('"');
                Some(self.lines.replace(span, if quote { format!("\"{text}\"") } else { text }))
            }
            (Kind::Seq(_), _) => Some(self.lines.replace(span, flat.value(value))),
            _ => None,
        }
    }

    /// Adds an entry to an object, behind its last.
    fn insert(&self, map: NodeId, key: &str, value: &Value) -> Option<Edit> {
        let Kind::Map(entries) = &self.doc.node(map).kind else { return None };
        match entries.last() {
            Some(last) => Some(self.behind(map, last, key, value)),
            None => Some(self.lines.replace(self.doc.span(map), format!("{{{}}}", self.flat().pair(key, value)))),
        }
    }

    fn behind(&self, map: NodeId, entry: &Entry, key: &str, value: &Value) -> Edit {
        let layout = self.layout(map, entry);
        let separator = match &layout.margin {
            Some(margin) => format!(",\n{margin}"),
            None => layout.comma.to_owned(),
        };
        self.lines.insert(self.doc.span(entry.value).end, format!("{separator}{}", layout.pair(key, value)))
    }

    /// The layout of an object, by one of its entries.
    fn layout(&self, map: NodeId, entry: &Entry) -> Layout<'d> {
        let at = entry.key_span.start;
        let flat = Layout::flat(self.colon(entry));
        if !self.lines.begins_line(at) {
            return flat;
        }
        let margin = self.lines.margin(at);
        let step = margin.strip_prefix(self.lines.margin(self.doc.span(map).start));
        let step = step.filter(|step| !step.is_empty()).unwrap_or(STEP);
        Layout { margin: Some(margin.to_owned()), step, ..flat }
    }

    /// The layout of what stands on one line in this document.
    fn flat(&self) -> Layout<'d> {
        let first = (0..self.doc.nodes.len() as NodeId).find_map(|id| self.doc.entries(id).first());
        Layout::flat(first.map_or(": ", |entry| self.colon(entry)))
    }

    fn colon(&self, entry: &Entry) -> &'d str {
        let value = self.doc.span(entry.value);
        let colon = self.lines.slice(Span::new(value.file, entry.key_span.end, value.start));
        if colon.contains('\n') { ": " } else { colon }
    }
}

impl<'t> Layout<'t> {
    fn flat(colon: &'t str) -> Self {
        let comma = if colon.ends_with(' ') { ", " } else { "," };
        Self { margin: None, step: STEP, colon, comma }
    }

    fn pair(&self, key: &str, value: &Value) -> String {
        format!("{}{}{}", quoted(key), self.colon, self.value(value))
    }

    /// A value; objects, and lists of them, get lines of their own where entries have them.
    fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => quoted(text),
            Value::Verbatim(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::List(items) => {
                let objects = items.iter().any(|item| matches!(item, Value::Map(_)));
                let margin = self.inner_margin().filter(|_| objects);
                let inner = Layout { margin, ..*self };
                self.around("[]", &inner, items.iter().map(|item| inner.value(item)).collect())
            }
            Value::Map(entries) => {
                let inner = Layout { margin: self.inner_margin(), ..*self };
                self.around("{}", &inner, entries.iter().map(|(key, value)| inner.pair(key, value)).collect())
            }
        }
    }

    fn inner_margin(&self) -> Option<String> {
        self.margin.as_ref().map(|margin| format!("{margin}{}", self.step))
    }

    /// Brackets around what stands in them.
    fn around(&self, brackets: &str, inner: &Self, items: Vec<String>) -> String {
        let (open, close) = brackets.split_at(1);
        match (&self.margin, &inner.margin) {
            (Some(margin), Some(inner)) if !items.is_empty() => {
                format!("{open}\n{inner}{}\n{margin}{close}", items.join(&format!(",\n{inner}")))
            }
            _ => format!("{open}{}{close}", items.join(self.comma)),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
