//! Routes of routers inside the program.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{CodeRoute, Facts};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// Routes that a region adds, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::METHOD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    if let Kind::Method { name, args, .. } = here.kind()
        && here.context().index.lexicon.method(name).has(Meaning::NamesRoute)
        && let Some(&arg) = args.first()
        && let Kind::Lit(Lit::Str(path)) = here.on(arg).kind()
        && path.starts_with('/')
    {
        let written = here.on(arg);
        into.push(CodeRoute { path: path.clone(), site: written.site(written.range()) });
    }
}
