//! Writes to process-wide state during invocations.

use super::clients::construction;
use super::collector::{Collector, Phases};
use crate::knowledge::{Lexicon, Meaning};
use crate::model::Verdict;
use crate::model::source::{Facts, Phase, StateKind, StateLookup, StateWrite};
use crate::source::flow::chain::chain;
use crate::source::flow::view::Here;
use crate::source::names::kinds::{Head, Res, StaticId};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{Body, ExprId, Kind, Ty};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Writes of a region.
pub(crate) const COLLECTOR: Collector = Collector {
    phases: Phases::INVOKE,
    nodes: Nodes::CALL.or(Nodes::PATH).or(Nodes::LOCAL).or(Nodes::FIELD),
    run: collect,
};

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    match context.body.kind(here.id) {
        Kind::Call { callee, .. } => {
            let Some(path) = context.outside(*callee) else {
                return;
            };
            if context.index.lexicon.means(&path, Meaning::ChangesProcess) {
                let range = context.body.expr(here.id).span;
                into.push(StateWrite {
                    name: path,
                    kind: StateKind::Process,
                    event_data: false,
                    keyed: false,
                    expires: false,
                    declared: None,
                    site: here.site(range),
                });
            }
        }
        Kind::Path { path, .. } => {
            if let Res::Static(of) = context.resolve(path) {
                static_write(here, of, into);
            }
        }
        Kind::Local(local) => {
            let name = context.body.locals[*local as usize].name.clone();
            shared_value(here, name, into);
        }
        Kind::Field { name, .. } => shared_value(here, name.clone(), into),
        _ => {}
    }
}

fn static_write(here: Here<'_>, of: StaticId, into: &mut Facts) {
    let index = here.tracer().reach.index;
    let item = index.static_item(of);
    if item.constant {
        return;
    }
    let context = here.context();
    let mut names = Vec::new();
    let inner = Context { def: index.static_def(of), function: None, id: None, ..context };
    all_names(&inner, &item.ty, &mut names);
    let lexicon = index.lexicon;
    let has = |meanings: &[Meaning]| names.iter().any(|name| lexicon.of(name).any(meanings));
    let write = if item.mutable {
        assigned(lexicon, context.body, here.id).map(|at| (StateKind::StaticMut, at, Vec::new()))
    } else if has(&[Meaning::Atomic]) {
        let counts =
            chain(&context, here.id).first().is_some_and(|(name, ..)| lexicon.method(name).has(Meaning::CountsUp));
        counts.then(|| (StateKind::Atomic, here.id, Vec::new()))
    } else if has(&[Meaning::Lock, Meaning::SharedCollection]) {
        guarded(&context, here.id).map(|(at, values)| (StateKind::Cache, at, values))
    } else {
        None
    };
    let declared = index.span(index.static_def(of), item.name_span);
    look_up(here, declared, into);
    let Some((kind, at, values)) = write else {
        return;
    };
    push(here, (kind, at, values), item.name.clone(), declared, has(&[Meaning::Expires]), into);
}

/// An `Arc<Mutex<…>>` made in `main` and handed to the handler is as shared as a static.
fn shared_value(here: Here<'_>, name: String, into: &mut Facts) {
    let context = here.context();
    let Some(first) = chain(&context, here.id).first().map(|(name, ..)| *name) else {
        return;
    };
    let lexicon = context.index.lexicon;
    if !lexicon.method(first).has(Meaning::LocksToWrite) {
        return;
    }
    let (made_in, made) = here.tracer().origin(here.at());
    if here.tracer().reach.regions[made_in].phase == Phase::Invoke {
        return;
    }
    let maker = here.tracer().context(made_in);
    let Kind::Call { callee, .. } = maker.body.kind(made) else {
        return;
    };
    let Some(path) = maker.outside(*callee) else {
        return;
    };
    let built = path.rsplit_once("::").filter(|(_, last)| *last == "new");
    if !built.is_some_and(|(owner, _)| lexicon.means(owner, Meaning::Lock)) {
        return;
    }
    let code = here.tracer().reach.regions[made_in].code;
    let declared = here.tracer().reach.span(code, maker.body.expr(made).span);
    look_up(here, declared, into);
    let Some((at, values)) = guarded(&context, here.id) else {
        return;
    };
    let expires = written_type(&context, here.id).is_some_and(|(of, ty)| {
        let mut names = Vec::new();
        all_names(&of, ty, &mut names);
        names.iter().any(|name| lexicon.means(name, Meaning::Expires))
    });
    push(here, (StateKind::Cache, at, values), name, declared, expires, into);
}

