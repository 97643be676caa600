//! Requests through HTTP client libraries, and what bounds them in time.

use super::clients::{built, construction};
use super::collector::{Collector, Phases};
use crate::finding::Confidence;
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{ClientKind, Facts, HttpCall, Limit, Operand, Phase};
use crate::source::flow::attempts::attempts;
use crate::source::flow::chain::chain;
use crate::source::flow::fate::{Next, next};
use crate::source::flow::requests::{Request, request};
use crate::source::flow::scope::{millis, within_call};
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;
use crate::text::Span;

/// Calls around a request that are looked at for a limit.
const MAX_CALLS: usize = 16;

/// Milliseconds for which an idle connection may be kept without growing stale.
const SHORT_IDLE: i64 = 15_000;

/// Requests of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let found = here.view.remote.is_direct(here.at()).then(|| request(&context, here.id)).flatten();
    let Some(Request { path, url, client }) = found else { return };
    let url = url.map_or(Operand::Unknown, |url| here.tracer().operand(here.of(url)).0);
    let range = match context.body.kind(here.id) {
        Kind::Method { receiver, name_span, .. } => (context.body.expr(*receiver).span.0, name_span.1),
        _ => context.body.expr(here.id).span,
    };
    let mut site = here.site(range);
    let lexicon = context.index.lexicon;
    let own = chain(&context, here.id).iter().any(|(name, ..)| lexicon.method(name).has(Meaning::BoundsRequest));
    let bounds_itself = lexicon.means(&path, Meaning::BoundsItself);
    let Built { bounded, client, limit, pooled } = if own || wrapped(here.tracer(), here.at()) {
        Built { bounded: Verdict::Yes, client: None, limit: None, pooled: false }
    } else {
        match client {
            None => Built { bounded: Verdict::No, client: None, limit: None, pooled: false },
            Some(client) => client_bound(here, client, &path, &mut site.confidence),
        }
    };
    let by_default = bounded == Verdict::No;
    let pooled = pooled.then_some(client).flatten();
    let (bounded, client) = if bounds_itself { (Verdict::Yes, None) } else { (bounded, client) };
    let repeats = lexicon.means(&path, Meaning::Repeats);
    let all_attempts = if limit.is_some() || repeats { attempts(here) } else { None };
    let retried = all_attempts.is_some() || runs_again(here.tracer(), here.at());
    let attempts = all_attempts.filter(|_| limit.is_some());
    let guarded = chain(&context, here.id).iter().any(|(_, args, _)| {
        args.first().is_some_and(|&arg| match here.tracer().constant(here.of(arg)) {
            Some(Lit::Str(name)) => lexicon.field(&name).has(Meaning::GuardsRepeats),
            _ => false,
        })
    });
    let pooled = pooled.filter(|_| repeats && !retried);
    into.push(HttpCall { path, url, site, bounded, by_default, guarded, client, limit, attempts, pooled });
}

/// Whether `tokio::time::timeout` or a similar guard is around an expression, around the future it is bound
/// to, or around a call that leads to it.
fn wrapped(tracer: &Tracer<'_>, at: At) -> bool {
    tracer.way_up(at).take(MAX_CALLS).any(|(region, id)| {
        let context = tracer.context(region);
        guarded(&context, id) || bound_to(context.body, id).any(|used| guarded(&context, used))
    })
}

/// Whether something runs a request, or a call that leads to it, again when it fails.
fn runs_again(tracer: &Tracer<'_>, at: At) -> bool {
    tracer.way_up(at).take(MAX_CALLS).any(|(region, id)| {
        let context = tracer.context(region);
        let lexicon = context.index.lexicon;
        within_call(&context, id, &[Meaning::RunsAgain])
            || context.body.ancestors(id).any(|ancestor| match context.body.kind(ancestor) {
                Kind::Method { name, .. } => lexicon.method(name).has(Meaning::RunsAgain),
                _ => false,
            })
    })
}

/// Uses of the name a future is bound to before it is awaited.
fn bound_to(body: &Body, id: ExprId) -> impl Iterator<Item = ExprId> + '_ {
    let mut at = id;
    // To the end of the chain: `client.get(url).send()`.
    while let Some(Kind::Method { receiver, .. }) = body.parent_kind(at) {
        if *receiver != at {
            break;
        }
        at = body.expr(at).parent;
    }
    let locals: Vec<_> = match next(body, at) {
        Next::Bound { locals, .. } => locals,
        _ => Vec::new(),
    };
    locals.into_iter().flat_map(|local| body.locals[local as usize].uses.iter().copied())
}

fn guarded(context: &Context<'_>, id: ExprId) -> bool {
    let bounds = |name: &str| context.index.lexicon.method(name).has(Meaning::BoundsTime);
    within_call(context, id, &[Meaning::BoundsTime])
        || context
            .body
            .ancestors(id)
            .any(|ancestor| matches!(context.body.kind(ancestor), Kind::Method { name, .. } if bounds(name)))
}

/// How a client was built.
#[derive(Debug, Clone, Copy)]
struct Built {
    bounded: Verdict,
    client: Option<Span>,
    limit: Option<Limit>,
    /// Whether it outlives an invocation and keeps idle connections for as long as the library does by itself.
    pooled: bool,
}

