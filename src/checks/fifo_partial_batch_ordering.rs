//! FIFO batches whose later messages are processed after an earlier one failed.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::source::RecordedFailure;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let ordered = unit.mappings().find(|(trigger, mapping)| {
            mapping.partial_batch.one() == Some(&true)
                && mapping.batch_size.one() != Some(&1)
                && unit.queue_of(trigger).is_some_and(|queue| queue.fifo.one() == Some(&true))
        });
        let Some((trigger, _)) = ordered else { return };
        for failure in
            program.facts::<RecordedFailure>().iter().filter(|failure| failure.continues && invoked(&failure.site))
        {
            let message = "messages of a FIFO queue are processed after an earlier one failed, so they overtake it \
                           when it is retried";
            let finding = sink.at(&failure.site, "recorded, and the loop goes on", message);
            finding.cap(Confidence::Medium).also(Some(trigger.span), "a FIFO queue with partial batch responses");
            if let Some(queue) = unit.queue_of(trigger) {
                finding.also(queue.fifo.place(), "the queue is FIFO");
            }
        }
    }
}
