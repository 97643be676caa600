//! What cannot fail although it looks like it could: the first part of a split text, a key that was just put in, a
//! group of a pattern that matched, a parameter of the route that matched.

use super::trace::{At, Tracer};
use super::view::Here;
use crate::knowledge::Meaning;
use crate::source::names::kinds::Head;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit, Source, Ty};
use crate::source::types::infer::Context;

/// Whether what an expression holds is always there, whatever the event says.
pub(crate) fn is_always_there(here: Here<'_>, id: ExprId) -> bool {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let Kind::Method { receiver, name, args, generic, .. } = body.kind(body.peeled(id)) else { return false };
    let means = lexicon.method(name);
    if means.has(Meaning::Parses) && name == "parse" && makes_text(&context, id, generic.as_deref()) {
        return true;
    }
    let zero = args.first().is_none_or(|&arg| matches!(body.kind(arg), Kind::Lit(Lit::Int(0))));
    if means.has(Meaning::TakesOne) && args.is_empty() || means.has(Meaning::GivesItem) && zero {
        return is_first_of_split(here, *receiver);
    }
    if means.has(Meaning::GivesGroup) && is_group(here, *receiver) {
        return true;
    }
    if was_put_in(body, *receiver, args.first().copied(), id) {
        return true;
    }
    let from_path = !asks_path(&context, id) && from_path(&context, here.tracer(), here, *receiver);
    from_path || is_route_parameter(&context, id)
}

/// Whether a chain asks a path for a part that not every path has, and what it answers was not unwrapped before.
fn asks_path(context: &Context<'_>, id: ExprId) -> bool {
    let body = context.body;
    let lexicon = context.index.lexicon;
    let mut at = body.peeled(id);
    while let Kind::Method { receiver, name, .. } = body.kind(at) {
        let means = lexicon.method(name);
        if means.has(Meaning::MayLackPart) {
            return true;
        }
        if means.has(Meaning::Unwraps) {
            return false;
        }
        at = body.peeled(*receiver);
    }
    false
}

/// Whether a list holds the parts of a text that was split: there is at least one.
pub(crate) fn is_split(here: Here<'_>, list: ExprId) -> bool {
    let (region, made) = here.tracer().origin(here.of(list));
    let context = here.tracer().context(region);
    let body = context.body;
    let lexicon = context.index.lexicon;
    let mut at = body.peeled(made);
    loop {
        let Kind::Method { receiver, name, .. } = body.kind(at) else { return false };
        let means = lexicon.method(name);
        if means.has(Meaning::SplitsText) {
            return true;
        }
        // `map` keeps their number, `filter` does not.
        if !means.has(Meaning::Collects) && name != "map" {
            return false;
        }
        at = body.peeled(*receiver);
    }
}

/// The first part taken from a text that is being split, or any part of a list of all of them.
fn is_first_of_split(here: Here<'_>, parts: ExprId) -> bool {
    let body = here.body();
    let untouched = match body.kind(body.peeled(parts)) {
        Kind::Local(local) => {
            let local = &body.locals[*local as usize];
            let iterator = matches!(&local.source, Source::Init { init, .. }
                if !matches!(body.kind(body.peeled(*init)), Kind::Method { name, .. }
                    if here.context().index.lexicon.method(name).has(Meaning::Collects)));
            !iterator || local.uses.first().is_some_and(|&first| body.subtree(parts).contains(&first))
        }
        _ => true,
    };
    untouched && is_split(here, parts)
}

