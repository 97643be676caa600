//! Reads of the invocation deadline.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{DeadlineRead, Facts};
use crate::source::flow::view::Here;
use crate::source::parse::ir::Kind;
use crate::source::parse::nodes::Nodes;

/// Fields of a region that hold it.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::FIELD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    if let Kind::Field { name, .. } = here.kind()
        && here.context().index.lexicon.field(name).has(Meaning::Deadline)
    {
        into.push(DeadlineRead { site: here.site(here.range()) });
    }
}
