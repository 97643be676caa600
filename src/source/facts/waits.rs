//! Waiting during invocations: sleeps, looks at remote state in a loop, SDK waiters.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, Wait, WaitKind};
use crate::source::flow::attempts::retries;
use crate::source::flow::branch::in_error_branch_of;
use crate::source::flow::channels::sends;
use crate::source::flow::remote::{Effect, call_name};
use crate::source::flow::scope::{millis, within_call};
use crate::source::flow::view::{Here, Repeats};
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Waits of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let range = context.body.expr(here.id).span;
    let site = || here.site(range);
    if let Kind::Method { receiver, name, .. } = context.body.kind(here.id) {
        let waits = |path: &str| context.index.lexicon.means(&format!("{path}::{name}"), Meaning::Waits);
        if let Some(state) = name.strip_prefix("wait_until_")
            && context.type_of(*receiver).path().is_some_and(waits)
        {
            let operation = Some(state.to_owned());
            into.push(Wait { kind: WaitKind::Waiter, millis: None, operation, site: site() });
        }
        return;
    }
    let Some((called, args)) = here.called() else { return };
    let lexicon = context.index.lexicon;
    if !called.means.has(Meaning::Sleep) {
        return;
    }
    // A sleep as the limit of something else is not waiting: `select!`, `timeout`.
    let races = context.body.ancestors(here.id).any(|ancestor| {
        matches!(context.body.kind(ancestor), Kind::Macro { path, .. } if lexicon.macro_of(path).has(Meaning::Races))
    });
    if races || within_call(&context, here.id, &[Meaning::BoundsTime]) || feeds_stream(&context, here.id) {
        return;
    }
    let around = context.body.ancestors(here.id).find(|&outer| matches!(context.body.kind(outer), Kind::Loop { .. }));
    let Repeats { read: polled, retries } = around.map(|around| repeats(here, around)).unwrap_or_default();
    // A loop that polls may itself begin after an error.
    let after_error = retries || in_error_branch_of(context.body, here.id, around);
    let kind = match &polled {
        Some(_) if !after_error => WaitKind::Poll,
        _ if after_error => return,
        _ => WaitKind::Sleep,
    };
    let millis = args
        .get(lexicon.detail(&called.path, |row| row.millis).unwrap_or(0))
        .and_then(|&arg| millis(here.tracer(), here.of(arg)));
    into.push(Wait { kind, millis, operation: polled, site: site() });
}

/// What the innermost loop around a sleep repeats.
fn repeats(here: Here<'_>, around: ExprId) -> Repeats {
    let body = here.body();
    let known = here.view.loops.borrow().get(&here.of(around)).cloned();
    known.unwrap_or_else(|| {
        let reads = here.remote_calls(around);
        let read = reads.iter().rev().find(|(_, effect)| *effect == Effect::Read);
        let read = read.map(|(call, _)| call_name(body, *call));
        let found = Repeats { read, retries: retries(here, around) };
        here.view.loops.borrow_mut().insert(here.of(around), found.clone());
        found
    })
}

/// Whether a place belongs to a task that sends into a channel made outside it, such as a response body.
fn feeds_stream(context: &Context<'_>, id: ExprId) -> bool {
    let task = context.body.ancestors(id).find(|&ancestor| match context.body.kind(ancestor) {
        Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::Spawn),
        _ => false,
    });
    task.is_some_and(|task| sends(context, task))
}
