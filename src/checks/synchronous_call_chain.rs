//! Chains of functions that wait for one another.

use super::support::money::Rates;
use super::{Check, Sink, named};
use crate::finding::{Confidence, Severity, Subject};
use crate::knowledge::platforms;
use crate::model::deployments::{FunctionId, Invocation};
use crate::model::source::TimeLimit;
use crate::model::{Flow, FlowEnd, Mode, Origin, Project};
use crate::rule::Params;
use std::collections::{HashMap, HashSet};

pub(super) struct Rule;

type Edges<'p> = HashMap<FunctionId, Vec<(&'p Flow, FunctionId)>>;

impl Check for Rule {
    fn project(&self, project: &Project, params: &Params, sink: &mut Sink<'_>) {
        let mut edges: Edges<'_> = HashMap::new();
        let mut called: HashSet<FunctionId> = HashSet::new();
        for flow in &project.flows {
            let (FlowEnd::Function(from), FlowEnd::Function(to)) = (&flow.from, &flow.to) else { continue };
            if flow.mode == Mode::Sync && flow.confidence >= Confidence::Medium && from != to {
                edges.entry(*from).or_default().push((flow, *to));
                called.insert(*to);
            }
        }
        let mut starts: Vec<FunctionId> = edges.keys().copied().filter(|id| !called.contains(id)).collect();
        starts.sort_unstable();
        let mut longest = HashMap::new();
        for start in starts {
            let chain = follow(start, &edges, &mut longest, &mut HashSet::new());
            if chain.len() as i64 >= params.int("hops") {
                report(project, start, &chain, sink);
            }
        }
    }
}

/// The longest chain from a function; cycles are cut where they close.
fn follow<'p>(
    at: FunctionId,
    edges: &Edges<'p>,
    known: &mut HashMap<FunctionId, Vec<(&'p Flow, FunctionId)>>,
    open: &mut HashSet<FunctionId>,
) -> Vec<(&'p Flow, FunctionId)> {
    if let Some(chain) = known.get(&at) {
        return chain.clone();
    }
    // Deeper than any real application; the stack is bounded with it.
    if open.len() > 500 || !open.insert(at) {
        return Vec::new();
    }
    let mut best: Vec<(&Flow, FunctionId)> = Vec::new();
    for &(flow, to) in edges.get(&at).map_or(&[][..], Vec::as_slice) {
        let mut chain = vec![(flow, to)];
        chain.extend(follow(to, edges, known, open));
        if chain.len() > best.len() {
            best = chain;
        }
    }
    open.remove(&at);
    known.insert(at, best.clone());
    best
}

fn report(project: &Project, start: FunctionId, chain: &[(&Flow, FunctionId)], sink: &mut Sink<'_>) {
    let deploy = &project.deploy;
    let ids: Vec<FunctionId> = std::iter::once(start).chain(chain.iter().map(|(_, to)| *to)).collect();
    let words: Vec<String> = ids
        .iter()
        .map(|&id| match deploy.function(id).timeout_s.one() {
            Some(seconds) => format!("{} ({seconds} s)", named(project, id)),
            None => named(project, id),
        })
        .collect();
    let mut message = format!("{} functions wait for one another: {}", ids.len(), words.join(" > "));
    let inverted = ids.windows(2).find(|pair| {
        let (caller, callee) = (&deploy.function(pair[0]).timeout_s, &deploy.function(pair[1]).timeout_s);
        let chosen = |origin: &Origin| matches!(origin, Origin::Explicit | Origin::Inherited(..));
        let chosen = chosen(&caller.origin) && chosen(&callee.origin);
        // A client that gives up before its function does leaves time for the error.
        let bounded = caller
            .one()
            .is_some_and(|seconds| client_limit(project, pair[0]).is_some_and(|limit| limit < seconds * 1000));
        chosen && !bounded && matches!((caller.one(), callee.one()), (Some(a), Some(b)) if b >= a)
    });
    let entry_limit = deploy
        .triggers_of(start)
        .filter(|trigger| trigger.invocation() == Invocation::Sync)
        .filter_map(|trigger| trigger.route()?.integration_timeout_ms.one().copied())
        .min();
    let total: Option<i64> = ids[1..].iter().map(|&id| deploy.function(id).timeout_s.one().copied()).sum();
    let over = matches!((entry_limit, total), (Some(limit), Some(total)) if total * 1000 > limit);
    if let Some(pair) = inverted {
        let (caller, callee) = (named(project, pair[0]), named(project, pair[1]));
        message.push_str(&format!("; {caller} gives up no later than {callee}, which then works for nobody"));
    } else if over {
        message.push_str("; together they may take longer than the API in front of them waits");
    }
    sink.enter(Some(Subject::Function(start)), Confidence::High);
    let finding = sink.report(chain[0].0.site, "the chain begins here", message);
    if inverted.is_some() || over {
        finding.severity = Severity::Error;
    }
    finding.notes.extend(Rates::of(project, start).and_then(|rates| rates.waiting(1000)));
    for (flow, to) in chain {
        finding.cap(flow.confidence);
        finding.also(Some(flow.site), format!("waits for {}", named(project, *to)));
        for span in &flow.proof {
            finding.also(Some(*span), "which function is decided here");
        }
    }
    for &id in &ids {
        finding.also(deploy.function(id).timeout_s.place(), format!("timeout of {}", named(project, id)));
    }
    finding.trail = trail(project, start, chain);
    if let Some(total) = total {
        let attempts = platforms().aws_lambda.sdk_attempts.value;
        finding.trail.push(format!(
            "{} s of waiting at most, {} s if every call is tried {attempts} times",
            total,
            total * attempts
        ));
    }
}

/// Each function of a chain with its timeout and the place of its call.
fn trail(project: &Project, start: FunctionId, chain: &[(&Flow, FunctionId)]) -> Vec<String> {
    let hop = |id: FunctionId| {
        let seconds =
            project.deploy.function(id).timeout_s.one().map_or(String::new(), |seconds| format!(" ({seconds} s)"));
        format!("{}{seconds}", project.deploy.function_label(id))
    };
    let mut trail = vec![hop(start)];
    for (flow, to) in chain {
        if let Some(last) = trail.last_mut() {
            last.push_str(&format!(" at {}", project.sources.place(flow.site)));
        }
        trail.push(hop(*to));
    }
    trail
}

/// The shortest limit the code of a function sets for its calls, in milliseconds.
fn client_limit(project: &Project, id: FunctionId) -> Option<i64> {
    let unit = project.unit_of(id)?;
    project.program(unit.target()?)?.facts::<TimeLimit>().iter().map(|limit| limit.millis).min()
}
