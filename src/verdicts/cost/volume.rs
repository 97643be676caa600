//! How often each function of a project is invoked in a month: as the traffic file says, as schedules say exactly, and
//! along the edges of the application from what is known.

use super::schedule;
use super::traffic::{FunctionTraffic, Traffic};
use crate::exact::Exact;
use crate::model::deployments::machine::{Service, StateKind, StateMachine};
use crate::model::deployments::{FunctionId, Invocation, ResourceId, Target, Trigger, TriggerKind};
use crate::model::source::SdkCall;
use crate::model::{Cause, Flow, FlowEnd, Mode, Project, Verdict};
use crate::text::Span;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Edges from what is asked for to what is known.
const MOST_EDGES: usize = 32;

/// So many of something in a month, and who says so.
#[derive(Debug, Clone)]
pub struct Volume {
    /// How many.
    pub amount: Exact,
    /// A phrase: what says so.
    pub because: String,
    /// Where that is.
    pub at: Span,
}

/// Why nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub String);

/// Volumes of one project under one traffic.
pub struct Volumes<'p> {
    project: &'p Project,
    traffic: &'p Traffic,
    known: RefCell<BTreeMap<FlowEnd, Result<Volume, Unknown>>>,
    asked: RefCell<Vec<FlowEnd>>,
}

impl<'p> Volumes<'p> {
    /// Nothing is computed before it is asked for.
    pub fn new(project: &'p Project, traffic: &'p Traffic) -> Self {
        Self { project, traffic, known: RefCell::default(), asked: RefCell::default() }
    }

    /// The names a function is known by: label, logical id, physical name, binary.
    pub fn names(&self, id: FunctionId) -> Vec<String> {
        let deploy = &self.project.deploy;
        let resource = deploy.resource(deploy.function(id).resource);
        let mut names = vec![deploy.function_label(id), resource.logical_id.clone()];
        names.extend(resource.name.one().cloned());
        let unit = self.project.units.iter().find(|unit| unit.function() == Some(id));
        names.extend(unit.and_then(|unit| unit.target()).map(|target| self.project.cargo.target(target).name.clone()));
        names
    }

    /// What the traffic file says of a function.
    pub fn said(&self, id: FunctionId) -> FunctionTraffic {
        let names = self.names(id);
        self.traffic.of(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// How often a function is invoked, its retries aside.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn of(&self, id: FunctionId) -> Result<Volume, Unknown> {
        self.ask(&FlowEnd::Function(id))
    }

    /// How many messages, records or executions a resource takes.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn through(&self, id: ResourceId) -> Result<Volume, Unknown> {
        self.ask(&FlowEnd::Resource(id))
    }

    /// How often the schedules of a function invoke it, if nothing else does and all of them are understood.
    pub fn scheduled(&self, id: FunctionId) -> Option<Volume> {
        let deploy = &self.project.deploy;
        let mut triggers = deploy.triggers_of(id).filter(|trigger| is_on(trigger)).peekable();
        triggers.peek()?;
        let called = self.callers(&FlowEnd::Function(id)).next().is_some();
        let url = deploy.function(id).aws().is_some_and(|lambda| lambda.url.is_some());
        if called || url {
            return None;
        }
        triggers.map(fires).collect::<Option<Vec<Volume>>>()?.into_iter().reduce(both)
    }

    fn ask(&self, end: &FlowEnd) -> Result<Volume, Unknown> {
        if let Some(known) = self.known.borrow().get(end) {
            return known.clone();
        }
        let depth = self.asked.borrow().len();
        let begins = self.asked.borrow().iter().position(|asked| asked == end);
        if let Some(begins) = begins {
            let mut names: Vec<String> = self.asked.borrow()[begins..].iter().map(|end| self.name(end)).collect();
            names.reverse();
            names.extend(names.first().cloned());
            return Err(Unknown(format!("a cycle: {}; give `requests` of one of them", names.join(" → "))));
        }
        if depth >= MOST_EDGES {
            return Err(Unknown("too many edges from what is known".to_owned()));
        }
        self.asked.borrow_mut().push(end.clone());
        let found = match end {
            FlowEnd::Function(id) => self.function(*id),
            FlowEnd::Resource(id) => self.resource(*id),
            FlowEnd::External(name) => Err(Unknown(format!("`{name}` is outside the project"))),
        };
        self.asked.borrow_mut().pop();
        // What a cycle left open from here may be known from elsewhere.
        if found.is_ok() || depth == 0 {
            self.known.borrow_mut().insert(end.clone(), found.clone());
        }
        found
    }

