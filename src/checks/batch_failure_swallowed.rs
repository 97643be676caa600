//! Errors of work on events that Lambda never hears of, so that it counts the event as done.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::deployments::Invocation;
use crate::model::source::{ErrorDrop, ErrorDropKind};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let invocations = unit.invocations();
        let retried = |wanted: Invocation| invocations.contains(&wanted);
        let (severity, consequence) = if retried(Invocation::Poll) {
            (Severity::Error, "the record counts as processed and is gone")
        } else if retried(Invocation::Async) {
            (Severity::Error, "the event counts as handled: no retry, no failure destination")
        } else if retried(Invocation::Sync) {
            (Severity::Info, "the caller is told that it went well")
        } else {
            return;
        };
        for dropped in program.facts::<ErrorDrop>().iter().filter(|dropped| invoked(&dropped.site)) {
            // A caller can be answered without every side effect; only lost writes are worth a word.
            let sync = severity == Severity::Info;
            if sync && (!dropped.remote || dropped.answers || dropped.kind == ErrorDropKind::Joined) {
                continue;
            }
            report(unit, dropped, severity, consequence, sink);
        }
    }
}

fn report(unit: UnitRef<'_>, dropped: &ErrorDrop, severity: Severity, consequence: &str, sink: &mut Sink<'_>) {
    let (how, note) = match dropped.kind {
        ErrorDropKind::Logged => ("is only logged", "the error ends here"),
        ErrorDropKind::Ignored => ("is ignored", "there is no error branch"),
        ErrorDropKind::Joined => ("is not looked at after joining", "the results are dropped here"),
        ErrorDropKind::TurnedIntoSuccess => ("is turned into success", "the error ends here"),
    };
    let message = match dropped.kind {
        ErrorDropKind::Joined => format!("the outcome of the tasks {how}; when one fails or panics, {consequence}"),
        _ => format!("an error of `{}` {how}; {consequence}", dropped.work),
    };
    let finding = sink.at(&dropped.site, note, message);
    finding.severity = severity;
    finding.cap(Confidence::Medium);
    for trigger in unit.triggers().filter(|trigger| trigger.invocation() != Invocation::Sync).take(2) {
        finding.also(Some(trigger.span), format!("invoked by this {}", trigger.kind.name()));
    }
}
