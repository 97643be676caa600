//! Reads awaited one after the other although none needs another's result.

use super::support::context::invoked;
use super::support::grouped::grouped;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label};
use crate::model::source::AwaitSequence;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let all = program.facts::<AwaitSequence>().iter().filter(|sequence| invoked(&sequence.site));
        // Methods of one name in a file, one for each type, are copies of one another.
        let copies = |sequence: &'_ AwaitSequence| {
            let name = sequence.site.trail.last().map(|name| name.rsplit("::").next().unwrap_or(name).to_owned());
            (sequence.site.span.file, name, sequence.steps.len(), sequence.fails)
        };
        for group in grouped(all, copies) {
            let Some((sequence, others)) = group.split_first() else { continue };
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
            if !sequence.fails {
                finding.advise("Await them together with `tokio::join!`, which waits for all whatever each answers.");
            }
            for step in sequence.steps.iter().filter(|step| **step != sequence.site.span).take(3) {
                finding.related.push(Label::new(*step, "independent of it"));
            }
            finding.places(others.iter().map(|other| other.site.span), "and here");
        }
    }
}
