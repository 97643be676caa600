//! Tasks whose first error ends the whole execution.

use super::support::machines::{describe, is_mutating};
use super::{Check, Sink};
use crate::finding::{Confidence, Severity, Subject, Value, Write};
use crate::knowledge::platforms;
use crate::model::Project;
use crate::model::deployments::machine::{Handled, Service, StateMachine};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        for (id, machine) in project.deploy.machines() {
            sink.enter(Some(Subject::Machine(id)), Confidence::High);
            for index in 0..machine.states.len() {
                judge(project, machine, index, sink);
            }
        }
    }
}

fn judge(project: &Project, machine: &StateMachine, index: usize, sink: &mut Sink<'_>) {
    let state = &machine.states[index];
    let Some(task) = state.task.as_ref().filter(|task| task.service != Service::Unknown) else { return };
    let lambda = matches!(task.service, Service::Lambda(_));
    let retries = |retry: &Handled| {
        retry.is_general() || !lambda || retry.errors.iter().any(|error| error.starts_with("Lambda."))
    };
    let around = machine.enclosing(index).any(|outer| !outer.catch.is_empty() || !outer.retry.is_empty());
    if !state.catch.is_empty() || state.retry.iter().any(retries) || around {
        return;
    }
    let partly = if state.retry.is_empty() {
        "has neither `Retry` nor `Catch`"
    } else {
        "retries none of the service's transient errors"
    };
    let message = format!(
        "state `{}` calls {} and {partly}: one transient error fails the whole execution",
        state.name,
        describe(task)
    );
    let finding = sink.report(state.span, "no error of this state is handled", message);
    finding.also(Some(machine.span), format!("the state machine `{}`", machine.name));
    if lambda && state.retry.is_empty() {
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
        let write = Write::Entry {
            of: state.span,
            path: vec!["Retry".to_owned()],
            value: Value::List(vec![retrier]),
            short: None,
        };
        finding.fix("Retry the service's transient errors", true, [Some(write)]);
    }
    if !lambda && !is_mutating(project, state) {
        finding.severity = Severity::Info;
    }
}
