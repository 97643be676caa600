//! Places that panic on some inputs.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, Panic};
use crate::source::flow::branch::begins;
use crate::source::flow::infallible::{
    asks_for_sent_key, is_always_sent, is_always_there, is_given, is_group, is_split,
};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit, Projection, Source};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Links of a chain that are looked at.
const MAX_LINKS: usize = 16;

/// Panics of a region.
pub(crate) const COLLECTOR: Collector = Collector {
    phases: Phases::INVOKE,
    nodes: Nodes::METHOD.or(Nodes::INDEX).or(Nodes::DIVIDE).or(Nodes::MACRO),
    run: collect,
};

fn collect(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    let Some(how) = how(here) else { return };
    let range = match body.kind(here.id) {
        // Long chains are shown by their end.
        Kind::Method { name_span, .. } => (name_span.0, here.range().1),
        // A macro of the workspace that panics does so where it is called.
        Kind::Macro { .. } => {
            let mut expanded = body.expanded.iter();
            expanded.find(|(made, _)| made.contains(&here.id)).map_or(here.range(), |(_, call)| *call)
        }
        _ => here.range(),
    };
    into.push(Panic { how, sent: is_sent(here), site: here.site(range) });
}

/// How an expression panics because of the event.
fn how(here: Here<'_>) -> Option<String> {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    match body.kind(here.id) {
        Kind::Method { receiver, name, .. } if lexicon.method(name).has(Meaning::Unwraps) => {
            // `a.unwrap().b().unwrap()` is one place: the first of them.
            let first = !unwrapped_before(here, *receiver);
            (first && panics_on_input(here, *receiver)).then(|| name.clone())
        }
        Kind::Index { base, index } if matches!(body.kind(*index), Kind::Range { .. }) => {
            slices_event(here, *base, *index).then(|| "slice".to_owned())
        }
        Kind::Divide(left, right) => divides_by_event(here, *left, *right).then(|| "division".to_owned()),
        Kind::Index { base, index } => match body.kind(*index) {
            // No service invokes a function with an empty batch.
            Kind::Lit(Lit::Int(at)) if !is_batch(&context, *base) => {
                // `a[0][1]` is one place.
                let there = *at == 0 && is_split(here, *base) || indexes_list(here, *base) || is_returned(here, *base);
                let panics = is_list(&context, *base) && is_unchecked(&context, *base) && !there;
                (panics && here.is_event_data(*base)).then(|| "index".to_owned())
            }
            Kind::Lit(Lit::Str(_)) => {
                (panics_on_key(&context, *base) && here.is_event_data(*base)).then(|| "index".to_owned())
            }
            _ => None,
        },
        Kind::Macro { path, args, .. } => {
            let means = lexicon.macro_of(path);
            let decides = means.has(Meaning::Panics) && decided_by_event(here)
                || means.has(Meaning::PanicsUnless) && args.iter().any(|&arg| asks_outcome(here, arg));
            decides.then(|| format!("{}!", path.join("::")))
        }
        _ => None,
    }
}

/// Whether what is unwrapped is a field that the service sends with every event.
fn is_sent(here: Here<'_>) -> bool {
    let context = here.context();
    let body = context.body;
    let Kind::Method { receiver, .. } = here.kind() else { return false };
    let mut at = body.peeled(*receiver);
    while let Kind::Method { receiver, .. } = body.kind(at) {
        at = body.peeled(*receiver);
    }
    is_always_sent(&context, at) || asks_for_sent_key(&context, *receiver)
}

/// Whether a list is what a function returned: how long it is, is decided there.
fn is_returned(here: Here<'_>, list: ExprId) -> bool {
    let context = here.context();
    let body = context.body;
    let mut at = body.peeled(list);
    while let Kind::Local(local) = body.kind(at)
        && let Source::Init { init, projection } = &body.locals[*local as usize].source
        && projection.is_empty()
    {
        at = body.peeled(*init);
    }
    match body.kind(at) {
        Kind::Call { callee, .. } => context.workspace_fn(*callee).is_some(),
        Kind::Method { .. } => !here.view.remote.callees(here.of(at)).is_empty(),
        _ => false,
    }
}

