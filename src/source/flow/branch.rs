//! Branches: what their patterns ask for, whether they leave, whether something failed on the way there.

use crate::source::parse::ir::{Body, ExprId, Heads, Kind};

/// Whether a pattern begins with a word: `Err(_)` with `Err`, `_` with `_`.
pub(crate) fn begins(heads: &Heads, word: &str) -> bool {
    heads.iter().any(|head| head.first().is_some_and(|first| first == word))
}

/// Whether a branch leaves the loop or function.
pub(crate) fn leaves(body: &Body, branch: ExprId) -> bool {
    body.subtree(branch).any(|id| matches!(body.kind(id), Kind::Break(_) | Kind::Return(_) | Kind::Try(_)))
}

/// Whether a place runs only when something failed.
pub(crate) fn in_error_branch(body: &Body, id: ExprId) -> bool {
    in_error_branch_of(body, id, None)
}

/// The same, of what happens inside an expression around it.
pub(crate) fn in_error_branch_of(body: &Body, id: ExprId, outer: Option<ExprId>) -> bool {
    let mut at = id;
    body.ancestors(id).take_while(|&ancestor| Some(ancestor) != outer).any(|ancestor| {
        let error = match body.kind(ancestor) {
            Kind::Match { arms, .. } => arms.iter().any(|arm| arm.body == at && begins(&arm.heads, "Err")),
            Kind::If { condition, then, .. } => {
                *then == at && matches!(body.kind(*condition), Kind::LetCondition { heads, .. } if begins(heads, "Err"))
            }
            _ => false,
        };
        at = ancestor;
        error
    })
}

/// Whether a run of the code below `root` may leave a place out: it stands in a branch, or behind one that ends the
/// function well. What only tells a success from a failure does not count, nor does a way out with an error.
pub(crate) fn may_be_passed(body: &Body, id: ExprId, root: ExprId) -> bool {
    let mut at = id;
    for outer in body.ancestors(id) {
        let passed = match body.kind(outer) {
            Kind::If { condition, then, .. } => *condition != at && !(*then == at && asks_success(body, *condition)),
            Kind::Match { scrutinee, arms } => {
                *scrutinee != at && !arms.iter().any(|arm| arm.body == at && is_success(&arm.heads))
            }
            Kind::Block { statements, .. } => {
                statements.iter().take_while(|&&statement| statement < at).any(|&statement| ends_well(body, statement))
            }
            _ => false,
        };
        if passed {
            return true;
        }
        if outer == root {
            break;
        }
        at = outer;
    }
    false
}

fn is_success(heads: &Heads) -> bool {
    begins(heads, "Ok") || begins(heads, "Some")
}

fn asks_success(body: &Body, condition: ExprId) -> bool {
    matches!(body.kind(condition), Kind::LetCondition { heads, .. } if begins(heads, "Ok"))
}

/// Whether a statement is a condition whose branch returns something that is no error.
fn ends_well(body: &Body, statement: ExprId) -> bool {
    let Kind::If { then, .. } = body.kind(body.peeled(statement)) else { return false };
    let mut at = *then;
    while let Kind::Block { statements, tail } = body.kind(at) {
        let Some(&last) = tail.as_ref().or(statements.last()) else { return false };
        at = body.peeled(last);
    }
    match body.kind(at) {
        Kind::Return(Some(value)) => !body.calls(body.peeled(*value), "Err"),
        Kind::Return(None) => true,
        _ => false,
    }
}
