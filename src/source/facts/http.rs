//! Requests through HTTP client libraries, and what bounds them in time.

use super::clients::construction;
use crate::finding::Confidence;
use crate::model::Verdict;
use crate::model::source::{ClientKind, HttpCall, Operand};
use crate::source::flow::fate::{Next, next};
use crate::source::flow::scope::within_call;
use crate::source::flow::trace::{At, Tracer, chain};
use crate::source::parse::ir::{Body, ExprId, Kind};
use crate::source::types::infer::Context;

/// Calls around a request that are looked at for a limit.
const MAX_CALLS: usize = 16;

/// Requests of a region; whether one was found.
pub(crate) fn collect(tracer: &Tracer<'_>, region: usize, id: ExprId, into: &mut Vec<HttpCall>) -> bool {
    let context = tracer.context(region);
    let calls = &context.index.apis.calls;
    let (path, url, client) = match context.body.kind(id) {
        Kind::Call { callee, args } => match context.outside(*callee) {
            Some(path) if calls.request.contains(&path) => (path, args.first(), None),
            _ => return false,
        },
        Kind::Method { receiver, name, args, .. } => {
            let owner = context.receiver(*receiver, name);
            let verb =
                matches!(name.as_str(), "get" | "post" | "put" | "patch" | "delete" | "head" | "request" | "execute");
            match owner.path() {
                Some(owner) if verb && calls.request_client.iter().any(|known| known == owner) => {
                    let url = if name == "request" { args.get(1) } else { args.first() };
                    (format!("{owner}::{name}"), url, Some(*receiver))
                }
                _ => return false,
            }
        }
        _ => return false,
    };
    let url = url.map_or(Operand::Unknown, |&url| tracer.operand((region, url)).0);
    let range = match context.body.kind(id) {
        Kind::Method { receiver, name_span, .. } => (context.body.expr(*receiver).span.0, name_span.1),
        _ => context.body.expr(id).span,
    };
    let mut site = tracer.reach.site(region, id, range);
    let own = chain(&context, id).iter().any(|(name, ..)| *name == "timeout");
    // The blocking client gives up after 30 s by itself (reqwest, blocking/client.rs).
    let (bounded, built) = if own || wrapped(tracer, (region, id)) || path.starts_with("reqwest::blocking") {
        (Verdict::Yes, None)
    } else {
        match client {
            None => (Verdict::No, None),
            Some(client) => client_bound(tracer, (region, client), &mut site.confidence),
        }
    };
    into.push(HttpCall { path, url, site, bounded, client: built });
    true
}

/// Whether `tokio::time::timeout` or a similar guard is around an expression, around the future it is bound
/// to, or around a call that leads to it.
fn wrapped(tracer: &Tracer<'_>, at: At) -> bool {
    tracer.way_up(at).take(MAX_CALLS).any(|(region, id)| {
        let context = tracer.context(region);
        guarded(&context, id) || bound_to(context.body, id).any(|used| guarded(&context, used))
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
    let calls = &context.index.apis.calls;
    within_call(context, id, |path| calls.timeout.iter().any(|known| known == path))
        || context
            .body
            .ancestors(id)
            .any(|ancestor| matches!(context.body.kind(ancestor), Kind::Method { name, .. } if name == "timeout"))
}

/// Whether the client a request goes through was built with a timeout.
fn client_bound(tracer: &Tracer<'_>, client: At, confidence: &mut Confidence) -> (Verdict, Option<crate::text::Span>) {
    let (region, id) = tracer.origin(client);
    if let Some(found) = built_with(tracer, region, id) {
        return found;
    }
    // Not followed: if every client of the program is built alike, it is one of those.
    let mut verdicts = Vec::new();
    for region in 0..tracer.reach.regions.len() {
        let context = tracer.context(region);
        for id in tracer.reach.expressions(region) {
            if matches!(construction(&context, id), Some((ClientKind::HttpClient, path)) if path.starts_with("reqwest::") && !path.ends_with("::get"))
            {
                verdicts.extend(built_with(tracer, region, id));
            }
        }
    }
    *confidence = (*confidence).min(Confidence::Medium);
    match verdicts.split_first() {
        Some((first, rest)) if rest.iter().all(|(verdict, _)| *verdict == first.0) => *first,
        _ => (Verdict::Unknown, None),
    }
}

/// The timeouts of a construction: in the builder chain around it, or the one that ends in it.
fn built_with(tracer: &Tracer<'_>, region: usize, id: ExprId) -> Option<(Verdict, Option<crate::text::Span>)> {
    let context = tracer.context(region);
    let mut at = id;
    let mut bounded = false;
    for _ in 0..64 {
        if construction(&context, at).is_some_and(|(kind, _)| kind == ClientKind::HttpClient) {
            bounded |= chain(&context, at).iter().any(|(name, ..)| is_timeout(name));
            let code = tracer.reach.regions[region].code;
            return Some((bounded.into(), Some(tracer.reach.span(code, context.body.expr(at).span))));
        }
        at = match context.body.kind(at) {
            Kind::Method { receiver, name, .. } => {
                bounded |= is_timeout(name);
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
                        return made.then_some((bounded.into(), None));
                    }
                }
                *args.first()?
            }
            Kind::Local(_) => {
                let (next_region, next) = tracer.origin((region, at));
                if (next_region, next) == (region, at) {
                    return None;
                }
                let found = if next_region == region { None } else { built_with(tracer, next_region, next) };
                match found {
                    Some((verdict, span)) => return Some((verdict.max(bounded.into()), span)),
                    None if next_region != region => return None,
                    None => next,
                }
            }
            _ => return None,
        };
    }
    None
}

/// Only a total or read timeout bounds a stalled response; a connect timeout does not.
fn is_timeout(name: &str) -> bool {
    matches!(name, "timeout" | "read_timeout")
}
