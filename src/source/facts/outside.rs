//! What an invocation does that may take its time outside the program.

use super::collector::{Collector, Phases};
use crate::model::source::{Facts, OutsideWork};
use crate::source::flow::view::Here;
use crate::source::parse::ir::Kind;
use crate::source::parse::nodes::Nodes;

/// Remote calls, and every `.await` on something that is not the workspace's.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::AWAIT.or(Nodes::CALLS), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    let outside = match here.kind() {
        Kind::Await(awaited) => here.view.remote.callees((here.region, body.peeled(*awaited))).is_empty(),
        _ => here.view.remote.of(here.at()).is_some(),
    };
    // One is enough to know.
    if outside && into.of::<OutsideWork>().is_empty() {
        into.push(OutsideWork { site: here.site(here.range()) });
    }
}
