//! A definition that was found, and what the texts in it stand for.

use super::unquoted::Unquoted;
use crate::deployments::aws::cloudformation::eval::{Value, concat, literal};
use crate::deployments::aws::cloudformation::template::{Place, Registry};
use crate::document::tree::{Doc, NodeId};
use crate::model::deployments::{StackId, Text};
use crate::text::Span;
use std::collections::HashMap;
use std::sync::Arc;

/// Private-use characters around the number of a reference inside an assembled text.
pub(crate) const OPEN: char = '\u{e000}';
pub(crate) const CLOSE: char = '\u{e001}';

/// A definition that can be walked: a document, its root, and what its texts may refer to.
pub(crate) struct Definition<'r> {
    pub(crate) registry: &'r Registry,
    /// The template whose names it sees.
    pub(crate) template: StackId,
    /// The template that has it; none for a file that no template names.
    pub(crate) said_in: Option<StackId>,
    pub(crate) own: Option<Arc<Doc>>,
    pub(crate) root: NodeId,
    /// References between pieces of an assembled text.
    pub(crate) pieces: Vec<Value>,
    /// `DefinitionSubstitutions`.
    pub(crate) names: Option<Place>,
    /// Names in it that stand where a number does.
    pub(crate) unquoted: Unquoted,
    /// The text it was assembled from, for finding names in it.
    pub(crate) assembled: Option<Assembled>,
}

/// Where the keys of a definition stand in the text it was assembled from.
pub(crate) struct Assembled {
    whole: Span,
    keys: HashMap<String, u32>,
}

impl Assembled {
    /// Finds what stands between quotes, escaped or not, before a colon; of equal keys the first.
    pub(crate) fn of(whole: Span, source: &str) -> Self {
        let mut keys = HashMap::new();
        let quotes: Vec<usize> = memchr::memchr_iter(b'"', source.as_bytes()).collect();
        for pair in quotes.windows(2) {
            let key = source[pair[0] + 1..pair[1]].trim_end_matches('\\');
            if source[pair[1] + 1..].trim_start().starts_with(':') {
                keys.entry(key.to_owned()).or_insert(whole.start + pair[0] as u32 + 1);
            }
        }
        Self { whole, keys }
    }
}

impl Definition<'_> {
    pub(crate) fn doc(&self) -> &Doc {
        self.own.as_deref().unwrap_or_else(|| &self.registry.template(self.template).doc)
    }

    /// The value of a scalar, references followed.
    pub(crate) fn value(&self, node: NodeId) -> Value {
        let doc = self.doc();
        let span = doc.span(node);
        let unquoted = self.own.as_ref().and_then(|_| self.unquoted.iter().find(|(at, _)| *at == span.start));
        if let Some((_, name)) = unquoted {
            return concat(self.substituted(&format!("${{{name}}}"), span), span);
        }
        let (value, text) = match (&self.own, doc.text(node)) {
            (None, _) => match self.registry.value(Place { template: self.template, node }) {
                Value::Text { text: Text::Literal(text), span, origin } if text.contains("${") => {
                    (Value::Text { text: Text::Literal(text.clone()), span, origin }, text)
                }
                other => return other,
            },
            (Some(_), Some(text)) => (literal(text.to_owned(), span), text.to_owned()),
            // A document of its own has no intrinsic functions.
            (Some(_), None) => return Value::Opaque { reason: "is not a plain value".to_owned(), span },
        };
        if !text.contains(OPEN) && !text.contains("${") {
            return value;
        }
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            parts.extend(self.substituted(before, span));
            let (number, after) = after.split_once(CLOSE).unwrap_or((after, ""));
            if let Some(piece) = number.parse::<usize>().ok().and_then(|number| self.pieces.get(number)) {
                parts.push(piece.clone());
            }
            rest = after;
        }
        parts.extend(self.substituted(rest, span));
        concat(parts, span)
    }

    /// A text with the names of `DefinitionSubstitutions` replaced; other `${…}` stays.
    fn substituted(&self, text: &str, span: Span) -> Vec<Value> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            let Some(length) = rest[open..].find('}') else { break };
            let name = &rest[open + 2..open + length];
            let known = self.names.and_then(|names| Some(self.registry.value(self.registry.get(names, name)?)));
            if open > 0 {
                parts.push(literal(rest[..open].to_owned(), span));
            }
            parts.push(known.unwrap_or_else(|| {
                let text = Text::Template(format!("${{{name}}}"), Vec::new());
                Value::Text { text, span, origin: None }
            }));
            rest = &rest[open + length + 1..];
        }
        if !rest.is_empty() {
            parts.push(literal(rest.to_owned(), span));
        }
        parts
    }

    /// The place of a state's name.
    pub(crate) fn place(&self, name: &str, span: Span) -> Span {
        let Some(Assembled { whole, keys }) = &self.assembled else { return span };
        match keys.get(name) {
            Some(&start) => Span::new(whole.file, start, start + name.len() as u32),
            None => *whole,
        }
    }
}
