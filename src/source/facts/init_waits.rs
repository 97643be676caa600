//! What init waits for that may be remote.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, InitWait};
use crate::source::flow::view::Here;
use crate::source::parse::ir::Kind;
use crate::source::parse::nodes::Nodes;

/// Methods of a chain that is awaited that are followed.
const MAX_CALLS: usize = 16;

/// An `.await` in init on something that is neither the workspace's, nor the runtime, nor the SDK's configuration,
/// which reads environment variables on Lambda.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INIT, nodes: Nodes::AWAIT, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    let Kind::Await(awaited) = body.kind(here.id) else { return };
    let mut at = (here.region, body.peeled(*awaited));
    if here.view.remote.of(at).is_none() {
        if !here.view.remote.callees(at).is_empty() {
            return;
        }
        // `Runtime::new(…).layer(…).run()`, over locals too.
        for _ in 0..MAX_CALLS {
            let body = here.tracer().context(at.0).body;
            let Kind::Method { receiver, .. } = body.kind(at.1) else { break };
            at = here.tracer().origin((at.0, body.peeled(*receiver)));
        }
        let context = here.tracer().context(at.0);
        if let Kind::Call { callee, .. } = context.body.kind(at.1)
            && context.meaning(*callee).any(&[Meaning::EntryPoint, Meaning::SdkConfig])
        {
            return;
        }
    }
    into.push(InitWait { site: here.site(body.expr(*awaited).span) });
}
