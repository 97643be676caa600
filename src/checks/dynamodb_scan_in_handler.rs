//! Scans of whole tables while a request or message waits.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::deployments::TriggerKind;
use crate::model::source::SdkCall;
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
            if has("total_segments") || has("segment") {
                continue;
            }
            let message =
                "scans the table on an invocation: time and cost grow with the table, whatever the filter keeps";
            let finding = sink.at(&call.site, "reads every item", message);
            finding.cap(Confidence::Medium);
            if has("limit") {
                finding.severity = Severity::Info;
            }
        }
    }
}
