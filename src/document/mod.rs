//! YAML, JSON and TOML as trees with a span on each node.

pub(crate) mod json;
pub(crate) mod toml;
pub(crate) mod tree;
pub(crate) mod yaml;
