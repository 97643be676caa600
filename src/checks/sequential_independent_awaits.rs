//! Reads awaited one after the other although none needs another's result.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label};
use crate::model::source::AwaitSequence;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for sequence in program.facts::<AwaitSequence>().iter().filter(|sequence| invoked(&sequence.site)) {
            let message = format!(
                "{} reads wait for one another although none needs another's result; the invocation takes their sum \
                 instead of the longest",
                sequence.steps.len()
            );
            let finding = sink.at(&sequence.site, "waits for the read before it", message);
            finding.cap(Confidence::Medium);
            if unit.runs_rarely() {
                finding.pedantic();
            }
            for step in sequence.steps.iter().filter(|step| **step != sequence.site.span).take(3) {
                finding.related.push(Label::new(*step, "independent of it"));
            }
        }
    }
}
