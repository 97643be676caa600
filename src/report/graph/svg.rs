//! A picture of the graph that needs nothing but a browser: no script, no font, no reference to elsewhere.

use super::drawing::Drawing;
use super::layout::{HEIGHT, Layout, layout};
use crate::finding::Severity;
use crate::model::Mode;
use crate::model::application::graph::{Edge, EdgeKind, Node, NodeKind};
use crate::report::clean::clean;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Pixels a character of the labels takes, on average, in the fonts browsers have.
const CHARACTER: f64 = 7.3;
/// Longer labels are cut in the middle; the whole is in the tooltip.
const MOST_CHARACTERS: usize = 34;

pub(super) fn write(drawing: &Drawing<'_>, to: &mut dyn Write) -> io::Result<()> {
    let graph = drawing.graph;
    let labels: Vec<String> = graph.nodes.iter().map(|node| shortened(&clean(&node.label))).collect();
    let placed = layout(graph, |node| {
        let longest = labels[node].chars().count().max(graph.nodes[node].kind.name().len());
        (longest as f64 * CHARACTER + 26.0).max(90.0)
    });
    // Patterns that lack nothing need no words.
    let notes: Vec<String> = graph
        .patterns
        .iter()
        .filter(|pattern| !pattern.missing.is_empty())
        .map(|pattern| drawing.describe(pattern))
        .collect();
    let legend = 56.0 + notes.len() as f64 * 18.0;
    let (width, height) = (placed.width.max(860.0), placed.height + legend);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\">"
    );
    out.push_str(STYLE);
    let _ = writeln!(out, "<rect width=\"{width:.0}\" height=\"{height:.0}\" class=\"paper\"/>");
    for (index, labels) in lines(drawing) {
        draw_edge(drawing, &placed, index, &labels, &mut out);
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        draw_node(drawing, &placed, at, node, &labels[at], &mut out);
    }
    draw_legend(height - legend + 10.0, &mut out);
    for (at, note) in notes.iter().enumerate() {
        let y = height - legend + 52.0 + at as f64 * 18.0;
        let _ = writeln!(out, "<text x=\"24\" y=\"{y:.0}\" class=\"note\">{}</text>", escape(note));
    }
    out.push_str("</svg>\n");
    to.write_all(out.as_bytes())
}

const STYLE: &str = "<style>\
.paper{fill:#fff}text{fill:#1b1f24;font-size:13px}.kind{font-size:10px;fill:#57606a}.note{font-size:12px}\
.edge{fill:none;stroke:#57606a;stroke-width:1.4}.sync{stroke-width:2.4;stroke:#24292f}.read{stroke:#8c959f}\
.failure{stroke-dasharray:6 4;stroke:#9a6700}.unknown{stroke-dasharray:2 4}\
.along{font-size:10px;fill:#57606a;paint-order:stroke;stroke:#fff;stroke-width:3px}\
.node{stroke-width:1.4}.function{fill:#fff3e0;stroke:#c25700}.queue,.stream{fill:#e7f0ff;stroke:#1f5fbf}\
.topic,.bus{fill:#fbe9f3;stroke:#a3266b}.bucket,.table{fill:#e6f6e8;stroke:#2b7a35}\
.api,.schedule{fill:#f0ebff;stroke:#5b3cc4}\
.machine{fill:#fff8c5;stroke:#9a6700}.other{fill:#f6f8fa;stroke:#6e7781}\
.error{stroke:#c62828;stroke-width:3}.warning{stroke:#ef6c00;stroke-width:3}\
</style>\
<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\" \
markerUnits=\"userSpaceOnUse\"><path d=\"M0 0L8 4L0 8z\" fill=\"#57606a\"/></marker></defs>\n";

fn class(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Function => "function",
        NodeKind::Queue => "queue",
        NodeKind::Stream => "stream",
        NodeKind::Topic => "topic",
        NodeKind::Bus => "bus",
        NodeKind::Bucket => "bucket",
        NodeKind::Table => "table",
        NodeKind::Api => "api",
        NodeKind::Schedule => "schedule",
        NodeKind::StateMachine => "machine",
        NodeKind::Resource | NodeKind::External | NodeKind::Unknown => "other",
    }
}

fn severity(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Error) => " error",
        Some(Severity::Warning) => " warning",
        _ => "",
    }
}

fn draw_node(drawing: &Drawing<'_>, placed: &Layout, at: usize, node: &Node, label: &str, out: &mut String) {
    let place = placed.places[at];
    let radius = match node.kind {
        NodeKind::Api | NodeKind::Schedule => HEIGHT / 2.0,
        NodeKind::Function => 8.0,
        _ => 2.0,
    };
    let declared = node.span.map_or(String::new(), |span| format!(" — {}", drawing.project.sources.place(span)));
    let _ = writeln!(
        out,
        "<g><title>{} ({}){}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{HEIGHT}\" rx=\"{radius}\" \
         class=\"node {}{}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><text x=\"{:.1}\" \
         y=\"{:.1}\" text-anchor=\"middle\" class=\"kind\">{}</text></g>",
        escape(&clean(&node.label)),
        node.kind.name(),
        escape(&clean(&declared)),
        place.x,
        place.y,
        place.width,
        class(node.kind),
        severity(drawing.of_node(node)),
        place.x + place.width / 2.0,
        place.y + 19.0,
        escape(label),
        place.x + place.width / 2.0,
        place.y + 34.0,
        node.kind.name(),
    );
}

