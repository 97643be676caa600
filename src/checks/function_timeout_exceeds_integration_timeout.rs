//! Functions behind an API that may run longer than the API waits.

use super::support::routes::late_routes;
use super::support::writes::Owner;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity, Value};
use crate::model::deployments::Invocation;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(function)) = (unit.unit.function(), unit.function()) else { return };
        let deploy = &unit.project.deploy;
        let late = late_routes(deploy, id);
        let Some((trigger, route)) = late.first() else { return };
        let Some(shortest) = function.timeout_s.value.candidates().map(|value| value.value * 1000).min() else {
            return;
        };
        let limit = route.integration_timeout_ms.value.candidates().map(|limit| limit.value).max().unwrap_or(0);
        // A second more or less is not what anyone sees.
        let (Some(place), close) = (function.timeout_s.place(), shortest - limit < 2_000) else { return };
        let message = format!(
            "`{}` may run {} s, but its {} gives up after {} s; the caller gets an error while the function runs on",
            deploy.function_name(id),
            shortest / 1000,
            trigger.kind.name(),
            limit / 1000,
        );
        let other_work = deploy.triggers_of(id).any(|trigger| trigger.invocation() != Invocation::Sync);
        let finding = sink.report(place, format!("timeout, {}", function.timeout_s.origin.describe()), message);
        // The function's own triggers prove it; the binary plays no part.
        finding.confidence = Confidence::High.min(function.timeout_s.origin.ceiling());
        finding.cap(route.integration_timeout_ms.origin.ceiling());
        if other_work {
            finding.severity = Severity::Info;
        }
        if close {
            finding.pedantic();
        }
        if other_work {
            finding.message.push_str("; its other triggers may need that long: split the function");
        }
        let below = limit / 1000 - 1;
        if !other_work && below > 0 {
            let owner = Owner::function(unit.project, id);
            finding.fix(format!("Give the function {below} s"), true, [owner.set("Timeout", Value::Int(below))]);
        }
        for (trigger, route) in late.iter().take(3) {
            let origin = route.integration_timeout_ms.origin.describe();
            let note = format!("{} ms here, {origin}", route.integration_timeout_ms.one().copied().unwrap_or(limit));
            finding.also(route.integration_timeout_ms.key.or(Some(trigger.span)), note);
        }
    }
}
