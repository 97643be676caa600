//! What people wrote to silence a finding: in a comment, in a template's metadata, in the config.

use crate::text::{FileId, FunctionId, Span};

/// What a suppression covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Findings on one line of a file, 1-based.
    Line(FileId, u32),
    /// Findings in a file.
    File(FileId),
    /// Findings in a part of a file.
    Within(Span),
    /// Findings about a deployed function, and those in its declaration.
    Function(FunctionId, Span),
}

/// A request to be silent about rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Ids of rules, as written.
    pub rules: Vec<String>,
    /// Why; empty if nothing is said.
    pub reason: String,
    /// Where it is written.
    pub span: Span,
    /// What it covers.
    pub scope: Scope,
    /// Why it cannot be understood, if so.
    pub problem: Option<String>,
}
