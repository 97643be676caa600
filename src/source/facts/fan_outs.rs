//! Remote calls for each element of a collection, all at once.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{Facts, FanOut};
use crate::source::flow::called::Called;
use crate::source::flow::scope::element_of;
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::names::kinds::{FnId, Head};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{ExprId, Kind, LoopKind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::containers;
use crate::source::types::infer::Context;

/// Calls of a region that start or gather them.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let Some((Called { path, means }, args)) = here.called() else { return };
    let context = here.context();
    let (body, lexicon) = (context.body, context.index.lexicon);
    let gathers = means.any(&[Meaning::Spawn, Meaning::Gathers]);
    let over = if means.has(Meaning::Joins) {
        args.first().and_then(|&arg| mapped(here, arg))
    } else if gathers && here.remote_within(here.id).is_some() {
        let root = here.root();
        element_of(lexicon, body, root, here.id).map(|over| here.of(over))
    } else {
        None
    };
    let Some(over) = over else { return };
    // Threads for blocking work come from a pool of a size.
    if limits(&context, here.id) || means.has(Meaning::Offload) || permits(here) || is_enumeration(here.tracer(), over)
    {
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
    into.push(FanOut { path: path.to_string(), is_batch, site: here.site(here.range()) });
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

/// Whether something of the project is awaited that takes a permit: the loop waits there while enough are running.
fn permits(here: Here<'_>) -> bool {
    let index = here.tracer().reach.index;
    let limits = |callee: FnId| {
        index.function(callee).body.exprs.iter().any(|expr| match &expr.kind {
            Kind::Method { name, .. } => index.lexicon.method(name).has(Meaning::LimitsConcurrency),
            _ => false,
        })
    };
    let body = here.body();
    let around = body.ancestors(here.id).find(|&id| matches!(body.kind(id), Kind::Loop { .. }));
    around.is_some_and(|around| {
        body.subtree(around).any(|id| match body.kind(id) {
            Kind::Await(inner) => here.view.remote.callees(here.of(*inner)).iter().any(|&callee| limits(callee)),
            _ => false,
        })
    })
}

/// Whether a list holds values of an enum without data, of which there are only so many.
fn is_enumeration(tracer: &Tracer<'_>, (region, list): At) -> bool {
    let context = tracer.context(region);
    let ty = context.type_of(list);
    let Some(item) = containers::item_of(context.index.lexicon, &ty) else { return false };
    let Head::Local(id) = context.peel(item).head else { return false };
    match &context.index.type_item(id).kind {
        TypeKind::Enum(variants) => variants.iter().all(|(_, fields)| fields.is_empty()),
        _ => false,
    }
}
