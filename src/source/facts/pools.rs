//! Connection pools and their size.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Role};
use crate::model::source::{Facts, Phase, PoolSize, PoolUse};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// Pools of a region, in any phase.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::ANY, nodes: Nodes::CALLS.or(Nodes::MACRO), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    if here.phase() == Phase::Invoke && runs_together(here) {
        into.push(PoolUse { site: here.site(here.range()) });
    }
    if let Some((called, _)) = here.called()
        && called.means.has(Meaning::OpensPool)
    {
        pool(here, &called.path, into);
    }
}

/// The size of a pool at the call that opens it, or at the setter of a builder.
fn pool(here: Here<'_>, path: &str, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let default = lexicon.detail(path, |row| row.connections);
    let mut at = here.id;
    let mut set: Option<(Option<i64>, ExprId)> = None;
    let mut min = None;
    while let Kind::Method { receiver, name, args, .. } = body.kind(at) {
        let means = lexicon.method(name);
        if means.has(Meaning::LeastConnections)
            && let Some(Lit::Int(size)) = args.first().and_then(|&arg| here.tracer().constant(here.of(arg)))
        {
            min = Some(size);
        }
        if means.has(Meaning::MostConnections) {
            let size = args.first().and_then(|&arg| match here.tracer().constant(here.of(arg)) {
                Some(Lit::Int(size)) => Some(size),
                _ => None,
            });
            set = Some((size, at));
        }
        at = body.peeled(*receiver);
    }
    let (max, place) = match set {
        Some((Some(size), at)) => (size, at),
        Some((None, _)) => return,
        // A builder that came from somewhere else may have been given a size there.
        None if matches!(body.kind(at), Kind::Local(_)) => return,
        None => match default {
            Some(default) => (default, here.id),
            None => return,
        },
    };
    let range = match body.kind(place) {
        Kind::Method { name_span, .. } => (name_span.0, body.expr(place).span.1),
        _ => body.expr(place).span,
    };
    let site = here.on(place).site(range);
    let eager = lexicon.means(path, Meaning::OpensAtOnce);
    into.push(PoolSize { max, min, default: set.is_none(), eager, path: path.to_owned(), site });
}

/// Whether futures that use a pool run side by side: `try_join!(count(&pool), list(&pool))`, a spawned query.
fn runs_together(here: Here<'_>) -> bool {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let together = match body.kind(here.id) {
        Kind::Macro { path, args, .. } => {
            let means = lexicon.macro_of(path);
            means.has(Meaning::RunsTogether) && !means.has(Meaning::Races) && args.len() > 1
        }
        _ => here.called().is_some_and(|(called, _)| {
            called.means.any(&[Meaning::Joins, Meaning::KeepsOutcomes, Meaning::Gathers, Meaning::Spawn])
        }),
    };
    let pool = |id: ExprId| {
        let typed = context.type_of(id).path().is_some_and(|path| lexicon.says(path, Role::Pool));
        typed || body.last_name(id).is_some_and(|name| lexicon.says(name, Role::Pool))
    };
    together && body.subtree(here.id).any(|id| matches!(body.kind(id), Kind::Local(_) | Kind::Field { .. }) && pool(id))
}
