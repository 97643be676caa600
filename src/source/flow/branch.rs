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
