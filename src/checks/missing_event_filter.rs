//! Events a function is invoked for and throws away at once.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::Verdict;
use crate::model::deployments::{Names, Trigger, TriggerKind};
use crate::model::source::Discard;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for trigger in unit.triggers() {
            let fits = |discard: &&Discard| invoked(&discard.site) && decides(trigger, &discard.field);
            let Some(discard) = program.facts::<Discard>().iter().find(fits) else { continue };
            let message = format!(
                "throws events away for what `{}` says; each was an invocation, and a filter in the config costs \
                 nothing",
                discard.field
            );
            let finding = sink.at(&discard.site, "thrown away here", message);
            finding.cap(Confidence::Medium).also(Some(trigger.span), "has no filter for it");
        }
    }
}

/// Whether the source of a trigger could filter by a field, and does not.
fn decides(trigger: &Trigger, field: &str) -> bool {
    let unfiltered = trigger.mapping().is_some_and(|mapping| mapping.filters.value.holds(|on| *on) == Verdict::No);
    match trigger.kind {
        TriggerKind::DynamoDbStream => unfiltered && field == "event_name",
        // The body is JSON that the mapping can look into.
        TriggerKind::Sqs | TriggerKind::Kinesis => {
            unfiltered && !matches!(field, "message_id" | "receipt_handle" | "event_source")
        }
        TriggerKind::EventBridgeRule => trigger.pattern().is_some_and(|pattern| match field {
            "detail_type" => pattern.detail_types == Names::Any,
            "source" => pattern.sources == Names::Any,
            _ => false,
        }),
        _ => false,
    }
}
