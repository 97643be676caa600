//! What becomes of a value: where it goes next, and what is read of it in the end.

use crate::knowledge::{Lexicon, Meaning};
use crate::model::source::OutputUse;
use crate::source::parse::ir::{Body, ExprId, Kind, LocalId, Projection, Source};

/// Where the value of an expression goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nobody takes it: `f();`, `let _ = f();`.
    Dropped,
    /// Bound to names.
    Bound { by: ExprId, locals: Vec<LocalId> },
    /// `x?`.
    Try(ExprId),
    /// `x.name(…)`.
    Method(ExprId),
    /// `x.name`.
    Field(ExprId),
    /// Handed to a call, macro, struct, tuple or list.
    Given(ExprId),
    /// Taken apart by `match`, `if let`, `while let` or `let … else`.
    Matched(ExprId),
    /// The value of the function.
    Returned,
    /// The value of a closure.
    Yielded(ExprId),
    /// Anything else: a condition, an operand, an index.
    Other(ExprId),
}

/// Where a value goes, with references, `.await`, `async` and the ends of blocks passed over.
pub(crate) fn next(body: &Body, id: ExprId) -> Next {
    let mut at = id;
    loop {
        let parent = body.expr(at).parent;
        let Some(node) = body.exprs.get(parent as usize) else {
            return Next::Returned;
        };
        match &node.kind {
            Kind::Wrap(_) | Kind::Await(_) | Kind::Async(_) => {}
            Kind::Block { tail: Some(tail), .. } if *tail == at => {}
            Kind::If { condition, .. } if *condition != at => {}
            Kind::Match { scrutinee, .. } if *scrutinee != at => {}
            Kind::Block { .. } | Kind::Discard(_) => return Next::Dropped,
            Kind::Let { init, diverge, heads } if *init == at => {
                if heads.iter().any(|head| head.first().is_some_and(|word| word == "_")) {
                    return Next::Dropped;
                }
                if diverge.is_some() {
                    return Next::Matched(parent);
                }
                return Next::Bound { by: parent, locals: bound(body, at).collect() };
            }
            Kind::LetCondition { .. } | Kind::Match { .. } => return Next::Matched(parent),
            Kind::Try(_) => return Next::Try(parent),
            Kind::Method { receiver, .. } if *receiver == at => return Next::Method(parent),
            Kind::Field { .. } => return Next::Field(parent),
            Kind::Call { callee, .. } if *callee == at => return Next::Other(parent),
            Kind::Method { .. }
            | Kind::Call { .. }
            | Kind::Macro { .. }
            | Kind::Struct { .. }
            | Kind::Tuple(_)
            | Kind::Array(_) => return Next::Given(parent),
            Kind::Assign { value, .. } if *value == at => return Next::Given(parent),
            Kind::Return(_) => return Next::Returned,
            Kind::Closure { .. } => return Next::Yielded(parent),
            Kind::Loop { body, .. } if *body == at => return Next::Dropped,
            _ => return Next::Other(parent),
        }
        at = parent;
    }
}

/// The names a `let`, `match` or `if let` binds to a value.
pub(crate) fn bound(body: &Body, init: ExprId) -> impl Iterator<Item = LocalId> + '_ {
    body.bound(init).filter(|&id| matches!(body.locals[id as usize].source, Source::Init { .. }))
}

/// Whether a binding holds the error of a result.
pub(crate) fn is_error(body: &Body, local: LocalId) -> bool {
    matches!(&body.locals[local as usize].source,
        Source::Init { projection, .. } if projection.iter().any(|step| *step == Projection::Payload("Err".to_owned())))
}

/// The value that a `match`, `if let` or `let … else` takes apart.
pub(crate) fn scrutinee(body: &Body, at: ExprId) -> Option<ExprId> {
    match body.kind(at) {
        Kind::Match { scrutinee, .. } => Some(*scrutinee),
        Kind::LetCondition { init, .. } | Kind::Let { init, .. } => Some(*init),
        _ => None,
    }
}

