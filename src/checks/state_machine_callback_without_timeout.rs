//! Tasks that wait for something that may never come, and machines that may never end.

use super::support::machines::describe;
use super::{Check, Sink};
use crate::finding::{Confidence, Finding, Severity, Subject};
use crate::knowledge::sdk_operations;
use crate::model::Project;
use crate::model::deployments::machine::{Pattern, Service, State, StateKind, StateMachine, Task};
use crate::model::source::SdkCall;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        for (id, machine) in project.deploy.machines() {
            sink.enter(Some(Subject::Machine(id)), Confidence::High);
            let of = |state| Wait::of(project, machine, state);
            let waits: Vec<Wait<'_>> = machine.states.iter().filter_map(of).collect();
            for kind in [Unbounded::Impossible, Unbounded::Callback, Unbounded::Job, Unbounded::Child] {
                let same: Vec<&Wait<'_>> = waits.iter().filter(|wait| wait.kind == kind).collect();
                report(machine, &same, sink);
            }
            deaf(project, machine, sink);
            endless(machine, sink);
        }
    }
}

/// Why a wait may not end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unbounded {
    /// The kind of workflow cannot wait at all.
    Impossible,
    /// Nobody may send the token back, or work for the activity.
    Callback,
    /// A job of another service may hang.
    Job,
    /// An execution that is started may not end.
    Child,
}

/// A state that waits without a limit.
struct Wait<'m> {
    state: &'m State,
    task: &'m Task,
    kind: Unbounded,
    what: &'static str,
}

impl<'m> Wait<'m> {
    fn of(project: &Project, machine: &StateMachine, state: &'m State) -> Option<Self> {
        let task = state.task.as_ref()?;
        let activity = task.service == Service::Activity;
        let child = matches!(&task.service, Service::Other(service, _) if service == "states");
        let (kind, what) = match task.pattern {
            Pattern::TaskToken => (Unbounded::Callback, "for a task token"),
            Pattern::RequestResponse if activity => (Unbounded::Callback, "for a worker of the activity"),
            Pattern::RequestResponse => return None,
            Pattern::Sync if child => (Unbounded::Child, "for the execution it starts"),
            Pattern::Sync => (Unbounded::Job, "for the job it starts"),
        };
        // AWS Step Functions developer guide, "Standard and Express workflow types": Express has neither pattern.
        if machine.is_express() {
            return Some(Self { state, task, kind: Unbounded::Impossible, what });
        }
        let bounded = state.timeout.is_some() || (kind == Unbounded::Callback && state.heartbeat.is_some());
        let is_child = |other: &StateMachine| other.resource.is_some() && other.resource == task.starts;
        let ends = project.deploy.machines().any(|(_, other)| is_child(other) && other.ends());
        (!bounded && !ends).then_some(Self { state, task, kind, what })
    }
}

/// One finding for the waits of one kind, at the first of them.
fn report(machine: &StateMachine, waits: &[&Wait<'_>], sink: &mut Sink<'_>) {
    let Some(first) = waits.first() else { return };
    let (name, what) = (&first.state.name, first.what);
    if first.kind == Unbounded::Impossible {
        let message = format!("state `{name}` waits {what}, which an Express workflow cannot do");
        let finding = sink.report(first.state.span, format!("calls {} and waits", describe(first.task)), message);
        finding.severity = Severity::Error;
        finding.also(machine.kind.place(), "an Express workflow");
        others(waits, finding);
        return;
    }
    let mut message = match machine.timeout {
        None => format!(
            "state `{name}` waits {what} without `TimeoutSeconds`: if nothing comes, the execution is stuck until it \
             expires after a year"
        ),
        // The execution as a whole ends; only the cause is hidden.
        Some(_) => format!(
            "state `{name}` waits {what} without `TimeoutSeconds`: only the limit of the whole execution ends it, \
             without saying where it hung"
        ),
    };
    if waits.len() > 1 {
        message.push_str(&format!("; {} more of its states wait like this", waits.len() - 1));
    }
    let finding = sink.report(first.state.span, "waits without a limit", message);
    finding.also(machine.timeout, "the whole execution ends here");
    others(waits, finding);
    match first.kind {
        Unbounded::Child | Unbounded::Job => {
            finding.pedantic();
        }
        _ if machine.timeout.is_some() => {
            finding.pedantic();
        }
        _ => {}
    }
}

fn others(waits: &[&Wait<'_>], finding: &mut Finding) {
    for other in waits[1..].iter().take(7) {
        finding.also(Some(other.state.span), "waits like it");
    }
}

/// A worker that says that it is alive, to a state that does not listen.
fn deaf(project: &Project, machine: &StateMachine, sink: &mut Sink<'_>) {
    let mut calls = project.programs.iter().flat_map(|program| program.facts::<SdkCall>());
    let beats = |call: &&SdkCall| sdk_operations().heartbeats.contains(&format!("{}.{}", call.service, call.operation));
    let Some(beat) = calls.find(beats) else { return };
    let waits = |state: &&State| {
        let task = state.task.as_ref().filter(|_| state.timeout.is_some() && state.heartbeat.is_none());
        task.is_some_and(|task| task.pattern == Pattern::TaskToken || task.service == Service::Activity)
    };
    if let Some(state) = machine.states.iter().find(waits) {
        let message = format!(
            "state `{}` has no `HeartbeatSeconds`, and a worker sends heartbeats: a dead worker is noticed only after \
             the whole timeout",
            state.name
        );
        let finding = sink.report(state.span, "listens to no heartbeat", message);
        finding.cap(Confidence::Medium).also(Some(beat.site.span), "a heartbeat is sent here");
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
            finding.pedantic().also(Some(machine.span), "no limit for the execution");
            return;
        }
    }
}