/// Edges that look the same are one line with all their labels.
fn lines(drawing: &Drawing<'_>) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, Vec<&str>)> = Vec::new();
    let mut known: HashMap<(usize, usize, &str), usize> = HashMap::new();
    for (index, edge) in drawing.graph.edges.iter().enumerate() {
        let at = *known.entry((edge.from, edge.to, style(edge))).or_insert_with(|| {
            lines.push((index, Vec::new()));
            lines.len() - 1
        });
        if !edge.label.is_empty() && !lines[at].1.contains(&edge.label.as_str()) {
            lines[at].1.push(&edge.label);
        }
    }
    lines
        .into_iter()
        .map(|(index, labels)| match labels.as_slice() {
            [a, b, c, rest @ ..] if !rest.is_empty() => (index, format!("{a}, {b}, {c}, +{}", rest.len())),
            all => (index, all.join(", ")),
        })
        .collect()
}

fn style(edge: &Edge) -> &'static str {
    match (edge.resolved, edge.kind, edge.mode) {
        (false, ..) => " unknown",
        (_, EdgeKind::Failure, _) => " failure",
        (_, _, Mode::Sync) => " sync",
        (_, _, Mode::Read) => " read",
        _ => "",
    }
}

fn draw_edge(drawing: &Drawing<'_>, placed: &Layout, index: usize, label: &str, out: &mut String) {
    let edge = &drawing.graph.edges[index];
    let (from, to) = (placed.places[edge.from], placed.places[edge.to]);
    // Two ways between the same nodes run side by side.
    let returns = drawing.graph.edges.iter().any(|other| other.from == edge.to && other.to == edge.from);
    let shift = if returns && edge.from != edge.to { if to.x < from.x { 10.0 } else { -10.0 } } else { 0.0 };
    let middle = |y: f64| y + HEIGHT / 2.0 + shift;
    let backwards = to.x < from.x;
    let start = if backwards { (from.x, middle(from.y)) } else { (from.x + from.width, middle(from.y)) };
    let end = if backwards { (to.x + to.width, middle(to.y)) } else { (to.x, middle(to.y)) };
    let path = if edge.from == edge.to {
        let (x, y) = (from.x + from.width / 2.0, from.y);
        format!(
            "M{:.1} {y:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {y:.1}",
            x - 14.0,
            x - 30.0,
            y - 30.0,
            x + 30.0,
            y - 30.0,
            x + 14.0
        )
    } else if (to.x - from.x).abs() < 1.0 {
        // In one column: around the right side.
        let x = from.x + from.width.max(to.width);
        let (a, b) = (from.x + from.width, to.x + to.width);
        format!(
            "M{a:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {b:.1} {:.1}",
            middle(from.y),
            x + 46.0,
            middle(from.y),
            x + 46.0,
            middle(to.y),
            middle(to.y)
        )
    } else {
        let mut points = vec![start];
        points.extend(placed.bends[index].iter().copied());
        points.push(end);
        let mut path = format!("M{:.1} {:.1}", start.0, start.1);
        for pair in points.windows(2) {
            let half = (pair[1].0 - pair[0].0) / 2.0;
            let _ = write!(
                path,
                "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                pair[0].0 + half,
                pair[0].1,
                pair[1].0 - half,
                pair[1].1,
                pair[1].0,
                pair[1].1
            );
        }
        path
    };
    let style = style(edge);
    let _ = writeln!(
        out,
        "<path d=\"{path}\" class=\"edge{style}{}\" marker-end=\"url(#a)\"><title>{}</title></path>",
        severity(drawing.of_edge(edge)),
        escape(&clean(&tooltip(drawing, edge)))
    );
    // In the middle of the last stretch, lines of one node have come apart.
    let before = *placed.bends[index].last().unwrap_or(&start);
    if !label.is_empty() && edge.from != edge.to {
        let (x, y) = ((end.0 + before.0) / 2.0, (end.1 + before.1) / 2.0 - 4.0);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" class=\"along\">{}</text>",
            escape(&shortened(&clean(label)))
        );
    }
}

fn tooltip(drawing: &Drawing<'_>, edge: &Edge) -> String {
    let at = drawing.project.sources.place(edge.span);
    let label = if edge.label.is_empty() { "delivers" } else { edge.label.as_str() };
    format!("{} → {}: {label} ({at})", drawing.graph.nodes[edge.from].label, drawing.graph.nodes[edge.to].label)
}

fn draw_legend(y: f64, out: &mut String) {
    let lines = [
        ("edge sync", "waits"),
        ("edge", "asynchronous"),
        ("edge read", "reads"),
        ("edge failure", "failures"),
        ("edge unknown", "unresolved"),
        ("edge warning", "warning"),
        ("edge error", "error"),
    ];
    for (at, (class, text)) in lines.iter().enumerate() {
        let x = 24.0 + at as f64 * 118.0;
        let _ = writeln!(
            out,
            "<path d=\"M{x:.0} {:.0}h30\" class=\"{class}\"/><text x=\"{:.0}\" y=\"{:.0}\" \
             class=\"kind\">{text}</text>",
            y + 12.0,
            x + 36.0,
            y + 16.0
        );
    }
}

fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let half = MOST_CHARACTERS / 2 - 1;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(count - half).collect();
    format!("{head}…{tail}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
