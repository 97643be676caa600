//! Whether a value is all of something that should not be written down as it is: an event, a request, a record or
//! message of one, or the items a service answered with.

use super::requests::operation;
use super::trace::{At, Tracer};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::Payload;
use crate::source::names::kinds::{Head, Type};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{ExprId, Kind, LocalId, Projection, Source};
use crate::source::reach::regions::RegionId;
use crate::source::types::containers;
use crate::source::types::infer::Context;

/// Steps one question may take.
const MAX_STEPS: u32 = 12;

impl Tracer<'_> {
    /// What a value is all of.
    pub(crate) fn payload(&self, at: At) -> Option<Payload> {
        payload(self, at, MAX_STEPS)
    }

    /// What a parameter of a function is all of.
    pub(crate) fn payload_parameter(&self, region: RegionId, local: LocalId) -> Option<Payload> {
        binding(self, region, local, MAX_STEPS)
    }
}

fn payload(tracer: &Tracer<'_>, (region, id): At, steps: u32) -> Option<Payload> {
    let steps = steps.checked_sub(1)?;
    let context = tracer.context(region);
    let lexicon = context.index.lexicon;
    let body = context.body;
    let id = body.peeled(id);
    let next = |id| payload(tracer, (region, id), steps);
    match body.kind(id) {
        Kind::Local(local) => binding(tracer, region, *local, steps),
        Kind::Field { base, name } => {
            if lexicon.field(name).has(Meaning::EventPart)
                && let Some(whole) = next(*base)
            {
                return Some(whole);
            }
            if lists_records(&context, &context.type_of(id)) && next(*base) == Some(Payload::Event) {
                return Some(Payload::List);
            }
            // The event in a field of a struct that the handler made.
            let made = tracer.origin((region, id));
            let traced = if made == (region, id) { None } else { payload(tracer, made, steps) };
            traced.or_else(|| by_type(&context, &context.type_of(id)))
        }
        Kind::Method { receiver, name, .. } => {
            let means = lexicon.method(name);
            if means.has(Meaning::Sends) && answers_with_records(&context, id) {
                return Some(Payload::Answer);
            }
            let hands_on = [Meaning::WholeEvent, Meaning::KeepsValue, Meaning::TakesAll, Meaning::Collects];
            if means.any(&hands_on) { next(*receiver) } else { None }
        }
        Kind::Call { args, callee } => {
            let means = context.meaning(*callee);
            let rewrites =
                means.any(&[Meaning::WritesDocument, Meaning::Wraps, Meaning::ReadsDocument, Meaning::MakesText]);
            args.first().filter(|_| rewrites).and_then(|&arg| next(arg))
        }
        // `format!("{event:?}")`, `json!({"event": event})`.
        Kind::Macro { path, args, .. } if lexicon.macro_of(path).any(&[Meaning::FormatsText, Meaning::BuildsValue]) => {
            args.iter().find_map(|&arg| next(arg))
        }
        Kind::Match { arms, .. } => arms.iter().find_map(|arm| next(arm.body)),
        Kind::Block { tail: Some(tail), .. } => next(*tail),
        _ => None,
    }
}

/// What a binding is all of.
fn binding(tracer: &Tracer<'_>, region: RegionId, local: LocalId, steps: u32) -> Option<Payload> {
    let context = tracer.context(region);
    let handler = tracer.reach.regions[region].handler;
    let is_event = || {
        let derived = tracer.is_local_from_event(region, local) == Verdict::Yes;
        (derived && tracer.is_event(region, local)).then_some(Payload::Event)
    };
    let found = match &context.body.locals[local as usize].source {
        Source::Param(index) if !handler => tracer.argument(region, *index).and_then(|arg| payload(tracer, arg, steps)),
        Source::Param(_) | Source::Closure { .. } => is_event(),
        Source::Item { iterable } => is_event().or_else(|| payload(tracer, (region, *iterable), steps)),
        Source::Init { init, projection } => {
            let whole = keeps_all(&context, *init, projection);
            if whole { payload(tracer, (region, *init), steps) } else { None }
        }
        _ => None,
    };
    found.or_else(|| by_type(&context, &context.type_of_local(local)))
}

/// Whether a pattern takes all that matters of a value.
fn keeps_all(context: &Context<'_>, init: ExprId, projection: &[Projection]) -> bool {
    let body = context.body;
    let parts = matches!(body.kind(body.peeled(init)), Kind::Method { name, .. } if name == "into_parts");
    projection.iter().all(|step| match step {
        Projection::Field(name) => context.index.lexicon.field(name).has(Meaning::EventPart),
        Projection::Index(index) => *index == 0 && parts,
        // `Some(body)`, `Body::Text(text)`: what a variant holds is all there is; an error holds none of it.
        Projection::Payload(variant) => variant != "Err",
    })
}

/// Whether a type of a library of events is that of a whole event, record or message, or a list holds such.
fn by_type(context: &Context<'_>, ty: &Type) -> Option<Payload> {
    let lexicon = context.index.lexicon;
    let whole = |ty: &Type| ty.path().is_some_and(|path| lexicon.means(path, Meaning::WholePayload));
    let item = containers::item_of(lexicon, ty).map(|item| context.peel(item));
    (whole(ty) || item.is_some_and(|item| whole(&item))).then_some(Payload::Event)
}

/// Whether a type is a list of structs of the workspace, which hold more than a number or name.
fn lists_records(context: &Context<'_>, ty: &Type) -> bool {
    let Some(item) = containers::item_of(context.index.lexicon, ty) else { return false };
    let Head::Local(id) = context.peel(item).head else { return false };
    matches!(&context.index.type_item(id).kind, TypeKind::Struct(fields) if fields.len() > 1)
}

/// Whether a call sends an operation that answers with the records it is asked for.
fn answers_with_records(context: &Context<'_>, sent: ExprId) -> bool {
    let body = context.body;
    let mut at = sent;
    for _ in 0..64 {
        let Kind::Method { receiver, name, .. } = body.kind(at) else { return false };
        let owner = context.receiver(*receiver, name);
        let gives = owner
            .path()
            .is_some_and(|owner| context.index.lexicon.means(&format!("{owner}::{name}"), Meaning::GivesRecords));
        if gives {
            return operation(context, at).is_some();
        }
        at = body.peeled(*receiver);
    }
    false
}
