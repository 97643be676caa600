//! Extensions inside a function's process that are registered only while the runtime is already asking for events.

use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::source::ExtensionRun;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program().filter(|program| !program.handlers.is_empty()) else { return };
        for run in program.facts::<ExtensionRun>() {
            let message = "the extension registers itself only when this task runs, beside the runtime: when the \
                           runtime asks for the first event before that, the registration is refused and the extension \
                           ends";
            let finding = sink.at(&run.site, "runs without having been registered", message);
            finding.cap(Confidence::Medium);
            finding.also(run.made, "made here, without `register().await`");
        }
    }
}
