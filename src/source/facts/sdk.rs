//! Calls of AWS service operations: what they act on, whether they wait, and what becomes of their output.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Role, sdk_operations};
use crate::model::Verdict;
use crate::model::source::{Argument, Facts, Iteration, Operand, SdkCall};
use crate::source::flow::fate::output_use;
use crate::source::flow::requests::{Operation, operation};
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{Body, ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;
use crate::source::types::infer::Context;
use std::collections::BTreeMap;

/// SDK calls of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::METHOD, run: collect };

/// The method of the SDK that makes a request ask for every page; methods of libraries may do without it.
const PAGES: &str = "into_paginator";

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Kind::Method { receiver, name, name_span, .. } = here.kind() else { return };
    let found = here.view.remote.is_direct(here.at()).then(|| operation(&context, here.id)).flatten();
    let Some(Operation { service, calls, sent }) = found else { return };
    let operations = sdk_operations();
    let listed = |of: &'static BTreeMap<String, Vec<String>>| of.get(&service).map_or(&[][..], Vec::as_slice);
    let (targets, entries) = (listed(&operations.targets), listed(&operations.entries));
    let given = |wanted: &[String]| {
        let is = |name: &str| wanted.iter().any(|setter| setter == name || name.strip_prefix("set_") == Some(setter));
        calls.iter().find(|(name, ..)| is(name)).and_then(|(_, args, _)| args.first().copied())
    };
    // Batch requests name it in their entries: `entries(Entry::builder().event_bus_name(bus).build())`.
    let nested = |wanted: &[String]| {
        let mut args = calls.iter().flat_map(|(_, args, _)| args.iter());
        args.find_map(|&arg| nested_argument(here.tracer(), here.of(arg), wanted))
    };
    let mut arguments: Vec<Argument> =
        calls.iter().map(|(name, args, _)| argument(here, name, args.first().copied())).collect();
    for setter in entries {
        let value = nested(std::slice::from_ref(setter)).map(|at| here.tracer().operand(at).0);
        arguments.extend(value.map(|value| Argument { setter: setter.clone(), value, variant: None }));
    }
    let whole = operations.in_pages.get(name);
    if whole.is_some() {
        arguments.push(Argument { setter: PAGES.to_owned(), value: Operand::Unknown, variant: None });
    }
    let target = given(targets);
    let written = entries.first().and_then(|setter| arguments.iter().rfind(|argument| argument.setter == *setter));
    let (operand, target_at) = match target.map(|arg| here.of(arg)).or_else(|| nested(targets)) {
        Some(at) => here.tracer().operand(at),
        // Entries that are made here and name no bus go to the account's own.
        None if written.is_some_and(|argument| matches!(argument.value, Operand::Literal(_))) => {
            let own = operations.own_targets.get(&service);
            (own.map_or(Operand::Unknown, |own| Operand::Literal(own.clone())), None)
        }
        None => (Operand::Unknown, None),
    };
    let mut given = calls.iter().flat_map(|(_, args, _)| args.iter());
    into.push(SdkCall {
        operation: whole.unwrap_or(name).clone(),
        site: here.site((context.body.expr(*receiver).span.0, name_span.1)),
        target: operand,
        target_span: target_at.map(|(region, id)| Here { region, id, ..here }.span()),
        arguments,
        output: output_use(context.index.lexicon, context.body, sent),
        on_bucket_of_record: target.is_some_and(|target| here.tracer().is_bucket_of_record(here.of(target))),
        target_from_event: target.map_or(Verdict::No, |target| here.is_from_event(target)),
        per_element: here.tracer().iterated(here.at()).filter(|over| !is_chunked(here.tracer(), *over)).map(|over| {
            let (region, id) = over;
            let conditional = here.tracer().is_conditional_within(here.at(), over);
            Iteration { span: Here { region, id, ..here }.span(), is_batch: is_batch(here.tracer(), over), conditional }
        }),
        generated: given.any(|&arg| is_generated(here.tracer(), here.of(arg))),
        remembered: here.tracer().remembers(here.region, || is_remembered(&context, here.code())),
        service,
    });
}

