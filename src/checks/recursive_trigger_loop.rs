//! Functions that write to what invokes them.

use super::{Check, Sink, named};
use crate::finding::{Confidence, Severity, Subject};
use crate::knowledge::sdk_operations;
use crate::model::deployments::{FunctionId, Names, Trigger, TriggerKind};
use crate::model::source::{ChangeTest, Fact, KeyTest, Operand, SdkCall};
use crate::model::{Cause, Flow, FlowEnd, Mode, Project, Verdict};
use crate::rule::Params;
use crate::text::Span;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::HashMap;

pub(super) struct Rule;

/// Edges of a loop that are followed.
const MAX_EDGES: usize = 6;

/// Steps taken in search of loops; only a tangle of hundreds of functions needs more.
const MAX_STEPS: usize = 200_000;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let mut search = Search::of(project);
        for id in project.deploy.function_ids() {
            let start = FlowEnd::Function(id);
            let mut way = Vec::new();
            if search.find(&start, &start, &mut way) {
                report(project, id, &way, sink);
            }
        }
    }
}

/// Whether something goes along an edge that makes the other end run.
fn moves(flow: &Flow) -> bool {
    flow.mode != Mode::Read && flow.confidence >= Confidence::Medium
}

/// The edges that lie on some circle, and what they mean.
struct Search<'p> {
    project: &'p Project,
    from: HashMap<&'p FlowEnd, Vec<&'p Flow>>,
    calls: HashMap<Span, &'p SdkCall>,
    left: usize,
}

impl<'p> Search<'p> {
    fn of(project: &'p Project) -> Self {
        let mut graph: DiGraph<(), &Flow> = DiGraph::new();
        let mut nodes: HashMap<&FlowEnd, NodeIndex> = HashMap::new();
        for flow in project.flows.iter().filter(|flow| moves(flow)) {
            let mut node = |end| *nodes.entry(end).or_insert_with(|| graph.add_node(()));
            let (from, to) = (node(&flow.from), node(&flow.to));
            graph.add_edge(from, to, flow);
        }
        // Only what can be reached from itself lies on a circle.
        let mut circle = vec![0usize; graph.node_count()];
        for (number, part) in tarjan_scc(&graph).into_iter().enumerate() {
            part.into_iter().for_each(|node| circle[node.index()] = number);
        }
        let mut from: HashMap<&FlowEnd, Vec<&Flow>> = HashMap::new();
        let edges = graph.edge_references();
        for edge in edges.filter(|edge| circle[edge.source().index()] == circle[edge.target().index()]) {
            from.entry(&edge.weight().from).or_default().push(edge.weight());
        }
        let calls = project.programs.iter().flat_map(|program| program.facts::<SdkCall>());
        let calls = calls.map(|call| (call.site.span, call)).collect();
        Self { project, from, calls, left: MAX_STEPS }
    }

    /// A loop by depth first with a small bound; loops are reported at their first function.
    fn find(&mut self, at: &FlowEnd, goal: &FlowEnd, way: &mut Vec<&'p Flow>) -> bool {
        if way.len() >= MAX_EDGES {
            return false;
        }
        for flow in self.from.get(at).cloned().unwrap_or_default() {
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            if way.iter().any(|known| known.to == flow.to) || !self.closes(way.last().copied(), flow) {
                continue;
            }
            way.push(flow);
            if flow.to == *goal || self.find(&flow.to, goal, way) {
                return true;
            }
            way.pop();
        }
        false
    }

    /// Whether what one edge brings makes the next one go off.
    fn closes(&self, before: Option<&Flow>, flow: &Flow) -> bool {
        let deploy = &self.project.deploy;
        let trigger = match flow.cause {
            _ if matches!(flow.from, FlowEnd::Function(_)) => return true,
            Cause::Call => return false,
            Cause::Link(index) => return !deploy.links[index].filtered,
            Cause::Trigger(index) => &deploy.triggers[index],
        };
        match trigger.kind {
            TriggerKind::Sqs | TriggerKind::Sns | TriggerKind::Kinesis => unfiltered(trigger),
            // Code that tells inserts from updates may let its own changes pass.
            TriggerKind::DynamoDbStream => unfiltered(trigger) && !runs::<ChangeTest>(self.project, trigger),
            TriggerKind::S3 => self.call(before).is_some_and(|call| {
                // Code that looks at keys may let its own results pass.
                let tells = call.on_bucket_of_record && runs::<KeyTest>(self.project, trigger);
                notifies(call, trigger) && !tells
            }),
            TriggerKind::EventBridgeRule => self.call(before).is_some_and(|call| matches_pattern(call, trigger)),
            _ => false,
        }
    }

    fn call(&self, flow: Option<&Flow>) -> Option<&'p SdkCall> {
        self.calls.get(&flow?.site).copied()
    }
}

/// Whether the entries a call puts on a bus pass the pattern of a rule, by their literal source and kind.
fn matches_pattern(call: &SdkCall, trigger: &Trigger) -> bool {
    let Some(pattern) = trigger.pattern().filter(|pattern| !pattern.detail) else { return false };
    let passes = |names: &Names, sent: &Operand| match (names, sent) {
        (Names::Any, _) => true,
        (Names::Of(names), Operand::Literal(sent)) => names.contains(sent),
        _ => false,
    };
    passes(&pattern.sources, call.operand("source")) && passes(&pattern.detail_types, call.operand("detail_type"))
}

/// Whether there is a fact of a kind in the code that a trigger runs.
fn runs<F: Fact>(project: &Project, trigger: &Trigger) -> bool {
    let unit = project.unit_of(trigger.function);
    let program = unit.and_then(|unit| project.program(unit.target()?));
    program.is_some_and(|program| program.has::<F>())
}

fn unfiltered(trigger: &Trigger) -> bool {
    trigger.filters() == Verdict::No
}

/// Whether the key that is written may match the filter of the notification.
fn notifies(call: &SdkCall, trigger: &Trigger) -> bool {
    let creates = sdk_operations().creates_objects.contains(&call.operation);
    let Some(filter) = trigger.objects().filter(|filter| creates && filter.created) else { return false };
    match (&filter.prefix, call.operand("key")) {
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
    let by = match &through[..through.len() - 1] {
        [] => String::new(),
        others => format!(" through {}", others.join(" and ")),
    };
    let message = format!("{} invokes itself{by}: one event becomes an endless, billed chain", named(project, id));
    sink.enter(Some(Subject::Function(id)), Confidence::High);
    let finding = sink.report(first.site, "sends into its own trigger", message);
    for flow in way {
        finding.cap(flow.confidence);
        finding.also(Some(flow.site), format!("leads to {}", name(project, &flow.to)));
        for span in &flow.proof {
            finding.also(Some(*span), "the target is decided here");
        }
    }
    finding.cap(Confidence::Medium);
    let hops = way.iter().zip(through).map(|(flow, to)| format!("{to} by {}", project.sources.place(flow.site)));
    finding.trail = std::iter::once(named(project, id)).chain(hops).collect();
    let kept_on = function.aws().map(|lambda| &lambda.recursive_loop);
    if let Some(kept_on) = kept_on.filter(|setting| setting.one().is_some_and(|word| word == "Allow")) {
        finding.severity = Severity::Info;
        finding.also(kept_on.place(), "allowed on purpose");
    }
}

fn name(project: &Project, end: &FlowEnd) -> String {
    match end {
        FlowEnd::Function(id) => named(project, *id),
        FlowEnd::Resource(id) => format!("`{}`", project.deploy.resource_label(*id)),
        FlowEnd::External(symbol) => format!("`{symbol}`"),
    }
}