/// Whether an expression is itself the index of a list of the event.
fn indexes_list(here: Here<'_>, id: ExprId) -> bool {
    matches!(here.body().kind(here.body().peeled(id)), Kind::Index { .. }) && how(here.on(id)).is_some()
}

/// Whether a link of a chain panics before its end is reached.
fn unwrapped_before(here: Here<'_>, receiver: ExprId) -> bool {
    let body = here.body();
    let mut at = body.peeled(receiver);
    while let Kind::Method { receiver, name, .. } = body.kind(at) {
        if here.context().index.lexicon.method(name).has(Meaning::Unwraps) && panics_on_input(here, *receiver) {
            return true;
        }
        at = body.peeled(*receiver);
    }
    false
}

/// Whether the index of a map panics when the event lacks a key that nothing asks for before.
fn panics_on_key(context: &Context<'_>, base: ExprId) -> bool {
    let body = context.body;
    let lexicon = context.index.lexicon;
    match body.kind(body.peeled(base)) {
        Kind::Method { name, .. } => {
            lexicon.method(name).has(Meaning::PanicsOnKey) && !context.index.asked(context.id, body).result(name)
        }
        _ => {
            let map = context.type_of(base).path().is_some_and(|path| lexicon.means(path, Meaning::Map));
            map && is_unchecked(context, base)
        }
    }
}

fn macro_path(here: Here<'_>) -> &[String] {
    match here.body().kind(here.id) {
        Kind::Macro { path, .. } => path,
        _ => &[],
    }
}

/// `parse(&event.text).is_ok()`: whether what an assertion holds is whether data of the event can be read.
fn asks_outcome(here: Here<'_>, id: ExprId) -> bool {
    let body = here.body();
    match body.kind(body.peeled(id)) {
        Kind::Method { receiver, name, .. } => {
            let asks = here.context().index.lexicon.method(name).has(Meaning::AsksOutcome);
            asks && here.is_event_data(*receiver)
        }
        _ => false,
    }
}

/// Whether a branch that panics is taken because of the event: what the nearest condition around it asks.
fn decided_by_event(here: Here<'_>) -> bool {
    let body = here.body();
    let mut at = here.id;
    // What says that it cannot be reached is believed, but for errors and texts that match nothing.
    let believed = here.context().index.lexicon.macro_of(macro_path(here)).has(Meaning::Unreachable);
    for ancestor in body.ancestors(here.id) {
        let asked = match body.kind(ancestor) {
            Kind::If { condition, .. } if *condition != at => Some(*condition).filter(|_| !believed),
            Kind::Match { scrutinee, arms } if *scrutinee != at => {
                let texts = arms.iter().flat_map(|arm| &arm.heads).any(|head| head.iter().any(|w| w.starts_with('"')));
                let failed = arms.iter().any(|arm| arm.body == at && begins(&arm.heads, "Err"));
                let texts = texts && !is_compared(&here.context(), stem(body, *scrutinee));
                Some(*scrutinee).filter(|_| !believed || texts || failed).filter(|&of| !failed || reads_input(here, of))
            }
            Kind::Let { init, diverge: Some(diverge), .. } if *diverge == at => Some(*init),
            // `work.unwrap_or_else(|| panic!(…))`.
            Kind::Method { receiver, name, args, .. } if args.contains(&at) => {
                let falls_back = here.context().index.lexicon.method(name).has(Meaning::FallsBack);
                (falls_back && reads_input(here, *receiver)).then_some(*receiver)
            }
            _ => None,
        };
        if let Some(asked) = asked {
            return here.is_event_data(asked);
        }
        if ancestor == here.root() {
            break;
        }
        at = ancestor;
    }
    false
}

