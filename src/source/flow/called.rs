//! What a call calls: the canonical path of a function, or of a method through the type it belongs to.

use crate::knowledge::Meanings;
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::types::infer::Context;
use std::rc::Rc;

/// A call whose path is known.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    /// The canonical path.
    pub(crate) path: Rc<str>,
    /// What it means.
    pub(crate) means: Meanings,
}

impl Called {
    /// Of an expression.
    pub(crate) fn of(context: &Context<'_>, id: ExprId) -> Option<Self> {
        if let Kind::Call { callee, .. } = context.body.kind(id) {
            let path = context.outside(*callee)?.into();
            return Some(Self { path, means: context.meaning(*callee) });
        }
        let path = method(context, id)?;
        Some(Self { means: context.index.lexicon.of(&path), path: path.into() })
    }
}

fn method(context: &Context<'_>, id: ExprId) -> Option<String> {
    match context.body.kind(id) {
        Kind::Method { receiver, name, .. } => {
            let owner = context.receiver(*receiver, name);
            match owner.path() {
                Some(path) => Some(format!("{path}::{name}")),
                // Builders of unknown type are known by the function they begin with.
                None => Some(format!("{}::{name}", root(context, *receiver)?)),
            }
        }
        _ => None,
    }
}

/// The function a chain of methods begins with.
fn root(context: &Context<'_>, id: ExprId) -> Option<String> {
    let mut at = context.body.peeled(id);
    loop {
        match context.body.kind(at) {
            Kind::Method { receiver, .. } => at = context.body.peeled(*receiver),
            Kind::Call { callee, .. } => return context.outside(*callee),
            // `sqlx::query!(…)`.
            Kind::Macro { path, .. } => {
                let Res::Outside(path) = context.resolve(path) else { return Some(path.join("::")) };
                return Some(path.join("::"));
            }
            _ => return None,
        }
    }
}
