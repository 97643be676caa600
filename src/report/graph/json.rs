//! The graph as JSON, for programs. Lines are 1-based.

use super::drawing::Drawing;
use crate::model::Mode;
use crate::model::application::graph::EdgeKind;
use crate::text::Span;
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) fn write(drawing: &Drawing<'_>, to: &mut dyn Write) -> io::Result<()> {
    let sources = &drawing.project.sources;
    let place =
        |span: Span| json!({"path": sources.path(span.file), "line": sources.position(span.file, span.start).line});
    let nodes: Vec<Value> = drawing
        .graph
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            json!({
                "id": at, "kind": node.kind.name(), "name": node.label, "declared": node.span.map(place),
                "severity": drawing.of_node(node).map(|severity| severity.to_string()),
            })
        })
        .collect();
    let edges: Vec<Value> = drawing
        .graph
        .edges
        .iter()
        .map(|edge| {
            json!({
                "from": edge.from, "to": edge.to, "kind": kind(edge.kind), "mode": mode(edge.mode), "label": edge.label,
                "at": place(edge.span), "proof": edge.proof.iter().map(|&span| place(span)).collect::<Vec<_>>(),
                "confidence": edge.confidence.to_string(), "resolved": edge.resolved,
                "severity": drawing.of_edge(edge).map(|severity| severity.to_string()),
            })
        })
        .collect();
    let patterns: Vec<Value> = drawing
        .graph
        .patterns
        .iter()
        .map(|pattern| json!({"pattern": pattern.name, "nodes": pattern.nodes, "missing": pattern.missing}))
        .collect();
    let whole = json!({"version": 1, "nodes": nodes, "edges": edges, "patterns": patterns});
    serde_json::to_writer_pretty(&mut *to, &whole)?;
    writeln!(to)
}

fn kind(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Trigger => "trigger",
        EdgeKind::Call => "call",
        EdgeKind::Delivery => "delivery",
        EdgeKind::Failure => "failure",
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Sync => "sync",
        Mode::Async => "async",
        Mode::Queue => "queue",
        Mode::Stream => "stream",
        Mode::Read => "read",
        Mode::Write => "write",
    }
}
