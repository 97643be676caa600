//! Tasks that wait for something that may never come, and machines that may never end.

use super::support::machines::describe;
use super::{Check, Sink};
use crate::finding::{Confidence, Severity, Subject};
use crate::model::Project;
use crate::model::deployments::machine::{Pattern, Service, StateKind, StateMachine};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        for (id, machine) in project.deploy.machines() {
            sink.enter(Some(Subject::Machine(id)), Confidence::High);
            for index in 0..machine.states.len() {
                judge(machine, index, sink);
            }
            endless(machine, sink);
        }
    }
}

fn judge(machine: &StateMachine, index: usize, sink: &mut Sink<'_>) {
    let state = &machine.states[index];
    let Some(task) = &state.task else { return };
    let http = matches!(&task.service, Service::Other(service, action) if service == "http" && action == "invoke");
    let waits = match task.pattern {
        Pattern::TaskToken => "for a task token",
        Pattern::Sync => "for the job it starts",
        Pattern::RequestResponse if task.service == Service::Activity => "for a worker of the activity",
        Pattern::RequestResponse if http => "for an HTTP response",
        Pattern::RequestResponse => return,
    };
    // AWS Step Functions developer guide, "Standard and Express workflow types": Express has neither pattern.
    if machine.is_express() && (task.pattern != Pattern::RequestResponse || task.service == Service::Activity) {
        let message = format!("state `{}` waits {waits}, which an Express workflow cannot do", state.name);
        let finding = sink.report(state.span, format!("calls {} and waits", describe(task)), message);
        finding.severity = Severity::Error;
        finding.also(machine.kind.place(), "an Express workflow");
        return;
    }
    let callback = task.pattern == Pattern::TaskToken || task.service == Service::Activity;
    let bounded = state.timeout.is_some() || (callback && state.heartbeat.is_some());
    if bounded || machine.is_express() {
        return;
    }
    let message = format!(
        "state `{}` waits {waits} without `TimeoutSeconds`: if nothing comes, the execution is stuck until it expires \
         after a year",
        state.name
    );
    let finding = sink.report(state.span, "waits without a limit", message);
    if let Some(timeout) = machine.timeout {
        // The execution as a whole ends; only the cause is hidden.
        finding.severity = Severity::Info;
        finding.message = format!(
            "state `{}` waits {waits} without `TimeoutSeconds`: only the limit of the whole execution ends it, without \
             saying where it hung",
            state.name
        );
        finding.also(Some(timeout), "the whole execution ends here");
    }
}

/// A loop through a choice, in a machine without a limit of its own.
fn endless(machine: &StateMachine, sink: &mut Sink<'_>) {
    if machine.timeout.is_some() || machine.is_express() {
        return;
    }
    let choices = machine.states.iter().enumerate().filter(|(_, state)| state.kind == StateKind::Choice);
    for (index, state) in choices {
        let after = machine.forward(state.next.iter().copied());
        if after.contains(&index) {
            let message = format!(
                "state machine `{}` loops through `{}` and has no `TimeoutSeconds`: a condition that never holds keeps \
                 it running for a year",
                machine.name, state.name
            );
            let finding = sink.report(state.span, "leads back to itself", message);
            finding.severity = Severity::Info;
            finding.also(Some(machine.span), "no limit for the execution");
            return;
        }
    }
}
