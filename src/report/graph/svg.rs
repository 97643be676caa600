//! A picture of the graph that needs nothing but a browser: no script, no font, no reference to elsewhere.

use super::caption::Caption;
use super::drawing::Drawing;
use super::layout::{HEIGHT, Layout, layout};
use crate::finding::Severity;
use crate::model::Mode;
use crate::model::application::graph::{Edge, EdgeKind, Node, NodeKind};
use crate::report::clean::clean;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Pixels a character of a name takes, on average, in the fonts browsers have; capitals and marks take more.
const CHARACTER: f64 = 7.3;
const WIDE: f64 = 9.2;
/// Small print beside names.
const SMALL: f64 = 0.8;
/// Pixels between lines that join the same two nodes.
const LANE: f64 = 14.0;
/// Pixels of the legend.
const LEAST_WIDTH: f64 = 860.0;
/// Longer labels are cut in the middle; the whole is in the tooltip.
const MOST_CHARACTERS: usize = 34;

pub(super) fn write(drawing: &Drawing<'_>, to: &mut dyn Write) -> io::Result<()> {
    let graph = drawing.graph;
    let captions: Vec<Caption> = graph.nodes.iter().map(|node| shortened_caption(drawing, node)).collect();
    let along = lines(drawing);
    let room: HashMap<usize, f64> = along.iter().map(|line| (line.edge, width(&line.label) * SMALL)).collect();
    let placed = layout(
        graph,
        |node| (width(&captions[node].name).max(width(&captions[node].about) * SMALL) + 26.0).max(90.0),
        |edge| room.get(&edge).copied().unwrap_or(0.0),
    );
    // Patterns that lack nothing need no words.
    let notes: Vec<String> = graph
        .patterns
        .iter()
        .filter(|pattern| !pattern.missing.is_empty())
        .flat_map(|pattern| wrapped(&drawing.describe(pattern), placed.width.max(LEAST_WIDTH)))
        .collect();
    let legend = 56.0 + notes.len() as f64 * 18.0;
    let (width, height) = (placed.width.max(LEAST_WIDTH), placed.height + legend);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\">"
    );
    out.push_str(STYLE);
    let _ = writeln!(out, "<rect width=\"{width:.0}\" height=\"{height:.0}\" class=\"paper\"/>");
    for line in along {
        draw_edge(drawing, &placed, &line, &mut out);
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        draw_node(drawing, &placed, at, node, &captions[at], &mut out);
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
.tip{fill:#57606a}\
@media (prefers-color-scheme:dark){.paper{fill:#0d1117}text{fill:#e6edf3}.kind,.along{fill:#9198a1}\
.along{stroke:#0d1117}.edge{stroke:#9198a1}.sync{stroke:#e6edf3}.read{stroke:#6e7681}.failure{stroke:#d29922}\
.tip{fill:#9198a1}.function{fill:#3b2a14;stroke:#f0a35e}.queue,.stream{fill:#14263f;stroke:#79b8ff}\
.topic,.bus{fill:#37192b;stroke:#f778ba}.bucket,.table{fill:#14301a;stroke:#56d364}\
.api,.schedule{fill:#251d45;stroke:#b392f0}.machine{fill:#38300d;stroke:#d29922}.other{fill:#161b22;stroke:#8b949e}\
.error{stroke:#ff7b72}.warning{stroke:#f0a35e}}\
</style>\
<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\" \
markerUnits=\"userSpaceOnUse\"><path d=\"M0 0L8 4L0 8z\" class=\"tip\"/></marker></defs>\n";

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

fn draw_node(drawing: &Drawing<'_>, placed: &Layout, at: usize, node: &Node, caption: &Caption, out: &mut String) {
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
        escape(&caption.name),
        place.x + place.width / 2.0,
        place.y + 34.0,
        escape(&caption.about),
    );
}

/// Edges that look the same, as one line.
struct Line {
    /// The first of them.
    edge: usize,
    /// All their labels.
    label: String,
    /// Which it is among the lines between its ends in this direction, and how many they are.
    lane: (usize, usize),
}

fn lines(drawing: &Drawing<'_>) -> Vec<Line> {
    let mut lines: Vec<(usize, Vec<&str>)> = Vec::new();
    let mut known: HashMap<(usize, usize, &str), usize> = HashMap::new();
    let mut lanes: HashMap<(usize, usize), usize> = HashMap::new();
    for (index, edge) in drawing.graph.edges.iter().enumerate() {
        let at = *known.entry((edge.from, edge.to, style(edge))).or_insert_with(|| {
            lines.push((index, Vec::new()));
            *lanes.entry((edge.from, edge.to)).or_default() += 1;
            lines.len() - 1
        });
        if !edge.label.is_empty() && !lines[at].1.contains(&edge.label.as_str()) {
            lines[at].1.push(&edge.label);
        }
    }
    let mut taken: HashMap<(usize, usize), usize> = HashMap::new();
    let line = |(index, labels): (usize, Vec<&str>)| {
        let label = match labels.as_slice() {
            [a, b, rest @ ..] if !rest.is_empty() => format!("{a}, {b}, +{}", rest.len()),
            all => all.join(", "),
        };
        let edge = &drawing.graph.edges[index];
        let lane = taken.entry((edge.from, edge.to)).or_default();
        *lane += 1;
        let lane = (*lane - 1, lanes[&(edge.from, edge.to)]);
        Line { edge: index, label: shortened(&clean(&label)), lane }
    };
    lines.into_iter().map(line).collect()
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

fn draw_edge(drawing: &Drawing<'_>, placed: &Layout, line: &Line, out: &mut String) {
    let Line { edge: index, label, lane } = line;
    let edge = &drawing.graph.edges[*index];
    let (from, to) = (placed.places[edge.from], placed.places[edge.to]);
    // Two ways between the same nodes run side by side.
    let returns = drawing.graph.edges.iter().any(|other| other.from == edge.to && other.to == edge.from);
    let turned = if returns && edge.from != edge.to { if to.x < from.x { 10.0 } else { -10.0 } } else { 0.0 };
    let shift = turned + (lane.0 as f64 - (lane.1 - 1) as f64 / 2.0) * LANE;
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
        points.extend(placed.bends[*index].iter().map(|&(x, y)| (x, y + shift)));
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
    if !label.is_empty() && edge.from != edge.to {
        let (x, y, anchor) = beside(drawing, line, start, end);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"along\">{}</text>",
            escape(label)
        );
    }
}

/// Where the label of an edge stands: at the end where fewer lines meet, so that labels of a fan do not lie on one
/// another.
fn beside(drawing: &Drawing, line: &Line, start: (f64, f64), end: (f64, f64)) -> (f64, f64, &'static str) {
    let edge = &drawing.graph.edges[line.edge];
    let edges = &drawing.graph.edges;
    let leaving = edges.iter().filter(|other| other.from == edge.from && other.to != edge.to).count();
    let entering = edges.iter().filter(|other| other.to == edge.to && other.from != edge.from).count();
    let forwards = end.0 >= start.0;
    let (at, towards) = if leaving >= entering { (end, !forwards) } else { (start, forwards) };
    let (_, far) = if at == end { start } else { end };
    // On the side the line does not come from; of several lines between two nodes, the last is written below.
    let below = if line.lane.1 > 1 { line.lane.0 + 1 == line.lane.1 } else { far < at.1 - 1.0 };
    let y = at.1 + if below { 12.0 } else { -5.0 };
    if towards { (at.0 + 14.0, y, "start") } else { (at.0 - 14.0, y, "end") }
}

/// Pixels of a name.
fn width(text: &str) -> f64 {
    let wide =
        |c: char| c.is_ascii_uppercase() || matches!(c, '_' | '$' | '{' | '}' | '%' | '@' | 'm' | 'w') || !c.is_ascii();
    text.chars().map(|c| if wide(c) { WIDE } else { CHARACTER }).sum()
}

fn shortened_caption(drawing: &Drawing, node: &Node) -> Caption {
    let caption = Caption::of(drawing, node);
    Caption { name: shortened(&caption.name), about: shortened(&caption.about) }
}

/// Notes in lines that end where the picture does.
fn wrapped(text: &str, wide: f64) -> Vec<String> {
    let columns = ((wide - 48.0) / 6.6) as usize;
    textwrap::wrap(text, textwrap::Options::new(columns.max(40)).subsequent_indent("    "))
        .into_iter()
        .map(|line| line.into_owned())
        .collect()
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
