//! Tasks and threads that are started and that nobody waits for.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, Spawn};
use crate::source::flow::channels::sends;
use crate::source::flow::fate::{Next, next};
use crate::source::flow::outlives;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Tasks of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let Some((called, args)) = here.called() else { return };
    if !called.means.has(Meaning::Spawn) {
        return;
    }
    let parked = outlives::is_kept(here);
    if !parked && !is_detached(here.body(), here.id) {
        return;
    }
    let context = here.context();
    if args.iter().any(|&arg| sends(&context, arg) || drives(&context, arg)) || answered(here) {
        return;
    }
    let remote = here.remote_within(here.id).is_some();
    into.push(Spawn { path: called.path.to_string(), remote, parked, site: here.site(here.range()) });
}

/// Whether nobody keeps the handle.
fn is_detached(body: &Body, id: ExprId) -> bool {
    match next(body, id) {
        // `spawn(…).await;` is waited for although its result is dropped.
        Next::Dropped => !body.is_awaited(id),
        Next::Bound { locals, .. } => locals.iter().all(|&local| body.locals[local as usize].uses.is_empty()),
        Next::Given(call) => body.calls(call, "drop"),
        _ => false,
    }
}

/// Whether the invocation waits for one end of a channel that was made with another: the task answers through that.
fn answered(here: Here<'_>) -> bool {
    let context = here.context();
    context.index.asked(context.id, context.body).answers_after(here.id)
}

/// A task that only drives a future made elsewhere, such as the connection of a database client.
fn drives(context: &Context<'_>, root: ExprId) -> bool {
    let body = context.body;
    if let Kind::Local(_) = body.kind(body.peeled(root)) {
        return true;
    }
    body.subtree(root)
        .any(|id| matches!(body.kind(id), Kind::Await(inner) if matches!(body.kind(*inner), Kind::Local(_))))
}
