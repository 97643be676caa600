//! Shapes in the graph that architects have a name for, each with what it lacks.

use crate::model::application::graph::{Edge, EdgeKind, Graph, NodeId, NodeKind, Pattern};
use crate::model::deployments::FunctionId;
use crate::model::deployments::machine::{Service, StateKind};
use crate::model::source::{AwaitSequence, Program};
use crate::model::{Known, Mode, Project, Verdict};
use std::collections::{HashMap, HashSet};

/// Receivers, senders, callees or routes that make a shape.
const SEVERAL: usize = 3;
/// Routes of one function that make a monolith.
const MANY_ROUTES: usize = 10;

/// All shapes, in the order of their centres.
pub(crate) fn find(project: &Project, graph: &Graph) -> Vec<Pattern> {
    let mut outgoing: Vec<Vec<&Edge>> = vec![Vec::new(); graph.nodes.len()];
    let mut incoming: Vec<Vec<&Edge>> = vec![Vec::new(); graph.nodes.len()];
    for edge in graph.edges.iter().filter(|edge| edge.kind != EdgeKind::Failure) {
        outgoing[edge.from].push(edge);
        incoming[edge.to].push(edge);
    }
    let kept: HashSet<usize> =
        graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Failure).map(|edge| edge.from).collect();
    let programs: HashMap<FunctionId, &Program> =
        project.units.iter().filter_map(|unit| Some((unit.function()?, project.program(unit.target()?)?))).collect();
    let mut found = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let fails = kept.contains(&at);
        match (&node.id, node.kind) {
            (NodeId::Function(id), _) => {
                found.extend(composition(programs.get(id).copied(), at, &outgoing[at], &incoming[at]));
                found.extend(monolith(at, &incoming[at]));
                found.extend(processing(project, *id, graph, at, &incoming[at]));
                found.extend(fan_out(graph, &kept, at, &outgoing[at]));
            }
            (_, NodeKind::Topic | NodeKind::Bus) => found.extend(fan_out(graph, &kept, at, &outgoing[at])),
            (_, NodeKind::Queue | NodeKind::Table) => found.extend(fan_in(at, &incoming[at], node.kind, fails)),
            _ => {}
        }
    }
    found.extend(sagas(project, graph));
    found
}

fn others(at: usize, edges: &[&Edge], end: impl Fn(&Edge) -> usize) -> Vec<usize> {
    let mut nodes: Vec<usize> = edges.iter().map(|edge| end(edge)).filter(|&other| other != at).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes.insert(0, at);
    nodes
}

/// One sender, several receivers at once.
fn fan_out(graph: &Graph, kept: &HashSet<usize>, at: usize, outgoing: &[&Edge]) -> Option<Pattern> {
    let spread: Vec<&Edge> =
        outgoing.iter().copied().filter(|edge| matches!(edge.mode, Mode::Async | Mode::Queue)).collect();
    let nodes = others(at, &spread, |edge| edge.to);
    let lossy: Vec<String> = nodes[1..]
        .iter()
        .filter(|&&node| graph.nodes[node].kind == NodeKind::Function)
        .filter(|node| !kept.contains(node))
        .map(|&node| format!("`{}` keeps nothing of what it fails on", graph.nodes[node].label))
        .collect();
    (nodes.len() > SEVERAL).then_some(Pattern { name: "fan-out", nodes, missing: lossy })
}

/// Several senders, one place where it comes together.
fn fan_in(at: usize, incoming: &[&Edge], kind: NodeKind, fails: bool) -> Option<Pattern> {
    let writes: Vec<&Edge> = incoming.iter().copied().filter(|edge| edge.mode != Mode::Read).collect();
    let nodes = others(at, &writes, |edge| edge.from);
    let missing = if kind == NodeKind::Queue && !fails {
        vec!["no dead-letter queue collects what fails".to_owned()]
    } else {
        Vec::new()
    };
    (nodes.len() > SEVERAL).then_some(Pattern { name: "fan-in", nodes, missing })
}

