//! What the join made: units, flows and the graph.

pub(crate) mod graph;
pub(crate) mod unit;
