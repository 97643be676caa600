//! Telemetry that is gathered, when it is sent, and extensions that are started to do so.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Meanings};
use crate::model::source::{ExtensionRun, Facts, FlushTime, Phase, TelemetryBatch, TelemetryFlush};
use crate::source::flow::view::Here;
use crate::source::parse::ir::Kind;
use crate::source::parse::nodes::Nodes;

/// Calls on the way from `main` that are looked at for what hands a flush on.
const MAX_CALLS: usize = 16;

/// Batch exporters, flushes and extensions, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let lexicon = context.index.lexicon;
    let (named, known, name) = match here.kind() {
        Kind::Method { name, .. } => (lexicon.method(name), Meanings::default(), name.clone()),
        Kind::Call { callee, .. } => {
            let known = context.meaning(*callee);
            (Meanings::default(), known, if known.is_empty() { String::new() } else { here.callee_name() })
        }
        _ => return,
    };
    let means = |meaning: Meaning| named.has(meaning) || known.has(meaning);
    if means(Meaning::BatchesTelemetry) {
        into.push(TelemetryBatch { path: name, site: here.site(here.name_range()) });
    } else if means(Meaning::FlushesTelemetry) {
        into.push(TelemetryFlush { path: name, time: flushed(here), site: here.site(here.range()) });
    }
    if here.phase() != Phase::Invoke && runs_extension(here, known) && is_started(here) {
        let made = match here.kind() {
            Kind::Method { receiver, .. } => {
                let (region, id) = here.tracer().origin(here.of(*receiver));
                let made = Here { region, id, ..here }.span();
                Some(made).filter(|made| *made != here.on(*receiver).span())
            }
            _ => None,
        };
        into.push(ExtensionRun { made, site: here.site(here.name_range()) });
    }
}

/// When a call runs that sends what was gathered: what is handed to something runs when that says so.
fn flushed(here: Here<'_>) -> FlushTime {
    if here.phase() == Phase::Invoke {
        return FlushTime::Invocation;
    }
    let mut found = FlushTime::Never;
    for (region, id) in here.tracer().way_up(here.at()).take(MAX_CALLS) {
        let context = here.tracer().context(region);
        let body = context.body;
        let mut handed = false;
        for ancestor in body.ancestors(id) {
            match body.kind(ancestor) {
                Kind::Closure { .. } => handed = true,
                Kind::Call { callee, .. } if handed => {
                    if context.meaning(*callee).has(Meaning::AtShutdown) {
                        return FlushTime::Shutdown;
                    }
                    found = FlushTime::Invocation;
                }
                Kind::Call { callee, .. } => {
                    // `spawn(async move { … })`: a task beside the invocations.
                    let means = context.meaning(*callee);
                    if means.has(Meaning::AtShutdown) {
                        return FlushTime::Shutdown;
                    }
                    if means.has(Meaning::Spawn) {
                        found = FlushTime::Invocation;
                    }
                }
                Kind::Method { .. } if handed => found = FlushTime::Invocation,
                _ => {}
            }
        }
    }
    found
}

/// Whether a call runs an extension that nothing has registered before.
fn runs_extension(here: Here<'_>, known: Meanings) -> bool {
    known.has(Meaning::RunsExtension)
        || matches!(here.kind(), Kind::Method { name, .. }
            if here.context().index.lexicon.knows_name(name)
                && here.called().is_some_and(|(called, _)| called.means.has(Meaning::RunsExtension)))
}

/// Whether a future runs beside the runtime loop: in a task of its own, or joined with others.
fn is_started(here: Here<'_>) -> bool {
    here.tracer().way_up(here.at()).take(MAX_CALLS).any(|(region, id)| {
        let context = here.tracer().context(region);
        context.body.ancestors(id).any(|ancestor| match context.body.kind(ancestor) {
            Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::Spawn),
            Kind::Macro { path, .. } => context.index.lexicon.macro_of(path).has(Meaning::RunsTogether),
            _ => false,
        })
    })
}
