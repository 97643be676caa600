//! What failed records are named by in partial batch responses.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, FailureIdentifier, Identifier};
use crate::source::flow::view::Here;
use crate::source::names::kinds::{Head, Type};
use crate::source::parse::declared::TypeKind;
use crate::source::parse::ir::{ExprId, Kind, Lit, Projection, Source};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Steps back from the identifier to what it is read from.
const MAX_STEPS: usize = 32;

/// `item_identifier: …`, `failure.item_identifier = …`, `response.add_failure(…)`.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::ASSIGN.or(Nodes::STRUCT).or(Nodes::METHOD), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let lexicon = context.index.lexicon;
    let names = |name: &str| lexicon.field(name).has(Meaning::ItemIdentifier);
    let given = match here.kind() {
        Kind::Assign { target, value } => {
            let named = matches!(context.body.kind(*target), Kind::Field { name, .. } if names(name));
            named.then_some(*value)
        }
        Kind::Struct { fields, .. } => fields.iter().find(|(name, _)| names(name)).map(|(_, value)| *value),
        Kind::Method { receiver, name, args, .. } if lexicon.method(name).has(Meaning::AddsFailure) => {
            let response = context.type_of(*receiver);
            let known = response.path().is_some_and(|path| lexicon.means(path, Meaning::BatchResponse));
            args.first().copied().filter(|_| known)
        }
        _ => None,
    };
    let Some(given) = given else { return };
    let mut or_empty = false;
    let Some((identifier, field)) = traced(here.on(given), &mut or_empty) else { return };
    let range = here.on(given).range();
    into.push(FailureIdentifier { identifier, or_empty, field, site: here.site(range) });
}

