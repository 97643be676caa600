//! The call graph from `main` and the handlers, cut into regions that run in one phase.

mod coverage;
mod dispatch;
pub(crate) mod elsewhere;
pub(crate) mod handlers;
mod made;
pub(crate) mod regions;
pub(crate) mod walk;