/// What a chain of methods is called on: `order.kind` of `order.kind.as_str()`.
fn stem(body: &Body, id: ExprId) -> ExprId {
    let mut at = body.peeled(id);
    while let Kind::Method { receiver, .. } = body.kind(at) {
        at = body.peeled(*receiver);
    }
    at
}

/// Whether work fails because of what it reads: parsing, a look-up, a function of the workspace. A library that fails
/// at something else made of the event says nothing about the event.
fn reads_input(here: Here<'_>, work: ExprId) -> bool {
    let context = here.context();
    let body = context.body;
    let reads = [Meaning::Parses, Meaning::ReadsDocument, Meaning::MayFindNothing, Meaning::LooksUp];
    let mut at = body.peeled(work);
    for _ in 0..64 {
        at = match body.kind(at) {
            Kind::Method { receiver, name, .. } => {
                let means = context.index.lexicon.method(name);
                if means.any(&reads) || !here.view.remote.callees(here.of(at)).is_empty() {
                    return true;
                }
                if !means.any(&[Meaning::KeepsValue, Meaning::Identity, Meaning::FailsOn, Meaning::OnError]) {
                    return false;
                }
                body.peeled(*receiver)
            }
            Kind::Call { callee, .. } => {
                return context.workspace_fn(*callee).is_some() || context.meaning(*callee).any(&reads);
            }
            Kind::Local(local) => match &body.locals[*local as usize].source {
                Source::Init { init, projection } if projection.is_empty() => body.peeled(*init),
                _ => return true,
            },
            _ => return true,
        };
    }
    false
}

/// Whether a text or list of the event is cut at a fixed place that nothing in the function asked for.
fn slices_event(here: Here<'_>, base: ExprId, index: ExprId) -> bool {
    let context = here.context();
    let Kind::Range { bounds, .. } = context.body.kind(index) else { return false };
    let fixed = bounds.iter().any(|&bound| matches!(context.body.kind(bound), Kind::Lit(Lit::Int(at)) if *at > 0));
    if !fixed {
        return false;
    }
    let is_text =
        |id: ExprId| context.type_of(id).path().is_some_and(|path| context.index.lexicon.means(path, Meaning::Text));
    // What a function was handed to parse it has usually looked at byte by byte; a field or header of the event
    // nobody has.
    let Some((taken, text)) = taken(here, base) else { return false };
    (text || is_text(base) || is_list(&context, base))
        && taken.iter().all(|&id| is_unchecked(&context, id))
        && here.is_event_data(base)
}

/// The names a value went by in this function since it was taken from a field, or looked up by a literal name; and
/// whether it was made a text on the way.
fn taken(here: Here<'_>, base: ExprId) -> Option<(Vec<ExprId>, bool)> {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let mut at = body.peeled(base);
    let (mut names, mut text) = (Vec::new(), false);
    for _ in 0..MAX_LINKS {
        at = match body.kind(at) {
            Kind::Field { .. } => {
                names.push(at);
                return Some((names, text));
            }
            Kind::Method { args, name, .. }
                if lexicon.method(name).has(Meaning::LooksUp)
                    && args
                        .first()
                        .is_some_and(|&arg| matches!(body.kind(body.peeled(arg)), Kind::Lit(Lit::Str(_)))) =>
            {
                return Some((names, text));
            }
            Kind::Method { receiver, name, .. } => {
                let means = lexicon.method(name);
                let same = [Meaning::SameText, Meaning::SameField, Meaning::KeepsValue, Meaning::Identity];
                if !means.any(&same) && !means.has(Meaning::GivesText) {
                    return None;
                }
                text |= means.any(&[Meaning::GivesText, Meaning::SameText]);
                body.peeled(*receiver)
            }
            Kind::Local(local) => match &body.locals[*local as usize].source {
                Source::Init { init, projection }
                    if projection.iter().all(|way| matches!(way, Projection::Payload(_))) =>
                {
                    names.push(at);
                    body.peeled(*init)
                }
                _ => return None,
            },
            _ => return None,
        };
    }
    None
}

