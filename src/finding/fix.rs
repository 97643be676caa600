//! Edits that mend a finding.

use crate::text::{Edit, Span, Value};

/// A titled set of edits that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, in the imperative.
    pub title: String,
    /// Whether behaviour stays the same apart from the defect.
    pub safe: bool,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// Settings to write that are not edits yet: how depends on how the file is written.
    pub writes: Vec<Write>,
}

/// A setting to be written into a file of a certain kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets what a path leads to below the value of a key in YAML or JSON.
    Entry {
        /// The key.
        of: Span,
        /// Keys below its value; missing mappings are made.
        path: Vec<String>,
        /// The value.
        value: Value,
        /// The key that the value has as a mapping, where it is a scalar now.
        short: Option<String>,
    },
    /// Adds an entry behind the one of a key in YAML or JSON.
    Sibling {
        /// The key.
        of: Span,
        /// The new key.
        key: String,
        /// Its value.
        value: Value,
    },
    /// Sets an attribute of a block in HCL; all but the last of the path are blocks.
    Attribute {
        /// The block's header.
        of: Span,
        /// The attribute.
        path: Vec<String>,
        /// The value.
        value: Value,
    },
    /// Adds a block behind another one in HCL.
    Block {
        /// The other block's header.
        of: Span,
        /// The new block's header.
        header: String,
        /// Its attributes.
        attributes: Vec<(String, Value)>,
    },
    /// Sets keys of a table in TOML.
    Table {
        /// A place in the file.
        of: Span,
        /// The table's name, dotted.
        name: String,
        /// Its keys and their values.
        keys: Vec<(String, Value)>,
    },
}

impl Write {
    /// The place it is written by.
    pub fn of(&self) -> Span {
        match self {
            Self::Entry { of, .. }
            | Self::Sibling { of, .. }
            | Self::Attribute { of, .. }
            | Self::Block { of, .. }
            | Self::Table { of, .. } => *of,
        }
    }
}

impl Fix {
    /// A fix of edits that are known already.
    pub fn edits(title: impl Into<String>, safe: bool, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safe, edits, writes: Vec::new() }
    }

    /// A fix of settings to be written.
    pub fn writes(title: impl Into<String>, safe: bool, writes: Vec<Write>) -> Self {
        Self { title: title.into(), safe, edits: Vec::new(), writes }
    }
}
