//! Tasks whose first error ends the whole execution.

use super::support::machines::{describe, is_mutating};
use super::{Check, Sink};
use crate::finding::{Confidence, Finding, Subject, Value, Write};
use crate::knowledge::platforms;
use crate::model::Project;
use crate::model::deployments::machine::{Handled, Service, State, StateMachine};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        for (id, machine) in project.deploy.machines() {
            sink.enter(Some(Subject::Machine(id)), Confidence::High);
            let open = (0..machine.states.len()).filter(|&index| is_open(machine, index));
            let weighs = |index: &usize| {
                let state = &machine.states[*index];
                is_lambda(state) || is_mutating(project, state)
            };
            let (grave, light): (Vec<usize>, Vec<usize>) = open.partition(weighs);
            report(machine, &grave, sink);
            if let Some(finding) = report(machine, &light, sink) {
                finding.pedantic();
            }
        }
    }
}

fn is_lambda(state: &State) -> bool {
    matches!(state.task.as_ref().map(|task| &task.service), Some(Service::Lambda(_)))
}

/// Whether nothing handles the transient errors of what a state calls.
fn is_open(machine: &StateMachine, index: usize) -> bool {
    let state = &machine.states[index];
    let Some(task) = state.task.as_ref().filter(|task| task.service != Service::Unknown) else { return false };
    let lambda = matches!(task.service, Service::Lambda(_));
    let retries = |retry: &Handled| {
        retry.is_general() || !lambda || retry.errors.iter().any(|error| error.starts_with("Lambda."))
    };
    let around = machine.enclosing(index).any(|outer| !outer.catch.is_empty() || !outer.retry.is_empty());
    state.catch.is_empty() && !state.retry.iter().any(retries) && !around
}

/// One finding for the states of a machine, at the first of them.
fn report<'s>(machine: &StateMachine, open: &[usize], sink: &'s mut Sink<'_>) -> Option<&'s mut Finding> {
    let state = &machine.states[*open.first()?];
    let task = state.task.as_ref()?;
    let partly = if state.retry.is_empty() {
        "has neither `Retry` nor `Catch`"
    } else {
        "retries none of the service's transient errors"
    };
    let mut message = format!(
        "state `{}` calls {} and {partly}: one transient error fails the whole execution",
        state.name,
        describe(task)
    );
    match open.len() {
        1 => {}
        2 => message.push_str(&format!("; `{}` is like it", machine.states[open[1]].name)),
        more => message.push_str(&format!("; {} more states are like it", more - 1)),
    }
    let finding = sink.report(state.span, "no error of this state is handled", message);
    finding.also(Some(machine.span), format!("the state machine `{}`", machine.name));
    for &other in open[1..].iter().take(7) {
        finding.also(Some(machine.states[other].span), "nor of this one");
    }
    if !is_lambda(state) {
        finding.advise(
            "Add a `Retry` with back-off for the errors the service throws when it is busy, or a `Catch` that leads \
             to a state for failures.",
        );
    }
    let text = |text: &String| Value::Text(text.clone());
    let retrier = Value::Map(vec![
        (
            "ErrorEquals".to_owned(),
            Value::List(platforms().aws_lambda.transient_errors.value.iter().map(text).collect()),
        ),
        ("IntervalSeconds".to_owned(), Value::Int(2)),
        ("MaxAttempts".to_owned(), Value::Int(6)),
        ("BackoffRate".to_owned(), Value::Int(2)),
    ]);
    let calls = open.iter().map(|&index| &machine.states[index]).filter(|state| is_lambda(state));
    let writes: Vec<Option<Write>> = calls
        .filter(|state| state.retry.is_empty())
        .map(|state| {
            Some(Write::Entry {
                of: state.span,
                path: vec!["Retry".to_owned()],
                value: Value::List(vec![retrier.clone()]),
                short: None,
            })
        })
        .collect();
    finding.fix("Retry the service's transient errors", true, writes);
    Some(finding)
}
