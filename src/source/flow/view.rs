//! What collectors of facts are handed.

use super::remote::Remote;
use super::trace::{At, Tracer};
use std::cell::RefCell;
use std::collections::HashMap;

/// What collectors ask: where values come from, and which code is remote work.
pub(crate) struct View<'p> {
    pub(crate) tracer: &'p Tracer<'p>,
    pub(crate) remote: Remote,
    /// Loops around sleeps, by region.
    pub(crate) loops: RefCell<HashMap<At, Repeats>>,
}

/// What a loop does over and over; looked at once for all the sleeps in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeats {
    /// The remote read at its end.
    pub(crate) read: Option<String>,
    /// Whether it ends as soon as a remote call succeeds.
    pub(crate) retries: bool,
}
