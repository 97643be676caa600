//! JSON or YAML inside a text (`<<EOF` policies, templates of state machines) as a value, references kept.

use super::combine::join;
use super::value::{Map, MapEntry, Val, ValKind};
use crate::document::tree::{Doc, Kind, NodeId};
use crate::document::{json, yaml};
use crate::text::Span;

/// Private-use characters around the number of an interpolated part.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A stretch of the assembled text and where it comes from.
struct Stretch {
    start: u32,
    /// Its place, when the characters there are the same; else everything has the place of the whole.
    source: Option<Span>,
}

struct Assembled<'v> {
    text: String,
    stretches: Vec<Stretch>,
    parts: Vec<&'v Val>,
    whole: Span,
}

/// The value a text encodes; none if it is neither JSON nor a YAML mapping.
pub(crate) fn structure(value: &Val) -> Option<Val> {
    let assembled = assemble(value)?;
    let text = assembled.text.as_str();
    let doc = if text.trim_start().starts_with(['{', '[']) {
        json::read(assembled.whole.file, text)
    } else {
        yaml::read(assembled.whole.file, text)
    };
    let root = *doc.roots.first()?;
    let structured = doc.error.is_none() && matches!(doc.node(root).kind, Kind::Map(_) | Kind::Seq(_));
    structured.then(|| assembled.convert(&doc, root))
}

fn assemble(value: &Val) -> Option<Assembled<'_>> {
    let mut assembled = Assembled { text: String::new(), stretches: Vec::new(), parts: Vec::new(), whole: value.span };
    let mut quoted = false;
    let mut add = |part| {
        let part: &Val = part;
        let start = assembled.text.len() as u32;
        match part.scalar() {
            Some(text) => {
                let same = (part.span.end - part.span.start) as usize == text.len();
                assembled.stretches.push(Stretch { start, source: same.then_some(part.span) });
                let mut escaped = false;
                for c in text.chars() {
                    match c {
                        _ if escaped => escaped = false,
                        '\\' => escaped = true,
                        '"' => quoted = !quoted,
                        _ => {}
                    }
                }
                assembled.text.push_str(&text);
            }
            None => {
                let quote = if quoted { "" } else { "\"" };
                let number = assembled.parts.len();
                assembled.text.push_str(&format!("{quote}{OPEN}{number}{CLOSE}{quote}"));
                assembled.stretches.push(Stretch { start, source: None });
                assembled.parts.push(part);
            }
        }
    };
    match &value.kind {
        ValKind::Text(_) => add(value),
        ValKind::Parts(parts) => parts.iter().for_each(add),
        _ => return None,
    }
    Some(assembled)
}

impl Assembled<'_> {
    fn place(&self, span: Span) -> Span {
        let index = self.stretches.partition_point(|stretch| stretch.start <= span.start).saturating_sub(1);
        let Some(Stretch { start, source: Some(source) }) = self.stretches.get(index) else {
            return self.whole;
        };
        let from = source.start + (span.start - start);
        let end = (from + (span.end - span.start)).min(source.end);
        Span::new(source.file, from, end.max(from))
    }

    /// The JSON parser bounds nesting, and with it this recursion; the YAML reader does too.
    fn convert(&self, doc: &Doc, node: NodeId) -> Val {
        let span = self.place(doc.span(node));
        match &doc.node(node).kind {
            Kind::Scalar { text } => self.scalar(text, span),
            Kind::Seq(items) => Val::list(items.iter().map(|&item| self.convert(doc, item)).collect(), span),
            Kind::Map(entries) => {
                let mut map = Map::default();
                for entry in entries {
                    let value = self.convert(doc, entry.value);
                    map.set(MapEntry { key: entry.key.as_str().into(), key_span: self.place(entry.key_span), value });
                }
                Val::map(map, span)
            }
            _ => Val::null(span),
        }
    }

    fn scalar(&self, text: &str, span: Span) -> Val {
        if !text.contains(OPEN) {
            return Val::text(text, span);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            if !before.is_empty() {
                pieces.push(Val::text(before, span));
            }
            let (number, after) = after.split_once(CLOSE).unwrap_or((after, ""));
            if let Some(part) = number.parse::<usize>().ok().and_then(|number| self.parts.get(number)) {
                pieces.push((*part).clone());
            }
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Val::text(rest, span));
        }
        join(pieces, span)
    }
}