/// A method called on the request with what it is given.
fn argument(here: Here<'_>, setter: &str, arg: Option<ExprId>) -> Argument {
    let value = arg.map_or(Operand::Unknown, |arg| here.tracer().operand(here.of(arg)).0);
    let variant = arg.and_then(|arg| variant(here.body(), arg));
    Argument { setter: setter.to_owned(), value, variant }
}

/// `Kind::Name` or `"Name"`, whatever wraps it.
fn variant(body: &Body, arg: ExprId) -> Option<String> {
    let is_called = |id| matches!(body.parent_kind(id), Some(Kind::Call { callee, .. }) if *callee == id);
    body.subtree(arg).find_map(|id| match body.kind(id) {
        Kind::Lit(Lit::Str(word)) => Some(word.clone()),
        Kind::Path { path, .. } if !is_called(id) => {
            path.last().filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase())).cloned()
        }
        _ => None,
    })
}

/// The argument of a setter inside a value, or inside what it was bound to.
fn nested_argument(tracer: &Tracer<'_>, at: At, wanted: &[String]) -> Option<At> {
    if wanted.is_empty() {
        return None;
    }
    tracer.ingredient(at, |(region, id)| match tracer.context(region).body.kind(id) {
        Kind::Method { name, args, .. } if wanted.contains(name) => args.first().map(|&arg| (region, arg)),
        _ => None,
    })
}

/// Whether what is iterated are chunks or pages already.
pub(super) fn is_chunked(tracer: &Tracer<'_>, (region, over): At) -> bool {
    let body = tracer.context(region).body;
    let lexicon = tracer.reach.index.lexicon;
    body.subtree(over)
        .any(|id| matches!(body.kind(id), Kind::Method { name, .. } if lexicon.says(name, Role::InChunks)))
}

/// Whether what is iterated are the records of the event.
fn is_batch(tracer: &Tracer<'_>, over: At) -> bool {
    let (region, made) = tracer.origin(over);
    let body = tracer.context(region).body;
    let batch = |name: &str| tracer.reach.index.lexicon.field(name).has(Meaning::Batch);
    body.subtree(made).any(|id| matches!(body.kind(id), Kind::Field { name, .. } if batch(name)))
        && tracer.is_from_event((region, made)) == Verdict::Yes
}

/// Whether a value holds a random or time-based identifier.
fn is_generated(tracer: &Tracer<'_>, at: At) -> bool {
    let found = tracer.ingredient(at, |(region, id)| {
        let context = tracer.context(region);
        let generates = match context.body.kind(id) {
            Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::GeneratesId),
            Kind::Macro { path, .. } => context.index.lexicon.macro_of(path).has(Meaning::GeneratesId),
            _ => false,
        };
        generates.then_some(())
    });
    found.is_some()
}

/// Whether the function around a fetch keeps what it fetched: an age check, a cache or shared state.
fn is_remembered(context: &Context<'_>, code: Code) -> bool {
    let lexicon = context.index.lexicon;
    let attributed = |name: &str| lexicon.means(name, Meaning::Remembers);
    if let Code::Fn(id) = code {
        let function = context.index.function(id);
        if function.attributes.iter().any(|attribute| attribute.path.last().is_some_and(|name| attributed(name))) {
            return true;
        }
    }
    context.body.exprs.iter().any(|expr| match &expr.kind {
        Kind::Method { receiver, name, .. } => {
            let means = lexicon.method(name);
            means.has(Meaning::Remembers)
                || means.has(Meaning::KeepsUnderKey)
                    && context.body.subtree(*receiver).any(|inner| match context.body.kind(inner) {
                        Kind::Method { name, .. } => lexicon.method(name).has(Meaning::Exclusive),
                        Kind::Field { name, .. } => lexicon.says(name, Role::Cache),
                        Kind::Path { path, .. } => matches!(context.resolve(path), Res::Static(_)),
                        _ => false,
                    })
        }
        // `*guard = fetched`, with the guard of something shared.
        Kind::Assign { target, .. } => matches!(context.body.kind(*target), Kind::Wrap(_)),
        _ => false,
    })
}
