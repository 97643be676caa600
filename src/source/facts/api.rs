//! Calls of library functions that matter by themselves, and time limits.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{ApiCall, ApiClass, Facts, FileRemoval, FileWrite, Phase, TimeLimit, TimeLimitKind};
use crate::source::flow::scope::{millis, within_call};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Calls of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Some((path, args)) = called(&context, here.id) else { return };
    let phase = here.phase();
    if phase == Phase::Invoke
        && let Some(class) = classify(here, &path, args)
    {
        let range = context.body.expr(here.id).span;
        let site = here.site(range);
        let beside_others = stands_beside_others(&context, here.id);
        into.push(ApiCall { class, path: path.clone(), site, beside_others });
    }
    files(here, &path, args, into);
    if let Some(kind) = limit_kind(here, &path)
        && let Some(limit) = args.get(context.index.lexicon.detail(&path, |row| row.millis).unwrap_or(0))
        && let Some(millis) = millis(here.tracer(), here.of(*limit))
    {
        let range = context.body.expr(here.id).span;
        let start = context.body.expr(*limit).span.0.min(range.1);
        let site = here.site((start, range.1));
        into.push(TimeLimit { kind, millis, site });
    }
}

/// The canonical path of a call or of a method of a known type, with its arguments.
pub(crate) fn called<'c>(context: &Context<'c>, id: ExprId) -> Option<(String, &'c [ExprId])> {
    match context.body.kind(id) {
        Kind::Call { callee, args } => Some((context.outside(*callee)?, args)),
        Kind::Method { receiver, name, args, .. } => {
            let owner = context.receiver(*receiver, name);
            match owner.path() {
                Some(path) => Some((format!("{path}::{name}"), args)),
                // Builders of unknown type are known by the function they begin with.
                None => Some((format!("{}::{name}", root(context, *receiver)?), args)),
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
            _ => return None,
        }
    }
}

fn classify(here: Here<'_>, path: &str, args: &[ExprId]) -> Option<ApiClass> {
    let context = here.context();
    let means = context.index.lexicon.of(path);
    let plain = [
        (Meaning::EndsProcess, ApiClass::ProcessExit),
        (Meaning::InstallsLogging, ApiClass::SubscriberInit),
        (Meaning::TriesLogging, ApiClass::SubscriberTryInit),
    ];
    if let Some((_, class)) = plain.into_iter().find(|(meaning, _)| means.has(*meaning)) {
        return Some(class);
    }
    let blocks = [(Meaning::BlocksAndPanics, ApiClass::BlockingPanics), (Meaning::Blocks, ApiClass::Blocking)];
    if let Some((_, class)) = blocks.into_iter().find(|(meaning, _)| means.has(*meaning)) {
        let (tracer, at) = (here.tracer(), here.at());
        return (tracer.is_async(at) && !tracer.is_offloaded(at)).then_some(class);
    }
    if means.has(Meaning::Parses) && args.iter().any(|&arg| includes_file(&context, arg)) {
        return Some(ApiClass::Expensive);
    }
    (means.has(Meaning::Costly) && args.iter().all(|&arg| is_constant(&context, arg))).then_some(ApiClass::Expensive)
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

fn files(here: Here<'_>, path: &str, args: &[ExprId], into: &mut Facts) {
    let context = here.context();
    let lexicon = context.index.lexicon;
    let means = lexicon.of(path);
    if means.has(Meaning::RemovesFile) {
        into.push(FileRemoval { site: here.site(here.range()) });
    }
    let opened = means.has(Meaning::OpensFile) && opens_to_write(&context, here.id);
    if !means.has(Meaning::WritesFile) && !opened {
        return;
    }
    let Some(&target) = args.get(lexicon.detail(path, |row| row.target).unwrap_or(0)) else { return };
    let range = context.body.expr(here.id).span;
    into.push(FileWrite {
        path: here.tracer().operand(here.of(target)).0,
        unique: here.is_from_event(target),
        site: here.site(range),
    });
}

fn opens_to_write(context: &Context<'_>, id: ExprId) -> bool {
    let mut at = id;
    while let Kind::Method { receiver, name, .. } = context.body.kind(at) {
        if context.index.lexicon.method(name).has(Meaning::AllowsWriting) {
            return true;
        }
        at = context.body.peeled(*receiver);
    }
    false
}

fn limit_kind(here: Here<'_>, path: &str) -> Option<TimeLimitKind> {
    let lexicon = here.context().index.lexicon;
    if lexicon.means(path, Meaning::BoundsTime) {
        return Some(TimeLimitKind::Future);
    }
    let Kind::Method { name, .. } = here.kind() else { return None };
    let means = lexicon.method(name);
    let kinds = [
        (Meaning::BoundsSdkOperation, TimeLimitKind::SdkOperation),
        (Meaning::BoundsSdkAttempt, TimeLimitKind::SdkAttempt),
        (Meaning::BoundsRequest, TimeLimitKind::Request),
    ];
    kinds.into_iter().find(|(meaning, _)| means.has(*meaning)).map(|(_, kind)| kind)
}
