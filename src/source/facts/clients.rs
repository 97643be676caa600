//! Constructions of clients, pools and configurations.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Role};
use crate::model::Verdict;
use crate::model::source::{ClientBuild, ClientKind, Facts, Phase};
use crate::source::flow::chain::chain;
use crate::source::flow::outlives;
use crate::source::flow::view::Here;
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Maps filled from maps that are looked into.
const MAX_FILLED: u32 = 3;
/// Functions on the way to a construction that may keep it.
const MAX_CALLERS: usize = 4;

/// The construction an expression is, if it is one, and its canonical path.
pub(crate) fn construction(context: &Context<'_>, id: ExprId) -> Option<(ClientKind, String)> {
    let path = match context.body.kind(id) {
        Kind::Call { callee, .. } => context.outside(*callee)?,
        // A constructor handed over by name: `CELL.get_or_init(Client::new)`.
        Kind::Path { .. } if !is_callee(context, id) => context.outside(id)?,
        Kind::Method { receiver, name, .. } if context.index.lexicon.knows_name(name) => {
            format!("{}::{name}", context.receiver(*receiver, name).path()?)
        }
        _ => return None,
    };
    let means = context.index.lexicon.of(&path);
    let kinds = [
        (Meaning::SdkConfig, ClientKind::SdkConfig),
        (Meaning::SdkClient, ClientKind::SdkClient),
        (Meaning::HttpClient, ClientKind::HttpClient),
        (Meaning::Connection, ClientKind::Connection),
    ];
    let (_, kind) = kinds.into_iter().find(|(meaning, _)| means.has(*meaning))?;
    // The builder that a method hands on was made before.
    let made = !matches!(context.body.kind(id), Kind::Method { .. }) || kind == ClientKind::Connection;
    made.then_some((kind, path))
}

fn is_callee(context: &Context<'_>, id: ExprId) -> bool {
    let parent = context.body.expr(id).parent;
    let kind = context.body.exprs.get(parent as usize).map(|expr| &expr.kind);
    matches!(kind, Some(Kind::Call { callee, .. }) if *callee == id)
}

/// Constructions of a region.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::ANY, nodes: Nodes::CALLS.or(Nodes::PATH), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Some((kind, path)) = construction(&context, here.id) else {
        return;
    };
    let args: &[ExprId] = match context.body.kind(here.id) {
        Kind::Call { args, .. } | Kind::Method { args, .. } => args,
        _ => &[],
    };
    // What the builder is given counts as well: `.endpoint_url(from the event)`.
    let mut from_event = Verdict::No;
    let given = chain(&context, here.id);
    let lexicon = context.index.lexicon;
    let headers = |name: &str| lexicon.method(name).has(Meaning::CarriesHeaders);
    let configures = |name: &str| lexicon.says(name, Role::DecidesClient) || headers(name);
    let carried = given.iter().filter(|(name, ..)| headers(name)).flat_map(|(_, args, _)| args.iter());
    let carries = carried.copied().any(|arg| is_answered(here.on(arg), MAX_FILLED));
    for &arg in
        args.iter().chain(given.iter().filter(|(name, ..)| configures(name)).flat_map(|(_, args, _)| args.iter()))
    {
        from_event = from_event.max(here.is_from_event(arg));
    }
    if context.index.lexicon.means(&path, Meaning::Request) {
        from_event = Verdict::No;
    }
    let config = match args.first() {
        _ if kind != ClientKind::SdkClient => None,
        None => Some(here.span()),
        Some(&config) => {
            let (region, id) = here.tracer().origin(here.of(config));
            let made = Here { region, id, ..here };
            (made.phase() == Phase::Invoke).then(|| made.span())
        }
    };
    let range = context.body.expr(here.id).span;
    let mut site = here.site(range);
    // Looked up, and kept under its key where it was missing: once for each key.
    if site.phase == Phase::Invoke
        && (is_asked_for(here) && outlives::is_kept(here.on(built(&context, here.id))) || is_kept_by_caller(here))
    {
        site.phase = Phase::Once;
    }
    into.push(ClientBuild { kind, path, site, from_event, carries, config });
}

/// Whether a value, or what a map of headers is filled with, was answered by something outside.
fn is_answered(here: Here<'_>, depth: u32) -> bool {
    let (tracer, remote) = (here.tracer(), &here.view.remote);
    let found = tracer.ingredient(here.at(), |(region, id)| {
        let body = tracer.context(region).body;
        let inner = Here { region, id, ..here };
        let answered = remote.of((region, id)).is_some()
            || match body.kind(id) {
                Kind::Await(_) => true,
                Kind::Local(local) if depth > 0 => body.locals[*local as usize].uses.iter().any(|&used| {
                    matches!(body.parent_kind(used), Some(Kind::Method { receiver, name, args, .. })
                        if *receiver == used
                            && here.context().index.lexicon.method(name).has(Meaning::Fills)
                            && args.last().is_some_and(|&arg| is_answered(inner.on(arg), depth - 1)))
                }),
                _ => false,
            };
        answered.then_some(())
    });
    found.is_some()
}

/// The end of the chain that builds something: `Client::builder().timeout(t).build()?`.
pub(crate) fn built(context: &Context<'_>, id: ExprId) -> ExprId {
    let body = context.body;
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            Kind::Method { receiver, .. } if *receiver == at => {}
            Kind::Try(_) | Kind::Await(_) | Kind::Wrap(_) => {}
            _ => break,
        }
        at = ancestor;
    }
    at
}

/// Whether the function, or the one that calls it, asks what is there already.
fn is_asked_for(here: Here<'_>) -> bool {
    here.tracer().way_up(here.at()).take(2).any(|(region, _)| looks_up(&here.tracer().context(region)))
}

/// Whether a function on the way there asks a static first, and keeps what the call that leads there answers:
/// `if let Some(db) = DB.get() { … } else { let db = connect().await?; DB.set(db) }`.
fn is_kept_by_caller(here: Here<'_>) -> bool {
    here.tracer().way_up(here.at()).skip(1).take(MAX_CALLERS).any(|(region, id)| {
        let context = here.tracer().context(region);
        let parent = context.body.expr(id).parent;
        let call = if is_callee(&context, id) { parent } else { id };
        let asks = context.body.exprs.iter().any(|expr| {
            matches!(&expr.kind, Kind::Method { receiver, name, .. }
                if context.index.lexicon.method(name).has(Meaning::LooksUp)
                    && matches!(context.body.kind(context.body.peeled(*receiver)), Kind::Path { path, .. }
                        if matches!(context.resolve(path), Res::Static(_))))
        });
        asks && outlives::is_kept(Here { region, id: built(&context, call), ..here })
    })
}

/// Whether a function asks what is there already.
fn looks_up(context: &Context<'_>) -> bool {
    context.body.exprs.iter().any(|expr| match &expr.kind {
        Kind::Method { name, .. } => {
            context.index.lexicon.method(name).any(&[Meaning::LooksUp, Meaning::ChecksPresence, Meaning::Remembers])
        }
        _ => false,
    })
}
