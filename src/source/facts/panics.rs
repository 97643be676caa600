//! Places that panic on some inputs.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{Facts, Panic};
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit, Source};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Panics of a region.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::METHOD.or(Nodes::INDEX).or(Nodes::DIVIDE), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let how = match context.body.kind(here.id) {
        Kind::Method { receiver, name, .. } if context.index.lexicon.method(name).has(Meaning::Unwraps) => {
            panics_on_input(here.tracer(), here.of(*receiver)).then(|| (name.clone(), context.body.expr(here.id).span))
        }
        Kind::Index { base, index } if matches!(context.body.kind(*index), Kind::Range { .. }) => {
            slices_event(here, *base, *index).then(|| ("slice".to_owned(), context.body.expr(here.id).span))
        }
        Kind::Divide(left, right) => {
            divides_by_event(here, *left, *right).then(|| ("division".to_owned(), context.body.expr(here.id).span))
        }
        Kind::Index { base, index } => {
            let literal = matches!(context.body.kind(*index), Kind::Lit(Lit::Int(_)));
            // No service invokes a function with an empty batch.
            let literal = literal && !is_batch(&context, *base);
            let list = is_list(&context, *base);
            (literal && list && is_unchecked(&context, *base) && here.is_from_event(*base) == Verdict::Yes)
                .then(|| ("index".to_owned(), context.body.expr(here.id).span))
        }
        _ => None,
    };
    let Some((how, range)) = how else { return };
    let range = match context.body.kind(here.id) {
        // Long chains are shown by their end.
        Kind::Method { name_span, .. } => (name_span.0, range.1),
        _ => range,
    };
    into.push(Panic { how, site: here.site(range) });
}

/// Whether a text or list of the event is cut at a fixed place that nothing in the function asked for.
fn slices_event(here: Here<'_>, base: ExprId, index: ExprId) -> bool {
    let context = here.context();
    let Kind::Range { bounds, .. } = context.body.kind(index) else { return false };
    let fixed = bounds.iter().any(|&bound| matches!(context.body.kind(bound), Kind::Lit(Lit::Int(at)) if *at > 0));
    let text = context.type_of(base).path().is_some_and(|path| context.index.lexicon.means(path, Meaning::Text));
    // What a function was handed to parse it has usually looked at byte by byte; a field of the event nobody has.
    let field = matches!(context.body.kind(context.body.peeled(base)), Kind::Field { .. });
    fixed
        && field
        && (text || is_list(&context, base))
        && is_unchecked(&context, base)
        && here.is_from_event(base) == Verdict::Yes
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
        || is_unchecked(&context, right) && !is_compared(body, right),
        |of| is_unchecked_length(&context, of),
    );
    whole && asked && here.tracer().is_from_event((here.region, counted.unwrap_or(right))) == Verdict::Yes
}

/// Whether nothing asks a list for its length apart from the division itself.
fn is_unchecked_length(context: &Context<'_>, list: ExprId) -> bool {
    let body = context.body;
    let name = body.last_name(list);
    let asks = context.index.asked_in(body).filter(|asked| Some(*asked) == name);
    asks.count() <= 1
}

/// Whether a value of that name is compared with something anywhere in the function.
fn is_compared(body: &Body, id: ExprId) -> bool {
    let name = body.last_name(id);
    let is_it = |side: ExprId| body.last_name(side) == name;
    name.is_some()
        && body
            .exprs
            .iter()
            .any(|expr| matches!(&expr.kind, Kind::Binary(left, right) if is_it(*left) || is_it(*right)))
}

/// Whether what is unwrapped can be an error or `None` because of the event.
fn panics_on_input(tracer: &Tracer<'_>, at: At) -> bool {
    let context = tracer.context(at.0);
    let lexicon = context.index.lexicon;
    let body = context.body;
    let mut inner = body.peeled(at.1);
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
                let parses = means.has(Meaning::Parses) && !means.has(Meaning::FailsOnMistakes);
                return parses && args.iter().any(|&arg| tracer.is_from_event((at.0, arg)) == Verdict::Yes);
            }
            Kind::Field { .. } | Kind::Local(_) | Kind::Index { .. } => {
                if is_await(body, at.1) {
                    return false;
                }
                if matches!(body.kind(inner), Kind::Field { name, .. } if context.index.always_present.contains(name)) {
                    return false;
                }
                let from_event = tracer.is_from_event((at.0, inner)) == Verdict::Yes;
                let field = matches!(body.kind(inner), Kind::Field { .. });
                let bound = match body.kind(inner) {
                    Kind::Local(local) => match &body.locals[*local as usize].source {
                        Source::Init { init, .. } => made_by_parsing(&context, *init),
                        _ => false,
                    },
                    _ => false,
                };
                return from_event && (parses || field || bound) && is_unchecked(&context, inner);
            }
            _ => return false,
        }
    }
}

fn made_by_parsing(context: &Context<'_>, init: ExprId) -> bool {
    let body = context.body;
    match body.kind(body.peeled(init)) {
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
    let wanted = body.last_name(base);
    let Some(wanted) = wanted else { return true };
    match context.id {
        Some(id) => !context.index.asked(id).contains(wanted),
        None => !context.index.asked_in(body).any(|asked| asked == wanted),
    }
}
