//! Failures that are added to a partial batch response.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, RecordedFailure};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// `failures.push(BatchItemFailure { … })`, and whether the loop goes on afterwards.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::METHOD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    let Kind::Method { receiver, name, args, .. } = body.kind(here.id) else { return };
    let context = here.context();
    let lexicon = context.index.lexicon;
    let records = lexicon.method(name);
    if !records.any(&[Meaning::Fills, Meaning::AddsFailure]) {
        return;
    }
    let typed = |at: ExprId, meaning| context.type_of(at).path().is_some_and(|path| lexicon.means(path, meaning));
    let failure = args.iter().any(|&arg| {
        body.subtree(arg).any(|inner| match body.kind(inner) {
            Kind::Struct { path, .. } | Kind::Path { path, .. } => {
                path.iter().any(|word| lexicon.means(word, Meaning::BatchFailure))
            }
            _ => false,
        })
    });
    let failure = failure
        || args.iter().any(|&arg| typed(arg, Meaning::BatchFailure))
        || (records.has(Meaning::AddsFailure) && typed(*receiver, Meaning::BatchResponse));
    if !failure || here.tracer().iterated(here.at()).is_none() {
        return;
    }
    // The branch around the push, up to the loop, decides whether later records are processed.
    let mut leaves = false;
    let mut at = here.id;
    for ancestor in body.ancestors(here.id) {
        if matches!(body.kind(ancestor), Kind::Loop { .. } | Kind::Closure { .. }) {
            break;
        }
        at = ancestor;
        if let Kind::Block { .. } = body.kind(ancestor) {
            leaves |= body.subtree(ancestor).any(|inner| matches!(body.kind(inner), Kind::Break(_) | Kind::Return(_)));
            break;
        }
    }
    // A loop that only fills the list with what is left after a failure is the right thing.
    let skips = body.subtree(at).any(|inner| matches!(body.kind(inner), Kind::Continue));
    let guarded = body.ancestors(here.id).any(|ancestor| match body.kind(ancestor) {
        Kind::If { condition, .. } => matches!(body.kind(body.peeled(*condition)), Kind::Local(_)),
        _ => false,
    });
    let groups = body.exprs.iter().any(|expr| match &expr.kind {
        Kind::Lit(Lit::Str(text)) => lexicon.field(text).has(Meaning::GroupsRecords),
        Kind::Path { path, .. } => path.iter().any(|word| lexicon.field(word).has(Meaning::GroupsRecords)),
        _ => false,
    });
    let range = body.expr(here.id).span;
    let stops = leaves || groups || (guarded && skips) || works_under_flag(here);
    into.push(RecordedFailure { continues: !stops, site: here.site(range) });
}

/// Whether the work of the loop around a failure stands under a condition that the loop itself ends: `if !stopped …`
/// with `stopped = true` where the work fails.
fn works_under_flag(here: Here<'_>) -> bool {
    let body = here.body();
    let around = body.ancestors(here.id).find(|&id| matches!(body.kind(id), Kind::Loop { .. }));
    let Some(around) = around else { return false };
    let works =
        |id: ExprId| here.view.remote.of(here.of(id)).is_some() || !here.view.remote.callees(here.of(id)).is_empty();
    body.subtree(around).any(|id| {
        let Kind::If { condition, then, .. } = body.kind(id) else { return false };
        let Kind::Not(flag) = body.kind(body.peeled(*condition)) else { return false };
        let Kind::Local(flag) = body.kind(body.peeled(*flag)) else { return false };
        let set = body.subtree(around).any(|inner| match body.kind(inner) {
            Kind::Assign { target, .. } => matches!(body.kind(*target), Kind::Local(local) if local == flag),
            _ => false,
        });
        set && body.subtree(*then).any(works)
    })
}
