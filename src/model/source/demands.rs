//! What a program asks of the machine it runs on: computing, listening, keeping state for somebody.

use super::Site;
use super::fact::facts;
use crate::text::Span;

facts!(ComputeCall, ServerStart, StateLookup);

/// A call of something that computes for long: an engine, or threads over a collection.
#[derive(Debug, Clone)]
pub struct ComputeCall {
    /// The engine, as `rules/data/compute.yaml` names it; none if it only spreads work over threads.
    pub engine: Option<String>,
    /// The canonical path, or the name of the method.
    pub path: String,
    /// Where.
    pub site: Site,
}

/// A call that waits for connections.
#[derive(Debug, Clone)]
pub struct ServerStart {
    /// The canonical path.
    pub path: String,
    /// Whether it keeps a connection open for messages both ways.
    pub keeps_open: bool,
    /// Where.
    pub site: Site,
}

/// A look into process-wide state under a key of the event.
#[derive(Debug, Clone)]
pub struct StateLookup {
    /// Where the state is declared.
    pub declared: Span,
    /// Where it is looked into.
    pub site: Site,
}
