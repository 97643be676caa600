//! Connection pools and their size.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, PoolSize};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// Pools of a region, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
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
    into.push(PoolSize { max, min, default: set.is_none(), path: path.to_owned(), site });
}
