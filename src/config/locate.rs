//! Where in a config something is written, for messages.

use crate::document::tree::{Doc, Entry, Kind, NodeId};
use crate::document::yaml;
use crate::text::{SourceMap, Span};

/// The tree of a config, which is no file of a run.
pub(super) fn tree(text: &str) -> Doc {
    yaml::read(SourceMap::default().next(), text)
}

/// The first key or value with this text.
pub(super) fn scalar(text: &str, wanted: &str) -> Option<Span> {
    let doc = tree(text);
    let nodes = 0..doc.nodes.len() as NodeId;
    let keys = nodes.clone().flat_map(|id| doc.own_entries(id)).filter(|entry| entry.key == wanted);
    let values = nodes.filter(|&id| doc.text(id) == Some(wanted)).map(|id| doc.span(id));
    keys.map(|entry| entry.key_span).chain(values).min_by_key(|span| span.start)
}

/// Bytes of the first key of each item of the list at a key of the root.
pub(super) fn items(text: &str, key: &str) -> Vec<(usize, usize)> {
    let doc = tree(text);
    let list = doc.roots.first().and_then(|&root| doc.get(root, key));
    let first = |item: NodeId| match &doc.node(item).kind {
        Kind::Map(entries) => entries.first().map(|Entry { key_span, .. }| *key_span),
        _ => None,
    };
    let items = list.map_or(&[][..], |list| doc.items(list)).iter();
    items.map(|&item| first(item).map_or((0, 0), |span| (span.start as usize, span.end as usize))).collect()
}

#[cfg(test)]
mod tests {
    use super::{items, scalar};

    #[test]
    fn items_and_scalars_are_found() {
        let text = "select: [a]\nallow:\n  - rules: [x]\n    reason: y\n  - reason: z\n    rules: [x]\nplan: p\n";
        let words: Vec<&str> = items(text, "allow").into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(words, ["rules", "reason"]);
        let place = scalar(text, "z").map(|span| crate::text::locate(text, span.start as usize));
        assert_eq!(place.map(|at| (at.line, at.column)), Some((5, 13)));
    }
}
