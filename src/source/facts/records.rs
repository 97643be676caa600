//! Records of a batch: whether only one of them is read.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{Facts, RecordUse};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// Lists of records that a region reads.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::FIELD.or(Nodes::INDEX), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let is_batch = |name: &str| here.context().index.lexicon.field(name).has(Meaning::Batch);
    match here.body().kind(here.id) {
        Kind::Field { name, .. } if is_batch(name) => record_use(here, into),
        Kind::Index { index, .. } if matches!(here.body().kind(*index), Kind::Lit(Lit::Str(key)) if is_batch(key)) => {
            record_use(here, into);
        }
        _ => {}
    }
}

/// `records[0]`, `records.first()`, `records.into_iter().next()`, or anything that reaches all of them.
fn record_use(here: Here<'_>, into: &mut Facts) {
    if here.is_from_event(here.id) != Verdict::Yes {
        return;
    }
    let body = here.body();
    let mut at = here.id;
    for ancestor in body.ancestors(here.id) {
        match body.kind(ancestor) {
            Kind::Wrap(_) => {}
            Kind::Index { base, index } if *base == at => {
                if matches!(body.kind(*index), Kind::Lit(Lit::Int(0))) {
                    push(here.on(ancestor), true, into);
                }
                return;
            }
            Kind::Method { receiver, name, args, .. } if *receiver == at => {
                let means = here.context().index.lexicon.method(name);
                let is_zero = |&arg: &ExprId| matches!(body.kind(arg), Kind::Lit(Lit::Int(0)));
                if means.has(Meaning::Counts) {
                    // Looking at the number of records is no use of the others.
                    return;
                }
                if !means.has(Meaning::TakesAll) {
                    let one = means.has(Meaning::TakesOne) || name == "get" && args.first().is_some_and(is_zero);
                    return push(here.on(ancestor), one, into);
                }
            }
            _ => return push(here.on(ancestor), false, into),
        }
        at = ancestor;
    }
}

fn push(here: Here<'_>, one: bool, into: &mut Facts) {
    let range = here.body().expr(here.id).span;
    into.push(RecordUse { one, site: here.site(range) });
}
