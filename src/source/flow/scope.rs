//! Where code stands: once for each element, beside other futures, off the async threads.

use super::called::Called;
use super::trace::{At, Tracer};
use crate::knowledge::{Lexicon, Meaning, Role};
use crate::source::parse::ir::{Body, ExprId, Kind, Lit, LoopKind};
use crate::source::reach::regions::Code;
use crate::source::types::infer::Context;

/// Calls on the way from the handler that are looked at.
const MAX_CALLS: usize = 24;

/// A loop that runs at most so often does not call for a batch.
const FEW: usize = 3;

/// The innermost loop or adapter over a collection around an expression: what is iterated.
pub(crate) fn element_of(lexicon: &Lexicon, body: &Body, root: ExprId, id: ExprId) -> Option<ExprId> {
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            Kind::Loop { kind: LoopKind::For, head: Some(head), body: inner }
                if *inner == at && !is_few(body, *head) && uses_items(body, *head) =>
            {
                return Some(*head);
            }
            Kind::Method { receiver, name, args, .. }
                if args.contains(&at)
                    && matches!(body.kind(at), Kind::Closure { .. })
                    && is_per_element(lexicon, body, *receiver, name)
                    && !is_few(body, *receiver) =>
            {
                return Some(*receiver);
            }
            _ => {}
        }
        if ancestor == root {
            break;
        }
        at = ancestor;
    }
    None
}

/// `option.map(…)` and `result.and_then(…)` look like adapters; an iterator or stream is behind the real ones.
fn is_per_element(lexicon: &Lexicon, body: &Body, receiver: ExprId, name: &str) -> bool {
    let means = lexicon.method(name);
    if !means.has(Meaning::PerElement) || means.has(Meaning::OnlyPerElement) {
        return means.has(Meaning::PerElement);
    }
    let mut at = receiver;
    loop {
        at = match body.kind(at) {
            Kind::Method { receiver, name, .. } => {
                if lexicon.method(name).has(Meaning::Iterates) {
                    return true;
                }
                *receiver
            }
            Kind::Call { callee, .. } => {
                return matches!(body.kind(*callee), Kind::Path { path, .. }
                    if path.iter().any(|name| lexicon.says(name, Role::MakesStream)));
            }
            Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) => *inner,
            Kind::Range { bounds, .. } => return bounds.len() == 2,
            _ => return false,
        };
    }
}

/// Whether a loop does something with what it goes over: `for _ in 0..attempts` does not.
fn uses_items(body: &Body, head: ExprId) -> bool {
    body.bound(head).any(|local| !body.locals[local as usize].uses.is_empty())
}

/// A literal list of a few elements, or a literal range.
fn is_few(body: &Body, id: ExprId) -> bool {
    let mut at = body.peeled(id);
    while let Kind::Method { receiver, .. } = body.kind(at) {
        at = body.peeled(*receiver);
    }
    match body.kind(at) {
        Kind::Array(items) | Kind::Macro { args: items, .. } => items.len() <= FEW,
        Kind::Range { bounds, .. } => match bounds.as_slice() {
            // A fixed number of attempts has nothing to do with the size of the data.
            [first, last] => {
                matches!((body.kind(*first), body.kind(*last)), (Kind::Lit(Lit::Int(_)), Kind::Lit(Lit::Int(_))))
            }
            _ => false,
        },
        _ => false,
    }
}