/// A function behind an API that asks several others before it answers.
fn composition(program: Option<&Program>, at: usize, outgoing: &[&Edge], incoming: &[&Edge]) -> Option<Pattern> {
    let served = incoming.iter().any(|edge| edge.kind == EdgeKind::Trigger && edge.mode == Mode::Sync);
    let asks: Vec<&Edge> =
        outgoing.iter().copied().filter(|edge| matches!(edge.mode, Mode::Sync | Mode::Read)).collect();
    let nodes = others(at, &asks, |edge| edge.to);
    let serial = program.is_some_and(|program| program.has::<AwaitSequence>());
    let missing =
        if serial { vec!["awaits one after the other what could run at once".to_owned()] } else { Vec::new() };
    (served && nodes.len() > SEVERAL).then_some(Pattern { name: "api-composition", nodes, missing })
}

fn monolith(at: usize, incoming: &[&Edge]) -> Option<Pattern> {
    let routes = incoming.iter().filter(|edge| edge.kind == EdgeKind::Trigger && edge.label.contains('/')).count();
    let missing = vec![format!("{routes} routes share one deployment, one role and one cold start")];
    (routes >= MANY_ROUTES).then(|| Pattern {
        name: "monolith",
        nodes: others(at, incoming, |edge| edge.from),
        missing,
    })
}

/// A function that consumes a stream or queue.
fn processing(project: &Project, id: FunctionId, graph: &Graph, at: usize, incoming: &[&Edge]) -> Option<Pattern> {
    let polled: Vec<&Edge> = incoming
        .iter()
        .copied()
        .filter(|edge| {
            edge.kind == EdgeKind::Trigger
                && matches!(graph.nodes[edge.from].kind, NodeKind::Stream | NodeKind::Table | NodeKind::Queue)
        })
        .collect();
    if polled.is_empty() {
        return None;
    }
    let mut missing = Vec::new();
    for mapping in project.deploy.triggers_of(id).filter_map(|trigger| trigger.mapping()) {
        let stream = mapping.max_retries.one().is_some();
        if stream && mapping.filters.value.holds(|on| *on) == Verdict::No {
            missing.push("no filter: every record is an invocation".to_owned());
        }
        if stream && mapping.bisect.one() == Some(&false) && mapping.partial_batch.one() == Some(&false) {
            missing.push("neither bisect nor partial batch response: one bad record blocks its shard".to_owned());
        }
        if stream && matches!(mapping.on_failure.value, Known::Absent) {
            missing.push("no failure destination".to_owned());
        }
    }
    missing.dedup();
    Some(Pattern { name: "event-processing", nodes: others(at, &polled, |edge| edge.from), missing })
}

/// State machines that call several functions one after the other.
fn sagas(project: &Project, graph: &Graph) -> Vec<Pattern> {
    let mut found = Vec::new();
    for machine in &project.deploy.machines {
        let Some(at) =
            machine.resource.and_then(|id| graph.nodes.iter().position(|node| node.id == NodeId::Resource(id)))
        else {
            continue;
        };
        let tasks = machine
            .states
            .iter()
            .filter(|state| matches!(&state.task, Some(task) if matches!(task.service, Service::Lambda(_))));
        let around = machine.states.iter().any(|outer| outer.kind == StateKind::Parallel && !outer.catch.is_empty());
        let (mut count, mut uncaught) = (0, Vec::new());
        for state in tasks {
            count += 1;
            if count > 1 && state.catch.is_empty() && !around {
                uncaught.push(format!("nothing is undone when `{}` fails", state.name));
            }
        }
        if count > 1 {
            let edges: Vec<&Edge> = graph.edges.iter().filter(|edge| edge.from == at).collect();
            found.push(Pattern { name: "saga", nodes: others(at, &edges, |edge| edge.to), missing: uncaught });
        }
    }
    found
}
