//! Functions that write to what invokes them.

use super::{Check, Sink, named};
use crate::finding::{Confidence, Severity};
use crate::model::deploy::{FunctionId, Names, Trigger, TriggerKind};
use crate::model::source::Operand;
use crate::model::{Flow, FlowEnd, Mode, Project, Verdict};
use crate::spec::Params;
use std::collections::HashMap;

pub(super) struct Rule;

/// Edges of a loop that are followed.
const MAX_EDGES: usize = 6;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let mut from: HashMap<&FlowEnd, Vec<&Flow>> = HashMap::new();
        for flow in project.flows.iter().filter(|flow| moves(flow)) {
            from.entry(&flow.from).or_default().push(flow);
        }
        for id in project.deploy.function_ids() {
            let start = FlowEnd::Function(id);
            let mut way = Vec::new();
            if find(project, &from, &start, &start, &mut way) {
                report(project, id, &way, sink);
            }
        }
    }
}

/// Whether something goes along an edge that makes the other end run.
fn moves(flow: &Flow) -> bool {
    flow.mode != Mode::Read && flow.confidence >= Confidence::Medium
}

/// The shortest loop is found by depth first with a small bound; loops are reported at their first function.
fn find<'p>(
    project: &'p Project,
    from: &HashMap<&FlowEnd, Vec<&'p Flow>>,
    at: &FlowEnd,
    goal: &FlowEnd,
    way: &mut Vec<&'p Flow>,
) -> bool {
    if way.len() >= MAX_EDGES {
        return false;
    }
    for &flow in from.get(at).into_iter().flatten() {
        if way.iter().any(|known| known.to == flow.to) || !closes(project, way.last().copied(), flow) {
            continue;
        }
        way.push(flow);
        if flow.to == *goal || find(project, from, &flow.to, goal, way) {
            return true;
        }
        way.pop();
    }
    false
}

/// Whether what one edge brings makes the next one go off.
fn closes(project: &Project, before: Option<&Flow>, flow: &Flow) -> bool {
    if let FlowEnd::Function(_) = flow.from {
        return true;
    }
    if let Some(link) = project.deploy.links.iter().find(|link| link.span == flow.site && flow.to == FlowEnd::Resource(link.to)) {
        return !link.filtered;
    }
    let Some(trigger) = project.deploy.triggers.iter().find(|trigger| {
        trigger.span == flow.site && flow.to == FlowEnd::Function(trigger.function)
    }) else { return false };
    match trigger.kind {
        TriggerKind::Sqs | TriggerKind::Sns | TriggerKind::Kinesis => unfiltered(trigger),
        // Code that tells inserts from updates may let its own changes pass.
        TriggerKind::DynamoDbStream => unfiltered(trigger) && !tells_changes_apart(project, trigger),
        TriggerKind::S3 => before.is_some_and(|write| notifies(project, write, trigger)),
        TriggerKind::EventBridgeRule => before.is_some_and(|put| matches_pattern(project, put, trigger)),
        _ => false,
    }
}

/// Whether the entries a call puts on a bus pass the pattern of a rule, by their literal source and kind.
fn matches_pattern(project: &Project, put: &Flow, trigger: &Trigger) -> bool {
    let Some(pattern) = trigger.pattern.as_ref().filter(|pattern| !pattern.detail) else { return false };
    let mut calls = project.programs.iter().flat_map(|program| &program.sdk_calls);
    let Some(call) = calls.find(|call| call.site.span == put.site) else { return false };
    let passes = |names: &Names, sent: &Operand| match (names, sent) {
        (Names::Any, _) => true,
        (Names::Of(names), Operand::Literal(sent)) => names.contains(sent),
        _ => false,
    };
    passes(&pattern.sources, &call.event.0) && passes(&pattern.detail_types, &call.event.1)
}

fn tells_changes_apart(project: &Project, trigger: &Trigger) -> bool {
    let unit = project.units.iter().find(|unit| unit.function == Some(trigger.function));
    let program = unit.and_then(|unit| project.program(unit.target?));
    program.is_some_and(|program| program.tells_changes_apart)
}

fn unfiltered(trigger: &Trigger) -> bool {
    !trigger.filtered && trigger.mapping.as_ref().is_none_or(|mapping| mapping.filters.value.holds(|on| *on) == Verdict::No)
}

/// Whether the key that is written may match the filter of the notification.
fn notifies(project: &Project, write: &Flow, trigger: &Trigger) -> bool {
    let Some(filter) = &trigger.objects else { return false };
    if !filter.created {
        return false;
    }
    let calls = project.programs.iter().flat_map(|program| &program.sdk_calls);
    let Some(call) = calls.filter(|call| call.site.span == write.site).find(|call| call.operation != "delete_object") else {
        return false;
    };
    match (&filter.prefix, &call.key) {
        (None, _) => filter.suffix.is_none(),
        // The literal may be only the beginning of the key.
        (Some(wanted), Operand::Literal(key)) => key.starts_with(wanted.as_str()),
        (Some(_), _) => false,
    }
}

fn report(project: &Project, id: FunctionId, way: &[&Flow], sink: &mut Sink<'_>) {
    // A loop through several functions is told once, at the one declared first.
    let smallest = way.iter().filter_map(|flow| match flow.from {
        FlowEnd::Function(id) => Some(id),
        _ => None,
    });
    if smallest.min() != Some(id) {
        return;
    }
    let Some(first) = way.first() else { return };
    let function = project.deploy.function(id);
    let through: Vec<String> = way.iter().map(|flow| name(project, &flow.to)).collect();
    let message = format!("{} invokes itself through {}: one event becomes an endless, billed chain", named(project, id), through[..through.len() - 1].join(" and "));
    let message = if through.len() == 1 { format!("{} invokes itself: one event becomes an endless, billed chain", named(project, id)) } else { message };
    sink.enter(Some(project.deploy.function_name(id)), Confidence::High);
    let finding = sink.report(first.site, "sends into its own trigger", message);
    for flow in way {
        finding.cap(flow.confidence);
        finding.also(Some(flow.site), format!("leads to {}", name(project, &flow.to)));
        for span in &flow.proof {
            finding.also(Some(*span), "the target is decided here");
        }
    }
    finding.cap(Confidence::Medium);
    finding.trail = std::iter::once(named(project, id)).chain(through).collect();
    if function.recursive_loop.one().is_some_and(|word| word == "Allow") {
        finding.severity = Severity::Info;
        finding.also(function.recursive_loop.place(), "allowed on purpose");
    }
}

fn name(project: &Project, end: &FlowEnd) -> String {
    match end {
        FlowEnd::Function(id) => named(project, *id),
        FlowEnd::Resource(id) => format!("`{}`", project.deploy.resource(*id).logical_id),
        FlowEnd::External(symbol) => format!("`{symbol}`"),
    }
}
