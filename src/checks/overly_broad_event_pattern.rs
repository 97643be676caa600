//! EventBridge rules that let through far more than the function is for.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::Known;
use crate::model::deployments::{EventPattern, Names, Trigger};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let name = unit.name().unwrap_or_default().to_lowercase();
        // Some functions are for everything.
        if params.list("keepers").iter().any(|word| name.contains(word.as_str())) {
            return;
        }
        for trigger in unit.triggers().filter(|trigger| !trigger.is_off()) {
            if let Some(pattern) = trigger.pattern() {
                judge(trigger, pattern, sink);
            }
        }
    }
}

fn judge(trigger: &Trigger, pattern: &EventPattern, sink: &mut Sink<'_>) {
    let own_bus = !matches!(trigger.source, Known::Absent);
    let (what, severity) = match (&pattern.sources, &pattern.detail_types) {
        _ if pattern.detail => return,
        (Names::Any, Names::Any) => ("every event of the bus", Severity::Warning),
        (Names::Of(sources), Names::Any) if sources.iter().any(|source| source.starts_with("aws.")) => {
            ("every event of the service, of every resource in the account", Severity::Warning)
        }
        // A bus of one's own carries only what one puts there.
        (Names::Of(_), Names::Any) if !own_bus => ("every kind of event of the source", Severity::Info),
        (Names::Of(sources), Names::Of(_)) if sources.iter().any(|source| source == "aws.s3") => {
            ("events of every bucket in the account that sends them", Severity::Info)
        }
        _ => return,
    };
    let message = format!("the rule lets through {what}; the function is invoked, and billed, for all of them");
    let finding = sink.report(pattern.span, "constrains too little", message);
    finding.severity = severity;
    finding.cap(Confidence::Medium).also(Some(trigger.span), "invokes the function");
}
