//! Files that are written, and those that are removed again.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, FileRemoval, FileWrite};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Calls of a region, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let Some((called, args)) = here.called() else { return };
    let context = here.context();
    let lexicon = context.index.lexicon;
    if called.means.has(Meaning::RemovesFile) {
        into.push(FileRemoval { site: here.site(here.range()) });
    }
    let opened = called.means.has(Meaning::OpensFile) && opens_to_write(&context, here.id);
    if !called.means.has(Meaning::WritesFile) && !opened {
        return;
    }
    let Some(&target) = args.get(lexicon.detail(&called.path, |row| row.target).unwrap_or(0)) else { return };
    let range = context.body.expr(here.id).span;
    into.push(FileWrite {
        path: here.tracer().operand(here.of(target)).0,
        unique: here.is_from_event(target),
        site: here.site(range),
    });
}

fn opens_to_write(context: &Context<'_>, id: ExprId) -> bool {
    let mut at = id;
    while let Kind::Method { receiver, name, .. } = context.body.kind(at) {
        if context.index.lexicon.method(name).has(Meaning::AllowsWriting) {
            return true;
        }
        at = context.body.peeled(*receiver);
    }
    false
}
