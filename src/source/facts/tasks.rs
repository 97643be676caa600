//! Tasks that are started: whether anybody waits for them, and how many there can be.

use super::api::called;
use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{Facts, FanOut, Spawn};
use crate::source::flow::channels::sends;
use crate::source::flow::fate::{Next, next};
use crate::source::flow::scope::element_of;
use crate::source::flow::trace::At;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind, LoopKind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Tasks of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let Some((path, args)) = called(&context, here.id) else { return };
    let lexicon = context.index.lexicon;
    let means = lexicon.of(&path);
    let spawns = means.has(Meaning::Spawn);
    if spawns && is_detached(body, here.id) && !args.iter().any(|&arg| sends(&context, arg) || drives(&context, arg)) {
        let range = body.expr(here.id).span;
        let site = here.site(range);
        let remote = here.remote_within(here.id).is_some();
        into.push(Spawn { path: path.clone(), remote, site });
    }
    let gathers = spawns || means.has(Meaning::Gathers);
    let over = if means.has(Meaning::Joins) {
        args.first().and_then(|&arg| mapped(here, arg))
    } else if gathers && here.remote_within(here.id).is_some() {
        let root = here.root();
        element_of(lexicon, body, root, here.id).map(|over| here.of(over))
    } else {
        None
    };
    let Some(over) = over else { return };
    if limits(&context, here.id) {
        return;
    }
    let outer = here.tracer().context(over.0);
    if here.tracer().is_from_event(over) != Verdict::Yes
        && here.tracer().ingredient(over, |at| here.view.remote.of(at)).is_none()
    {
        return;
    }
    let is_batch = outer.body.subtree(over.1).any(
        |inner| matches!(outer.body.kind(inner), Kind::Field { name, .. } if lexicon.field(name).has(Meaning::Batch)),
    );
    let range = body.expr(here.id).span;
    let site = here.site(range);
    into.push(FanOut { path, is_batch, site });
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

/// A task that only drives a future made elsewhere, such as the connection of a database client.
fn drives(context: &Context<'_>, root: ExprId) -> bool {
    let body = context.body;
    if let Kind::Local(_) = body.kind(body.peeled(root)) {
        return true;
    }
    body.subtree(root)
        .any(|id| matches!(body.kind(id), Kind::Await(inner) if matches!(body.kind(*inner), Kind::Local(_))))
}

/// What `x.iter().map(|y| remote(y))` iterates, when the closure is remote work.
fn mapped(here: Here<'_>, futures: ExprId) -> Option<At> {
    let (region, id) = here.tracer().origin(here.of(futures));
    let body = here.tracer().context(region).body;
    let mut at = body.peeled(id);
    loop {
        let Kind::Method { receiver, name, args, .. } = body.kind(at) else { return None };
        if here.context().index.lexicon.method(name).has(Meaning::LimitsConcurrency) {
            return None;
        }
        if name == "map" && args.iter().any(|&arg| here.view.remote.within(body, (region, arg)).is_some()) {
            return Some((region, *receiver));
        }
        at = body.peeled(*receiver);
    }
}

/// Whether something in the function bounds how many run at once.
fn limits(context: &Context<'_>, id: ExprId) -> bool {
    let body = context.body;
    let named = |name: &str| context.index.lexicon.method(name).has(Meaning::LimitsConcurrency);
    let in_function = body.exprs.iter().any(|expr| matches!(&expr.kind, Kind::Method { name, .. } if named(name)));
    // `while` loops that drain as they fill are bounded by what they drain.
    let draining =
        body.ancestors(id).any(|ancestor| matches!(body.kind(ancestor), Kind::Loop { kind: LoopKind::While, .. }));
    in_function || draining
}
