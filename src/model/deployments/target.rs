//! What references lead to.

use crate::text::ResourceId;

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A resource of this project.
    Resource(ResourceId),
    /// Something outside it: an ARN, an import, a parameter without default.
    External(String),
}

/// A piece of text with references in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    /// Fully known.
    Literal(String),
    /// Exactly one attribute of one resource.
    Attribute(ResourceId, Option<String>),
    /// Known in part: literal pieces and the resources named between them.
    Template(String, Vec<ResourceId>),
}
