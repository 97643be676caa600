//! Mappings that expect failed records of handlers that cannot report any.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::Verdict;
use crate::model::deployments::TriggerKind;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(name)) = (unit.code(), unit.name()) else { return };
        let handlers = &program.handlers;
        if handlers.is_empty() || handlers.iter().any(|handler| handler.returns_batch_response != Verdict::No) {
            return;
        }
        let fails = Verdict::any(handlers.iter().map(|handler| handler.fails));
        for (trigger, mapping) in unit.mappings() {
            let kinds = [TriggerKind::Sqs, TriggerKind::Kinesis, TriggerKind::DynamoDbStream];
            let expected = mapping.partial_batch.one() == Some(&true) && kinds.contains(&trigger.kind);
            // A failure of the only record is the failure of the batch.
            let several = mapping.batch_size.one().is_some_and(|&size| size > 1);
            if !expected || !several || mapping.enabled.one() != Some(&true) {
                continue;
            }
            let message = if fails == Verdict::No {
                format!(
                    "`{name}` is expected to report failed records, but its response cannot carry any, and no path of \
                     it ends in an error: every batch counts as complete success, and records that failed are gone"
                )
            } else {
                format!(
                    "`{name}` is expected to report failed records, but its response cannot carry any: one failure \
                     fails the whole batch"
                )
            };
            let finding = sink.report(trigger.span, "enables `ReportBatchItemFailures`", message);
            finding.also(mapping.partial_batch.place(), "partial batch response");
            finding.cap(Confidence::Medium);
            if fails == Verdict::No {
                finding.severity = Severity::Error;
            }
            for handler in handlers {
                let misnamed = handler.misnamed_failures.as_ref();
                let note = misnamed.map(|field| format!("its field `{field}` is not written as `batchItemFailures`"));
                finding.also(Some(handler.span).filter(|_| note.is_some()), note.unwrap_or_default());
            }
        }
    }
}