/// What an identifier is, going back through bindings, wrappers and conversions to the field it is read from.
fn traced(start: Here<'_>, or_empty: &mut bool) -> Option<(Identifier, Option<crate::text::Span>)> {
    let mut here = start;
    for _ in 0..MAX_STEPS {
        let context = here.context();
        let lexicon = context.index.lexicon;
        let body = context.body;
        let next = match here.kind() {
            Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) | Kind::Discard(inner) => *inner,
            Kind::Lit(Lit::Str(_)) => return Some((Identifier::Constant, None)),
            Kind::Path { path, .. } if path.last().is_some_and(|name| name == "None") => {
                return Some((Identifier::Constant, None));
            }
            Kind::Call { callee, args } => {
                let means = context.meaning(*callee);
                if means.has(Meaning::GeneratesId) {
                    return Some((Identifier::Generated, None));
                }
                let hands_on = means.any(&[Meaning::Wraps, Meaning::MakesText, Meaning::HandsOn]);
                *args.first().filter(|_| hands_on || body.calls(here.id, "Some"))?
            }
            Kind::Method { receiver, name, .. } => {
                let means = lexicon.method(name);
                *or_empty |= means.has(Meaning::FallsBack);
                let same = [
                    Meaning::Identity,
                    Meaning::KeepsValue,
                    Meaning::SameText,
                    Meaning::SameField,
                    Meaning::GivesText,
                    Meaning::FallsBack,
                ];
                if !means.any(&same) {
                    return None;
                }
                *receiver
            }
            Kind::Macro { path, args, text: Some(text) } if lexicon.macro_of(path).has(Meaning::FormatsText) => {
                let whole = text.starts_with('{') && text.ends_with('}') && text.matches('{').count() == 1;
                let mut values = args.iter().copied().filter(|&arg| !matches!(body.kind(arg), Kind::Lit(_)));
                values.next().filter(|_| whole)?
            }
            Kind::Field { base, name } => {
                if let Some(found) = of_field(&context, *base, name) {
                    let (start, end) = here.range();
                    let library = context.type_of(*base).path().is_some_and(|path| {
                        lexicon.means(path, Meaning::WholePayload) || lexicon.means(path, Meaning::EventType)
                    });
                    let range = (end.saturating_sub(name.len() as u32).max(start), end);
                    let span = here.tracer().reach.span(here.code(), range);
                    return Some((found, library.then_some(span)));
                }
                let made = here.tracer().origin(here.at());
                if made == here.at() {
                    return None;
                }
                here = Here { region: made.0, id: made.1, ..here };
                continue;
            }
            Kind::Local(local) => {
                let local = &body.locals[*local as usize];
                let way = match &local.source {
                    Source::Init { projection, .. } => projection,
                    _ => &local.way,
                };
                // `let SqsMessage { message_id, .. } = record`.
                let taken = way.iter().rev().find_map(|step| match step {
                    Projection::Field(name) => Some(name),
                    _ => None,
                });
                if let Some(name) = taken {
                    return of_name(&context, name).map(|found| (found, None));
                }
                match &local.source {
                    Source::Init { init, .. } => *init,
                    Source::Param(index) => {
                        let (region, id) = here.tracer().argument(here.region, *index)?;
                        here = Here { region, id, ..here };
                        continue;
                    }
                    // `for id in failed`, `failed.into_iter().map(|id| …)`: what was put into the list.
                    Source::Item { iterable } if local.way.is_empty() => put_in(&context, *iterable)?,
                    Source::Closure { closure } if local.way.is_empty() => {
                        let Some(Kind::Method { receiver, .. }) = body.parent_kind(*closure) else { return None };
                        put_in(&context, *receiver)?
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        here = here.on(next);
    }
    None
}

/// What is put into a list of the function, if it is always the same.
fn put_in(context: &Context<'_>, list: ExprId) -> Option<ExprId> {
    let body = context.body;
    let lexicon = context.index.lexicon;
    let mut at = body.peeled(list);
    for _ in 0..MAX_STEPS {
        at = match body.kind(at) {
            Kind::Method { receiver, name, .. }
                if lexicon.method(name).any(&[Meaning::Identity, Meaning::TakesAll]) =>
            {
                body.peeled(*receiver)
            }
            _ => break,
        };
    }
    let Kind::Local(local) = body.kind(at) else { return None };
    let mut put = body.locals[*local as usize].uses.iter().filter_map(|&used| match body.parent_kind(used) {
        Some(Kind::Method { receiver, name, args, .. }) if *receiver == used => {
            args.first().copied().filter(|_| args.len() == 1 && lexicon.method(name).has(Meaning::Fills))
        }
        _ => None,
    });
    put.next().filter(|_| put.next().is_none())
}

fn of_name(context: &Context<'_>, name: &str) -> Option<Identifier> {
    let means = context.index.lexicon.field(name);
    if means.has(Meaning::SequenceNumber) {
        Some(Identifier::SequenceNumber)
    } else if means.has(Meaning::MessageIdentifier) {
        Some(Identifier::Message)
    } else if means.has(Meaning::OtherIdentifier) {
        Some(Identifier::Other(name.to_owned()))
    } else {
        None
    }
}

/// The type that a binding is read as: `from_str::<Order>(text)`.
fn read_as(context: &Context<'_>, id: ExprId) -> Option<Type> {
    let body = context.body;
    let Kind::Local(local) = body.kind(body.peeled(id)) else { return None };
    let Source::Init { init, .. } = &body.locals[*local as usize].source else { return None };
    let Kind::Call { callee, .. } = body.kind(body.peeled(*init)) else { return None };
    let Kind::Path { generic: Some(generic), .. } = body.kind(*callee) else { return None };
    context.meaning(*callee).has(Meaning::ReadsDocument).then(|| context.lower(generic))
}

/// What a field is: one of a record, or one of a document that records carry.
fn of_field(context: &Context<'_>, base: ExprId, name: &str) -> Option<Identifier> {
    if let Some(found) = of_name(context, name) {
        return Some(found);
    }
    let ty = read_as(context, base).unwrap_or_else(|| context.type_of(base));
    let Head::Local(owner) = context.peel(ty).head else { return None };
    let item = context.index.type_item(owner);
    let TypeKind::Struct(fields) = &item.kind else { return None };
    // A type of the workspace that stands for the record, or for its failure, carries its id on.
    let record = fields.iter().any(|field| {
        let means = context.index.lexicon.field(&field.name);
        means.any(&[Meaning::MessageIdentifier, Meaning::SequenceNumber, Meaning::ItemIdentifier, Meaning::EventPart])
    });
    (item.deserialize && !record).then(|| Identifier::Carried(name.to_owned()))
}