fn push(
    here: Here<'_>,
    (kind, at, values): (StateKind, ExprId, Vec<ExprId>),
    name: String,
    declared: crate::text::Span,
    expires: bool,
    into: &mut Facts,
) {
    let context = here.context();
    // Clients by region, account or tenant are what is to be kept.
    if values.len() > 1 && values.last().is_some_and(|&value| is_client(&context, value) || is_connected(here, value)) {
        return;
    }
    // Under a key it is the value that counts: `insert(key, value)`.
    let stored = if values.len() > 1 { &values[values.len() - 1..] } else { &values[..] };
    let keyed = values.len() > 1 || matches!(context.body.kind(at), Kind::Assign { .. });
    let event_data = stored.iter().any(|&value| here.is_event_data(value) && !(keyed && is_made(here, value)));
    // Growing or counting without a key is accumulation even if no event data is kept.
    let accumulates = event_data || values.len() == 1 || values.is_empty();
    let kind = match kind {
        // A state that knows its age is refreshed field by field.
        StateKind::Cache if expires && matches!(context.body.kind(at), Kind::Assign { .. }) => StateKind::Cache,
        StateKind::Cache if accumulates && !is_refresh(context.index.lexicon, context.body, at) => {
            StateKind::Accumulator
        }
        other => other,
    };
    let range = context.body.expr(at).span;
    let site = here.on(at).site(range);
    if into.of::<StateWrite>().iter().any(|write| write.site.span == site.span) {
        return;
    }
    // The value belongs to somebody whom the event names.
    let keyed = values.len() > 1 && here.is_from_event(values[0]) == Verdict::Yes;
    into.push(StateWrite { name, kind, event_data, keyed, expires, declared: Some(declared), site });
}

/// Looks under a key of the event into state that is declared somewhere.
fn look_up(here: Here<'_>, declared: crate::text::Span, into: &mut Facts) {
    let context = here.context();
    for (name, args, at) in chain(&context, here.id) {
        let looks = context.index.lexicon.method(name).any(&[Meaning::LooksUp, Meaning::ChecksPresence]);
        let under = args.first().is_some_and(|&key| here.is_from_event(key) == Verdict::Yes);
        if looks && under {
            let site = here.on(at).site(context.body.expr(at).span);
            into.push(StateLookup { declared, site });
        }
    }
}

/// Whether a value is a client of a service, with connections of its own.
fn is_client(context: &Context<'_>, value: ExprId) -> bool {
    let lexicon = context.index.lexicon;
    context.type_of(value).path().is_some_and(|path| {
        let made = lexicon.of(&format!("{path}::new"));
        lexicon.means(path, Meaning::Service)
            || made.any(&[Meaning::SdkClient, Meaning::HttpClient, Meaning::Connection])
    })
}

/// Whether a value was made by connecting to something.
fn is_connected(here: Here<'_>, value: ExprId) -> bool {
    let (region, made) = here.tracer().origin(here.of(value));
    let context = here.tracer().context(region);
    construction(&context, context.body.peeled(made)).is_some()
}

/// Whether a value was made by a call, of what a key stands for: a cache keeps it.
fn is_made(here: Here<'_>, value: ExprId) -> bool {
    let asked = here.body().exprs.iter().any(|expr| match &expr.kind {
        Kind::Method { name, .. } => {
            here.context().index.lexicon.method(name).any(&[Meaning::LooksUp, Meaning::ChecksPresence])
        }
        _ => false,
    });
    let (region, made) = here.tracer().origin(here.of(value));
    let context = here.tracer().context(region);
    let call = match context.body.kind(context.body.peeled(made)) {
        Kind::Call { callee, .. } => !context.meaning(*callee).any(&[Meaning::Wraps, Meaning::MakesText]),
        Kind::Method { name, .. } => {
            !context.index.lexicon.method(name).any(&[Meaning::Identity, Meaning::WholeEvent, Meaning::SameText])
        }
        _ => false,
    };
    asked && call
}

