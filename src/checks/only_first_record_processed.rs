//! Handlers of batches that look at the first record only.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::deployments::Invocation;
use crate::model::source::RecordUse;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let uses: Vec<_> = program.facts::<RecordUse>().iter().filter(|found| invoked(&found.site)).collect();
        if uses.is_empty() || !uses.iter().all(|found| found.one) || unit.may_be_deployed_elsewhere() {
            return;
        }
        let made_for_batches = unit.trigger_kinds().iter().any(|kind| kind.invocation() == Invocation::Poll);
        let configured = unit.mappings().next();
        // Without a mapping, the default batch size holds wherever it will be deployed.
        let (size, place) = match configured {
            Some((trigger, mapping)) => match mapping.batch_size.one() {
                Some(1) | None => return,
                Some(&size) => (Some(size), mapping.batch_size.place().or(Some(trigger.span))),
            },
            None if made_for_batches => (None, None),
            None => return,
        };
        let up_to = size.map_or_else(|| "by default several".to_owned(), |size| format!("up to {size}"));
        let message = format!(
            "processes the first record only; a batch has {up_to}, and the others count as processed: they are lost"
        );
        let finding = sink.at(&uses[0].site, "only this record is used", message);
        if size.is_none() {
            finding.cap(Confidence::Medium);
        }
        finding.also(place, "the batch size");
    }
}
