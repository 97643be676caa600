//! The order of remote calls: reads one after the other, retries without end, steps that are undone.

use super::collector::{Collector, Phases};
use crate::knowledge::{Lexicon, Meaning, Role};
use crate::model::source::{AwaitSequence, Facts, Orchestration, RetryLoop};
use crate::source::flow::branch::{begins, in_error_branch, leaves};
use crate::source::flow::fate::{bound, scrutinee};
use crate::source::flow::remote::{Effect, call_name};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Arm, Body, ExprId, Kind, Lit, LoopKind};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;

/// Sequences of a region.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::BLOCK.or(Nodes::CLOSURE).or(Nodes::LOOP), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    if here.id == here.root() && matches!(here.code(), Code::Fn(_)) {
        orchestration(here, into);
    }
    match body.kind(here.id) {
        Kind::Block { statements, .. } => sequences(here, statements, into),
        Kind::Loop { kind, head, body: inner } if endless(body, *kind, *head) => retry(here, *inner, into),
        _ => {}
    }
}

fn endless(body: &Body, kind: LoopKind, head: Option<ExprId>) -> bool {
    match kind {
        LoopKind::Loop => true,
        LoopKind::While => head.is_some_and(|head| matches!(body.kind(head), Kind::Lit(Lit::Bool(true)))),
        LoopKind::For => false,
    }
}

/// Runs of `let x = read().await` of which none needs an earlier one.
fn sequences(here: Here<'_>, statements: &[ExprId], into: &mut Facts) {
    let body = here.body();
    let mut run: Vec<ExprId> = Vec::new();
    for (at, &statement) in statements.iter().enumerate() {
        let read = plain_read(here, statement);
        let depends = run.iter().any(|&earlier| uses_binding(body, earlier, statement));
        if read && !depends {
            run.push(statement);
        }
        if !read || depends || at + 1 == statements.len() {
            finish(here, &run, into);
            run.clear();
            if read && depends {
                run.push(statement);
            }
        }
    }
}

fn finish(here: Here<'_>, run: &[ExprId], into: &mut Facts) {
    let [_, second, ..] = run else { return };
    let body = here.body();
    let steps = run.iter().map(|&step| here.on(step).span()).collect();
    let site = here.on(*second).site(body.expr(*second).span);
    into.push(AwaitSequence { steps, site });
}

/// `let x = read(…).await?;` with nothing else that could matter to what follows.
fn plain_read(here: Here<'_>, statement: ExprId) -> bool {
    let body = here.body();
    let Kind::Let { init, diverge: None, .. } = body.kind(statement) else { return false };
    let value = body.peeled(*init);
    let branches =
        matches!(body.kind(value), Kind::Match { .. } | Kind::If { .. } | Kind::Block { .. } | Kind::Closure { .. });
    let awaited = body.subtree(*init).any(|id| matches!(body.kind(id), Kind::Await(_)));
    let concurrent = matches!(body.kind(value), Kind::Macro { .. });
    // Whoever asks is checked before anything is read for him.
    let guards = here
        .remote_calls(*init)
        .iter()
        .any(|(call, _)| here.context().index.lexicon.says(&call_name(body, *call), Role::Guards));
    !guards && !branches && awaited && !concurrent && here.remote_within(*init) == Some(Effect::Read)
}

fn uses_binding(body: &Body, earlier: ExprId, later: ExprId) -> bool {
    let Kind::Let { init, .. } = body.kind(earlier) else { return false };
    let inside = body.subtree(later);
    bound(body, *init).any(|local| body.locals[local as usize].uses.iter().any(|used| inside.contains(used)))
}

/// `loop { match remote().await { Ok(x) => break x, Err(_) => … } }` that nothing ends.
fn retry(here: Here<'_>, inner: ExprId, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    if is_counted(context.index.lexicon, body, here.id) {
        return;
    }
    let attempt = body.subtree(inner).find_map(|at| {
        let tried = scrutinee(body, at)?;
        let remote = here.remote_calls(tried).first().map(|(call, _)| *call)?;
        let repeats = match body.kind(at) {
            Kind::Match { arms, .. } => repeats_on_error(body, arms),
            Kind::LetCondition { heads, .. } => match body.parent_kind(at) {
                Some(Kind::If { then, other, .. }) => {
                    let (good, bad) = if begins(heads, "Ok") { (Some(*then), *other) } else { (*other, Some(*then)) };
                    (begins(heads, "Ok") || begins(heads, "Err"))
                        && good.is_some_and(|good| leaves(body, good))
                        && bad.is_none_or(|bad| !leaves(body, bad))
                }
                _ => false,
            },
            _ => false,
        };
        repeats.then_some(remote)
    });
    let Some(call) = attempt else { return };
    let pauses = body.subtree(inner).any(|at| match body.kind(at) {
        Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::Sleep),
        Kind::Method { name, .. } => context.index.lexicon.method(name).has(Meaning::Pauses),
        _ => false,
    });
    let range = body.expr(here.id).span;
    let range = (range.0, range.1.min(range.0 + 4));
    into.push(RetryLoop { pauses, call: here.on(call).span(), site: here.site(range) });
}

fn repeats_on_error(body: &Body, arms: &[Arm]) -> bool {
    let good = arms.iter().filter(|arm| begins(&arm.heads, "Ok")).any(|arm| leaves(body, arm.body));
    let mut bad = arms.iter().filter(|arm| begins(&arm.heads, "Err") || begins(&arm.heads, "_")).peekable();
    good && bad.peek().is_some() && bad.all(|arm| !leaves(body, arm.body))
}

/// Whether a counter, deadline or elapsed time can end a loop.
fn is_counted(lexicon: &Lexicon, body: &Body, id: ExprId) -> bool {
    let bounds = |name: &str| lexicon.method(name).has(Meaning::BoundsLoop);
    let counts = body.subtree(id).filter_map(|at| match body.kind(at) {
        Kind::Assign { target, .. } => match body.kind(body.peeled(*target)) {
            Kind::Local(local) => Some(*local),
            _ => None,
        },
        _ => None,
    });
    let counters: Vec<u32> = counts.collect();
    body.subtree(id).any(|at| match body.kind(at) {
        Kind::If { condition, .. } => body.subtree(*condition).any(|inner| match body.kind(inner) {
            Kind::Local(local) => counters.contains(local),
            Kind::Method { name, .. } => bounds(name) || lexicon.field(name).has(Meaning::Deadline),
            Kind::Field { name, .. } => lexicon.field(name).has(Meaning::Deadline),
            _ => false,
        }),
        Kind::Method { name, .. } => bounds(name),
        _ => false,
    })
}

/// Several changes in a row, with an error branch that calls something named after undoing.
fn orchestration(here: Here<'_>, into: &mut Facts) {
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