/// `parse::<String>()`, or `parse()` into a binding that is declared a text.
fn makes_text(context: &Context<'_>, id: ExprId, generic: Option<&Ty>) -> bool {
    let body = context.body;
    let text = |ty: &Ty| {
        let ty = context.lower(ty);
        ty.path().is_some_and(|path| context.index.lexicon.means(path, Meaning::Text))
    };
    let declared = || {
        let bound = body.ancestors(id).take(4).find(|&at| matches!(body.kind(at), Kind::Let { .. }));
        let Some(Kind::Let { init, .. }) = bound.map(|at| body.kind(at)) else { return false };
        let plain = body.peeled(*init);
        let direct =
            matches!(body.kind(plain), Kind::Method { receiver, .. } if body.peeled(*receiver) == body.peeled(id));
        direct && body.bound(*init).any(|local| body.locals[local as usize].ty.as_ref().is_some_and(text))
    };
    generic.is_some_and(text) || generic.is_none() && declared()
}

/// Whether a value is what a pattern found.
pub(crate) fn is_group(here: Here<'_>, receiver: ExprId) -> bool {
    let (region, made) = here.tracer().origin(here.of(receiver));
    let context = here.tracer().context(region);
    let body = context.body;
    let at = body.peeled(made);
    matches!(body.kind(at), Kind::Method { name, .. } if context.index.lexicon.method(name).has(Meaning::FindsGroups))
}

/// Whether a key was put into a map before it is looked up.
fn was_put_in(body: &Body, map: ExprId, key: Option<ExprId>, id: ExprId) -> bool {
    let (Kind::Local(map), Some(key)) = (body.kind(body.peeled(map)), key) else { return false };
    let Some(key) = named(body, key) else { return false };
    body.locals[*map as usize].uses.iter().any(|&used| {
        let before = used < id;
        let parent = body.expr(used).parent;
        match body.parent_kind(used) {
            Some(Kind::Method { receiver, name, args, .. }) if *receiver == used && parent != id => {
                before && name == "insert" && args.first().is_some_and(|&arg| named(body, arg) == Some(key))
            }
            _ => false,
        }
    })
}

/// The name of a binding or field, behind `clone()` and its like.
fn named(body: &Body, id: ExprId) -> Option<&str> {
    let mut at = body.peeled(id);
    while let Kind::Method { receiver, args, .. } = body.kind(at) {
        if !args.is_empty() {
            return None;
        }
        at = body.peeled(*receiver);
    }
    body.last_name(at)
}

/// Whether a part is taken of a path that was made of a text.
fn from_path(context: &Context<'_>, tracer: &Tracer<'_>, here: Here<'_>, receiver: ExprId) -> bool {
    let body = context.body;
    let mut at = body.peeled(receiver);
    while let Kind::Method { receiver, .. } = body.kind(at) {
        at = body.peeled(*receiver);
    }
    let (region, made) = tracer.origin(here.of(at));
    let context = tracer.context(region);
    let mut at = context.body.peeled(made);
    // `Some(name)` of `Path::new(text).extension()` is a part of that path.
    while let Kind::Method { receiver, .. } = context.body.kind(at) {
        at = context.body.peeled(*receiver);
    }
    match context.body.kind(at) {
        Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::MakesPath),
        _ => false,
    }
}

/// Whether the presence of a parameter of the route is all that is asked; the value of one may be anything.
fn is_route_parameter(context: &Context<'_>, id: ExprId) -> bool {
    let body = context.body;
    let lexicon = context.index.lexicon;
    let mut at = body.peeled(id);
    for _ in 0..64 {
        at = match body.kind(at) {
            Kind::Method { receiver, name, .. } => {
                let means = lexicon.method(name);
                if means.has(Meaning::RouteParameters) {
                    return true;
                }
                if name == "parse" {
                    return false;
                }
                body.peeled(*receiver)
            }
            Kind::Field { name, .. } => return lexicon.field(name).has(Meaning::RouteParameters),
            _ => return false,
        };
    }
    false
}

/// Bindings, fields and branches that are looked through for a value that is always there.
const MAX_STEPS: u32 = 12;

/// Whether a field is `Some` however its struct was made here: `Self { region: Some(region), .. }`.
pub(crate) fn is_given(here: Here<'_>, field: ExprId) -> bool {
    is_some(here, field, MAX_STEPS)
}

