//! Object keys of S3 notifications that are used as they came.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, KeyUse, KeyUseKind};
use crate::source::flow::chain::chain;
use crate::source::flow::fate::{Next, next};
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::names::kinds::Head;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// `.key(record.s3.object.key)`: keys of notifications are URL-encoded. `record.s3.object.url_decoded_key`: nothing but
/// the program itself fills it.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::CALLS.or(Nodes::FIELD), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let lexicon = context.index.lexicon;
    match here.kind() {
        Kind::Field { base, name } if lexicon.field(name).has(Meaning::DecodedKey) => decoded_field(here, *base, into),
        Kind::Call { callee, args } if context.meaning(*callee).has(Meaning::KeepsPlus) => {
            let Some(&arg) = args.first() else { return };
            let Some(Key { read: (read_in, read), plus }) = object_key(here.tracer(), here.of(arg), 16) else { return };
            if !plus && !replaces_later(here) {
                let read = Here { region: read_in, id: read, ..here }.span();
                into.push(KeyUse { kind: KeyUseKind::PlusKept, read, site: here.site(here.range()) });
            }
        }
        Kind::Method { .. } => operation(here, into),
        _ => {}
    }
}

/// An operation of S3 that is given a key as it came.
fn operation(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Some((called, _)) = here.called() else { return };
    let lexicon = context.index.lexicon;
    if called.path.rsplit_once("::").and_then(|(owner, _)| lexicon.service(owner)).as_deref() != Some("s3") {
        return;
    }
    for (name, args, at) in chain(&context, here.id) {
        let Some(&arg) = args.first().filter(|_| lexicon.method(name).has(Meaning::TakesObjectKey)) else { continue };
        let found = object_key(here.tracer(), here.of(arg), 16);
        let Some(Key { read: (read_in, read), plus }) = found else { continue };
        let read = Here { region: read_in, id: read, ..here }.span();
        let kind = if plus { KeyUseKind::EscapesKept } else { KeyUseKind::Encoded };
        into.push(KeyUse { kind, read, site: here.on(at).site(here.on(arg).range()) });
    }
}

/// A read of the field for the decoded key that fails without it, or an assignment that fills it.
fn decoded_field(here: Here<'_>, base: ExprId, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let of_object = matches!(body.kind(body.peeled(base)), Kind::Field { name, .. } if name == "object");
    // A struct of the project may be filled by whoever made it.
    let local = matches!(context.type_of(base).head, Head::Local(_));
    if local || !(of_object && mentions_s3(body, base) || is_s3_type(&context, base)) {
        return;
    }
    let fills = matches!(body.parent_kind(here.id), Some(Kind::Assign { target, .. }) if *target == here.id);
    if !fills && !relied_on(here) {
        return;
    }
    let kind = if fills { KeyUseKind::Fills } else { KeyUseKind::NeverFilled };
    let site = here.site(here.range());
    into.push(KeyUse { kind, read: site.span, site });
}

/// Whether nothing takes the place of a value that is not there: `?`, `unwrap`, `ok_or`, or an argument as it is.
fn relied_on(here: Here<'_>) -> bool {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let mut at = here.id;
    for _ in 0..64 {
        at = match next(body, at) {
            Next::Try(_) => return true,
            Next::Given(to) => {
                let Kind::Method { name, .. } = body.kind(to) else { return false };
                return lexicon.method(name).has(Meaning::TakesObjectKey);
            }
            Next::Method(method) => {
                let Kind::Method { name, .. } = body.kind(method) else { return false };
                let means = lexicon.method(name);
                if means.has(Meaning::Unwraps) {
                    return true;
                }
                if means.any(&[Meaning::FallsBack, Meaning::DropsError, Meaning::ChecksPresence])
                    || !means.has(Meaning::KeepsValue)
                {
                    return false;
                }
                method
            }
            _ => return false,
        };
    }
    false
}

/// Whether plus signs are replaced after percent escapes were decoded: another mistake, and none of this kind.
fn replaces_later(here: Here<'_>) -> bool {
    let body = here.body();
    body.ancestors(here.id).take(16).any(|at| matches!(body.kind(at), Kind::Method { name, .. } if name == "replace"))
}

/// A key as it is read from the event.
struct Key {
    read: At,
    /// Whether something replaces its plus signs on the way.
    plus: bool,
}

/// Whether a text is about percent escapes.
fn says_escape(body: &Body, id: ExprId) -> bool {
    matches!(body.kind(id), Kind::Lit(Lit::Str(text)) if text.contains('%'))
}

/// The `….s3.object.key` a value is, if nothing decodes it on the way.
fn object_key(tracer: &Tracer<'_>, at: At, steps: u32) -> Option<Key> {
    if steps == 0 {
        return None;
    }
    let (region, id) = tracer.origin(at);
    let context = tracer.context(region);
    let body = context.body;
    match body.kind(id) {
        Kind::Field { base, name } => match name.as_str() {
            "key" => {
                let object = matches!(body.kind(body.peeled(*base)), Kind::Field { name, .. } if name == "object");
                // `entity.object.key` of a part that was handed on, or the whole way from the record.
                let part =
                    matches!(body.kind(body.peeled(*base)), Kind::Field { base, .. } if is_s3_type(&context, *base));
                let through = object && (mentions_s3(body, *base) || part);
                let found = Key { read: (region, id), plus: false };
                (through || (object && is_s3_type(&context, *base))).then_some(found)
            }
            _ => None,
        },
        // `replace('+', " ")` is one half of it.
        Kind::Method { receiver, name, args, .. } if name == "replace" => {
            let plus = args.iter().all(|&arg| !says_escape(body, arg));
            let found = object_key(tracer, (region, *receiver), steps - 1)?;
            plus.then_some(Key { plus: true, ..found })
        }
        Kind::Method { name, .. } if context.index.lexicon.method(name).has(Meaning::Decodes) => None,
        Kind::Method { receiver, .. } => object_key(tracer, (region, *receiver), steps - 1),
        Kind::Call { callee, args } => {
            let path = context.outside(*callee)?;
            if context.index.lexicon.means(&path, Meaning::Decodes) {
                return None;
            }
            object_key(tracer, (region, *args.first()?), steps - 1)
        }
        _ => None,
    }
}

fn mentions_s3(body: &Body, base: ExprId) -> bool {
    body.subtree(base).any(|id| matches!(body.kind(id), Kind::Field { name, .. } if name == "s3"))
}

fn is_s3_type(context: &Context<'_>, base: ExprId) -> bool {
    context.type_of(base).path().is_some_and(|path| context.index.lexicon.means(path, Meaning::S3Object))
}
