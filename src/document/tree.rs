//! A document with a byte span on every key and value, whether it was YAML or JSON.
//! Nodes live in an arena, so aliases share nodes and nothing recurses to build or drop it.

use crate::text::{FileId, Span};

/// Index of a node in its document.
pub(crate) type NodeId = u32;

/// A key of a mapping and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: NodeId,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Nothing, `null` or `~`.
    Null,
    /// A scalar.
    Scalar { text: String },
    /// A list.
    Seq(Vec<NodeId>),
    /// A mapping, in source order; later duplicates win.
    Map(Vec<Entry>),
}

/// A node with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// Short-form intrinsic (`Ref` for `!Ref`), if it carries one.
    pub(crate) tag: Option<String>,
}

/// A parsed file.
#[derive(Debug, Clone)]
pub(crate) struct Doc {
    pub(crate) file: FileId,
    pub(crate) nodes: Vec<Node>,
    /// The root of each YAML document; JSON has one.
    pub(crate) roots: Vec<NodeId>,
    /// Keys that occur twice in one mapping: the first is lost.
    pub(crate) duplicates: Vec<(String, Span)>,
    /// Where and why reading stopped early, if it did.
    pub(crate) error: Option<(String, Span)>,
}

impl Doc {
    pub(crate) fn new(file: FileId) -> Self {
        Self { file, nodes: Vec::new(), roots: Vec::new(), duplicates: Vec::new(), error: None }
    }

    pub(crate) fn push(&mut self, kind: Kind, span: Span, tag: Option<String>) -> NodeId {
        self.nodes.push(Node { kind, span, tag });
        (self.nodes.len() - 1) as NodeId
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    pub(crate) fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// The text of a scalar.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).kind {
            Kind::Scalar { text } => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping; empty for anything else.
    pub(crate) fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.node(id).kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; empty for anything else.
    pub(crate) fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.node(id).kind {
            Kind::Seq(items) => items,
            _ => &[],
        }
    }

    /// The last entry of a key.
    pub(crate) fn entry(&self, id: NodeId, key: &str) -> Option<&Entry> {
        self.entries(id).iter().rev().find(|entry| entry.key == key)
    }

    /// The value of a key.
    pub(crate) fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.entry(id, key).map(|entry| entry.value)
    }

    /// Notes keys that occur more than once, once the mapping is complete.
    pub(crate) fn note_duplicates(&mut self, entries: &[Entry]) {
        let mut seen = std::collections::HashMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(entry.key.as_str(), entry.key_span) {
                self.duplicates.push((entry.key.clone(), first));
            }
        }
    }
}