fn is_some(here: Here<'_>, id: ExprId, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let context = here.context();
    let body = context.body;
    let id = body.peeled(id);
    let inner = |id| is_some(here, id, steps);
    match body.kind(id) {
        Kind::Call { .. } if body.calls(id, "Some") => true,
        // `Option::from(text)`.
        Kind::Call { callee, args } => {
            let converts = matches!(body.kind(*callee), Kind::Path { path, .. }
                if matches!(path.as_slice(), [of, from] if of == "Option" && from == "from"));
            converts && args.first().is_some_and(|&arg| is_no_option(body, arg))
        }
        Kind::Match { arms, .. } => !arms.is_empty() && arms.iter().all(|arm| inner(arm.body)),
        Kind::If { then, other: Some(other), .. } => inner(*then) && inner(*other),
        Kind::Block { tail: Some(tail), .. } => inner(*tail),
        Kind::Local(local) => match &body.locals[*local as usize].source {
            Source::Init { init, projection } if projection.is_empty() => inner(*init),
            _ => false,
        },
        Kind::Field { base, name } => field_is_some(here, *base, name, steps),
        _ => false,
    }
}

fn field_is_some(here: Here<'_>, base: ExprId, name: &str, steps: u32) -> bool {
    let tracer = here.tracer();
    let at = |(region, id)| Here { region, id, ..here };
    let (region, made) = made_by(here, base);
    if let Kind::Struct { fields, .. } = tracer.context(region).body.kind(made)
        && let Some((_, value)) = fields.iter().find(|(field, _)| field == name)
    {
        return is_some(at((region, *value)), *value, steps);
    }
    let context = here.context();
    let Head::Local(owner) = context.type_of(base).head else { return false };
    let given = tracer.given(owner, name);
    !context.index.type_item(owner).read
        && !given.is_empty()
        && given.iter().all(|&value| is_some(at(value), value.1, steps))
}

/// What made a value, through a method of the workspace that ends in it.
fn made_by(here: Here<'_>, id: ExprId) -> At {
    let tracer = here.tracer();
    let made = tracer.origin(here.of(id));
    match here.view.remote.callees(made) {
        &[only] => tracer.result_of(only, here.phase()).map_or(made, |result| tracer.origin(result)),
        _ => made,
    }
}

/// Whether a binding is declared as something else than an option.
fn is_no_option(body: &Body, id: ExprId) -> bool {
    let Kind::Local(local) = body.kind(body.peeled(id)) else { return false };
    matches!(&body.locals[*local as usize].ty, Some(Ty::Path { path, .. })
        if path.last().is_some_and(|name| name != "Option"))
}

/// Whether a field is one that the service always fills in: of any of its types by its name alone, `message_id`, or of
/// one that its name says, `change.keys`, or its type, `CloudWatchEvent.detail`.
pub(crate) fn is_always_sent(context: &Context<'_>, field: ExprId) -> bool {
    let Kind::Field { base, name } = context.body.kind(field) else { return false };
    let ty = context.type_of(*base);
    let owner = ty.path().and_then(|path| path.rsplit("::").next());
    context.index.always_present.iter().any(|known| match known.split_once('.') {
        None => known == name,
        Some((of, part)) => part == name && (context.body.last_name(*base) == Some(of) || owner == Some(of)),
    })
}

/// Whether a look-up in JSON goes through such a field: `record["dynamodb"]["Keys"]`.
pub(crate) fn asks_for_sent_key(context: &Context<'_>, id: ExprId) -> bool {
    let body = context.body;
    let asks = |wanted: &str| {
        body.subtree(id).any(|inner| matches!(body.kind(inner), Kind::Lit(Lit::Str(text)) if text == wanted))
    };
    let mut known = context.index.always_present.iter().filter_map(|known| known.split_once('.'));
    known.any(|(of, part)| asks(part) && asks(of))
}
