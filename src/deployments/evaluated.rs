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
}

impl Evaluated {
    pub(crate) fn new(file: FileId) -> Self {
        Arc::new(Doc::new(file)).into()
    }

    /// What evaluation found at a node, if anything.
    pub(crate) fn found(&self, node: NodeId) -> Option<&Found> {
        self.found.get(&node)
    }

    /// Adds a text, with who supplied it if that was not its own place.
    pub(crate) fn text_of(&mut self, text: String, span: Span, origin: Option<Origin>) -> NodeId {
        let node = self.push(Kind::Scalar { text }, span, None);
        if let Some(origin) = origin {
            self.found.insert(node, Found::Given(origin));
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
        self.found.insert(node, found);
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
        Self { doc, found: HashMap::new() }
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
