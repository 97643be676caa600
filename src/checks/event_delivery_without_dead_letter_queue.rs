//! Rules, schedules and subscriptions that keep nothing of an event they could not deliver.

use super::{Check, Sink, UnitRef};
use crate::finding::{Audience, Confidence};
use crate::model::deployments::{Delivery, Details, Target, Trigger, TriggerKind};
use crate::model::{Known, Project, Verdict};
use crate::rule::Params;

pub(super) struct Rule;

/// What a function that another stack deploys is called.
const FUNCTION_ELSEWHERE: &str = "a function that is not deployed here";

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let name = unit.name().unwrap_or_default();
        let bare: Vec<&Trigger> = unit.triggers().filter(|trigger| is_bare(trigger)).collect();
        let Some(first) = bare.first() else { return };
        let many = if bare.len() > 1 { format!(" and {} more", bare.len() - 1) } else { String::new() };
        let message = format!(
            "nothing keeps an event that the {}{many} cannot deliver to `{name}`: while it is throttled, deleted, or \
             not permitted; failures of the function itself are another matter",
            first.kind.name()
        );
        let finding = sink.report(first.span, "no dead-letter queue", message);
        finding.confidence = Confidence::High;
        finding.pedantic();
        for trigger in bare.iter().skip(1).take(6) {
            finding.also(Some(trigger.span), "nor here");
        }
    }

    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        for delivery in &project.deploy.deliveries {
            let bare = matches!(delivery.dead_letter.value, Known::Absent);
            if !bare || delivery.enabled != Verdict::Yes {
                continue;
            }
            let Some(to) = outside(project, delivery) else { continue };
            let message = format!(
                "a {} delivers to {to}, and nothing keeps an event that does not get there: it is tried for a while \
                 and dropped",
                delivery.by
            );
            let finding = sink.report(delivery.span, "no dead-letter queue", message);
            // Most of these topics carry alarms, which nobody wants from a queue later; a function is seldom away.
            if delivery.protocol.one().is_some() || to == FUNCTION_ELSEWHERE {
                finding.audience = finding.audience.max(Audience::Pedantic);
            }
        }
    }
}

/// Whether a trigger certainly keeps nothing. A schedule that goes on fires again.
fn is_bare(trigger: &Trigger) -> bool {
    let on = match (&trigger.kind, &trigger.details) {
        (TriggerKind::EventBridgeRule | TriggerKind::Sns, _) => trigger.proved,
        (TriggerKind::SchedulerV2, Details::Schedule(schedule)) => {
            let once = schedule.expression.value.holds(|expression| expression.starts_with("at("));
            once == Verdict::Yes && schedule.enabled.one() == Some(&true)
        }
        _ => false,
    };
    on && matches!(trigger.dead_letter.value, Known::Absent)
}

/// What lies outside the account and may be away: endpoints, buses of other accounts.
fn outside(project: &Project, delivery: &Delivery) -> Option<&'static str> {
    match delivery.protocol.one().map(String::as_str) {
        Some("http") => return Some("an HTTP endpoint"),
        Some("https") => return Some("an HTTPS endpoint"),
        Some(_) => return None,
        None => {}
    }
    match delivery.to.one()? {
        Target::Resource(id) => {
            let is_api = project.deploy.resource(*id).type_name == "AWS::Events::ApiDestination";
            is_api.then_some("an API destination")
        }
        Target::External(arn) => {
            let parts: Vec<&str> = arn.splitn(6, ':').collect();
            let foreign = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            match parts.as_slice() {
                ["arn", _, "events", _, account, what] if what.starts_with("event-bus/") && foreign(account) => {
                    Some("an event bus of another account")
                }
                ["arn", _, "lambda", ..] => Some(FUNCTION_ELSEWHERE),
                _ => None,
            }
        }
    }
}
