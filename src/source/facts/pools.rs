//! Connection pools and their size.

use super::api::called;
use crate::model::source::{PoolSize, Program};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Lit};

/// Pools of a region, in any phase.
pub(crate) fn collect(here: Here<'_>, into: &mut Program) {
    let context = here.context();
    if let Some((path, _)) = called(&context, here.id) {
        pool(here, &path, into);
    }
}

/// The size of a pool at the call that opens it, or at the setter of a builder.
fn pool(here: Here<'_>, path: &str, into: &mut Program) {
    let context = here.context();
    let body = context.body;
    let last = path.rsplit("::").next().unwrap_or_default();
    let library = path.split("::").next().unwrap_or_default();
    let library = library.split('_').next().unwrap_or(library);
    let Some(&default) = context.index.apis.pool_sizes.get(library) else { return };
    let opens = last.starts_with("connect") && (path.contains("Pool::") || path.contains("PoolOptions::"));
    let builds = last == "build" && path.contains("Builder::") && path.contains("ool");
    if !opens && !builds {
        return;
    }
    let mut at = here.id;
    let mut set: Option<(Option<i64>, ExprId)> = None;
    let mut min = None;
    while let Kind::Method { receiver, name, args, .. } = body.kind(at) {
        if matches!(name.as_str(), "min_connections" | "min_idle")
            && let Some(Lit::Int(size)) = args.first().and_then(|&arg| here.tracer().constant(here.of(arg)))
        {
            min = Some(size);
        }
        if matches!(name.as_str(), "max_connections" | "max_size") {
            let size = args.first().and_then(|&arg| match here.tracer().constant(here.of(arg)) {
                Some(Lit::Int(size)) => Some(size),
                _ => None,
            });
            set = Some((size, at));
        }
        at = body.peeled(*receiver);
    }
    let (max, place) = match set {
        Some((Some(size), at)) => (size, at),
        Some((None, _)) => return,
        // A builder that came from somewhere else may have been given a size there.
        None if matches!(body.kind(at), Kind::Local(_)) => return,
        None => (default, here.id),
    };
    let range = match body.kind(place) {
        Kind::Method { name_span, .. } => (name_span.0, body.expr(place).span.1),
        _ => body.expr(place).span,
    };
    let site = here.on(place).site(range);
    into.pools.push(PoolSize { max, min, default: set.is_none(), path: path.to_owned(), site });
}
