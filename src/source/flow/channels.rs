//! Tasks that own one end of a channel, pipe or connection: something outside waits for them.

use super::remote::captured;
use crate::knowledge::{Meaning, Role};
use crate::source::parse::ir::{ExprId, Kind, Projection, Source};
use crate::source::types::infer::Context;

/// Whether a subtree uses an end of a channel, pipe or connection that was made together with another end.
pub(crate) fn sends(context: &Context<'_>, root: ExprId) -> bool {
    let body = context.body;
    let is_sender = |local: u32| {
        let ty = context.type_of_local(local);
        ty.path().is_some_and(|path| context.index.lexicon.means(path, Meaning::Sender))
    };
    captured(body, root).into_iter().any(|local| {
        is_sender(local)
            || match &body.locals[local as usize].source {
                Source::Init { init, projection } => {
                    let made = body.peeled(*init);
                    let name = match body.kind(made) {
                        Kind::Call { callee, .. } => match body.kind(*callee) {
                            Kind::Path { path, .. } => path.last().cloned().unwrap_or_default(),
                            _ => String::new(),
                        },
                        Kind::Method { name, .. } => name.clone(),
                        _ => return clones_sender(context, *init),
                    };
                    let pair = projection.first().is_some_and(|step| matches!(step, Projection::Index(_)));
                    pair && context.index.lexicon.says(&name, Role::MakesEnds) || clones_sender(context, *init)
                }
                _ => false,
            }
    })
}

/// `let tx = tx.clone()`.
fn clones_sender(context: &Context<'_>, init: ExprId) -> bool {
    let Kind::Method { receiver, name, .. } = context.body.kind(context.body.peeled(init)) else { return false };
    name == "clone"
        && matches!(context.body.kind(context.body.peeled(*receiver)), Kind::Local(_))
        && sends(context, *receiver)
}
