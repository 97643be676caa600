//! Functions that make several changes in different places and undo them on error.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Role};
use crate::model::source::{Facts, Orchestration};
use crate::source::flow::branch::in_error_branch;
use crate::source::flow::remote::{Effect, call_name};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;

/// Several changes in a row, with an error branch that calls something named after undoing.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::BLOCK.or(Nodes::CLOSURE), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    if here.id != here.root() || !matches!(here.code(), Code::Fn(_)) {
        return;
    }
    let body = here.body();
    let calls = here.remote_calls(here.id);
    let undoes = |name: &str| here.context().index.lexicon.says(name, Role::Undoes);
    let (undo, forward): (Vec<_>, Vec<_>) = calls
        .into_iter()
        .filter(|(_, effect)| *effect == Effect::Write)
        .map(|(call, _)| (call, call_name(body, call)))
        .partition(|(_, name)| undoes(name));
    let after_error = |id: ExprId| {
        in_error_branch(body, id)
            || body.ancestors(id).any(|ancestor| match body.kind(ancestor) {
                Kind::If { condition, .. } => body
                    .subtree(*condition)
                    .any(|inner| matches!(body.kind(inner), Kind::Method { name, .. } if name == "is_err")),
                Kind::Method { name, .. } => here.context().index.lexicon.method(name).has(Meaning::OnError),
                _ => false,
            })
    };
    let Some((undo, name)) = undo.iter().find(|(id, _)| after_error(*id)) else { return };
    let forward: Vec<_> = forward.iter().filter(|(id, _)| !after_error(*id)).collect();
    let mut kinds: Vec<&String> = forward.iter().map(|(_, name)| name).collect();
    kinds.sort();
    kinds.dedup();
    if forward.len() < 3 || kinds.len() < 2 {
        return;
    }
    into.push(Orchestration {
        steps: forward.iter().map(|(id, _)| here.on(*id).span()).collect(),
        undo: name.clone(),
        site: here.on(*undo).site(body.expr(*undo).span),
    });
}
