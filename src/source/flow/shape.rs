//! Which service an event comes from, told by what is read of it: for events without a type we know.

use super::trace::Tracer;
use crate::knowledge::{Lexicon, Meaning, Role};
use crate::model::deployments::TriggerKind;
use crate::model::source::Phase;
use crate::source::names::index::Index;
use crate::source::names::kinds::{Head, Res, Type, TypeId};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{Kind, Lit, Ty};
use crate::source::types::infer::Context;

fn mark(lexicon: &Lexicon, name: &str) -> Option<TriggerKind> {
    TriggerKind::of_word(lexicon.record_of(name)?)
}

/// An event struct of the workspace with a list called `Records`.
pub(crate) fn of_event(index: &Index<'_>, event: &Type) -> Option<TriggerKind> {
    let Head::Local(owner) = event.head else { return None };
    let TypeKind::Struct(fields) = &index.type_item(owner).kind else { return None };
    let is_list = |name: &str| index.lexicon.field(name).has(Meaning::Batch);
    let records = fields.iter().find(|field| is_list(field.rename.as_deref().unwrap_or(&field.name)))?;
    let Ty::Path { args, .. } = &records.ty else { return None };
    let Some(Ty::Path { path, .. }) = args.first() else { return None };
    let def = index.type_def(owner);
    match index.resolve_type(def.krate, &def.module, path) {
        Res::Type(record) => of_record(index, record),
        _ => None,
    }
}

fn of_record(index: &Index<'_>, record: TypeId) -> Option<TriggerKind> {
    let TypeKind::Struct(fields) = &index.type_item(record).kind else { return None };
    fields.iter().find_map(|field| mark(index.lexicon, field.rename.as_deref().unwrap_or(&field.name)))
}

/// JSON of which `Records` are read: the other keys the function reads tell whose.
pub(crate) fn of_json(tracer: &Tracer<'_>) -> Option<TriggerKind> {
    let regions = tracer.reach.regions.ids();
    regions.filter(|&region| tracer.reach.regions[region].phase == Phase::Invoke).find_map(|region| {
        let context = tracer.context(region);
        let lexicon = context.index.lexicon;
        let keys = || tracer.reach.expressions(region).filter_map(|id| key(&context, id));
        let batch = keys().any(|key| lexicon.field(key).has(Meaning::Batch));
        if batch { keys().find_map(|key| mark(lexicon, key)) } else { None }
    })
}

/// Whether the program makes JSON that names failed records of a batch.
pub(crate) fn builds_batch_json(tracer: &Tracer<'_>) -> bool {
    let lexicon = tracer.reach.index.lexicon;
    tracer.reach.regions.ids().any(|region| {
        let body = tracer.context(region).body;
        tracer.reach.expressions(region).any(|id| match body.kind(id) {
            Kind::Macro { path, text, .. } => {
                let failures = |text: &str| lexicon.field(text).has(Meaning::BatchFailure);
                lexicon.macro_of(path).has(Meaning::Json) && text.as_deref().is_some_and(failures)
            }
            _ => false,
        })
    })
}

/// The literal key of `value["key"]` and `value.get("key")`.
fn key<'c>(context: &Context<'c>, id: u32) -> Option<&'c str> {
    let of = match context.body.kind(id) {
        Kind::Index { index, .. } => *index,
        Kind::Method { name, args, .. } if name == "get" || name == "pointer" => *args.first()?,
        _ => return None,
    };
    match context.body.kind(of) {
        Kind::Lit(Lit::Str(text)) => Some(text.as_str()),
        _ => None,
    }
}

/// Structs inside structs that are looked into.
const MAX_NESTING: u32 = 4;

/// Whether an event is a struct of the workspace with nothing in it but keys, identifiers and numbers.
pub(crate) fn holds_only_references(index: &Index<'_>, event: &Type) -> bool {
    match event.head {
        Head::Local(owner) => refers(index, owner, MAX_NESTING),
        _ => false,
    }
}

fn refers(index: &Index<'_>, owner: TypeId, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let TypeKind::Struct(fields) = &index.type_item(owner).kind else { return false };
    let plain = |ty: &Ty| {
        let mut ty = ty;
        // `Option<Vec<Item>>` holds items.
        while let Ty::Path { path, args } = ty
            && let ([inner], Some(name)) = (args.as_slice(), path.last())
            && index.lexicon.means(name, Meaning::SeeThrough) | index.lexicon.means(name, Meaning::List)
        {
            ty = inner;
        }
        let Ty::Path { path, .. } = ty else { return false };
        let def = index.type_def(owner);
        match index.resolve_type(def.krate, &def.module, path) {
            Res::Type(inner) => refers(index, inner, depth),
            _ => path.last().is_some_and(|name| name == "bool" || is_number(name)),
        }
    };
    !fields.is_empty() && fields.iter().all(|of| index.lexicon.says(&of.name, Role::RefersTo) || plain(&of.ty))
}

/// `u32`, `isize`, `f64`.
fn is_number(name: &str) -> bool {
    let width = name.strip_prefix(['u', 'i', 'f']).unwrap_or_default();
    width == "size" || (!width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit()))
}
