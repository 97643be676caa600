//! A document with a byte span and a style on every node, whether it was YAML, JSON or TOML.
//! Nodes live in an arena, so aliases share nodes and nothing recurses to build or drop it.

use crate::text::{FileId, Span, step};
use std::collections::{BTreeMap, HashMap};
use std::sync::{OnceLock, PoisonError, RwLock};

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
    /// A mapping, in source order, of TOML by key; later duplicates win.
    Map(Vec<Entry>),
}

/// How a node is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Over lines, by indentation or below a header.
    Block,
    /// In a line or between brackets.
    Flow,
}

/// A node with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// Short-form intrinsic (`Ref` for `!Ref`), if it carries one.
    pub(crate) tag: Option<Box<str>>,
    pub(crate) style: Style,
    /// Whether an alias names it as well: what is written to it is written in several places.
    pub(crate) shared: bool,
}

/// The language a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Yaml,
    Json,
    Toml,
    /// None: a reader put it together, and there is no file to write it to.
    Made,
}

/// Entries that `<<` adds to a mapping.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Merge {
    /// How many of the mapping's entries, at its front, are another one's.
    pub(crate) inherited: usize,
    /// The `<<` and what it names.
    pub(crate) span: Span,
}

/// Mappings with as many entries as this are looked up by an index.
const LARGE: usize = 32;

/// Positions of the keys of large mappings, found out when they are first asked for. What a node holds never changes.
#[derive(Debug, Default)]
pub(crate) struct Positions(RwLock<HashMap<NodeId, HashMap<String, usize>>>);

/// Mappings and positions of entries by the byte where the key begins, for a document of so many nodes.
type Keys = OnceLock<(usize, HashMap<u32, (NodeId, usize)>)>;

impl Positions {
    fn position(&self, id: NodeId, entries: &[Entry], key: &str) -> Option<usize> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return known.get(key).copied();
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let found = known
            .entry(id)
            .or_insert_with(|| entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect());
        found.get(key).copied()
    }
}

impl Clone for Positions {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// A parsed file.
#[derive(Debug, Clone)]
pub(crate) struct Doc {
    pub(crate) file: FileId,
    pub(crate) format: Format,
    pub(crate) nodes: Vec<Node>,
    /// The root of each YAML document; JSON has one.
    pub(crate) roots: Vec<NodeId>,
    /// Keys that occur twice in one mapping: the first is lost.
    pub(crate) duplicates: Vec<(String, Span)>,
    /// Mappings that take entries from others.
    pub(crate) merges: HashMap<NodeId, Merge>,
    /// Where `*name` stands: first byte to end.
    pub(crate) aliases: BTreeMap<u32, u32>,
    /// Where and why reading stopped early, if it did.
    pub(crate) error: Option<(String, Span)>,
    large: Positions,
    keys: Keys,
}

impl Doc {
    /// A document that is put together.
    pub(crate) fn new(file: FileId) -> Self {
        Self::written(file, Format::Made)
    }

    /// A document that is read.
    pub(super) fn written(file: FileId, format: Format) -> Self {
        Self {
            file,
            format,
            nodes: Vec::new(),
            roots: Vec::new(),
            duplicates: Vec::new(),
            merges: HashMap::new(),
            aliases: BTreeMap::new(),
            error: None,
            large: Positions::default(),
            keys: OnceLock::new(),
        }
    }

    pub(crate) fn push(&mut self, kind: Kind, span: Span, tag: Option<Box<str>>) -> NodeId {
        self.add(kind, span, tag, Style::Block)
    }

    pub(super) fn add(&mut self, kind: Kind, span: Span, tag: Option<Box<str>>, style: Style) -> NodeId {
        self.nodes.push(Node { kind, span, tag, style, shared: false });
        (self.nodes.len() - 1) as NodeId
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        step();
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

    /// The entries that are written in the mapping itself.
    pub(crate) fn own_entries(&self, id: NodeId) -> &[Entry] {
        let inherited = self.merges.get(&id).map_or(0, |merge| merge.inherited);
        &self.entries(id)[inherited..]
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
        let entries = self.entries(id);
        if entries.len() < LARGE {
            return entries.iter().rev().find(|entry| entry.key == key);
        }
        self.large.position(id, entries, key).and_then(|at| entries.get(at))
    }

    /// The value of a key.
    pub(crate) fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.entry(id, key).map(|entry| entry.value)
    }

    /// The mapping in which a key begins at a byte, and its entry.
    pub(crate) fn key_at(&self, byte: u32) -> Option<(NodeId, &Entry)> {
        let (nodes, keys) = self.keys.get_or_init(|| (self.nodes.len(), self.keys()));
        // Only a document that is still being put together may have grown.
        let found = if *nodes == self.nodes.len() { keys.get(&byte).copied() } else { self.keys().get(&byte).copied() };
        found.map(|(id, at)| (id, &self.own_entries(id)[at]))
    }

    /// The first mapping, and position among its own entries, of every byte where a key begins.
    fn keys(&self) -> HashMap<u32, (NodeId, usize)> {
        let mut keys = HashMap::new();
        for id in 0..self.nodes.len() as NodeId {
            for (at, entry) in self.own_entries(id).iter().enumerate() {
                if self.span(id).start <= entry.key_span.start {
                    keys.entry(entry.key_span.start).or_insert((id, at));
                }
            }
        }
        keys
    }

    /// Where the value of an entry is written: of an alias the place of its name.
    pub(crate) fn written_at(&self, entry: &Entry) -> Span {
        let span = self.span(entry.value);
        match self.aliases.range(entry.key_span.end..).next() {
            // What an alias names stands before it.
            Some((&start, &end)) if span.start < entry.key_span.start => Span::new(span.file, start, end),
            _ => span,
        }
    }

    /// Notes keys that occur more than once, once the mapping is complete.
    pub(crate) fn note_duplicates(&mut self, entries: &[Entry]) {
        // Most mappings have a few keys: comparing them takes less than a table of them.
        if entries.len() < LARGE {
            for (at, entry) in entries.iter().enumerate() {
                if let Some(before) = entries[..at].iter().rev().find(|before| before.key == entry.key) {
                    self.duplicates.push((entry.key.clone(), before.key_span));
                }
            }
            return;
        }
        let mut seen = HashMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(entry.key.as_str(), entry.key_span) {
                self.duplicates.push((entry.key.clone(), first));
            }
        }
    }
}
