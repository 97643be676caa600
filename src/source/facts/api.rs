//! Calls of library functions that matter by themselves.

use super::clients::built;
use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Meanings};
use crate::model::source::{ApiCall, ApiClass, Facts};
use crate::source::flow::scope::within_call;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Source};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Calls of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let Some((called, args)) = here.called() else { return };
    if let Some(class) = classify(here, called.means, args) {
        let site = here.site(here.range());
        let beside_others = stands_beside_others(&here.context(), here.id);
        into.push(ApiCall { class, path: called.path.to_string(), site, beside_others });
    }
}

fn classify(here: Here<'_>, means: Meanings, args: &[ExprId]) -> Option<ApiClass> {
    let context = here.context();
    let plain = [
        (Meaning::EndsProcess, ApiClass::ProcessExit),
        (Meaning::InstallsLogging, ApiClass::SubscriberInit),
        (Meaning::TriesLogging, ApiClass::SubscriberTryInit),
    ];
    if let Some((_, class)) = plain.into_iter().find(|(meaning, _)| means.has(*meaning)) {
        // What runs under a condition may run on the first invocation only.
        let installs = class != ApiClass::ProcessExit;
        return Some(class).filter(|_| !installs || !here.tracer().is_conditional(here.at()));
    }
    let blocks = [
        (Meaning::BlocksAndPanics, ApiClass::BlockingPanics),
        (Meaning::PanicsInDebugBuilds, ApiClass::PanicsInDebugBuilds),
        (Meaning::Blocks, ApiClass::Blocking),
    ];
    if let Some((_, class)) = blocks.into_iter().find(|(meaning, _)| means.has(*meaning)) {
        let (tracer, at) = (here.tracer(), here.at());
        return (tracer.is_async(at) && !tracer.is_offloaded(at)).then_some(class);
    }
    if means.has(Meaning::Parses) && args.iter().any(|&arg| includes_file(&context, arg)) {
        return Some(ApiClass::Expensive);
    }
    let same = args.iter().all(|&arg| is_constant(&context, arg)) && !is_given_more(&context, here.id);
    (means.has(Meaning::Costly) && same).then_some(ApiClass::Expensive)
}

/// Whether what was built is given something afterwards that the caller hands in: `env.add_template("page", text)`.
fn is_given_more(context: &Context<'_>, id: ExprId) -> bool {
    let body = context.body;
    let handed_in = |arg: ExprId| {
        body.subtree(arg).any(|inner| {
            matches!(body.kind(inner), Kind::Local(local)
                if matches!(body.locals[*local as usize].source, Source::Param(_) | Source::Receiver))
        })
    };
    let fills = |name: &str, args: &[ExprId]| {
        context.index.lexicon.method(name).has(Meaning::Fills) && args.iter().any(|&arg| handed_in(arg))
    };
    body.bound(built(context, id)).any(|local| {
        body.locals[local as usize].uses.iter().any(|&used| {
            matches!(body.parent_kind(used), Some(Kind::Method { receiver, name, args, .. })
                if *receiver == used && fills(name, args))
        })
    })
}

/// `include_str!(…)`: parsing it gives the same value every time.
fn includes_file(context: &Context<'_>, arg: ExprId) -> bool {
    matches!(context.body.kind(context.body.peeled(arg)), Kind::Macro { path, .. }
        if context.index.lexicon.macro_of(path).has(Meaning::Includes))
}

/// Whether an argument is made of literals and constants only.
fn is_constant(context: &Context<'_>, id: ExprId) -> bool {
    context.body.subtree(id).all(|inner| match context.body.kind(inner) {
        Kind::Lit(_) | Kind::Wrap(_) | Kind::Array(_) | Kind::Path { .. } => true,
        Kind::Macro { path, .. } => context.index.lexicon.macro_of(path).any(&[Meaning::Includes, Meaning::Constant]),
        Kind::Method { name, .. } => context.index.lexicon.method(name).has(Meaning::Views),
        _ => false,
    })
}

/// Whether other futures of the invocation share the thread: in a spawned task, in `join!` and the like.
fn stands_beside_others(context: &Context<'_>, id: ExprId) -> bool {
    within_call(context, id, &[Meaning::Spawn, Meaning::Joins])
        || context.body.ancestors(id).any(|ancestor| match context.body.kind(ancestor) {
            Kind::Macro { path, .. } => context.index.lexicon.macro_of(path).has(Meaning::RunsTogether),
            _ => false,
        })
}
