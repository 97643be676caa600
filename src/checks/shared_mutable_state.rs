//! Process-wide state that invocations change: it survives into the next one and differs between environments.

use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::model::source::{StateKind, StateWrite};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.code() else { return };
        let several = unit.function().and_then(|function| function.concurrency.one()).is_some_and(|&n| n > 1);
        let concurrent = several || program.handlers.iter().any(|handler| handler.concurrent);
        for write in program.facts::<StateWrite>() {
            let Some((severity, consequence)) = judge(write, concurrent) else { continue };
            let message = format!("`{}` is changed during invocations; {consequence}", write.name);
            // The declaration is what has to change; process-wide functions have none.
            let place = write.declared.unwrap_or(write.site.span);
            let note = if write.declared.is_some() { "declared here" } else { "changes the whole process" };
            let finding = sink.report(place, note, message);
            finding.severity = severity;
            // A number of one process may be meant as that: for sampling, file names, the first run.
            if write.kind == StateKind::Atomic && !concurrent {
                finding.pedantic();
            }
            finding.cap(write.site.confidence).also(Some(write.site.span), "changed here");
            finding.trail.clone_from(&write.site.trail);
            if several {
                let place = unit.function().and_then(|function| function.concurrency.place());
                finding.also(place, "one environment serves several requests at once");
            }
        }
    }
}

/// How bad a write is and what follows from it; none if it is harmless.
fn judge(write: &StateWrite, concurrent: bool) -> Option<(Severity, &'static str)> {
    let raised = |severity: Severity| if concurrent { Severity::Error } else { severity };
    Some(match write.kind {
        StateKind::Cache if write.expires => return None,
        StateKind::Cache => {
            let severity = if concurrent { Severity::Warning } else { Severity::Info };
            (severity, "what it remembers never expires, so it goes stale for the life of the environment")
        }
        StateKind::Atomic => {
            (Severity::Info, "the count is per execution environment and lost when the environment is recycled")
        }
        StateKind::Accumulator if write.event_data => (
            raised(Severity::Warning),
            "data of one event stays visible to the next, and it grows until the environment is recycled",
        ),
        StateKind::Accumulator => (
            raised(Severity::Warning),
            "values survive into the next invocation, differ per execution environment, and are lost on recycle",
        ),
        StateKind::StaticMut => (
            raised(Severity::Warning),
            "it is unsynchronised, survives into the next invocation, and differs per execution environment",
        ),
        StateKind::Process => (
            raised(Severity::Warning),
            "it affects every later invocation of the environment and races with other threads",
        ),
    })
}
