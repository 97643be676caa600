//! Responses whose bodies are no text.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{BinaryBody, Facts};
use crate::source::flow::requests::request;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Types of media, constructors and flags that say so.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::CALLS.or(Nodes::STRUCT).or(Nodes::TUPLE), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let found = match here.kind() {
        Kind::Call { callee, .. } => {
            let binary = context.outside(*callee).filter(|path| lexicon.means(path, Meaning::BinaryMedia));
            binary.map(|path| (last_two(&path), here.id))
        }
        // `.header("content-type", "image/png")` of a response, `headers.insert(CONTENT_TYPE, …)`.
        Kind::Method { receiver, name, args, .. } => match args.as_slice() {
            &[key, value] if lexicon.method(name).has(Meaning::ContentType) => {
                let media = media(here, value).filter(|_| names_content_type(&context, key));
                media.filter(|_| !asks(&context, *receiver, name)).map(|media| (media, value))
            }
            _ => None,
        },
        // `([(CONTENT_TYPE, "image/png")], bytes)`.
        Kind::Tuple(items) => match items.as_slice() {
            &[key, value] if matches!(body.kind(body.peeled(key)), Kind::Path { .. } | Kind::Lit(_)) => {
                let media = media(here, value).filter(|_| names_content_type(&context, key));
                media.map(|media| (media, value))
            }
            _ => None,
        },
        Kind::Struct { fields, .. } => fields.iter().find_map(|(name, value)| {
            let set = matches!(body.kind(body.peeled(*value)), Kind::Lit(Lit::Bool(true)));
            (set && lexicon.field(name).has(Meaning::Base64Flag)).then(|| (format!("{name}: true"), *value))
        }),
        _ => None,
    };
    if let Some((says, at)) = found {
        into.push(BinaryBody { says, site: here.site(here.on(at).range()) });
    }
}

/// A type of media that is no text, as a literal or constant.
fn media(here: Here<'_>, value: ExprId) -> Option<String> {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let value = match body.kind(body.peeled(value)) {
        // `HeaderValue::from_static("image/png")`.
        Kind::Call { args, .. } => *args.first()?,
        Kind::Method { receiver, .. } => *receiver,
        _ => value,
    };
    let Some(Lit::Str(text)) = here.tracer().constant(here.of(value)) else { return None };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    lexicon.field(&essence).has(Meaning::BinaryMedia).then_some(essence)
}

fn names_content_type(context: &Context<'_>, key: ExprId) -> bool {
    let lexicon = context.index.lexicon;
    let body = context.body;
    match body.kind(body.peeled(key)) {
        Kind::Lit(Lit::Str(text)) => lexicon.field(&text.to_ascii_lowercase()).has(Meaning::ContentType),
        Kind::Path { path, .. } => path.last().is_some_and(|name| lexicon.field(name).has(Meaning::ContentType)),
        _ => false,
    }
}

/// Whether a header belongs to a request that the program sends.
fn asks(context: &Context<'_>, receiver: ExprId, name: &str) -> bool {
    let lexicon = context.index.lexicon;
    let owner = context.receiver(receiver, name);
    // The builder of a request, of the library that sends it.
    if owner.path().is_some_and(|path| lexicon.means(path, Meaning::BuildsRequest)) {
        return true;
    }
    let mut at = context.body.peeled(receiver);
    for _ in 0..64 {
        let Kind::Method { receiver, .. } = context.body.kind(at) else { break };
        if request(context, at).is_some() {
            return true;
        }
        at = context.body.peeled(*receiver);
    }
    false
}

fn last_two(path: &str) -> String {
    let parts: Vec<&str> = path.rsplitn(3, "::").collect();
    let mut last: Vec<&str> = parts.into_iter().take(2).collect();
    last.reverse();
    last.join("::")
}
