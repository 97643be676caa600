//! Writes to state that outlives an invocation.

use super::Site;
use super::fact::facts;
use crate::text::Span;

facts!(StateWrite);

/// How process-wide state changes during invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// Grows or changes with every event.
    Accumulator,
    /// Remembers a value under a key that does not come from the event.
    Cache,
    /// An atomic counter or flag.
    Atomic,
    /// A `static mut`.
    StaticMut,
    /// The environment, the working directory or a hook of the whole process.
    Process,
}

/// A write to process-wide state.
#[derive(Debug, Clone)]
pub struct StateWrite {
    /// Name of the static, or of the process-wide function.
    pub name: String,
    /// Kind of change.
    pub kind: StateKind,
    /// Whether what is written comes from the event.
    pub event_data: bool,
    /// Whether it is kept under a key of the event.
    pub keyed: bool,
    /// Whether entries can leave it again (expiry, eviction, overwrite).
    pub expires: bool,
    /// Where it is declared.
    pub declared: Option<Span>,
    /// Where it is written.
    pub site: Site,
}
