//! Statements and commands sent to databases, caches and brokers.

use super::collector::{Collector, Phases};
use super::sdk::is_chunked;
use crate::knowledge::Meaning;
use crate::model::source::{Facts, QueryCall};
use crate::source::flow::requests::{is_statement, query};
use crate::source::flow::trace::At;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;

/// Statements of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::METHOD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let Kind::Method { receiver, name_span, args, .. } = here.kind() else { return };
    let context = here.context();
    let Some(called) = query(&context, here.id) else { return };
    let alone = called.means.has(Meaning::OneElement) || is_statement(&context, here.id);
    let over = here.tracer().iterated(here.at()).filter(|_| alone);
    let over = over.filter(|&over| !is_chunked(here.tracer(), over) && !asks_each(here, *receiver, args, over));
    let over = over.map(|(region, id)| Here { region, id, ..here }.span());
    let range = (here.body().expr(*receiver).span.0, name_span.1);
    into.push(QueryCall { path: called.path.to_string(), over, site: here.site(range) });
}

/// Whether what is iterated are connections or pools, each of which is asked the same.
fn asks_each(here: Here<'_>, receiver: ExprId, args: &[ExprId], (region, over): At) -> bool {
    let body = here.body();
    let whom = [Some(receiver).filter(|&on| is_plain(here, on)), args.first().copied()];
    region == here.region
        && body.bound(over).any(|local| {
            let uses = &body.locals[local as usize].uses;
            whom.iter().flatten().any(|&at| is_plain(here, at) && uses.contains(&body.peeled(at)))
        })
}

fn is_plain(here: Here<'_>, id: ExprId) -> bool {
    matches!(here.body().kind(here.body().peeled(id)), Kind::Local(_))
}
