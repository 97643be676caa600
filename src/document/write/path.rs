//! Where a path of keys leads, and what may be written there.

use crate::document::tree::{Doc, NodeId};
use crate::text::Value;

/// How far a path leads.
pub(super) enum Reached {
    /// To this value.
    Value(NodeId),
    /// To a mapping without the next key, after so many of the path's.
    Until(NodeId, usize),
}

/// Follows a path from a node; none through what several places share.
pub(super) fn follow(doc: &Doc, mut node: NodeId, path: &[String]) -> Option<Reached> {
    for (depth, key) in path.iter().enumerate() {
        if doc.node(node).shared {
            return None;
        }
        match doc.own_entries(node).iter().rev().find(|entry| entry.key == *key) {
            Some(entry) => node = entry.value,
            None => return Some(Reached::Until(node, depth)),
        }
    }
    (!doc.node(node).shared).then_some(Reached::Value(node))
}

/// A value wrapped into the keys that lead to it.
pub(super) fn nested(path: &[String], value: &Value) -> Value {
    path.iter().rev().fold(value.clone(), |inner, key| Value::Map(vec![(key.clone(), inner)]))
}

/// Whether a scalar says what it means: a reference or a text over lines would lose what it says.
pub(super) fn is_literal(written: &str) -> bool {
    !written.contains(['$', '{', '\n'])
}