/// Replacing the whole value (`*guard = x`, `set(x)`) keeps one value, like a cache.
fn is_refresh(lexicon: &Lexicon, body: &Body, at: ExprId) -> bool {
    match body.kind(at) {
        Kind::Assign { target, value } => {
            let computes = body.subtree(*value).any(|id| matches!(body.kind(id), Kind::Binary(..) | Kind::Divide(..)));
            // `+=` is told from `=` by what is added: a number, never a value that something made.
            let made =
                matches!(body.kind(body.peeled(*value)), Kind::Call { .. } | Kind::Method { .. } | Kind::Struct { .. });
            !computes && (matches!(body.kind(*target), Kind::Wrap(_)) || made)
        }
        Kind::Method { name, .. } => lexicon.method(name).has(Meaning::Replaces),
        _ => false,
    }
}

/// The write behind a lock or concurrent collection: the expression and the values it stores.
fn guarded(context: &Context<'_>, id: ExprId) -> Option<(ExprId, Vec<ExprId>)> {
    let body = context.body;
    for (name, args, at) in chain(context, id) {
        if context.index.lexicon.method(name).has(Meaning::Mutates) {
            // `entry(key).or_insert_with(make)` keeps what it made, whatever the key: a cache.
            let lexicon = context.index.lexicon;
            if chain(context, at).first().is_some_and(|(next, ..)| lexicon.method(next).has(Meaning::Once)) {
                return None;
            }
            // What is awaited belongs to a client or store behind the lock, not to a collection in memory.
            if body.is_awaited(at) {
                return None;
            }
            return Some((at, args.to_vec()));
        }
    }
    // `*guard = x`, `guard.field += 1`, with the guard inline or bound.
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            Kind::Method { receiver, .. } if *receiver == at => {}
            Kind::Wrap(_) | Kind::Try(_) | Kind::Await(_) | Kind::Field { .. } | Kind::Index { .. } => {}
            Kind::Assign { target, value } if *target == at => {
                return Some((ancestor, vec![*value]));
            }
            Kind::Let { init, .. } if *init == at => {
                let bound = body.bound(at).next()?;
                let uses = body.locals[bound as usize].uses.iter();
                return uses.copied().find_map(|used| assigned(context.index.lexicon, body, used)).map(|assignment| {
                    match body.kind(assignment) {
                        Kind::Assign { value, .. } => (assignment, vec![*value]),
                        _ => (assignment, Vec::new()),
                    }
                });
            }
            _ => return None,
        }
        at = ancestor;
    }
    None
}

/// The assignment whose target is reached from an expression through `*`, fields and indexing.
fn assigned(lexicon: &Lexicon, body: &Body, id: ExprId) -> Option<ExprId> {
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            Kind::Wrap(_) | Kind::Field { .. } => {}
            Kind::Index { base, .. } if *base == at => {}
            Kind::Assign { target, .. } if *target == at => return Some(ancestor),
            Kind::Method { receiver, name, .. } if *receiver == at && lexicon.method(name).has(Meaning::Mutates) => {
                return Some(ancestor);
            }
            _ => return None,
        }
        at = ancestor;
    }
    None
}

/// The type that is written for a binding or field, and where its names are resolved.
fn written_type<'p>(context: &Context<'p>, id: ExprId) -> Option<(Context<'p>, &'p Ty)> {
    match context.body.kind(id) {
        Kind::Local(local) => Some((*context, context.body.locals[*local as usize].ty.as_ref()?)),
        Kind::Field { base, name } => {
            let Head::Local(owner) = context.type_of(*base).head else { return None };
            let TypeKind::Struct(fields) = &context.index.type_item(owner).kind else { return None };
            let field = fields.iter().find(|field| field.name == *name)?;
            let of = Context { def: context.index.type_def(owner), function: None, id: None, ..*context };
            Some((of, &field.ty))
        }
        _ => None,
    }
}

/// The names written in a type, and in the structs of the workspace that it names: an `Instant` there is an age.
fn all_names(context: &Context<'_>, ty: &Ty, into: &mut Vec<String>) {
    type_names(ty, into);
    for name in into.clone() {
        if let Res::Type(id) = context.resolve_type(std::slice::from_ref(&name))
            && let TypeKind::Struct(fields) = &context.index.type_item(id).kind
        {
            fields.iter().for_each(|field| type_names(&field.ty, into));
        }
    }
}

/// Every type name written in a type.
fn type_names(ty: &Ty, into: &mut Vec<String>) {
    match ty {
        Ty::Path { path, args } => {
            into.extend(path.last().cloned());
            args.iter().for_each(|arg| type_names(arg, into));
        }
        Ty::Tuple(items) | Ty::Bounds(items) => items.iter().for_each(|item| type_names(item, into)),
        Ty::Unknown => {}
    }
}
