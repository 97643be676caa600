//! Stream mappings that try a batch again until its records expire, although failures have somewhere to go.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::Verdict;
use crate::model::deployments::TriggerKind;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let name = unit.name().unwrap_or_default();
        // A handler that never fails gives nothing to try again; that is another rule's.
        let handlers = unit.program().map_or(&[][..], |program| program.handlers.as_slice());
        if !handlers.is_empty() && handlers.iter().all(|handler| handler.fails == Verdict::No) {
            return;
        }
        for (trigger, mapping) in unit.mappings() {
            if !matches!(trigger.kind, TriggerKind::Kinesis | TriggerKind::DynamoDbStream) {
                continue;
            }
            let endless = |known: &crate::model::Known<i64>| known.holds(|&limit| limit < 0);
            // Without a destination the rule for that says both.
            let all = [
                endless(&mapping.max_retries.value),
                endless(&mapping.max_record_age_s.value),
                mapping.on_failure.value.is_set(),
            ];
            if Verdict::all(all) != Verdict::Yes {
                continue;
            }
            let parts =
                Verdict::any([mapping.bisect.value.holds(|on| *on), mapping.partial_batch.value.holds(|on| *on)]);
            if parts == Verdict::Unknown {
                continue;
            }
            let message = format!(
                "the {} mapping of `{name}` has a failure destination, but no limit on retries or age: a record it \
                 fails on blocks its shard until it expires, and only then goes there",
                trigger.kind.name()
            );
            let place = mapping.max_retries.key.and(mapping.max_retries.place()).unwrap_or(trigger.span);
            let finding = sink.report(place, "no limit", message);
            finding.confidence = Confidence::High;
            finding.also(mapping.on_failure.place(), "where failures go");
            if parts == Verdict::Yes {
                finding.severity = Severity::Info;
                finding.message.push_str("; the other records of its batch pass");
            }
        }
    }
}