    fn name(&self, end: &FlowEnd) -> String {
        match end {
            FlowEnd::Function(id) => self.project.deploy.function_label(*id),
            FlowEnd::Resource(id) => self.project.deploy.resource_label(*id),
            FlowEnd::External(name) => name.clone(),
        }
    }

    fn function(&self, id: FunctionId) -> Result<Volume, Unknown> {
        if let Some(given) = self.said(id).requests {
            return Ok(Volume { amount: given.value, because: "given".to_owned(), at: given.span });
        }
        let deploy = &self.project.deploy;
        let nothing = || Unknown("no traffic given".to_owned());
        if deploy.function(id).aws().is_some_and(|lambda| lambda.url.is_some()) {
            return Err(nothing());
        }
        let mut all = Vec::new();
        for trigger in deploy.triggers_of(id).filter(|trigger| is_on(trigger)) {
            all.push(self.trigger(trigger)?);
        }
        for flow in self.callers(&FlowEnd::Function(id)) {
            all.push(self.once_for_each(flow)?);
        }
        all.into_iter().reduce(both).ok_or_else(nothing)
    }

    fn callers<'a>(&'a self, end: &'a FlowEnd) -> impl Iterator<Item = &'p Flow> + use<'a, 'p> {
        self.project.flows.iter().filter(move |flow| flow.to == *end && matches!(flow.cause, Cause::Call))
    }

    fn trigger(&self, trigger: &Trigger) -> Result<Volume, Unknown> {
        if matches!(trigger.kind, TriggerKind::Schedule | TriggerKind::SchedulerV2) {
            return fires(trigger).ok_or_else(|| Unknown("its schedule cannot be told".to_owned()));
        }
        let source = match trigger.source.one() {
            Some(Target::Resource(id)) if fed_by_edges(trigger.kind) => *id,
            _ => return Err(Unknown("no traffic given".to_owned())),
        };
        let objects = trigger.objects().is_some_and(|of| of.prefix.is_some() || of.suffix.is_some());
        if trigger.filters() != Verdict::No || trigger.pattern().is_some() || objects {
            return Err(Unknown("a filter decides what arrives".to_owned()));
        }
        let label = self.project.deploy.resource_label(source);
        let volume = self.through(source)?;
        let (amount, because) = match trigger.kind {
            TriggerKind::StepFunctions => {
                let machine = self.project.deploy.machines().find(|(_, machine)| machine.resource == Some(source));
                let often = machine.and_then(|(_, machine)| tasks(machine, trigger));
                let often = often.ok_or_else(|| Unknown(format!("how often `{label}` reaches it is decided there")))?;
                (volume.amount * Exact::from(often), format!("executions of `{label}`"))
            }
            _ if trigger.mapping().is_some() => {
                let batch = self.batch(source);
                (&volume.amount / &batch, format!("messages of `{label}`, {} in a batch", batch.places(0)))
            }
            _ => (volume.amount, format!("what `{label}` sends")),
        };
        Ok(Volume { amount, because, at: trigger.span })
    }

    /// The mean size of a batch: one unless the traffic file says so, which is the dearest it may be.
    pub fn batch(&self, source: ResourceId) -> Exact {
        let said = self.source(source).and_then(|said| said.batch.clone());
        said.unwrap_or_else(|| Exact::from(1))
    }

