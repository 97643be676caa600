//! The application's graph in formats that can be pasted, rendered or processed.

mod caption;
mod dot;
mod drawing;
mod json;
mod layout;
mod mermaid;
mod svg;

pub use self::drawing::Drawing;

use std::io::{self, Write};

/// The formats of a graph.
pub const GRAPH_FORMATS: [&str; 4] = ["mermaid", "dot", "json", "svg"];

/// Writes a graph.
///
/// # Errors
/// If the writer fails.
pub fn write_graph(format: &str, drawing: &Drawing<'_>, to: &mut dyn Write) -> io::Result<()> {
    match format {
        "dot" => dot::write(drawing, to),
        "json" => json::write(drawing, to),
        "svg" => svg::write(drawing, to),
        _ => mermaid::write(drawing, to),
    }
}
