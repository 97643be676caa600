//! Edits that mend a finding.

use crate::text::Span;

/// One replacement; an empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

/// A titled set of edits that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, in the imperative.
    pub title: String,
    /// Whether behaviour stays the same apart from the defect.
    pub safe: bool,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}
