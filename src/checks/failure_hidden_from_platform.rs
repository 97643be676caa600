//! Failures of remote work after which a handler answers as if there were none: no alarm, retry or caller hears.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::deployments::{Invocation, TriggerKind};
use crate::model::source::{ErrorDropKind, HiddenFailure};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let triggers: Vec<_> = unit.triggers().collect();
        let kind = |wanted: &[TriggerKind]| triggers.iter().find(|trigger| wanted.contains(&trigger.kind));
        let invoked_as = |wanted: Invocation| triggers.iter().find(|trigger| trigger.invocation() == wanted);
        // Records of a batch are the matter of another rule.
        if invoked_as(Invocation::Poll).is_some() || kind(&[TriggerKind::S3, TriggerKind::Sns]).is_some() {
            return;
        }
        let machine = [TriggerKind::StepFunctions];
        let (trigger, consequence, counts) =
            if let Some(found) = kind(&[TriggerKind::Schedule, TriggerKind::SchedulerV2]) {
                (found, "the run counts as a success, and no alarm on errors sees it", true)
            } else if let Some(found) = invoked_as(Invocation::Async) {
                (found, "the event counts as handled: no retry, no failure destination", true)
            } else if let Some(found) = kind(&machine) {
                (found, "the state machine goes on as if it had worked", true)
            } else if let Some(found) = invoked_as(Invocation::Sync) {
                // A list of what failed may be part of the answer.
                (found, "the caller is told that it went well", false)
            } else {
                return;
            };
        let counts =
            |failure: &&HiddenFailure| invoked(&failure.site) && (counts || failure.kind != ErrorDropKind::Counted);
        let mut failures = program.facts::<HiddenFailure>().iter().filter(counts);
        let Some(failure) = failures.next() else { return };
        let how = match failure.kind {
            ErrorDropKind::Logged => "is only logged",
            ErrorDropKind::Counted => "is only counted or listed",
            ErrorDropKind::Ignored => "is ignored",
            ErrorDropKind::Joined => "is not looked at after joining",
            ErrorDropKind::TurnedIntoSuccess => "is turned into success",
        };
        let message = format!("an error of `{}` {how}; {consequence}", failure.work);
        let finding = sink.at(&failure.site, "the error ends here", message);
        finding.cap(Confidence::Medium);
        finding.also(Some(trigger.span), format!("invoked by this {}", trigger.kind.name()));
        finding.places(failures.map(|other| other.site.span), "and here");
    }
}
