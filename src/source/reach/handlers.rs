//! Handlers: what a runtime is started with, and functions attributes make handlers.

use super::regions::{Code, Entry, Reach, RegionId};
use crate::finding::Confidence;
use crate::knowledge::{Meaning, Meanings};
use crate::model::source::{Phase, Platform};
use crate::source::names::index::Index;
use crate::source::names::kinds::{FnId, Head, Res, Type};
use crate::source::parse::ir::{ExprId, Kind, Source, Ty};
use crate::source::types::infer::Context;
use crate::text::Span;

/// Adds the handlers of a runtime call.
pub(crate) fn register(reach: &mut Reach<'_>, at: RegionId, context: &Context<'_>, path: &str, args: &[ExprId]) {
    let Some(&service) = args.first() else { return };
    let before = reach.entries.len();
    // A factory makes the application once; its routes are registered inside.
    if !context.index.lexicon.means(path, Meaning::TakesFactory) {
        collect(reach, at, path, service, 0);
    }
    // A router or a service built elsewhere: its routes are found where they are registered.
    if reach.entries.len() == before {
        let code = reach.regions[at].code;
        let event =
            context.index.lexicon.detail(path, |row| row.event.clone()).map_or_else(Type::unknown, Type::outside);
        reach.entries.push(Entry {
            name: "router".to_owned(),
            span: reach.span(code, context.body.expr(service).span),
            platform: platform(context.index, path),
            path: path.to_owned(),
            event,
            response: Type::unknown(),
            served: false,
        });
    }
}

/// Adds the handlers of a web server that something hands the events of a function to.
pub(crate) fn register_server(
    reach: &mut Reach<'_>,
    at: RegionId,
    context: &Context<'_>,
    (path, call): (&str, ExprId),
    args: &[ExprId],
) {
    let before = reach.entries.len();
    if !context.index.lexicon.means(path, Meaning::TakesFactory) {
        args.iter().for_each(|&arg| collect(reach, at, path, arg, 0));
    }
    if reach.entries.len() == before {
        reach.entries.push(Entry {
            name: "router".to_owned(),
            span: reach.span(reach.regions[at].code, context.body.expr(call).span),
            platform: Platform::AwsLambda,
            path: path.to_owned(),
            event: Type::unknown(),
            response: Type::unknown(),
            served: true,
        });
    }
    reach.entries[before..].iter_mut().for_each(|entry| entry.served = true);
}

/// The function of a crate's root that an attribute makes `main` of.
pub(crate) fn made_main(index: &Index<'_>, own: &[FnId]) -> Option<FnId> {
    own.iter().copied().find(|&id| {
        let def = index.def(id);
        def.module.is_empty()
            && index.function(id).attributes.iter().any(|attribute| {
                let found = index.resolve_type(def.krate, &def.module, &attribute.path);
                matches!(found, Res::Outside(path) if index.lexicon.means(&path.join("::"), Meaning::MakesMain))
            })
    })
}

/// Nesting of services, layers and helper functions that is followed.
const MAX_NESTING: u32 = 12;

/// Looks through `service_fn`, layers, variables, references and functions that return a service.
fn collect(reach: &mut Reach<'_>, at: RegionId, path: &str, id: ExprId, depth: u32) {
    if depth > MAX_NESTING {
        return;
    }
    let code = reach.regions[at].code;
    let context = reach.context(code);
    // A struct that implements `tower::Service`.
    if let Head::Local(owner) = context.type_of(id).head {
        let methods = context.index.methods(owner, "call");
        for &method in methods {
            add_fn(reach, at, path, method, id);
        }
        if !methods.is_empty() {
            return;
        }
    }
    match context.body.kind(id) {
        // One of several, chosen when the process starts.
        Kind::Match { arms, .. } => arms.iter().for_each(|arm| collect(reach, at, path, arm.body, depth + 1)),
        Kind::If { then, other, .. } => {
            collect(reach, at, path, *then, depth + 1);
            if let Some(other) = other {
                collect(reach, at, path, *other, depth + 1);
            }
        }
        Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) | Kind::Async(inner) => {
            collect(reach, at, path, *inner, depth + 1);
        }
        Kind::Block { tail: Some(tail), .. } => collect(reach, at, path, *tail, depth + 1),
        Kind::Local(local) => {
            if let Source::Init { init, .. } = &context.body.locals[*local as usize].source {
                collect(reach, at, path, *init, depth + 1);
            }
        }
        Kind::Closure { .. } => add_closure(reach, at, path, id),
        Kind::Path { path: name, .. } => {
            if let Res::Fn(callee) = context.resolve(name) {
                add_fn(reach, at, path, callee, id);
            }
        }
        Kind::Call { callee, args } => match context.workspace_fn(*callee) {
            // `fn service(client: Client) -> impl Service<…> { service_fn(move |event| …) }`.
            Some(maker) => {
                let confidence = reach.regions[at].confidence;
                let tail = match context.index.function(maker).body.exprs.first().map(|root| &root.kind) {
                    Some(Kind::Block { tail: Some(tail), .. }) => *tail,
                    _ => return,
                };
                if let Some(inner) = reach.enter(Code::Fn(maker), 0, Phase::Init, confidence, Some((at, id)), false) {
                    let before = reach.entries.len();
                    collect(reach, inner, path, tail, depth + 1);
                    if reach.entries.len() > before {
                        return;
                    }
                }
                // A wrapper of the workspace that takes the handler.
                for &arg in args {
                    if takes_event(&context, arg) {
                        collect(reach, at, path, arg, depth + 1);
                    }
                }
            }
            // `service_fn(x)`, `x.with_state(s)`.
            None => {
                for &arg in args {
                    collect(reach, at, path, arg, depth + 1);
                }
            }
        },
        Kind::Method { name, args, .. } if context.index.lexicon.method(name).has(Meaning::TakesService) => {
            for &arg in args {
                collect(reach, at, path, arg, depth + 1);
            }
        }
        Kind::Method { receiver, .. } => collect(reach, at, path, *receiver, depth + 1),
        _ => {}
    }
}

