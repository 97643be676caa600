//! Places that panic when a service answers something else than is expected.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{AnswerPanic, Facts};
use crate::source::flow::infallible::is_always_there;
use crate::source::flow::requests::{operation, request};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Lit, Source};
use crate::source::parse::nodes::Nodes;

/// Steps back from what is unwrapped to the call that answered.
const MAX_STEPS: usize = 48;

/// `unwrap`, `expect` and indices by key of answers.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::METHOD.or(Nodes::INDEX), run: collect };

/// Where an answer comes from.
struct Asked {
    service: String,
    external: bool,
    /// Whether nothing but the outcome of the call was looked at on the way.
    outcome: bool,
}

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let (how, of, range) = match here.kind() {
        Kind::Method { receiver, name, name_span, .. } if lexicon.method(name).has(Meaning::Unwraps) => {
            if is_always_there(here, *receiver) || unwraps_before(here, *receiver) {
                return;
            }
            (name.clone(), *receiver, (name_span.0, here.range().1))
        }
        // `item["total"]`: a map panics where the key is missing.
        Kind::Index { base, index } if matches!(body.kind(*index), Kind::Lit(Lit::Str(_))) => {
            let map = context.type_of(*base).path().is_some_and(|path| lexicon.means(path, Meaning::Map));
            if !map {
                return;
            }
            ("index".to_owned(), *base, here.range())
        }
        _ => return,
    };
    if is_checked(here, of) || writes_key(here, of) {
        return;
    }
    let Some(asked) = asked(here.on(of)) else { return };
    let Asked { service, external, outcome } = asked;
    into.push(AnswerPanic { how, service, outcome, external, site: here.site(range) });
}

/// `a.unwrap().b().unwrap()` is one place: the first of them.
fn unwraps_before(here: Here<'_>, receiver: ExprId) -> bool {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let mut at = body.peeled(receiver);
    while let Kind::Method { receiver, name, .. } = body.kind(at) {
        if lexicon.method(name).has(Meaning::Unwraps) {
            return true;
        }
        at = body.peeled(*receiver);
    }
    false
}

/// Whether the function asks first whether a value of that name is there.
fn is_checked(here: Here<'_>, of: ExprId) -> bool {
    let context = here.context();
    let asked = context.index.asked(context.id, context.body);
    // `result.as_ref()` is asked by the name `result`.
    let mut of = context.body.peeled(of);
    while let Kind::Method { receiver, name, args, .. } = context.body.kind(of) {
        if !args.is_empty() || !context.index.lexicon.method(name).has(Meaning::Identity) {
            break;
        }
        of = context.body.peeled(*receiver);
    }
    context.index.value_names(context.body, of).iter().any(|name| asked.held(name) > 0)
}

/// Whether what is looked up is an attribute that the project itself writes under that name.
fn writes_key(here: Here<'_>, of: ExprId) -> bool {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let key = |id: ExprId| match body.kind(body.peeled(id)) {
        Kind::Lit(Lit::Str(text)) => Some(text.as_str()),
        _ => None,
    };
    let mut at = body.peeled(of);
    let own = match body.parent_kind(of) {
        Some(Kind::Index { base, index }) if *base == of => key(*index),
        _ => None,
    };
    if own.is_some_and(|own| here.view.writes(own)) {
        return true;
    }
    for _ in 0..MAX_STEPS {
        at = match body.kind(at) {
            Kind::Method { receiver, name, args, .. } => {
                let looks = lexicon.method(name).has(Meaning::LooksUp);
                if args.first().filter(|_| looks).and_then(|&arg| key(arg)).is_some_and(|key| here.view.writes(key)) {
                    return true;
                }
                body.peeled(*receiver)
            }
            Kind::Index { base, index } => {
                if key(*index).is_some_and(|key| here.view.writes(key)) {
                    return true;
                }
                body.peeled(*base)
            }
            _ => return false,
        };
    }
    false
}

/// The call that answered with a value, going back through parts, conversions and bindings of the function.
fn asked(start: Here<'_>) -> Option<Asked> {
    let mut here = start;
    let mut outcome = true;
    // What was called before the request was sent says nothing of its answer.
    let mut sent = false;
    for _ in 0..MAX_STEPS {
        let context = here.context();
        let lexicon = context.index.lexicon;
        let body = context.body;
        if let Some(service) = service(here) {
            let external = operation(&context, here.id).is_none();
            return Some(Asked { service, external, outcome });
        }
        let next = match here.kind() {
            Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) | Kind::Discard(inner) => *inner,
            Kind::Method { receiver, name, .. } => {
                let means = lexicon.method(name);
                // A value that replaces what is missing, and one that services always send.
                if !sent && means.any(&[Meaning::FallsBack, Meaning::FailsOtherwise]) && !means.has(Meaning::Sends)
                    || !sent && lexicon.field(name).has(Meaning::AlwaysAnswered) && outcome
                {
                    return None;
                }
                sent |= means.has(Meaning::Sends);
                outcome &= sent || means.has(Meaning::KeepsValue);
                *receiver
            }
            Kind::Field { base, name } if !sent => {
                if lexicon.field(name).has(Meaning::AlwaysAnswered) && outcome {
                    return None;
                }
                outcome = false;
                *base
            }
            Kind::Field { base, .. } => *base,
            Kind::Index { base, .. } => {
                outcome = false;
                *base
            }
            Kind::Call { callee, args } => {
                if !context.meaning(*callee).any(&[Meaning::Parses, Meaning::ReadsDocument, Meaning::Wraps]) {
                    return None;
                }
                outcome = false;
                *args.first()?
            }
            Kind::Local(local) => match &body.locals[*local as usize].source {
                Source::Init { init, projection } => {
                    outcome &= projection.is_empty();
                    *init
                }
                Source::Item { iterable } => {
                    outcome = false;
                    *iterable
                }
                _ => return None,
            },
            _ => return None,
        };
        here = here.on(next);
    }
    None
}

/// The service that an expression asks, if it is the call that does.
fn service(here: Here<'_>) -> Option<String> {
    if !here.view.remote.is_direct(here.at()) {
        return None;
    }
    let context = here.context();
    if let Some(operation) = operation(&context, here.id) {
        return Some(operation.service);
    }
    request(&context, here.id).map(|_| "HTTP".to_owned())
}
