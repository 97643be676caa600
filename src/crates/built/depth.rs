//! How much to read of what a build left.

/// How much to read of an executable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Depth {
    #[default]
    /// Headers: size, architecture, sections.
    Headers,
    /// The symbol table too.
    Symbols,
}
