//! What a program asks of the machine it runs on: engines that compute, threads over collections, listening.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, engine_of_path, engine_of_program};
use crate::model::source::{ComputeCall, Facts, Operand, Phase, ServerStart};
use crate::source::flow::view::Here;
use crate::source::parse::ir::Kind;
use crate::source::parse::nodes::Nodes;

/// Calls of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let invoked = here.phase() == Phase::Invoke;
    if let Kind::Method { name, name_span, .. } = here.kind()
        && invoked
        && here.context().index.lexicon.method(name).has(Meaning::RunsParallel)
    {
        into.push(ComputeCall { engine: None, path: name.clone(), site: here.site(*name_span) });
        return;
    }
    let Some((called, args)) = here.called() else { return };
    let path = || called.path.to_string();
    if called.means.any(&[Meaning::Serves, Meaning::KeepsOpen]) {
        let keeps_open = called.means.has(Meaning::KeepsOpen);
        into.push(ServerStart { path: path(), keeps_open, site: here.site(here.range()) });
    }
    if !invoked {
        return;
    }
    // A constructor of an error, or of any variant, computes nothing.
    let function = called.path.rsplit("::").next().is_some_and(|last| last.starts_with(|c: char| c.is_lowercase()));
    let engine = engine_of_path(&called.path).filter(|_| function).or_else(|| {
        let program = args.first().filter(|_| called.means.has(Meaning::RunsProgram))?;
        match here.tracer().operand(here.of(*program)).0 {
            Operand::Literal(program) => engine_of_program(&program),
            _ => None,
        }
    });
    if let Some(engine) = engine {
        into.push(ComputeCall { engine: Some(engine.to_owned()), path: path(), site: here.site(here.range()) });
    }
}