/// Everything read of a value until it leaves the function.
pub(crate) fn output_use(lexicon: &Lexicon, body: &Body, id: ExprId) -> OutputUse {
    let mut found = OutputUse::default();
    let mut open = vec![id];
    let mut steps = 0;
    while let Some(at) = open.pop() {
        steps += 1;
        if steps > 256 {
            found.escapes = true;
            break;
        }
        match next(body, at) {
            Next::Dropped => {}
            Next::Bound { locals, .. } => {
                open.extend(locals.iter().flat_map(|&local| body.locals[local as usize].uses.iter().copied()));
            }
            Next::Try(next) => open.push(next),
            Next::Matched(by) => {
                let Some(scrutinee) = scrutinee(body, by) else { continue };
                let kept = bound(body, scrutinee).filter(|&local| !is_error(body, local));
                open.extend(kept.flat_map(|local| body.locals[local as usize].uses.iter().copied()));
            }
            Next::Method(call) => {
                let Kind::Method { name, args, .. } = body.kind(call) else { continue };
                let means = lexicon.method(name);
                if means.any(&[Meaning::KeepsValue, Meaning::Collects, Meaning::Joins]) {
                    open.push(call);
                } else if means.has(Meaning::OnValue) {
                    let mut seen = false;
                    for &arg in args {
                        if let Kind::Closure { .. } = body.kind(arg) {
                            seen = true;
                            open.extend(
                                closure_locals(body, arg)
                                    .flat_map(|local| body.locals[local as usize].uses.iter().copied()),
                            );
                        }
                    }
                    found.escapes |= !seen;
                } else if !means.has(Meaning::AsksOutcome) {
                    found.reads.push(name.clone());
                }
            }
            Next::Field(field) => {
                if let Kind::Field { name, .. } = body.kind(field) {
                    found.reads.push(name.clone());
                }
            }
            // `join_all(calls).await`
            Next::Given(to) if joins(lexicon, body, to) => open.push(to),
            Next::Given(to) => found.escapes |= !is_log(lexicon, body, to),
            // `chunks.map(|chunk| call(chunk))`: a list of the same.
            Next::Yielded(closure) if is_mapped(lexicon, body, closure) => open.push(body.expr(closure).parent),
            Next::Other(at) => {
                found.escapes |= !matches!(body.kind(at), Kind::Binary(..) | Kind::Divide(..) | Kind::Not(_))
            }
            Next::Returned | Next::Yielded(_) => found.escapes = true,
        }
    }
    found.reads.sort();
    found.reads.dedup();
    found
}

/// Whether an expression waits for all futures of a list.
fn joins(lexicon: &Lexicon, body: &Body, id: ExprId) -> bool {
    let Kind::Call { callee, .. } = body.kind(id) else { return false };
    matches!(body.kind(*callee), Kind::Path { path, .. }
        if path.last().is_some_and(|name| lexicon.method(name).has(Meaning::Joins)))
}

/// Whether a closure makes the elements of a list.
fn is_mapped(lexicon: &Lexicon, body: &Body, closure: ExprId) -> bool {
    matches!(body.parent_kind(closure), Some(Kind::Method { receiver, name, args, .. })
        if args.contains(&closure) && *receiver != closure && lexicon.method(name).has(Meaning::GivesMapped))
}

/// The parameters of a closure.
pub(crate) fn closure_locals(body: &Body, closure: ExprId) -> impl Iterator<Item = LocalId> + '_ {
    body.bound(closure).filter(|&id| matches!(body.locals[id as usize].source, Source::Closure { .. }))
}

/// Whether an expression is a log line or formatted text.
pub(crate) fn is_log(lexicon: &Lexicon, body: &Body, id: ExprId) -> bool {
    let text = [Meaning::LogLine, Meaning::FormatsText, Meaning::WritesText];
    matches!(body.kind(id), Kind::Macro { path, .. } if lexicon.macro_of(path).any(&text))
}