    fn source(&self, id: ResourceId) -> Option<&'p super::traffic::SourceTraffic> {
        let resource = self.project.deploy.resource(id);
        let label = self.project.deploy.resource_label(id);
        let mut names = vec![label.as_str(), resource.logical_id.as_str()];
        names.extend(resource.name.one().map(String::as_str));
        self.traffic.source(&names)
    }

    fn resource(&self, id: ResourceId) -> Result<Volume, Unknown> {
        if let Some(given) = self.source(id).and_then(|said| said.messages.clone()) {
            return Ok(Volume { amount: given.value, because: "given".to_owned(), at: given.span });
        }
        let end = FlowEnd::Resource(id);
        let mut all = Vec::new();
        for flow in self.project.flows.iter().filter(|flow| flow.to == end && flow.mode != Mode::Read) {
            all.push(match flow.cause {
                Cause::Call => self.once_for_each(flow)?,
                _ => self.ask(&flow.from)?,
            });
        }
        let label = self.project.deploy.resource_label(id);
        all.into_iter().reduce(both).ok_or_else(|| Unknown(format!("what feeds `{label}` is not known")))
    }

    /// What a call moves: as much as its function is invoked, if it stands in no loop.
    fn once_for_each(&self, flow: &Flow) -> Result<Volume, Unknown> {
        let FlowEnd::Function(caller) = flow.from else { return self.ask(&flow.from) };
        let label = self.project.deploy.function_label(caller);
        let mut units = self.project.units.iter().filter(|unit| unit.function() == Some(caller));
        let program = units.find_map(|unit| self.project.program(unit.target()?));
        let call =
            program.and_then(|program| program.facts::<SdkCall>().iter().find(|call| call.site.span == flow.site));
        if call.is_none_or(|call| call.per_element.is_some() || call.site.in_loop) {
            return Err(Unknown(format!("how often `{label}` calls it each time is not known")));
        }
        let volume = self.of(caller)?;
        Ok(Volume { amount: volume.amount, because: format!("once for each call of `{label}`"), at: flow.site })
    }
}

fn both(first: Volume, second: Volume) -> Volume {
    let because = format!("{} and {}", first.because, second.because);
    Volume { amount: first.amount + second.amount, because, at: first.at }
}

fn is_on(trigger: &Trigger) -> bool {
    !trigger.is_off() && (trigger.proved || trigger.invocation() != Invocation::Unknown)
}

/// What a schedule says of how often it fires.
fn fires(trigger: &Trigger) -> Option<Volume> {
    let schedule = trigger.schedule()?;
    let expression = schedule.expression.one()?;
    let amount = schedule::per_month(expression)?;
    let at = schedule.expression.value.span().unwrap_or(trigger.span);
    Some(Volume { amount, because: expression.trim().to_owned(), at })
}

/// Whether what a source takes is what its functions are invoked for.
fn fed_by_edges(kind: TriggerKind) -> bool {
    matches!(
        kind,
        TriggerKind::Sqs
            | TriggerKind::Sns
            | TriggerKind::Kinesis
            | TriggerKind::S3
            | TriggerKind::EventBridgeRule
            | TriggerKind::StepFunctions
    )
}

/// How often an execution runs the task of a trigger: once, if every execution passes through it; none if the input
/// decides.
fn tasks(machine: &StateMachine, trigger: &Trigger) -> Option<u64> {
    let (passed, whole) = passed(machine)?;
    let calls = |index: &&usize| {
        let state = &machine.states[**index];
        let lambda = matches!(state.task.as_ref().map(|task| &task.service), Some(Service::Lambda(_)));
        lambda && state.span == trigger.span
    };
    let times = passed.iter().filter(calls).count() as u64;
    (whole || times > 0).then_some(times)
}

/// The transitions of an execution, retries aside; none if the input decides.
pub fn transitions(machine: &StateMachine) -> Option<u64> {
    let (passed, whole) = passed(machine)?;
    whole.then_some(passed.len() as u64)
}

/// The states that every execution passes through once unless it fails, and whether those are all that it may reach.
fn passed(machine: &StateMachine) -> Option<(BTreeSet<usize>, bool)> {
    let mut passed = BTreeSet::new();
    let mut next = vec![machine.start?];
    // What a choice leads to, and what is done for each item.
    let mut open: Vec<usize> = Vec::new();
    while let Some(index) = next.pop() {
        let state = machine.states.get(index)?;
        if !passed.insert(index) {
            continue;
        }
        match state.kind {
            StateKind::Choice => open.extend(&state.next),
            StateKind::Map => {
                open.extend(&state.branches);
                next.extend(&state.next);
            }
            _ => next.extend(state.next.iter().chain(&state.branches)),
        }
    }
    let whole = open.is_empty();
    let mut decided = BTreeSet::new();
    while let Some(index) = open.pop() {
        let state = machine.states.get(index)?;
        if decided.insert(index) {
            open.extend(state.next.iter().chain(&state.branches));
        }
    }
    // A choice may lead back to what was passed: how often is decided there.
    passed.retain(|index| !decided.contains(index));
    Some((passed, whole))
}
