//! YAML into a [`Doc`], event by event, so that a broken tail does not lose the head.

use super::tree::{Doc, Entry, Format, Kind, Merge, NodeId, Style};
use crate::text::{FileId, Span};
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use std::collections::{HashMap, HashSet};

/// Merge keys copy entries; a hostile file could copy them without end.
const MERGE_BUDGET: usize = 100_000;
/// Nodes that the aliases of a file may stand for, those inside what they name counted each time.
const ALIAS_BUDGET: usize = 300_000;

/// A collection whose end has not been seen.
struct Open {
    inside: Inside,
    span: Span,
    tag: Option<Box<str>>,
    anchor: usize,
    style: Style,
    /// Where the last thing in it is written.
    last: Option<Span>,
}

/// What a collection holds so far.
enum Inside {
    Seq(Vec<NodeId>),
    Map {
        entries: Vec<Entry>,
        key: Option<(String, Span)>,
        /// The key `<<`, if there is one.
        merge: Option<Span>,
    },
}

struct Builder {
    doc: Doc,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    merged: usize,
    /// Nodes below each node, itself included, those behind aliases counted each time.
    sizes: Vec<usize>,
    /// Nodes that aliases stand for so far.
    aliased: usize,
}

/// Reads YAML. Errors are kept in the document with their place; what came before them is kept too.
pub(crate) fn read(file: FileId, text: &str) -> Doc {
    let mut builder = Builder {
        doc: Doc::written(file, Format::Yaml),
        open: Vec::new(),
        anchors: HashMap::new(),
        merged: 0,
        sizes: Vec::new(),
        aliased: 0,
    };
    let (body, base) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let mut parser = Parser::new_from_str(body);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                let span = Span::new(file, range.start as u32 + base, range.end as u32 + base);
                builder.event(event, span, text);
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(body.len()) as u32 + base;
                builder.doc.error = Some((error.info(), Span::new(file, at, at)));
                break;
            }
        }
    }
    builder.finish()
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span, source: &str) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = matches!(style, ScalarStyle::Plain);
                let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let tag = tag.map(|tag| intrinsic(&tag.to_string()));
                if self.takes_key() {
                    self.key(text.into_owned(), span);
                    return;
                }
                let span = trimmed(span, source);
                let kind = if plain && tag.is_none() && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
                    Kind::Null
                } else {
                    Kind::Scalar { text: text.into_owned() }
                };
                let node = self.add(kind, span, tag, if block { Style::Block } else { Style::Flow });
                self.value(node, anchor, span);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.map(|tag| intrinsic(&tag.to_string()));
                self.begin(Inside::Seq(Vec::new()), style, anchor, tag, span);
            }
            Event::MappingStart(style, anchor, tag) => {
                let tag = tag.map(|tag| intrinsic(&tag.to_string()));
                let inside = Inside::Map { entries: Vec::new(), key: None, merge: None };
                self.begin(inside, style, anchor, tag, span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => {
                if self.takes_key() {
                    let text = self.anchors.get(&id).and_then(|&node| self.doc.text(node));
                    let text = text.unwrap_or_default().to_owned();
                    self.key(text, span);
                    return;
                }
                self.doc.aliases.insert(span.start, span.end);
                let node = self.anchors.get(&id).copied().filter(|&node| self.may_repeat(node, span));
                let node = match node {
                    Some(node) => node,
                    None => self.add(Kind::Null, span, None, Style::Flow),
                };
                self.doc.nodes[node as usize].shared = true;
                self.value(node, 0, span);
            }
            _ => {}
        }
    }

    /// Adds a node whose children are complete.
    fn add(&mut self, kind: Kind, span: Span, tag: Option<Box<str>>, style: Style) -> NodeId {
        let size = |node: &NodeId| self.sizes[*node as usize];
        let inside = match &kind {
            Kind::Seq(items) => items.iter().map(size).fold(0, usize::saturating_add),
            Kind::Map(entries) => entries.iter().map(|entry| size(&entry.value)).fold(0, usize::saturating_add),
            Kind::Null | Kind::Scalar { .. } => 0,
        };
        self.sizes.push(inside.saturating_add(1));
        self.doc.add(kind, span, tag, style)
    }

    /// Whether an alias may stand for what it names; beyond the budget it stands for nothing, which is noted.
    fn may_repeat(&mut self, node: NodeId, span: Span) -> bool {
        let all = self.aliased.saturating_add(self.sizes[node as usize]);
        if all > ALIAS_BUDGET {
            let reason = || format!("its aliases stand for more than {ALIAS_BUDGET} values; those beyond are not read");
            self.doc.error.get_or_insert_with(|| (reason(), span));
            return false;
        }
        self.aliased = all;
        true
    }

    fn begin(&mut self, inside: Inside, style: StructureStyle, anchor: usize, tag: Option<Box<str>>, span: Span) {
        let style = if style == StructureStyle::Flow { Style::Flow } else { Style::Block };
        self.open.push(Open { inside, span, tag, anchor, style, last: None });
    }

    /// Whether the next scalar is a key.
    fn takes_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { inside: Inside::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, span: Span) {
        if let Some(Open { inside: Inside::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some((text, span));
        }
    }

    /// Hands a complete node to what is around it.
    fn value(&mut self, node: NodeId, anchor: usize, place: Span) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        let Some(outer) = self.open.last_mut() else { return self.doc.roots.push(node) };
        outer.last = Some(place);
        match &mut outer.inside {
            Inside::Seq(items) => items.push(node),
            Inside::Map { entries, key, merge } => match key.take() {
                Some((text, span)) => {
                    if text == "<<" {
                        merge.get_or_insert(span.to(place));
                    }
                    entries.push(Entry { key: text, key_span: span, value: node });
                }
                // A collection used as a key: no deployment format has one.
                None => *key = Some((String::new(), place)),
            },
        }
    }

    fn close(&mut self, end: Span) {
        let Some(Open { inside, span, tag, anchor, style, last }) = self.open.pop() else { return };
        let span = match style {
            Style::Flow => Span::new(span.file, span.start, end.end),
            Style::Block => cover(span, last, end),
        };
        let (kind, merge) = match inside {
            Inside::Seq(items) => (Kind::Seq(items), None),
            Inside::Map { mut entries, merge, .. } => {
                self.doc.note_duplicates(&entries);
                let inherited = self.merge(&mut entries);
                (Kind::Map(entries), merge.map(|span| Merge { inherited, span }))
            }
        };
        let node = self.add(kind, span, tag, style);
        self.doc.merges.extend(merge.map(|merge| (node, merge)));
        self.value(node, anchor, span);
    }

    /// Puts the entries of `<<: *alias` (YAML 1.1 merge) before the mapping's own, and says how many there are.
    fn merge(&mut self, entries: &mut Vec<Entry>) -> usize {
        let Some(at) = entries.iter().position(|entry| entry.key == "<<") else {
            return 0;
        };
        let merge = entries.remove(at);
        let mut sources = vec![merge.value];
        if let Kind::Seq(items) = &self.doc.node(merge.value).kind {
            sources.clone_from(items);
        }
        let mut inherited: Vec<Entry> = Vec::new();
        let mut known: HashSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        for source in sources {
            for entry in self.doc.entries(source) {
                if self.merged >= MERGE_BUDGET {
                    break;
                }
                self.merged += 1;
                if known.insert(&entry.key) {
                    inherited.push(entry.clone());
                }
            }
        }
        drop(known);
        let count = inherited.len();
        entries.splice(0..0, inherited);
        count
    }

    fn finish(mut self) -> Doc {
        while let Some(open) = self.open.last() {
            let end = open.last.unwrap_or(open.span);
            self.close(end);
        }
        self.doc
    }
}

