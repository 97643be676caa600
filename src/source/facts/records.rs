//! How records of a batch are treated: only the first read, keys used as they came, failures recorded.

use super::api::called;
use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{Facts, KeyUse, RecordUse, RecordedFailure};
use crate::source::flow::trace::{At, Tracer, chain};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Record handling of a region.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::METHOD.or(Nodes::FIELD).or(Nodes::INDEX), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let is_batch = |name: &str| here.context().index.lexicon.field(name).has(Meaning::Batch);
    match here.body().kind(here.id) {
        Kind::Field { name, .. } if is_batch(name) => record_use(here, into),
        Kind::Index { index, .. } if matches!(here.body().kind(*index), Kind::Lit(Lit::Str(key)) if is_batch(key)) => {
            record_use(here, into);
        }
        Kind::Method { .. } => {
            undecoded_key(here, into);
            recorded_failure(here, into);
        }
        _ => {}
    }
}

/// `records[0]`, `records.first()`, `records.into_iter().next()`, or anything that reaches all of them.
fn record_use(here: Here<'_>, into: &mut Facts) {
    if here.is_from_event(here.id) != Verdict::Yes {
        return;
    }
    let body = here.body();
    let mut at = here.id;
    for ancestor in body.ancestors(here.id) {
        match body.kind(ancestor) {
            Kind::Wrap(_) => {}
            Kind::Index { base, index } if *base == at => {
                if matches!(body.kind(*index), Kind::Lit(Lit::Int(0))) {
                    push(here.on(ancestor), true, into);
                }
                return;
            }
            Kind::Method { receiver, name, args, .. } if *receiver == at => {
                let means = here.context().index.lexicon.method(name);
                let is_zero = |&arg: &ExprId| matches!(body.kind(arg), Kind::Lit(Lit::Int(0)));
                if means.has(Meaning::Counts) {
                    // Looking at the number of records is no use of the others.
                    return;
                }
                if !means.has(Meaning::TakesAll) {
                    let one = means.has(Meaning::TakesOne) || name == "get" && args.first().is_some_and(is_zero);
                    return push(here.on(ancestor), one, into);
                }
            }
            _ => return push(here.on(ancestor), false, into),
        }
        at = ancestor;
    }
}

fn push(here: Here<'_>, one: bool, into: &mut Facts) {
    let range = here.body().expr(here.id).span;
    into.push(RecordUse { one, site: here.site(range) });
}

/// `.key(record.s3.object.key)`: keys of notifications are URL-encoded.
fn undecoded_key(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Some((path, _)) = called(&context, here.id) else { return };
    let lexicon = context.index.lexicon;
    if path.rsplit_once("::").and_then(|(owner, _)| lexicon.service(owner)).as_deref() != Some("s3") {
        return;
    }
    for (name, args, at) in chain(&context, here.id) {
        let Some(&arg) = args.first().filter(|_| lexicon.method(name).has(Meaning::TakesObjectKey)) else { continue };
        let Some((read_in, read)) = object_key(here.tracer(), here.of(arg), 16) else { continue };
        let outer = here.tracer().context(read_in);
        let read = here.tracer().reach.span(here.tracer().reach.regions[read_in].code, outer.body.expr(read).span);
        let range = context.body.expr(arg).span;
        into.push(KeyUse { read, site: here.on(at).site(range) });
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

/// `failures.push(BatchItemFailure { … })`, and whether the loop goes on afterwards.
fn recorded_failure(here: Here<'_>, into: &mut Facts) {
    let body = here.body();
    let Kind::Method { receiver, name, args, .. } = body.kind(here.id) else { return };
    let context = here.context();
    let lexicon = context.index.lexicon;
    let records = lexicon.method(name);
    if !records.any(&[Meaning::Fills, Meaning::AddsFailure]) {
        return;
    }
    let typed = |at: ExprId, meaning| context.type_of(at).path().is_some_and(|path| lexicon.means(path, meaning));
    let failure = args.iter().any(|&arg| {
        body.subtree(arg).any(|inner| match body.kind(inner) {
            Kind::Struct { path, .. } | Kind::Path { path, .. } => {
                path.iter().any(|word| lexicon.means(word, Meaning::BatchFailure))
            }
            _ => false,
        })
    });
    let failure = failure
        || args.iter().any(|&arg| typed(arg, Meaning::BatchFailure))
        || (records.has(Meaning::AddsFailure) && typed(*receiver, Meaning::BatchResponse));
    if !failure || here.tracer().iterated(here.at()).is_none() {
        return;
    }
    // The branch around the push, up to the loop, decides whether later records are processed.
    let mut leaves = false;
    let mut at = here.id;
    for ancestor in body.ancestors(here.id) {
        if matches!(body.kind(ancestor), Kind::Loop { .. } | Kind::Closure { .. }) {
            break;
        }
        at = ancestor;
        if let Kind::Block { .. } = body.kind(ancestor) {
            leaves |= body.subtree(ancestor).any(|inner| matches!(body.kind(inner), Kind::Break(_) | Kind::Return(_)));
            break;
        }
    }
    // A loop that only fills the list with what is left after a failure is the right thing.
    let skips = body.subtree(at).any(|inner| matches!(body.kind(inner), Kind::Continue));
    let guarded = body.ancestors(here.id).any(|ancestor| {
        matches!(body.kind(ancestor), Kind::If { condition, .. } if matches!(body.kind(body.peeled(*condition)), Kind::Local(_)))
    });
    let groups = body.exprs.iter().any(|expr| match &expr.kind {
        Kind::Lit(Lit::Str(text)) => lexicon.field(text).has(Meaning::GroupsRecords),
        Kind::Path { path, .. } => path.iter().any(|word| lexicon.field(word).has(Meaning::GroupsRecords)),
        _ => false,
    });
    let range = body.expr(here.id).span;
    let stops = leaves || groups || (guarded && skips);
    into.push(RecordedFailure { continues: !stops, site: here.site(range) });
}