impl Tracer<'_> {
    /// What is iterated around a place, here or around the calls that lead to it, with the region it stands in.
    pub(crate) fn iterated(&self, at: At) -> Option<At> {
        self.way_up(at).take(MAX_CALLS).find_map(|(region, id)| {
            let here = &self.reach.regions[region];
            element_of(self.reach.index.lexicon, self.reach.body(here.code), here.root, id).map(|over| (region, over))
        })
    }

    /// Whether a place runs on a thread made for blocking work.
    pub(crate) fn is_offloaded(&self, (region, id): At) -> bool {
        let mut at = (region, id);
        for _ in 0..MAX_CALLS {
            let context = self.context(at.0);
            if within_call(&context, at.1, &[Meaning::Offload]) {
                return true;
            }
            let Some(via) = self.reach.regions[at.0].via else { return false };
            at = via;
        }
        false
    }

    /// Whether a place runs on an async thread: in an `async` function or block, here or in a caller.
    pub(crate) fn is_async(&self, at: At) -> bool {
        self.way_up(at).take(MAX_CALLS).any(|(region, id)| {
            let here = &self.reach.regions[region];
            let body = self.reach.body(here.code);
            let declared = matches!(here.code, Code::Fn(id) if self.reach.index.function(id).is_async);
            // The runtime polls the handler, whatever it is written as.
            here.handler || declared || body.ancestors(id).any(|outer| matches!(body.kind(outer), Kind::Async(_)))
        })
    }

    /// Whether a place runs only under a condition, on the way there from the handler.
    pub(crate) fn is_conditional(&self, at: At) -> bool {
        self.way_up(at).take(MAX_CALLS).any(|(region, id)| {
            let here = &self.reach.regions[region];
            is_in_branch(self.reach.body(here.code), id, here.root, true)
        })
    }

    /// Whether a place runs for some elements only of what is iterated around it, in the function of the loop or below.
    pub(crate) fn is_conditional_within(&self, at: At, (outer, over): At) -> bool {
        for (region, id) in self.way_up(at).take(MAX_CALLS) {
            let here = &self.reach.regions[region];
            let body = self.reach.body(here.code);
            let root = if region == outer { body.expr(over).parent } else { here.root };
            if is_in_branch(body, id, root, false) {
                return true;
            }
            if region == outer {
                break;
            }
        }
        false
    }

    /// The literal a value is, through bindings and constants.
    pub(crate) fn constant(&self, at: At) -> Option<Lit> {
        let (region, id) = self.origin(at);
        match self.context(region).body.kind(id) {
            Kind::Lit(lit) => Some(lit.clone()),
            _ => None,
        }
    }
}

/// Whether an expression stands in a branch below another: in an arm, not in what decides. Taking a value out of
/// something (`if let Some(key) = item.key()`, `match`) may count or not.
fn is_in_branch(body: &Body, id: ExprId, root: ExprId, patterns: bool) -> bool {
    let mut at = id;
    for outer in body.ancestors(id) {
        if outer == root && outer != 0 {
            break;
        }
        match body.kind(outer) {
            Kind::If { condition, .. } if *condition != at => {
                if patterns || !matches!(body.kind(*condition), Kind::LetCondition { .. }) {
                    return true;
                }
                at = outer;
            }
            Kind::Match { scrutinee, .. } if patterns && *scrutinee != at => return true,
            _ => at = outer,
        }
    }
    false
}

/// Whether an expression lies in the arguments of a call that means one of some things.
pub(crate) fn within_call(context: &Context<'_>, id: ExprId, wanted: &[Meaning]) -> bool {
    context.body.ancestors(id).any(|ancestor| match context.body.kind(ancestor) {
        Kind::Call { args, .. } | Kind::Method { args, .. } => {
            args.iter().any(|&arg| context.body.subtree(arg).contains(&id))
                && Called::of(context, ancestor).is_some_and(|called| called.means.any(wanted))
        }
        _ => false,
    })
}

/// Milliseconds of `Duration::from_secs(5)` and its relatives, when literal.
pub(crate) fn millis(tracer: &Tracer<'_>, at: At) -> Option<i64> {
    let (region, id) = tracer.origin(at);
    let context = tracer.context(region);
    // `5.seconds()` of extension traits is not known here.
    let Kind::Call { callee, args } = context.body.kind(id) else { return None };
    let path = context.outside(*callee).filter(|path| context.index.lexicon.means(path, Meaning::Duration))?;
    let unit = context.index.lexicon.detail(&path, |row| row.micros)?;
    match tracer.constant((region, *args.first()?))? {
        Lit::Int(number) => i64::try_from(i128::from(number) * i128::from(unit) / 1000).ok(),
        _ => None,
    }
}
