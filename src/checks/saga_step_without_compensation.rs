//! Steps of a saga whose failure leaves what earlier steps did.

use super::support::machines::{is_mutating, is_told_by_name};
use super::{Check, Sink};
use crate::finding::{Confidence, Severity, Subject};
use crate::model::Project;
use crate::model::deployments::machine::{Service, StateMachine};
use crate::rule::Params;
use crate::words;
use std::collections::BTreeSet;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, params: &Params, sink: &mut Sink<'_>) {
        // Far beyond what the service accepts; every step is compared with every other.
        for (id, machine) in project.deploy.machines().filter(|(_, machine)| machine.states.len() <= 1_000) {
            sink.enter(Some(Subject::Machine(id)), Confidence::High);
            Saga::of(project, machine, params).judge(sink);
        }
    }
}

/// What a machine changes on its way to success, and what undoes it.
struct Saga<'p> {
    project: &'p Project,
    machine: &'p StateMachine,
    steps: Vec<usize>,
    /// Changes that only an error leads to.
    undoing: BTreeSet<usize>,
    /// Those of them whose names say so.
    compensations: BTreeSet<usize>,
    /// Names that say that it is meant as a saga.
    named: bool,
}

impl<'p> Saga<'p> {
    fn of(project: &'p Project, machine: &'p StateMachine, params: &Params) -> Self {
        let forward = machine.forward(machine.start);
        let mutates = |index: &usize| is_mutating(project, &machine.states[*index]);
        let mut items = BTreeSet::new();
        let counts = |index: &usize| match &machine.states[*index].task {
            Some(task) if task.of_execution => false,
            Some(task) => task.item.as_ref().is_none_or(|item| items.insert(item.clone())),
            None => true,
        };
        let has = |index: &usize, verbs: &[String]| {
            words::lower(&machine.states[*index].name).iter().any(|word| verbs.contains(word))
        };
        let (verbs, undo) = (params.list("verbs"), params.list("compensations"));
        let tells = params.list("notifications");
        // What undoes or tells is no step of its own.
        let steps = forward.iter().copied().filter(mutates).filter(|step| !has(step, undo) && !has(step, tells));
        let steps: Vec<usize> = steps.filter(counts).collect();
        let caught = (0..machine.states.len()).flat_map(|index| machine.catchers(index));
        let undoing: BTreeSet<usize> = machine.forward(caught).difference(&forward).copied().filter(mutates).collect();
        let compensations = undoing.iter().copied().filter(|index| has(index, undo)).collect();
        let named = steps.iter().filter(|step| has(step, verbs)).count() >= 2
            || (0..machine.states.len()).any(|index| mutates(&index) && has(&index, undo));
        Self { project, machine, steps, undoing, compensations, named }
    }

    fn judge(&self, sink: &mut Sink<'_>) {
        let intended = self.named;
        let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
        for &step in &self.steps {
            let before: Vec<usize> = self.steps.iter().copied().filter(|&other| self.precedes(other, step)).collect();
            if before.is_empty() || self.is_undone(step) {
                continue;
            }
            // Without a name or code that says so, a task that changes something is only a guess.
            let sure = |index: &usize| !is_told_by_name(self.project, &self.machine.states[*index]);
            let proven = sure(&step) && before.iter().any(sure);
            if intended || !self.undoing.is_empty() || proven {
                open.push((step, before));
            }
        }
        self.report(&open, intended, sink);
        for &index in &self.undoing {
            let state = &self.machine.states[index];
            let around = self.machine.enclosing(index).any(|outer| !outer.retry.is_empty());
            if self.named && state.retry.is_empty() && !around {
                let message = format!(
                    "compensation `{}` is not retried: if it fails once, the change it should undo stays",
                    state.name
                );
                let finding = sink.report(state.span, "no `Retry`", message);
                finding.cap(Confidence::Medium);
                // A change on the way of an error may be another try, a lock or a record.
                if !self.compensations.contains(&index) {
                    finding.pedantic();
                }
            }
        }
    }

    /// One finding for the machine: at the first of the steps that nothing undoes.
    fn report(&self, open: &[(usize, Vec<usize>)], intended: bool, sink: &mut Sink<'_>) {
        let told = |(step, _): &&(usize, Vec<usize>)| self.is_reported(*step);
        let Some((step, before)) = open.iter().find(|step| !told(step)).or(open.first()) else { return };
        let state = &self.machine.states[*step];
        let names: Vec<String> =
            before.iter().take(3).map(|&index| format!("`{}`", self.machine.states[index].name)).collect();
        let mut message = format!("if `{}` fails, nothing undoes what {} did", state.name, names.join(", "));
        if open.len() > 1 {
            message.push_str(&format!("; {} more steps are like it", open.len() - 1));
        }
        let finding = sink.report(state.span, "no `Catch` leads to a compensation", message);
        finding.cap(Confidence::Medium);
        for &index in before.iter().take(3) {
            finding.also(Some(self.machine.states[index].span), "changes something before it");
        }
        for (other, _) in open.iter().filter(|(other, _)| other != step).take(5) {
            finding.also(Some(self.machine.states[*other].span), "nothing undoes what was done before it either");
        }
        if !intended {
            finding.pedantic();
        } else if open.iter().all(|step| told(&step)) {
            finding.severity = Severity::Info;
        }
    }

    /// Whether one step is over before another begins.
    fn precedes(&self, first: usize, second: usize) -> bool {
        first != second
            && self.machine.forward(self.after(first)).contains(&second)
            && !self.machine.forward(self.after(second)).contains(&first)
    }

    fn after(&self, index: usize) -> Vec<usize> {
        let state = &self.machine.states[index];
        match (state.next.is_empty(), state.parent) {
            (true, Some(parent)) => self.machine.states[parent].next.clone(),
            _ => state.next.clone(),
        }
    }

    /// Whether an error of a step leads to a change that only errors lead to, or the step says it may be repeated.
    fn is_undone(&self, step: usize) -> bool {
        let state = &self.machine.states[step];
        let repeatable =
            state.comment.as_deref().is_some_and(|text| words::lower(text).iter().any(|word| word == "idempotent"));
        let caught = self.machine.forward(self.machine.catchers(step));
        repeatable && !state.retry.is_empty() || caught.iter().any(|index| self.undoing.contains(index))
    }

    /// Whether an error of a step at least tells someone.
    fn is_reported(&self, step: usize) -> bool {
        let caught = self.machine.forward(self.machine.catchers(step));
        caught.iter().any(|&index| {
            let service = self.machine.states[index].task.as_ref().map(|task| &task.service);
            matches!(service, Some(Service::Other(service, _)) if service == "sns")
        })
    }
}
