//! Scans of whole tables while a request or message waits.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::deployments::{Invocation, TriggerKind};
use crate::model::source::{Operand, SdkCall};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let kinds = unit.trigger_kinds();
        let scheduled = |kind: &TriggerKind| matches!(kind, TriggerKind::Schedule | TriggerKind::SchedulerV2);
        // An export or clean-up on a schedule reads the whole table on purpose.
        if !kinds.is_empty() && kinds.iter().all(scheduled) {
            return;
        }
        let scans =
            program.facts::<SdkCall>().iter().filter(|call| call.service == "dynamodb" && call.operation == "scan");
        for call in scans.filter(|call| invoked(&call.site)) {
            let has = |name: &str| call.sets(name);
            // Several workers on one table are a job; a caller who waits for the whole table waits all the same.
            if (has("total_segments") || has("segment")) && !unit.invocations().contains(&Invocation::Sync) {
                continue;
            }
            // A page of a size: in a loop until nothing is left it is the whole table again.
            let page = has("limit") && !call.site.in_loop;
            // Whoever asks for all items has no key to ask by.
            let whole = !has("filter_expression") && !has("set_filter_expression");
            let (message, note) = match page {
                true => (
                    "reads a page of the table in no order: a filter is applied after the limit, so that a page may be \
                     empty although there is more",
                    "scans a page",
                ),
                false => (
                    "scans the table on an invocation: time and cost grow with the table, whatever the filter keeps",
                    "reads every item",
                ),
            };
            let finding = sink.at(&call.site, note, message);
            finding.cap(Confidence::Medium);
            let reads = |name: &str| call.output.reads.iter().any(|read| read == name);
            if !page && reads("items") && !reads("last_evaluated_key") && !call.output.escapes {
                finding.notes.push("of the answer, only the first page of up to 1 MB is read".to_owned());
            }
            // No key or index answers for a part of a text.
            let within = ["filter_expression", "set_filter_expression"].iter().any(|setter| {
                let given = call.argument(setter).map(|argument| &argument.value);
                matches!(given, Some(Operand::Literal(text)) if text.contains("contains("))
            });
            if within {
                finding.advise(
                    "A search within a text is no query of DynamoDB: let a search index answer it, or keep the words \
                     of the text as keys of their own.",
                );
            }
            if page || whole || within {
                finding.pedantic();
            }
        }
    }
}
