//! Time limits with a literal duration.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, TimeLimit, TimeLimitKind};
use crate::source::flow::called::Called;
use crate::source::flow::scope::millis;
use crate::source::flow::view::Here;
use crate::source::parse::ir::Kind;
use crate::source::parse::nodes::Nodes;

/// Calls of a region, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let Some((called, args)) = here.called() else { return };
    let lexicon = here.context().index.lexicon;
    if let Some(kind) = kind(here, &called)
        && let Some(&limit) = args.get(lexicon.detail(&called.path, |row| row.millis).unwrap_or(0))
        && let Some(millis) = millis(here.tracer(), here.of(limit))
    {
        let (_, end) = here.range();
        let start = here.on(limit).range().0.min(end);
        into.push(TimeLimit { kind, millis, site: here.site((start, end)) });
    }
}

fn kind(here: Here<'_>, called: &Called) -> Option<TimeLimitKind> {
    let lexicon = here.context().index.lexicon;
    if called.means.has(Meaning::BoundsTime) {
        return Some(TimeLimitKind::Future);
    }
    let Kind::Method { name, .. } = here.kind() else { return None };
    let means = lexicon.method(name);
    let kinds = [
        (Meaning::BoundsSdkOperation, TimeLimitKind::SdkOperation),
        (Meaning::BoundsSdkAttempt, TimeLimitKind::SdkAttempt),
        (Meaning::BoundsRequest, TimeLimitKind::Request),
    ];
    kinds.into_iter().find(|(meaning, _)| means.has(*meaning)).map(|(_, kind)| kind)
}
