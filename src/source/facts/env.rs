//! Environment variables a binary reads, whether it fails without them, and those it sets itself.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{EnvRead, EnvSet, Facts, Operand};
use crate::source::flow::branch::begins;
use crate::source::flow::settings;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Source};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;
use crate::source::types::infer::Context;

/// Reads of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    if let Some((owner, style)) = settings::deserialised(&context, here.id) {
        let span = context.body.expr(here.id).span;
        for (key, required) in settings::keys(context.index, owner, &style) {
            into.push(EnvRead { key, site: here.site(span), required });
        }
        return;
    }
    let Kind::Call { callee, args } = context.body.kind(here.id) else {
        return;
    };
    let (Some(path), Some(&key)) = (context.outside(*callee), args.first()) else {
        return;
    };
    if context.index.lexicon.means(&path, Meaning::SetsEnv) {
        let key = match here.tracer().operand(here.of(key)).0 {
            Operand::Literal(key) => Some(key),
            _ => None,
        };
        into.push(EnvSet { key, site: here.site(context.body.expr(here.id).span) });
        return;
    }
    if !context.index.lexicon.means(&path, Meaning::ReadsEnv) {
        return;
    }
    let required = is_required(&context, here.id);
    if let (Operand::Literal(key), _) = here.tracer().operand(here.of(key)) {
        let span = context.body.expr(here.id).span;
        into.push(EnvRead { key, site: here.site(span), required });
    }
    // A helper such as `must_env("KEY")`: the key is what each caller passes.
    let Kind::Local(local) = context.body.kind(context.body.peeled(key)) else {
        return;
    };
    let Source::Param(index) = context.body.locals[*local as usize].source else {
        return;
    };
    let Code::Fn(helper) = here.code() else {
        return;
    };
    let helper_phase = here.phase();
    for &(caller, call) in here.tracer().callers(helper) {
        if here.tracer().reach.regions[caller].phase != helper_phase {
            continue;
        }
        let outer = here.tracer().context(caller);
        let (Kind::Call { args, .. } | Kind::Method { args, .. }) = outer.body.kind(call) else {
            continue;
        };
        let Some(&arg) = args.get(index) else {
            continue;
        };
        if let (Operand::Literal(key), _) = here.tracer().operand((caller, arg)) {
            let known = into.of::<EnvRead>().iter().any(|read| read.key == key && read.required == required);
            if !known {
                let span = outer.body.expr(call).span;
                into.push(EnvRead { key, site: here.tracer().reach.site(caller, call, span), required });
            }
        }
    }
}

/// Follows the result outwards: unwrapped or propagated means the program needs it.
fn is_required(context: &Context<'_>, id: ExprId) -> bool {
    is_required_within(context, id, 2)
}

fn is_required_within(context: &Context<'_>, id: ExprId, steps: u32) -> bool {
    let body = context.body;
    let mut at = id;
    for _ in 0..16 {
        let parent = body.expr(at).parent;
        let Some(node) = body.exprs.get(parent as usize) else {
            return false;
        };
        match &node.kind {
            Kind::Try(_) => return true,
            Kind::Method { receiver, name, args, .. } if *receiver == at => {
                let means = context.index.lexicon.method(name);
                if means.has(Meaning::Unwraps) {
                    return true;
                }
                if !means.has(Meaning::FailsOn) {
                    return means.has(Meaning::FallsBack) && args.iter().any(|&arg| diverges(context, arg));
                }
            }
            Kind::Wrap(_) | Kind::Await(_) => {}
            // `let Ok(x) = … else { panic!() }`, `if let Ok(x) = … { … } else { panic!() }`, `match` with such an arm.
            Kind::Let { init, diverge: Some(branch), .. } if *init == at => return ends(context, *branch),
            Kind::LetCondition { heads, .. } => {
                let found = match body.exprs.get(node.parent as usize).map(|outer| &outer.kind) {
                    Some(Kind::If { then, other, .. }) if begins(heads, "Err") => Some((*then, *other)),
                    Some(Kind::If { other: Some(other), .. }) => Some((*other, None)),
                    _ => None,
                };
                return found.is_some_and(|(missing, _)| ends(context, missing));
            }
            Kind::Match { scrutinee, arms } if *scrutinee == at => {
                let mut failed =
                    arms.iter().filter(|arm| begins(&arm.heads, "Err") || begins(&arm.heads, "_")).peekable();
                return failed.peek().is_some() && failed.all(|arm| ends(context, arm.body));
            }
            Kind::Let { init, .. } if *init == at => {
                // `let x = env::var(…);` and a look at it in the next line.
                let mut bound = body.bound(at);
                return match (bound.next().map(|local| body.locals[local as usize].uses.as_slice()), bound.next()) {
                    (Some(&[only]), None) if steps > 0 => is_required_within(context, only, steps - 1),
                    _ => false,
                };
            }
            _ => return false,
        }
        at = parent;
    }
    false
}

/// Whether a fallback is no fallback: `|_| panic!(…)`, `|_| std::process::exit(1)`.
fn diverges(context: &Context<'_>, closure: ExprId) -> bool {
    match context.body.kind(closure) {
        Kind::Closure { body, .. } => ends(context, *body),
        _ => false,
    }
}

/// Whether a branch ends the program, or the function with an error.
fn ends(context: &Context<'_>, branch: ExprId) -> bool {
    let mut at = branch;
    let last = loop {
        match context.body.kind(at) {
            Kind::Block { statements, tail, .. } => match tail.or(statements.last().copied()) {
                Some(last) => at = context.body.peeled(last),
                None => break None,
            },
            _ => break Some(at),
        }
    };
    let Some(last) = last.map(|last| context.body.peeled(last)) else {
        return false;
    };
    match context.body.kind(last) {
        Kind::Macro { path, .. } => context.index.lexicon.macro_of(path).has(Meaning::Panics),
        Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::EndsProcess),
        Kind::Return(Some(value)) => context.body.calls(context.body.peeled(*value), "Err"),
        _ => false,
    }
}
