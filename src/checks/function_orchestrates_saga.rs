//! Sagas written as one function: a crash or timeout between two steps leaves half of them done.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label};
use crate::model::source::Orchestration;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for saga in program.facts::<Orchestration>().iter().filter(|saga| invoked(&saga.site)) {
            let message = format!(
                "makes {} changes one after the other and undoes them with `{}` on error; a crash or timeout in \
                 between leaves them half done",
                saga.steps.len(),
                saga.undo
            );
            let finding = sink.at(&saga.site, "undone here, if the function still runs", message);
            finding.cap(Confidence::Low);
            for step in saga.steps.iter().take(4) {
                finding.related.push(Label::new(*step, "a change"));
            }
        }
    }
}
