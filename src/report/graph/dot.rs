//! DOT, for Graphviz and what reads it.

use super::caption::Caption;
use super::drawing::Drawing;
use crate::finding::Severity;
use crate::model::Mode;
use crate::model::application::graph::{EdgeKind, NodeKind};
use crate::report::clean::clean;
use std::io::{self, Write};

pub(super) fn write(drawing: &Drawing<'_>, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "digraph application {{\n  rankdir=LR;\n  node [fontname=\"sans-serif\", shape=box, style=rounded];")?;
    writeln!(to, "  edge [fontname=\"sans-serif\", fontsize=10];")?;
    for (at, node) in drawing.graph.nodes.iter().enumerate() {
        let shape = match node.kind {
            NodeKind::Function => "box",
            NodeKind::Queue | NodeKind::Stream => "cds",
            NodeKind::Topic | NodeKind::Bus => "hexagon",
            NodeKind::Bucket | NodeKind::Table => "cylinder",
            NodeKind::Api | NodeKind::Schedule => "oval",
            NodeKind::StateMachine => "component",
            NodeKind::Resource | NodeKind::External | NodeKind::Unknown => "plaintext",
        };
        let colour = colour(drawing.of_node(node));
        let caption = Caption::of(drawing, node);
        let (name, about, whole) = (escape(&caption.name), escape(&caption.about), escape(&node.label));
        writeln!(to, "  n{at} [label=\"{name}\\n{about}\", tooltip=\"{whole}\", shape={shape}{colour}];")?;
    }
    for edge in &drawing.graph.edges {
        let style = match (edge.resolved, edge.kind, edge.mode) {
            (false, ..) => ", style=dotted",
            (_, EdgeKind::Failure, _) => ", style=dashed",
            (_, _, Mode::Sync) => ", style=bold",
            _ => "",
        };
        let colour = colour(drawing.of_edge(edge));
        writeln!(to, "  n{} -> n{} [label=\"{}\"{style}{colour}];", edge.from, edge.to, escape(&edge.label))?;
    }
    writeln!(to, "}}")
}

fn colour(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Error) => ", color=\"#c62828\", penwidth=2",
        Some(Severity::Warning) => ", color=\"#ef6c00\", penwidth=2",
        _ => "",
    }
}

fn escape(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('"', "\\\"")
}
