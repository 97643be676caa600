//! Object keys of S3 notifications that are used as they came.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, KeyUse};
use crate::source::flow::chain::chain;
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// `.key(record.s3.object.key)`: keys of notifications are URL-encoded.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::METHOD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Some((called, _)) = here.called() else { return };
    let lexicon = context.index.lexicon;
    if called.path.rsplit_once("::").and_then(|(owner, _)| lexicon.service(owner)).as_deref() != Some("s3") {
        return;
    }
    for (name, args, at) in chain(&context, here.id) {
        let Some(&arg) = args.first().filter(|_| lexicon.method(name).has(Meaning::TakesObjectKey)) else { continue };
        let Some((read_in, read)) = object_key(here.tracer(), here.of(arg), 16) else { continue };
        let read = Here { region: read_in, id: read, ..here }.span();
        into.push(KeyUse { read, site: here.on(at).site(here.on(arg).range()) });
    }
}

/// The `….s3.object.key` a value is, if nothing decodes it on the way.
fn object_key(tracer: &Tracer<'_>, at: At, steps: u32) -> Option<At> {
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
                let through = object && mentions_s3(body, *base);
                (through || (object && is_s3_type(&context, *base))).then_some((region, id))
            }
            _ => None,
        },
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
