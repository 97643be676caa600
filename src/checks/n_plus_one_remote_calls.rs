//! One remote call for each element where one call takes many.

use super::support::context::invoked;
use super::support::grouped::grouped;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label};
use crate::knowledge::{BatchTwin, sdk_operations};
use crate::model::deployments::TriggerKind;
use crate::model::source::{Iteration, Operand, Program, QueryCall, SdkCall};
use crate::rule::Params;
use crate::text::Span;
use std::collections::BTreeMap;

/// Other statements of a loop that a finding names.
const MAX_PLACES: usize = 8;

/// Records of one batch that are few enough to be handled one by one.
const FEW: i64 = 10;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let calls = program.facts::<SdkCall>().iter().filter(|call| invoked(&call.site));
        let calls = calls.filter(|call| twin(call).is_some() && !is_read_to_be_changed(program, call));
        // One loop, one finding, and one function: whoever batches one loop of it looks at the others too.
        let mut causes: Vec<Vec<&SdkCall>> = Vec::new();
        for same in grouped(calls, |call| call.per_element.map(|over| over.span)) {
            let key = |call: &SdkCall| {
                let batch = call.per_element.is_some_and(|over| over.is_batch);
                (call.site.span.file, call.site.trail.clone(), call.operation.clone(), batch)
            };
            match causes.iter_mut().find(|known| key(known[0]) == key(same[0])) {
                Some(known) => known.extend(same),
                None => causes.push(same),
            }
        }
        for same in causes {
            let call = same[0];
            let (Some(over), Some(twin)) = (call.per_element, twin(call)) else { continue };
            let records = records(unit, over);
            if records == Records::One {
                continue;
            }
            let message = format!(
                "calls `{}` once for each element; one `{}` takes up to {}",
                call.operation, twin.operation, twin.most
            );
            let finding = sink.at(&call.site, "one round trip each", message);
            finding.cap(Confidence::Medium).also(Some(over.span), "for each of these");
            let now_and_then = same.iter().all(|call| call.per_element.is_some_and(|over| over.conditional));
            if records == Records::Few || now_and_then || unit.runs_rarely() {
                finding.pedantic();
            }
            finding.places(same.iter().map(|other| other.site.span), "and here");
        }
        // The records of one batch of one are no loop.
        if !unit.mappings().any(|(_, mapping)| mapping.batch_size.one() == Some(&1)) {
            queries(program, sink);
        }
    }
}

/// Statements of a database, one finding for each loop.
fn queries(program: &Program, sink: &mut Sink<'_>) {
    let mut loops: BTreeMap<Span, Vec<&QueryCall>> = BTreeMap::new();
    for call in program.facts::<QueryCall>().iter().filter(|call| invoked(&call.site)) {
        if let Some(over) = call.over {
            loops.entry(over).or_default().push(call);
        }
    }
    for (over, calls) in loops {
        let Some((first, more)) = calls.split_first() else { continue };
        let library = first.path.split("::").next().unwrap_or("the library");
        let name = first.path.rsplit("::").next().unwrap_or("a statement");
        let message = format!(
            "`{name}` of `{library}` runs once for each element; one statement, batch or pipeline takes them all"
        );
        let finding = sink.at(&first.site, "one round trip each", message);
        finding.cap(Confidence::Medium);
        finding.related.extend(more.iter().take(MAX_PLACES).map(|call| Label::new(call.site.span, "and another")));
        finding.also(Some(over), "for each of these");
    }
}

/// The operation that takes many, if a call asks for nothing that it cannot.
fn twin(call: &SdkCall) -> Option<&'static BatchTwin> {
    let operations = sdk_operations();
    call.per_element?;
    let twin = operations.batch_twins.get(&call.data_key())?;
    let single = call.setters().any(|setter| operations.single_setters.iter().any(|known| known == setter));
    let several = call.setters().filter(|setter| *setter == "entries").count() > 1 || call.sets("set_entries");
    (!single && !several).then_some(twin)
}

/// Whether an item is read to be written back changed: reading all of them before would lose changes made meanwhile.
fn is_read_to_be_changed(program: &Program, read: &SdkCall) -> bool {
    let writes = |other: &&SdkCall| {
        let same_table = other.target == read.target || read.target == Operand::Unknown;
        let same_function = other.site.span.file == read.site.span.file && other.site.trail == read.site.trail;
        other.service == read.service
            && matches!(other.operation.as_str(), "update_item" | "put_item")
            && same_table
            && same_function
            && other.site.span.start > read.site.span.start
    };
    read.operation == "get_item" && program.facts::<SdkCall>().iter().any(|other| writes(&other))
}

/// How many records a loop over the event goes over.
#[derive(PartialEq, Eq)]
enum Records {
    One,
    Few,
    Many,
}

fn records(unit: UnitRef<'_>, over: Iteration) -> Records {
    if !over.is_batch {
        return Records::Many;
    }
    let kinds = unit.trigger_kinds();
    // One object, one message: what comes as a list of one.
    let single = |kind: &TriggerKind| matches!(kind, TriggerKind::S3 | TriggerKind::Sns | TriggerKind::Mail);
    if !kinds.is_empty() && kinds.iter().all(single) {
        return Records::One;
    }
    let sizes: Vec<i64> = unit.mappings().filter_map(|(_, mapping)| mapping.batch_size.one().copied()).collect();
    match sizes.iter().max() {
        Some(1) => Records::One,
        Some(&most) if most <= FEW => Records::Few,
        Some(_) => Records::Many,
        // Nobody says how many; queues deliver ten unless they are told otherwise.
        None if kinds.iter().all(|kind| matches!(kind, TriggerKind::Sqs)) => Records::Few,
        None => Records::Many,
    }
}
