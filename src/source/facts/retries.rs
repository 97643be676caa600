//! Loops that repeat a remote call until it succeeds, with nothing that ends them.

use super::collector::{Collector, Phases};
use crate::knowledge::{Lexicon, Meaning};
use crate::model::source::{Facts, RetryLoop};
use crate::source::flow::branch::{begins, leaves};
use crate::source::flow::fate::scrutinee;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Arm, Body, ExprId, Kind, Lit, LoopKind};
use crate::source::parse::nodes::Nodes;

/// Loops of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::LOOP, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    if let Kind::Loop { kind, head, body: inner } = here.kind()
        && endless(body, *kind, *head)
    {
        retry(here, *inner, into);
    }
}

fn endless(body: &Body, kind: LoopKind, head: Option<ExprId>) -> bool {
    match kind {
        LoopKind::Loop => true,
        LoopKind::While => head.is_some_and(|head| matches!(body.kind(head), Kind::Lit(Lit::Bool(true)))),
        LoopKind::For => false,
    }
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