/// Whether an argument is a function that takes an event, or a closure.
fn takes_event(context: &Context<'_>, arg: ExprId) -> bool {
    match context.body.kind(context.body.peeled(arg)) {
        Kind::Path { .. } => {
            context.workspace_fn(context.body.peeled(arg)).is_some_and(|id| is_handler(context.index, id))
        }
        Kind::Closure { .. } => true,
        _ => false,
    }
}

/// Whether a function takes an event of a runtime we know.
fn is_handler(index: &Index<'_>, id: FnId) -> bool {
    let context = Context::of_fn(index, id);
    let is_event = |path: &str| index.lexicon.means(path, Meaning::EventType);
    index.function(id).params.iter().any(|param| context.lower(param).path().is_some_and(is_event))
}

/// A call of a library we do not know that is given a function taking an event: `framework::run(handler)`.
pub(crate) fn register_wrapper(reach: &mut Reach<'_>, at: RegionId, path: &str, args: &[ExprId]) {
    // These make a service of a function; something else runs it.
    if reach.index.lexicon.of(path).any(&[Meaning::AdaptsHandler, Meaning::Wraps]) {
        return;
    }
    for &arg in args {
        let context = reach.context(reach.regions[at].code);
        let inner = context.body.peeled(arg);
        if let Some(id) = context.workspace_fn(inner)
            && is_handler(context.index, id)
        {
            add_fn(reach, at, path, id, inner);
        }
    }
}

/// A program whose `main` a macro makes: what it runs cannot be seen.
pub(crate) fn opaque(index: &Index<'_>, span: Span, path: &str) -> Entry {
    Entry {
        name: "macro".to_owned(),
        span,
        platform: platform(index, path),
        path: path.to_owned(),
        event: Type::unknown(),
        response: Type::unknown(),
        served: false,
    }
}

fn add_closure(reach: &mut Reach<'_>, at: RegionId, path: &str, id: ExprId) {
    let code = reach.regions[at].code;
    reach.carve(at, id);
    let region = reach.enter(code, id, Phase::Invoke, Confidence::High, Some((at, id)), true);
    let Some(region) = region else { return };
    let context = reach.context(code);
    let (callee, event, response) = described(&context, id);
    reach.regions[region].delegate = callee;
    // What a reader would edit is the function; the closure only hands the event on.
    let index = context.index;
    let place = callee.map(|callee| index.span(index.def(callee), index.function(callee).name_span));
    reach.entries.push(Entry {
        name: callee.map_or_else(|| "closure".to_owned(), |callee| index.function(callee).name.clone()),
        span: place.unwrap_or_else(|| reach.span(code, context.body.expr(id).span)),
        platform: platform(index, path),
        path: path.to_owned(),
        event,
        response,
        served: false,
    });
}

fn add_fn(reach: &mut Reach<'_>, at: RegionId, path: &str, id: FnId, site: ExprId) {
    // The path that names the handler is not a call during init; what makes a service is.
    if matches!(reach.context(reach.regions[at].code).body.kind(site), Kind::Path { .. }) {
        reach.carve(at, site);
    }
    let region = reach.enter(Code::Fn(id), 0, Phase::Invoke, Confidence::High, Some((at, site)), true);
    if region.is_none() {
        return;
    }
    let entry = of_fn(reach.index, id, path, platform(reach.index, path));
    match reach.entries.iter_mut().find(|known| known.span == entry.span) {
        Some(known) => *known = entry,
        None => reach.entries.push(entry),
    }
}

/// The platform whose runtime a path is; wrappers that nobody described are taken for ones of AWS Lambda.
fn platform(index: &Index<'_>, path: &str) -> Platform {
    let id = index.lexicon.detail(path, |row| row.platform.clone());
    id.and_then(|id| Platform::of_id(&id)).unwrap_or(Platform::AwsLambda)
}

