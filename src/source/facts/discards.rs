//! Events and records thrown away for what a field of theirs says: a filter could have done that before.

use super::collector::{Collector, Phases};
use crate::knowledge::{Lexicon, Meaning};
use crate::model::Verdict;
use crate::model::source::{Discard, Facts};
use crate::source::flow::branch::begins;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// Discards of a region.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::IF.or(Nodes::MATCH), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let found = match body.kind(here.id) {
        Kind::If { condition, then, other: None } if drops(lexicon, body, *then) => {
            body.subtree(*condition).find_map(|at| match body.kind(at) {
                Kind::Binary(left, right) => compared(lexicon, body, *left, *right)
                    .or_else(|| compared(lexicon, body, *right, *left))
                    .map(|of| (of, *condition)),
                _ => None,
            })
        }
        Kind::Match { scrutinee, arms } => {
            let literal = |head: &[String]| head.first().is_some_and(|word| word.starts_with('"'));
            let wanted =
                arms.iter().any(|arm| arm.heads.iter().any(|head| literal(head)) && !drops(lexicon, body, arm.body));
            let rest = arms.iter().any(|arm| begins(&arm.heads, "_") && drops(lexicon, body, arm.body));
            field(lexicon, body, *scrutinee).filter(|_| wanted && rest).map(|of| (of, *scrutinee))
        }
        _ => None,
    };
    let Some(((operand, name), shown)) = found else { return };

    if here.is_from_event(operand) == Verdict::Yes {
        let site = here.site(body.expr(shown).span);
        into.push(Discard { field: name, site });
    }
}

/// A field compared with a literal text.
fn compared(lexicon: &Lexicon, body: &Body, side: ExprId, other: ExprId) -> Option<(ExprId, String)> {
    let literal = body.subtree(other).any(|at| matches!(body.kind(at), Kind::Lit(Lit::Str(_))));
    let plain = !body.subtree(other).any(|at| matches!(body.kind(at), Kind::Field { .. } | Kind::Local(_)));
    field(lexicon, body, side).filter(|_| literal && plain)
}

/// The field a value is, behind `as_str()` and its like.
fn field(lexicon: &Lexicon, body: &Body, id: ExprId) -> Option<(ExprId, String)> {
    let mut at = body.peeled(id);
    while let Kind::Method { receiver, name, .. } = body.kind(at) {
        if !lexicon.method(name).has(Meaning::SameField) {
            return None;
        }
        at = body.peeled(*receiver);
    }
    match body.kind(at) {
        Kind::Field { name, .. } => Some((at, name.clone())),
        _ => None,
    }
}

/// Whether a branch does nothing but go on: `continue`, `return Ok(…)`, nothing at all; it may say so in the log.
fn drops(lexicon: &Lexicon, body: &Body, branch: ExprId) -> bool {
    match body.kind(branch) {
        Kind::Discard(inner) => drops(lexicon, body, *inner),
        Kind::Continue => true,
        Kind::Tuple(items) => items.is_empty(),
        Kind::Return(None) => true,
        Kind::Return(Some(value)) => is_ok(body, *value),
        Kind::Call { .. } => is_ok(body, branch),
        Kind::Block { statements, tail } => {
            let logs = |id: &ExprId| match body.kind(body.peeled(*id)) {
                Kind::Macro { path, .. } => lexicon.macro_of(path).has(Meaning::LogLine),
                _ => false,
            };
            statements.iter().all(|id| logs(id) || drops(lexicon, body, *id))
                && tail.is_none_or(|tail| logs(&tail) || drops(lexicon, body, tail))
        }
        _ => false,
    }
}

/// `Ok(())` and its like, without a call inside.
fn is_ok(body: &Body, id: ExprId) -> bool {
    let Kind::Call { callee, args } = body.kind(body.peeled(id)) else { return false };
    let ok = matches!(body.kind(*callee), Kind::Path { path, .. } if path.last().is_some_and(|name| name == "Ok"));
    ok && args.iter().all(|&arg| !body.subtree(arg).any(|at| matches!(body.kind(at), Kind::Await(_))))
}