/// Whether a whole number is divided by one that the event decides.
fn divides_by_event(here: Here<'_>, left: ExprId, right: ExprId) -> bool {
    let context = here.context();
    let body = context.body;
    // What is behind a cast may be a float; the other side then tells.
    let cast = |id: ExprId| matches!(body.kind(id), Kind::Wrap(_));
    let (left_cast, right_cast) = (cast(left), cast(right));
    let right = body.peeled(right);
    let counted = match body.kind(right) {
        Kind::Method { receiver, name, .. } if name == "len" => Some(*receiver),
        _ => None,
    };
    let whole = |id: ExprId| {
        context.type_of(id).path().and_then(|path| path.rsplit("::").next()).is_some_and(|name| {
            let integer = name.strip_prefix(['u', 'i']).unwrap_or("");
            integer == "size" || (!integer.is_empty() && integer.bytes().all(|byte| byte.is_ascii_digit()))
        })
    };
    let whole = (!left_cast && whole(left)) || (!right_cast && (whole(right) || counted.is_some()));
    let asked = counted.map_or_else(
        || is_unchecked(&context, right) && !is_compared(&context, right),
        |of| is_unchecked_length(&context, of),
    );
    whole && asked && here.is_event_data(counted.unwrap_or(right))
}

/// Whether nothing asks a list for its length apart from the division itself.
fn is_unchecked_length(context: &Context<'_>, list: ExprId) -> bool {
    let names = context.index.value_names(context.body, list);
    names.first().is_none_or(|name| context.index.asked(context.id, context.body).held(name) <= 1)
}

/// Whether a value of that name is compared with something anywhere in the function.
fn is_compared(context: &Context<'_>, id: ExprId) -> bool {
    let name = context.body.last_name(id);
    name.is_some_and(|name| context.index.asked(context.id, context.body).is_compared(name))
}

/// Whether what is unwrapped can be an error or `None` because of the event.
fn panics_on_input(here: Here<'_>, id: ExprId) -> bool {
    let context = here.context();
    let lexicon = context.index.lexicon;
    let body = context.body;
    if is_always_there(here, id) {
        return false;
    }
    let mut inner = body.peeled(id);
    let mut parses = false;
    loop {
        match body.kind(inner) {
            Kind::Method { receiver, name, .. } => {
                let means = lexicon.method(name);
                if means.has(Meaning::FailsOtherwise) {
                    return false;
                }
                parses |= means.has(Meaning::MayFindNothing);
                inner = body.peeled(*receiver);
            }
            Kind::Call { callee, args } => {
                if context.workspace_fn(*callee).is_some() {
                    // What a workspace function returns is judged where it is made.
                    return false;
                }
                let means = context.meaning(*callee);
                // `Path::new(&key).extension()`: what is asked of a path may not be there.
                let reads = means.has(Meaning::Parses) || parses && means.has(Meaning::MakesPath);
                return reads
                    && !means.has(Meaning::FailsOnMistakes)
                    && args.iter().any(|&arg| here.is_event_data(arg) && !is_written_here(&context, arg));
            }
            Kind::Field { .. } | Kind::Local(_) | Kind::Index { .. } => {
                // A group of a pattern has the form that the pattern asks for.
                let group = matches!(body.kind(inner), Kind::Index { base, .. } if is_group(here, *base));
                if group || is_await(body, id) {
                    return false;
                }
                let field = matches!(body.kind(inner), Kind::Field { .. });
                if matches!(body.kind(inner), Kind::Field { name, .. } if context.index.always_present.contains(name)) {
                    return false;
                }
                if field && is_given(here, inner) {
                    return false;
                }
                let bound = match body.kind(inner) {
                    Kind::Local(local) => match &body.locals[*local as usize].source {
                        Source::Init { init, .. } => made_by_parsing(&context, *init),
                        _ => false,
                    },
                    _ => false,
                };
                return (parses || field || bound) && is_unchecked(&context, inner) && here.is_event_data(inner);
            }
            _ => return false,
        }
    }
}

