//! The document of a template beside what evaluating its dialect found: who supplied a text, what lies outside, what no
//! file decides. The text of a file says none of that, so none of it is in the document.

use crate::document::tree::{Doc, Kind, NodeId};
use crate::model::Origin;
use crate::text::{FileId, Span};
use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// What evaluation found at a node.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// Its text was supplied by another place than its own.
    Given(Origin),
    /// Something outside the project, by a symbol that is the same wherever it is meant.
    External(String),
    /// Something no file decides: why.
    Opaque(String),
}

/// A document of which some nodes are results of evaluation. Reads like the document.
#[derive(Debug, Clone)]
pub(crate) struct Evaluated {
    /// Shared with whoever kept it, until something is added.
    doc: Arc<Doc>,
    /// Nodes whose kind does not tell what they are; external and opaque ones are null to the document.
    found: HashMap<NodeId, Found>,
    /// How much may still be added: files that include files multiply what is written.
    left: usize,
    /// What stands for everything that was too much.
    beyond: Option<NodeId>,
}

/// Nodes that evaluation may make in one run, texts counted by their length; the largest real trees make a tenth.
pub(crate) const MAX_MADE: usize = 1_500_000;
/// Bytes of text that count as a node.
const NODE_BYTES: usize = 128;

impl Evaluated {
    /// A document to which `left` nodes may be added.
    pub(crate) fn new(file: FileId, left: usize) -> Self {
        Self { doc: Arc::new(Doc::new(file)), found: HashMap::new(), left, beyond: None }
    }

    /// Adds a node; once there are too many, one that nothing is known of stands for all others.
    pub(crate) fn push(&mut self, kind: Kind, span: Span, tag: Option<Box<str>>) -> NodeId {
        if let Some(beyond) = self.beyond {
            return beyond;
        }
        let cost = match &kind {
            Kind::Null => 1,
            Kind::Scalar { text } => 1 + text.len() / NODE_BYTES,
            Kind::Seq(items) => 1 + items.len(),
            Kind::Map(entries) => 1 + entries.len(),
        };
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                self.doc_mut().push(kind, span, tag)
            }
            None => {
                self.left = 0;
                let beyond = self.doc_mut().push(Kind::Null, span, None);
                self.found.insert(beyond, Found::Opaque("is part of more than is followed".to_owned()));
                *self.beyond.insert(beyond)
            }
        }
    }

    /// Whether something was too much.
    pub(crate) fn is_full(&self) -> bool {
        self.beyond.is_some()
    }

    /// How much may still be added.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// The document, for what is added whatever is left: its root.
    pub(crate) fn doc_mut(&mut self) -> &mut Doc {
        Arc::make_mut(&mut self.doc)
    }

    /// What evaluation found at a node, if anything.
    pub(crate) fn found(&self, node: NodeId) -> Option<&Found> {
        self.found.get(&node)
    }

    /// Adds a text, with who supplied it if that was not its own place.
    pub(crate) fn text_of(&mut self, text: String, span: Span, origin: Option<Origin>) -> NodeId {
        let node = self.push(Kind::Scalar { text }, span, None);
        if let Some(origin) = origin {
            self.found.entry(node).or_insert(Found::Given(origin));
        }
        node
    }

    /// Adds something outside the project.
    pub(crate) fn external(&mut self, symbol: String, span: Span) -> NodeId {
        self.unseen(Found::External(symbol), span)
    }

    /// Adds something no file decides.
    pub(crate) fn opaque(&mut self, reason: String, span: Span) -> NodeId {
        self.unseen(Found::Opaque(reason), span)
    }

    fn unseen(&mut self, found: Found, span: Span) -> NodeId {
        let node = self.push(Kind::Null, span, None);
        self.found.entry(node).or_insert(found);
        node
    }

    /// Says who supplied a text that is written here; what is known of it already stays.
    pub(crate) fn supply(&mut self, node: NodeId, origin: Origin) {
        if matches!(self.doc.node(node).kind, Kind::Scalar { .. }) {
            self.found.entry(node).or_insert(Found::Given(origin));
        }
    }
}

impl From<Arc<Doc>> for Evaluated {
    fn from(doc: Arc<Doc>) -> Self {
        Self { doc, found: HashMap::new(), left: 0, beyond: None }
    }
}

impl Deref for Evaluated {
    type Target = Doc;

    fn deref(&self) -> &Doc {
        &self.doc
    }
}

impl DerefMut for Evaluated {
    fn deref_mut(&mut self) -> &mut Doc {
        Arc::make_mut(&mut self.doc)
    }
}