fn of_fn(index: &Index<'_>, id: FnId, path: &str, platform: Platform) -> Entry {
    let context = Context::of_fn(index, id);
    let function = index.function(id);
    Entry {
        name: function.name.clone(),
        span: index.span(index.def(id), function.name_span),
        platform,
        path: path.to_owned(),
        event: event_of(&context, &function.params),
        response: context.peel(context.lower(&function.output)),
        served: false,
    }
}

/// The event among a handler's parameters: `LambdaEvent<T>` gives `T`, a `Request` itself, else the last.
fn event_of(context: &Context<'_>, params: &[Ty]) -> Type {
    let lowered: Vec<Type> = params.iter().map(|param| context.lower(param)).collect();
    for ty in &lowered {
        let means = ty.path().map_or_else(Meanings::default, |path| context.index.lexicon.of(path));
        if means.has(Meaning::WrapsEvent) {
            return ty.args.first().cloned().unwrap_or_else(Type::unknown);
        }
        if means.has(Meaning::IsEvent) {
            return ty.clone();
        }
    }
    // Contexts and environments come beside the event, before or after it.
    let beside = |ty: &Type| ty.path().is_some_and(|path| context.index.lexicon.means(path, Meaning::BesideEvent));
    lowered.into_iter().rfind(|ty| !beside(ty)).unwrap_or_else(Type::unknown)
}

/// The function a closure hands its event to, with event and response.
fn described(context: &Context<'_>, closure: ExprId) -> (Option<FnId>, Type, Type) {
    let mut event = Type::unknown();
    for local in &context.body.locals {
        if let (Source::Closure { closure: owner, .. }, Some(ty)) = (&local.source, &local.ty)
            && *owner == closure
        {
            event = event_of(context, std::slice::from_ref(ty));
        }
    }
    for id in context.body.subtree(closure) {
        let (callees, args): (Vec<FnId>, &[ExprId]) = match context.body.kind(id) {
            Kind::Call { callee, args } => (context.workspace_fn(*callee).into_iter().collect(), args),
            Kind::Method { receiver, name, args, .. } => match context.type_of(*receiver).head {
                Head::Local(owner) => (context.index.methods(owner, name).to_vec(), args),
                _ => (Vec::new(), args),
            },
            _ => continue,
        };
        let Some(&callee) = callees.first() else {
            continue;
        };
        let takes = |arg: &ExprId| match context.body.kind(context.body.peeled(*arg)) {
            Kind::Local(local) => {
                let source = &context.body.locals[*local as usize].source;
                matches!(source, Source::Closure { closure: owner, .. } if *owner == closure)
            }
            _ => false,
        };
        let Some(position) = args.iter().position(takes) else {
            continue;
        };
        let inner = Context::of_fn(context.index, callee);
        let function = context.index.function(callee);
        if event == Type::unknown() {
            let param = function.params.get(position).map_or(&[][..], std::slice::from_ref);
            event = event_of(&inner, param);
        }
        return (Some(callee), event, context.returns(callee));
    }
    (None, event, Type::unknown())
}

/// Functions and closures handed to a router run on every invocation.
pub(crate) fn register_routes(
    reach: &mut Reach<'_>,
    at: RegionId,
    context: &Context<'_>,
    args: &[ExprId],
    closures: bool,
) {
    for &arg in args {
        match context.body.kind(arg) {
            Kind::Path { path, .. } => {
                if let Res::Fn(id) = context.resolve(path) {
                    reach.carve(at, arg);
                    reach.enter(Code::Fn(id), 0, Phase::Invoke, Confidence::High, Some((at, arg)), true);
                }
            }
            Kind::Closure { .. } if closures => {
                reach.carve(at, arg);
                reach.enter(reach.regions[at].code, arg, Phase::Invoke, Confidence::High, Some((at, arg)), true);
            }
            // `.routes(routes!(list, create))` of utoipa-axum.
            Kind::Macro { path, args, .. } if context.index.lexicon.macro_of(path).has(Meaning::HoldsRoutes) => {
                register_routes(reach, at, context, args, closures);
            }
            _ => {}
        }
    }
}

/// A handler made by an attribute: `#[event(fetch)]` of Workers, `#[http_component]` of Spin.
pub(crate) fn by_attribute(index: &Index<'_>, id: FnId) -> Option<Entry> {
    let function = index.function(id);
    let def = index.def(id);
    for attribute in &function.attributes {
        let Res::Outside(path) = index.resolve_type(def.krate, &def.module, &attribute.path) else {
            continue;
        };
        let whole = path.join("::");
        if index.lexicon.means(&whole, Meaning::HandlerAttribute) {
            return Some(of_fn(index, id, &whole, platform(index, &whole)));
        }
    }
    None
}
