//! Calls of AWS service operations: what they act on, whether they wait, and what becomes of their output.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Role, sdk_operations};
use crate::model::Verdict;
use crate::model::source::{Facts, InvocationType, Operand, SdkCall};
use crate::source::flow::fate::output_use;
use crate::source::flow::requests::{Operation, operation};
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{ExprId, Kind, Lit};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;
use crate::source::types::infer::Context;

/// SDK calls of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::METHOD, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Kind::Method { receiver, name, name_span, .. } = here.kind() else { return };
    let found = here.view.remote.is_direct(here.at()).then(|| operation(&context, here.id)).flatten();
    let Some(Operation { service, calls, sent }) = found else { return };
    let setters = sdk_operations().targets.get(&service).map_or(&[][..], Vec::as_slice);
    let argument = |wanted: &[String]| {
        let is = |name: &str| wanted.iter().any(|setter| setter == name || name.strip_prefix("set_") == Some(setter));
        calls.iter().find(|(name, ..)| is(name)).and_then(|(_, args, _)| args.first().copied())
    };
    let target = argument(setters);
    // Batch requests name it in their entries: `entries(Entry::builder().event_bus_name(bus).build())`.
    let nested = || {
        let mut args = calls.iter().flat_map(|(_, args, _)| args.iter());
        args.find_map(|&arg| nested_argument(here.tracer(), here.of(arg), setters))
    };
    let entry = |setter: &str| {
        let wanted = [setter.to_owned()];
        let args = calls.iter().flat_map(|(_, args, _)| args.iter());
        let found = args.clone().find_map(|&arg| nested_argument(here.tracer(), here.of(arg), &wanted));
        found.filter(|_| service == "eventbridge").map_or(Operand::Unknown, |at| here.tracer().operand(at).0)
    };
    let (operand, target_at) = match target.map(|arg| here.of(arg)).or_else(nested) {
        Some(at) => here.tracer().operand(at),
        // Entries that are made here and name no bus go to the account's own.
        None if service == "eventbridge" && matches!(entry("source"), Operand::Literal(_)) => {
            (Operand::Literal("default".to_owned()), None)
        }
        None => (Operand::Unknown, None),
    };
    let key = argument(&["key".to_owned()]);
    let target_span = target_at.map(|(region, id)| Here { region, id, ..here }.span());
    let range = (context.body.expr(*receiver).span.0, name_span.1);
    let from_event = |arg: Option<ExprId>| arg.map_or(Verdict::No, |arg| here.is_from_event(arg));
    into.push(SdkCall {
        service: service.clone(),
        operation: name.clone(),
        site: here.site(range),
        target: operand,
        target_span,
        invocation_type: invocation_type(&context, &calls),
        setters: calls.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        output: output_use(context.index.lexicon, context.body, sent),
        target_from_event: from_event(target),
        per_element: here.tracer().iterated(here.at()).is_some_and(|over| !is_chunked(here.tracer(), over)),
        key: key.map_or(Operand::Unknown, |key| here.tracer().operand(here.of(key)).0),
        key_condition: argument(&["key_condition_expression".to_owned()])
            .map_or(Operand::Unknown, |condition| here.tracer().operand(here.of(condition)).0),
        event: (entry("source"), entry("detail_type")),
        generated: calls
            .iter()
            .flat_map(|(_, args, _)| args.iter())
            .any(|&arg| is_generated(here.tracer(), here.of(arg))),
        remembered: here.tracer().remembers(here.region, || is_remembered(&context, here.code())),
    });
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
fn is_chunked(tracer: &Tracer<'_>, (region, over): At) -> bool {
    let body = tracer.context(region).body;
    let lexicon = tracer.reach.index.lexicon;
    body.subtree(over)
        .any(|id| matches!(body.kind(id), Kind::Method { name, .. } if lexicon.says(name, Role::InChunks)))
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
        if function.attributes.iter().any(|path| path.last().is_some_and(|name| attributed(name))) {
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

fn invocation_type(context: &Context<'_>, calls: &[(&str, &[ExprId], ExprId)]) -> InvocationType {
    let Some((_, args, _)) = calls.iter().find(|(name, ..)| matches!(*name, "invocation_type" | "set_invocation_type"))
    else {
        return InvocationType::RequestResponse;
    };
    let Some(&arg) = args.first() else {
        return InvocationType::Unknown;
    };
    for id in context.body.subtree(arg) {
        let word = match context.body.kind(id) {
            Kind::Path { path, .. } => path.last().map(String::as_str).unwrap_or_default(),
            Kind::Lit(Lit::Str(text)) => text.as_str(),
            _ => continue,
        };
        match word {
            "Event" => return InvocationType::Event,
            "DryRun" => return InvocationType::DryRun,
            "RequestResponse" => return InvocationType::RequestResponse,
            _ => {}
        }
    }
    InvocationType::Unknown
}
