//! Calls of library functions that matter by themselves, and time limits.

use crate::model::source::{ApiCall, ApiClass, FileWrite, Phase, Program, TimeLimit, TimeLimitKind};
use crate::source::flow::scope::{millis, within_call};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::types::infer::Context;

/// Calls of a region.
pub(crate) fn collect(here: Here<'_>, into: &mut Program) {
    let context = here.context();
    let Some((path, args)) = called(&context, here.id) else { return };
    let phase = here.phase();
    if phase == Phase::Invoke
        && let Some(class) = classify(here, &path, args)
    {
        let range = context.body.expr(here.id).span;
        let site = here.site(range);
        let beside_others = stands_beside_others(&context, here.id);
        into.api_calls.push(ApiCall { class, path: path.clone(), site, beside_others });
    }
    files(here, &path, args, into);
    if let Some((kind, limit)) = limit_kind(&context, &path).zip(args.first())
        && let Some(millis) = millis(here.tracer(), here.of(*limit))
    {
        let range = context.body.expr(here.id).span;
        let start = context.body.expr(*limit).span.0.min(range.1);
        let site = here.site((start, range.1));
        into.time_limits.push(TimeLimit { kind, millis, site });
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
    let calls = &context.index.apis.calls;
    let is = |list: &[String]| list.iter().any(|known| known == path);
    if is(&calls.process_exit) {
        return Some(ApiClass::ProcessExit);
    }
    if is(&calls.subscriber_init) {
        return Some(ApiClass::SubscriberInit);
    }
    if is(&calls.subscriber_try_init) {
        return Some(ApiClass::SubscriberTryInit);
    }
    let builds_subscriber = ["tracing_subscriber::", "env_logger::", "fern::"].iter().any(|of| path.starts_with(of));
    match path.rsplit("::").next() {
        Some("init") if builds_subscriber => return Some(ApiClass::SubscriberInit),
        Some("try_init") if builds_subscriber => return Some(ApiClass::SubscriberTryInit),
        _ => {}
    }
    let blocks = if is(&calls.blocking_panics) {
        Some(ApiClass::BlockingPanics)
    } else if is(&calls.blocking) {
        Some(ApiClass::Blocking)
    } else {
        None
    };
    if let Some(class) = blocks {
        let (tracer, at) = (here.tracer(), here.at());
        return (tracer.is_async(at) && !tracer.is_offloaded(at)).then_some(class);
    }
    let parses = path.starts_with("serde_") && path.ends_with("::from_str") || path.ends_with("::from_slice");
    if parses && args.iter().any(|&arg| includes_file(&context, arg)) {
        return Some(ApiClass::Expensive);
    }
    (is(&calls.expensive) && args.iter().all(|&arg| is_constant(&context, arg))).then_some(ApiClass::Expensive)
}

/// `include_str!(…)`: parsing it gives the same value every time.
fn includes_file(context: &Context<'_>, arg: ExprId) -> bool {
    matches!(context.body.kind(context.body.peeled(arg)), Kind::Macro { path, .. }
        if path.last().is_some_and(|name| name.starts_with("include_")))
}

/// Whether an argument is made of literals and constants only.
fn is_constant(context: &Context<'_>, id: ExprId) -> bool {
    context.body.subtree(id).all(|inner| match context.body.kind(inner) {
        Kind::Lit(_) | Kind::Wrap(_) | Kind::Array(_) | Kind::Path { .. } => true,
        Kind::Macro { path, .. } => path.last().is_some_and(|name| name.starts_with("include_") || name == "concat"),
        Kind::Method { name, .. } => matches!(name.as_str(), "as_bytes" | "as_str" | "as_ref"),
        _ => false,
    })
}

/// Whether other futures of the invocation share the thread: in a spawned task, in `join!` and the like.
fn stands_beside_others(context: &Context<'_>, id: ExprId) -> bool {
    let calls = &context.index.apis.calls;
    let shares = |path: &str| calls.spawn.iter().chain(&calls.join_all).any(|known| known == path);
    within_call(context, id, shares)
        || context.body.ancestors(id).any(|ancestor| match context.body.kind(ancestor) {
            Kind::Macro { path, .. } => {
                path.last().is_some_and(|name| matches!(name.as_str(), "join" | "try_join" | "select"))
            }
            _ => false,
        })
}

fn files(here: Here<'_>, path: &str, args: &[ExprId], into: &mut Program) {
    let context = here.context();
    let calls = &context.index.apis.calls;
    let is = |list: &[String]| list.iter().any(|known| known == path);
    into.removes_files |=
        is(&calls.file_remove) || path.starts_with("tempfile::") || path.starts_with("async_tempfile::");
    let opened = path.ends_with("fs::OpenOptions::open") && opens_to_write(&context, here.id);
    if !is(&calls.file_write) && !opened {
        return;
    }
    let Some(&target) = (if path.ends_with("copy") { args.get(1) } else { args.first() }) else { return };
    let range = context.body.expr(here.id).span;
    into.file_writes.push(FileWrite {
        path: here.tracer().operand(here.of(target)).0,
        unique: here.is_from_event(target),
        site: here.site(range),
    });
}

fn opens_to_write(context: &Context<'_>, id: ExprId) -> bool {
    let mut at = id;
    while let Kind::Method { receiver, name, .. } = context.body.kind(at) {
        if matches!(name.as_str(), "write" | "append" | "create" | "create_new" | "truncate") {
            return true;
        }
        at = context.body.peeled(*receiver);
    }
    false
}

fn limit_kind(context: &Context<'_>, path: &str) -> Option<TimeLimitKind> {
    let calls = &context.index.apis.calls;
    if calls.timeout.iter().any(|known| known == path) {
        return Some(TimeLimitKind::Future);
    }
    match path.rsplit("::").next()? {
        "operation_timeout" => Some(TimeLimitKind::SdkOperation),
        "operation_attempt_timeout" => Some(TimeLimitKind::SdkAttempt),
        "acquire_timeout" | "timeout" | "read_timeout" if path.contains("::") => Some(TimeLimitKind::Request),
        _ => None,
    }
}
