//! Secrets that are written to the log.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, SecretLog};
use crate::source::flow::secret::shown;
use crate::source::flow::view::Here;
use crate::source::parse::ir::Kind;
use crate::source::parse::nodes::Nodes;

/// Log lines that are on by default and prints, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::MACRO, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Kind::Macro { path, args, .. } = here.kind() else { return };
    let means = context.index.lexicon.macro_of(path);
    let prints = means.has(Meaning::Prints);
    if !prints && !means.has(Meaning::OnByDefault) {
        return;
    }
    let Some(found) = args.iter().find_map(|&arg| shown(here.on(arg))) else { return };
    into.push(SecretLog {
        path: path.join("::"),
        prints,
        kind: found.kind,
        name: found.name,
        from: Some(found.from),
        site: here.site(here.range()),
    });
}