/// Whether the client a request goes through was built with a timeout.
fn client_bound(here: Here<'_>, client: ExprId, request: &str, confidence: &mut Confidence) -> Built {
    let tracer = here.tracer();
    let (region, id) = tracer.origin(here.of(client));
    if let Some(found) = built_with(Here { region, id, ..here }) {
        return found;
    }
    // Not followed: if every client of the library in the program is built alike, it is one of those.
    let lexicon = tracer.reach.index.lexicon;
    let library = |path: &str| lexicon.canonical(path).split("::").next().map(str::to_owned);
    let same = |path: &str| library(path) == library(request) && !lexicon.means(path, Meaning::Request);
    let name = here.body().last_name(client);
    let mut found = Vec::new();
    let mut of_that_name = Vec::new();
    for region in tracer.reach.regions.ids() {
        let context = tracer.context(region);
        for id in tracer.reach.expressions(region) {
            if matches!(construction(&context, id), Some((ClientKind::HttpClient, path)) if same(&path)) {
                let made = built_with(Here { region, id, ..here });
                found.extend(made);
                of_that_name.extend(
                    made.filter(|_| name.is_some() && kept_as(&context, id) == name).and_then(|built| built.limit),
                );
            }
        }
    }
    *confidence = (*confidence).min(Confidence::Medium);
    of_that_name.dedup();
    let limit = if let [only] = of_that_name.as_slice() { Some(*only) } else { None };
    match found.split_first() {
        Some((first, rest)) if rest.iter().all(|built| built.bounded == first.bounded) => Built { limit, ..*first },
        _ => Built { bounded: Verdict::Unknown, client: None, limit, pooled: false },
    }
}

/// The name of the binding or field that what a builder chain makes is kept in.
fn kept_as<'p>(context: &Context<'p>, id: ExprId) -> Option<&'p str> {
    let made = built(context, id);
    match context.body.parent_kind(made)? {
        Kind::Let { init, .. } if *init == made => {
            context.body.bound(made).next().map(|local| context.body.locals[local as usize].name.as_str())
        }
        Kind::Struct { fields, .. } => fields.iter().find(|(_, value)| *value == made).map(|(name, _)| name.as_str()),
        _ => None,
    }
}

/// The timeouts of a construction: in the builder chain around it, or the one that ends in it.
fn built_with(here: Here<'_>) -> Option<Built> {
    let context = here.context();
    // Only a total or read timeout bounds a stalled response; a connect timeout does not.
    let is_timeout = |name: &str| context.index.lexicon.method(name).has(Meaning::BoundsRequest);
    let limited = |args: &[ExprId]| {
        let at = here.on(*args.first()?);
        Some(Limit { millis: millis(here.tracer(), at.at())?, span: at.span() })
    };
    let drops_idle = |name: &str, args: &[ExprId]| {
        let means = context.index.lexicon.method(name);
        let Some(&arg) = args.first() else { return false };
        means.has(Meaning::BoundsIdle) && millis(here.tracer(), here.of(arg)).is_none_or(|millis| millis <= SHORT_IDLE)
            || means.has(Meaning::MostIdle) && here.tracer().constant(here.of(arg)) == Some(Lit::Int(0))
    };
    let mut at = here.id;
    let mut bounded = false;
    let mut short = false;
    let mut limit = None;
    for _ in 0..64 {
        if construction(&context, at).is_some_and(|(kind, _)| kind == ClientKind::HttpClient) {
            let calls = chain(&context, at);
            let given = |name: &str| context.index.lexicon.method(name).has(Meaning::TakesHttpClient);
            if !bounded && let Some((_, args, _)) = calls.iter().find(|(name, ..)| given(name)) {
                // It sends through another client, whose limits count.
                let (region, id) = here.tracer().origin(here.of(*args.first()?));
                let unknown = Built { bounded: Verdict::Unknown, client: None, limit, pooled: false };
                return Some(if (region, id) == here.at() {
                    unknown
                } else {
                    built_with(Here { region, id, ..here }).unwrap_or(unknown)
                });
            }
            let calls_short = calls.iter().any(|(name, args, _)| drops_idle(name, args));
            let around = calls.into_iter().find(|(name, ..)| is_timeout(name));
            let limit = limit.or_else(|| around.and_then(|(_, args, _)| limited(args)));
            let bounded = (bounded || around.is_some()).into();
            let pooled = !short && !calls_short && here.phase() != Phase::Invoke;
            return Some(Built { bounded, client: Some(here.on(at).span()), limit, pooled });
        }
        at = match context.body.kind(at) {
            Kind::Method { receiver, name, args, .. } => {
                short |= drops_idle(name, args);
                if is_timeout(name) {
                    bounded = true;
                    limit = limit.or_else(|| limited(args));
                }
                *receiver
            }
            Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) | Kind::Async(inner) => *inner,
            Kind::Block { tail: Some(tail), .. } => *tail,
            Kind::Closure { body, .. } => *body,
            Kind::Call { callee, args } => {
                // `LazyLock::new(|| Client::builder()…)` and `tuned(builder)`.
                if let Some(helper) = context.workspace_fn(*callee) {
                    let inner = Context::of_fn(context.index, helper);
                    let sets = (0..inner.body.exprs.len() as ExprId)
                        .any(|id| matches!(inner.body.kind(id), Kind::Method { name, .. } if is_timeout(name)));
                    bounded |= sets;
                    if args.is_empty() {
                        let made = (0..inner.body.exprs.len() as ExprId).any(|id| construction(&inner, id).is_some());
                        return made.then_some(Built { bounded: bounded.into(), client: None, limit, pooled: false });
                    }
                }
                *args.first()?
            }
            Kind::Local(_) => {
                let (next_region, next) = here.tracer().origin(here.of(at));
                if (next_region, next) == here.of(at) {
                    return None;
                }
                if next_region != here.region {
                    let found = built_with(Here { region: next_region, id: next, ..here })?;
                    let bounded = found.bounded.max(bounded.into());
                    return Some(Built { bounded, limit: limit.or(found.limit), ..found });
                }
                next
            }
            _ => return None,
        };
    }
    None
}
