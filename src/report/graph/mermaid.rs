//! Mermaid flowcharts, which repositories and wikis render by themselves.

use super::caption::Caption;
use super::drawing::Drawing;
use crate::finding::Severity;
use crate::model::Mode;
use crate::model::application::graph::{EdgeKind, NodeKind};
use crate::report::clean::clean;
use std::io::{self, Write};

pub(super) fn write(drawing: &Drawing<'_>, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "flowchart LR")?;
    for (at, node) in drawing.graph.nodes.iter().enumerate() {
        let caption = Caption::of(drawing, node);
        let (label, about) = (escape(&caption.name), escape(&caption.about));
        let (open, close) = match node.kind {
            NodeKind::Function => ("[", "]"),
            NodeKind::Queue | NodeKind::Stream => ("[[", "]]"),
            NodeKind::Topic | NodeKind::Bus => ("{{", "}}"),
            NodeKind::Bucket | NodeKind::Table => ("[(", ")]"),
            NodeKind::Api | NodeKind::Schedule => ("([", "])"),
            NodeKind::StateMachine => ("[/", "/]"),
            NodeKind::Resource | NodeKind::External | NodeKind::Unknown => (">", "]"),
        };
        writeln!(to, "  n{at}{open}\"{label}<br/><small>{about}</small>\"{close}")?;
        let class = match drawing.of_node(node) {
            Some(Severity::Error) => "error",
            Some(Severity::Warning) => "warning",
            _ => continue,
        };
        writeln!(to, "  class n{at} {class}")?;
    }
    for (index, edge) in drawing.graph.edges.iter().enumerate() {
        let arrow = match (edge.resolved, edge.kind, edge.mode) {
            (false, ..) | (_, EdgeKind::Failure, _) => "-.->",
            (_, _, Mode::Sync) => "==>",
            _ => "-->",
        };
        let label = if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&edge.label)) };
        writeln!(to, "  n{} {arrow}{label} n{}", edge.from, edge.to)?;
        let colour = match drawing.of_edge(edge) {
            Some(Severity::Error) => "#c62828",
            Some(Severity::Warning) => "#ef6c00",
            _ => continue,
        };
        writeln!(to, "  linkStyle {index} stroke:{colour},stroke-width:3px")?;
    }
    for pattern in &drawing.graph.patterns {
        writeln!(to, "  %% {}", entities(&drawing.describe(pattern)))?;
    }
    writeln!(to, "  classDef error stroke:#c62828,stroke-width:3px")?;
    writeln!(to, "  classDef warning stroke:#ef6c00,stroke-width:3px")
}

/// A quoted label. One that begins with a backtick would be taken for Markdown.
fn escape(text: &str) -> String {
    entities(text).replace('`', "#96;")
}

/// Mermaid takes HTML entities, with another sign in front.
fn entities(text: &str) -> String {
    let text = clean(text).replace('#', "#35;").replace('&', "#amp;").replace('"', "#quot;");
    text.replace('<', "#lt;").replace('>', "#gt;")
}
