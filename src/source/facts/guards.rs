//! Synchronous lock guards that are alive across an `.await`.

use super::collector::{Collector, Phases};
use crate::knowledge::{Lexicon, Meaning};
use crate::model::source::{Facts, HeldGuard, Phase};
use crate::source::flow::fate::bound;
use crate::source::flow::view::Here;
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{Body, ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Guards of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::METHOD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let Kind::Method { receiver, name, .. } = body.kind(here.id) else { return };
    if !context.index.lexicon.method(name).has(Meaning::Locks) || body.is_awaited(here.id) {
        return;
    }
    let Some(lock) = shared_lock(here, *receiver) else { return };
    let guard = through_unwrap(context.index.lexicon, body, here.id);
    let parent = body.expr(guard).parent;
    let awaited = match body.parent_kind(guard) {
        Some(Kind::Let { init, .. }) if *init == guard => after_let(&context, parent, guard),
        // The guard of a scrutinee lives until the end of the `if let` or `match`.
        _ => in_scrutinee(body, here.id),
    };
    let Some(awaited) = awaited else { return };
    let range = body.expr(guard).span;
    into.push(HeldGuard { name: lock, awaited: here.on(awaited).span(), site: here.site(range) });
}

/// The name of the lock, if it is a synchronous one that outlives the invocation.
fn shared_lock(here: Here<'_>, receiver: ExprId) -> Option<String> {
    let context = here.context();
    let body = context.body;
    let sync = |path: &str| context.index.lexicon.means(path, Meaning::SyncLock);
    match body.kind(body.peeled(receiver)) {
        Kind::Path { path, .. } => {
            let Res::Static(id) = context.resolve(path) else { return None };
            let item = context.index.static_item(id);
            let inner = Context { def: context.index.static_def(id), function: None, ..context };
            let mut open = vec![inner.lower(&item.ty)];
            while let Some(ty) = open.pop() {
                if ty.path().is_some_and(sync) {
                    return Some(item.name.clone());
                }
                open.extend(ty.args);
            }
            None
        }
        holder @ (Kind::Local(_) | Kind::Field { .. }) => {
            let (made_in, made) = here.tracer().origin(here.of(receiver));
            if here.tracer().reach.regions[made_in].phase == Phase::Invoke {
                return None;
            }
            let maker = here.tracer().context(made_in);
            let Kind::Call { callee, .. } = maker.body.kind(made) else { return None };
            let name = match holder {
                Kind::Local(local) => body.locals[*local as usize].name.clone(),
                Kind::Field { name, .. } => name.clone(),
                _ => return None,
            };
            maker.outside(*callee).filter(|path| sync(path)).map(|_| name)
        }
        _ => None,
    }
}

/// `.lock().unwrap()` is still the guard; any other method takes something out of it.
fn through_unwrap(lexicon: &Lexicon, body: &Body, id: ExprId) -> ExprId {
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            Kind::Method { receiver, name, .. } if *receiver == at && lexicon.method(name).has(Meaning::KeepsGuard) => {
            }
            Kind::Try(_) => {}
            _ => break,
        }
        at = ancestor;
    }
    at
}

/// The first `.await` after a `let`, in the same block, before the guard is dropped.
fn after_let(context: &Context<'_>, binding: ExprId, guard: ExprId) -> Option<ExprId> {
    let body = context.body;
    let local = bound(body, guard).next()?;
    let block = body.expr(binding).parent;
    let end = body.exprs.get(block as usize)?.end;
    let mut uses = body.locals[local as usize].uses.iter().copied();
    let dropped = uses.find(|&used| body.calls(body.expr(used).parent, "drop"));
    (body.expr(binding).end..dropped.unwrap_or(end).min(end)).find(|&id| awaits_here(body, block, id))
}

/// An `.await` of this function, not of a future or closure that is only made here.
fn awaits_here(body: &Body, root: ExprId, id: ExprId) -> bool {
    matches!(body.kind(id), Kind::Await(_))
        && !body
            .ancestors(id)
            .take_while(|&ancestor| ancestor != root)
            .any(|ancestor| matches!(body.kind(ancestor), Kind::Async(_) | Kind::Closure { .. }))
}

fn in_scrutinee(body: &Body, id: ExprId) -> Option<ExprId> {
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            Kind::Match { scrutinee, .. } if *scrutinee == at => {
                return (body.expr(at).end..body.expr(ancestor).end).find(|&id| awaits_here(body, ancestor, id));
            }
            Kind::If { condition, then, .. }
                if *condition == at && matches!(body.kind(at), Kind::LetCondition { .. }) =>
            {
                return (*then..body.expr(*then).end).find(|&id| awaits_here(body, ancestor, id));
            }
            Kind::Block { .. } | Kind::Let { .. } | Kind::Discard(_) | Kind::Closure { .. } => return None,
            _ => {}
        }
        at = ancestor;
    }
    None
}