/// Whether a text is a document that a library has written of its own value: it can be read again. What is written to
/// be read as another type may not fit that.
fn is_written_here(context: &Context<'_>, text: ExprId) -> bool {
    let body = context.body;
    let mut at = body.peeled(text);
    for _ in 0..MAX_LINKS {
        at = match body.kind(at) {
            Kind::Local(local) => match &body.locals[*local as usize].source {
                Source::Init { init, projection } if projection.is_empty() => body.peeled(*init),
                _ => return false,
            },
            Kind::Method { name, .. } if context.index.lexicon.method(name).has(Meaning::WritesDocument) => {
                return true;
            }
            Kind::Method { receiver, .. } => body.peeled(*receiver),
            _ => return false,
        };
    }
    false
}

fn made_by_parsing(context: &Context<'_>, init: ExprId) -> bool {
    let body = context.body;
    let mut at = body.peeled(init);
    // `request.payload().unwrap_or(None)`.
    while let Kind::Method { receiver, name, .. } = body.kind(at) {
        let means = context.index.lexicon.method(name);
        if means.has(Meaning::Parses) || !means.any(&[Meaning::FallsBack, Meaning::DropsError]) {
            break;
        }
        at = body.peeled(*receiver);
    }
    match body.kind(at) {
        Kind::Call { callee, .. } => context.meaning(*callee).any(&[Meaning::Parses, Meaning::ReadsDocument]),
        Kind::Method { name, .. } => context.index.lexicon.method(name).has(Meaning::Parses),
        Kind::Field { .. } => true,
        _ => false,
    }
}

fn is_await(body: &Body, id: ExprId) -> bool {
    matches!(body.kind(id), Kind::Await(_))
}

/// Whether a value is the field with the records of a batch.
fn is_batch(context: &Context<'_>, id: ExprId) -> bool {
    matches!(context.body.kind(context.body.peeled(id)), Kind::Field { name, .. }
        if context.index.lexicon.field(name).has(Meaning::Batch))
}

/// Indexing a list panics; indexing JSON does not.
fn is_list(context: &Context<'_>, base: ExprId) -> bool {
    let ty = context.type_of(base);
    match ty.path() {
        Some(path) => path == "()" || context.index.lexicon.means(path, Meaning::List),
        None => is_batch(context, base),
    }
}

/// Whether nothing in the function asks first whether a list or field of that name holds something.
fn is_unchecked(context: &Context<'_>, base: ExprId) -> bool {
    let body = context.body;
    let asked = context.index.asked(context.id, body);
    let is_asked = |id| context.index.value_names(body, id).iter().any(|name| asked.held(name) > 0);
    !is_asked(base) && !mapped_of(context, base).is_some_and(is_asked)
}

/// The list that a list has one element for each of: `orders.iter().map(…).collect()`.
fn mapped_of(context: &Context<'_>, list: ExprId) -> Option<ExprId> {
    let body = context.body;
    let Kind::Local(local) = body.kind(body.peeled(list)) else { return None };
    let Source::Init { init, projection } = &body.locals[*local as usize].source else { return None };
    if !projection.is_empty() {
        return None;
    }
    let mut at = body.peeled(*init);
    let mut collects = false;
    for _ in 0..MAX_LINKS {
        let Kind::Method { receiver, name, .. } = body.kind(at) else { return collects.then_some(at) };
        let means = context.index.lexicon.method(name);
        collects |= means.has(Meaning::Collects);
        if !means.any(&[Meaning::Collects, Meaning::Iterates]) && name != "map" {
            return None;
        }
        at = body.peeled(*receiver);
    }
    None
}
