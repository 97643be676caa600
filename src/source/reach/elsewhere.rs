//! Branches that run on a developer's machine only: where a variable that the platform sets is not there.

use crate::knowledge::{Meaning, Role};
use crate::source::flow::branch::begins;
use crate::source::parse::ir::{ExprId, Kind, Lit, Source};
use crate::source::types::infer::Context;

/// Functions that answer for others which are looked into.
const MAX_CALLS: u32 = 3;

/// The branch of a condition that a deployed program never takes.
pub(crate) fn branch(context: &Context<'_>, id: ExprId) -> Option<ExprId> {
    let Kind::If { condition, then, other } = context.body.kind(id) else { return None };
    if on_platform(context, *condition, MAX_CALLS)? { *other } else { Some(*then) }
}

/// What a condition comes to on the platform, if it asks for nothing but a variable of it.
fn on_platform(context: &Context<'_>, id: ExprId, calls: u32) -> Option<bool> {
    let body = context.body;
    match body.kind(body.peeled(id)) {
        Kind::Not(inner) => on_platform(context, *inner, calls).map(|on| !on),
        Kind::Method { receiver, name, .. } if reads_variable(context, *receiver) => match name.as_str() {
            "is_ok" | "is_some" => Some(true),
            "is_err" | "is_none" => Some(false),
            _ => None,
        },
        Kind::LetCondition { init, heads } if reads_variable(context, *init) => {
            let there = begins(heads, "Ok") || begins(heads, "Some");
            let absent = begins(heads, "Err") || begins(heads, "None");
            (there != absent).then_some(there)
        }
        Kind::Call { callee, args } if args.is_empty() && calls > 0 => {
            let asked = context.workspace_fn(*callee)?;
            let inner = Context::of_fn(context.index, asked);
            let answer = match inner.body.exprs.first().map(|root| &root.kind)? {
                Kind::Block { statements, tail: Some(tail) } if statements.is_empty() => *tail,
                _ => return None,
            };
            on_platform(&inner, answer, calls - 1)
        }
        Kind::Local(local) => match &body.locals[*local as usize].source {
            Source::Init { init, projection } if projection.is_empty() && calls > 0 => {
                on_platform(context, *init, calls - 1)
            }
            _ => None,
        },
        _ => None,
    }
}

/// `env::var("AWS_LAMBDA_FUNCTION_NAME")`.
fn reads_variable(context: &Context<'_>, id: ExprId) -> bool {
    let body = context.body;
    let Kind::Call { callee, args } = body.kind(body.peeled(id)) else { return false };
    let reads = context.outside(*callee).is_some_and(|path| context.index.lexicon.means(&path, Meaning::ReadsEnv));
    let key = args.first().map(|&arg| body.kind(body.peeled(arg)));
    reads && matches!(key, Some(Kind::Lit(Lit::Str(key))) if context.index.lexicon.says(key, Role::OnPlatform))
}
