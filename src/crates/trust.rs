//! What the user lets cargo read.

/// Whether the checkout's own cargo configuration may take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// No: the default.
    No,
    /// Yes: the user asked for it.
    Yes,
}
