//! What checks ask about state machines: which tasks change something, and what follows what.

use crate::knowledge::{Role, lexicon, sdk_operations};
use crate::model::deployments::Target;
use crate::model::deployments::machine::{Pattern, Service, State, StateKind, StateMachine, Task};
use crate::model::source::{HttpCall, Phase, SdkCall};
use crate::model::{Known, Project};
use std::collections::BTreeSet;

/// Whether a task changes something: told by the code it runs, by its action, or by its name.
pub(crate) fn is_mutating(project: &Project, state: &State) -> bool {
    match state.task.as_ref().map(|task| &task.service) {
        Some(Service::Lambda(target)) => match writes(project, target) {
            Some(known) => known,
            None => !reads(&state.name),
        },
        Some(Service::Other(service, _)) if sdk_operations().messages.contains(service) => false,
        Some(Service::Other(service, action)) => {
            service == "http" || !(reads(action) || sdk_operations().only_computes(action))
        }
        Some(Service::Activity | Service::Unknown) | None => false,
    }
}

/// Whether nothing but the name of a function says that it changes something.
pub(crate) fn is_told_by_name(project: &Project, state: &State) -> bool {
    let service = state.task.as_ref().map(|task| &task.service);
    matches!(service, Some(Service::Lambda(target)) if writes(project, target).is_none())
}

/// Whether the code of a function writes anywhere; none if its code is not known.
fn writes(project: &Project, target: &Known<Target>) -> Option<bool> {
    let Target::Resource(id) = target.one()? else { return None };
    let function = project.deploy.function_of(*id)?;
    let unit = project.unit_of(function)?;
    let program = project.program(unit.target()?)?;
    let calls = program.facts::<SdkCall>().iter().filter(|call| call.site.phase == Phase::Invoke);
    let changes = |service: &str, operation: &str| {
        !sdk_operations().messages.iter().any(|known| known == service) && !reads(operation)
    };
    let sdk = calls.filter(|call| changes(&call.service, &call.operation)).count();
    Some(sdk > 0 || program.has::<HttpCall>())
}

fn reads(name: &str) -> bool {
    lexicon().says(name, Role::Reads) || lexicon().says(name, Role::Computes)
}

/// What a task calls, for messages.
pub(crate) fn describe(task: &Task) -> String {
    match &task.service {
        Service::Lambda(_) => "a Lambda function".to_owned(),
        Service::Activity => "an activity".to_owned(),
        Service::Other(service, action) => format!("`{service}:{action}`"),
        Service::Unknown => "something unknown".to_owned(),
    }
}

impl StateMachine {
    /// Whether an execution ends by itself: it has a limit, or waits for nothing without one and does not loop.
    pub(crate) fn ends(&self) -> bool {
        let waits = |state: &State| {
            let task = state.task.as_ref().filter(|_| state.timeout.is_none());
            task.is_some_and(|task| task.pattern != Pattern::RequestResponse || task.service == Service::Activity)
        };
        let loops = |index: usize| self.forward(self.states[index].next.iter().copied()).contains(&index);
        self.timeout.is_some()
            || self.is_express()
            || (self.states.len() <= 1_000
                && !self.states.iter().any(waits)
                && !(0..self.states.len()).any(|index| self.states[index].kind == StateKind::Choice && loops(index)))
    }

    /// Every state that can follow some states without an error, themselves included.
    pub(crate) fn forward(&self, from: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<usize> = from.into_iter().collect();
        while let Some(index) = open.pop() {
            if !seen.insert(index) {
                continue;
            }
            let state = &self.states[index];
            open.extend(state.branches.iter().chain(&state.next));
            // The last state of a branch is followed by what follows the whole.
            if let (true, Some(parent)) = (state.next.is_empty(), state.parent) {
                open.extend(&self.states[parent].next);
            }
        }
        seen
    }

    /// Where errors of a state may lead: its own catchers and those of the states around it.
    pub(crate) fn catchers(&self, index: usize) -> Vec<usize> {
        let state = &self.states[index];
        let around = self.enclosing(index).flat_map(|outer| outer.catch.iter());
        state.catch.iter().chain(around).filter_map(|catcher| catcher.next).collect()
    }
}
