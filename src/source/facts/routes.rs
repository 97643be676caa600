//! Routes of routers inside the program.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{CodeRoute, Facts, RouteScope};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// Routes that a region adds, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::METHOD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let Kind::Method { name, args, .. } = here.kind() else { return };
    let means = here.context().index.lexicon.method(name);
    let path = args.first().and_then(|&arg| match here.on(arg).kind() {
        Kind::Lit(Lit::Str(path)) => Some((path.clone(), here.on(arg))),
        _ => None,
    });
    if means.has(Meaning::ScopesRoutes) {
        into.push(RouteScope { path: path.as_ref().map(|(path, _)| path.clone()), site: here.site(here.range()) });
    }
    if let Some((path, written)) = path
        && means.has(Meaning::NamesRoute)
        && path.starts_with('/')
    {
        into.push(CodeRoute { path, site: written.site(written.range()) });
    }
}