/// `!Ref` as `Ref`, `!GetAtt` as `Fn::GetAtt`; core tags mean nothing here.
fn intrinsic(tag: &str) -> Box<str> {
    let name = tag.trim_start_matches('!');
    match name {
        "Ref" | "Condition" => name.into(),
        _ => format!("Fn::{name}").into(),
    }
}

/// A block collection ends with its last child: the parser's own end lies on the next token.
fn cover(start: Span, last: Option<Span>, end: Span) -> Span {
    match last {
        Some(last) if last.end >= start.start => Span::new(start.file, start.start, last.end),
        Some(_) => start,
        None => Span::new(start.file, start.start, end.end.max(start.end)),
    }
}

/// Block scalars end at the next token; the blanks between belong to nobody.
fn trimmed(span: Span, source: &str) -> Span {
    let text = source.get(span.start as usize..span.end as usize).unwrap_or("");
    Span::new(span.file, span.start, span.start + text.trim_end().len() as u32)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::document::tree::Kind;
    use crate::text::SourceMap;

    fn doc(text: &str) -> super::Doc {
        let mut sources = SourceMap::default();
        let file = sources.add("t.yaml", text.into());
        read(file, text)
    }

    #[test]
    fn spans_are_bytes_also_behind_a_byte_order_mark_and_wide_characters() {
        let text = "\u{feff}日本: \"héllo\"\nb: !Ref Queue\n";
        let doc = doc(text);
        let root = doc.roots[0];
        let slice = |span: crate::text::Span| &text[span.start as usize..span.end as usize];
        assert_eq!(slice(doc.entries(root)[0].key_span), "日本");
        assert_eq!(slice(doc.span(doc.entries(root)[0].value)), "\"héllo\"");
        let reference = doc.get(root, "b").expect("b");
        assert_eq!(doc.node(reference).tag.as_deref(), Some("Ref"));
        assert_eq!(slice(doc.span(reference)), "Queue");
    }

    #[test]
    fn merge_keys_and_aliases_resolve_and_own_keys_win() {
        let doc = doc("base: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3\n");
        let d = doc.get(doc.roots[0], "d").expect("d");
        assert_eq!(doc.get(d, "x").and_then(|id| doc.text(id)), Some("1"));
        assert_eq!(doc.get(d, "y").and_then(|id| doc.text(id)), Some("3"));
    }

    #[test]
    fn a_duplicate_key_is_noted_and_the_last_one_counts() {
        let doc = doc("a: 1\na: 2\n");
        assert_eq!(doc.duplicates.len(), 1);
        assert_eq!(doc.get(doc.roots[0], "a").and_then(|id| doc.text(id)), Some("2"));
    }

    #[test]
    fn a_broken_tail_keeps_the_head() {
        let doc = doc("a: 1\nb: [1, 2\nc: }");
        assert!(doc.error.is_some());
        assert_eq!(doc.get(doc.roots[0], "a").and_then(|id| doc.text(id)), Some("1"));
    }

    #[test]
    fn aliases_of_aliases_are_read_up_to_a_bound() {
        let row = |name: &str, of: &str| format!("{name}: &{name} [{}]\n", vec![of; 50].join(", "));
        let text =
            format!("a: &a [1, 2]\n{}{}{}{}z: 1\n", row("b", "*a"), row("c", "*b"), row("d", "*c"), row("e", "*d"));
        let doc = doc(&text);
        assert!(doc.error.as_ref().is_some_and(|(reason, _)| reason.contains("aliases")), "{:?}", doc.error);
        assert_eq!(doc.get(doc.roots[0], "z").and_then(|id| doc.text(id)), Some("1"));
    }

    #[test]
    fn empty_values_are_null() {
        let doc = doc("a:\nb: ~\n");
        for entry in doc.entries(doc.roots[0]) {
            assert!(matches!(doc.node(entry.value).kind, Kind::Null));
        }
    }
}
