//! Places that panic on input: under `panic = "abort"` the whole environment goes down.

use super::support::context::invoked;
use super::support::grouped::{function, grouped, listed};
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Finding, Severity};
use crate::model::deployments::{BuildTool, TriggerKind};
use crate::model::source::Panic;
use crate::rule::Params;
use crate::text::Span;
use std::collections::HashSet;

/// So many other places in a function make one finding of them all.
const GROUP: usize = 3;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let all = program.facts::<Panic>().iter().filter(|panic| invoked(&panic.site));
        for group in grouped(all, |panic| (function(&panic.site), panic.sent)) {
            let mut spans = HashSet::new();
            let places: Vec<&Panic> = group.into_iter().filter(|panic| spans.insert(panic.site.span)).collect();
            // A function with many of them is told once, with its other places; one with a few, with the first.
            if places.len() > GROUP {
                report(unit, &places, sink);
                continue;
            }
            let cause =
                places.first().map(|first| format!("{:?} {}", first.site.span.file, first.site.trail.join(" > ")));
            for place in &places {
                if let Some(finding) = report(unit, &[*place], sink) {
                    finding.cause.clone_from(&cause);
                }
            }
        }
    }
}

/// One finding for the places of a function.
fn report<'s>(unit: UnitRef<'_>, places: &[&Panic], sink: &'s mut Sink<'_>) -> Option<&'s mut Finding> {
    let (panic, others) = places.split_first()?;
    let abort = aborts(unit);
    let batch = unit.mappings().find(|(_, mapping)| mapping.batch_size.one().is_some_and(|&size| size > 1));
    let mut ways: Vec<String> = Vec::new();
    for way in places.iter().map(|place| way(&place.how)) {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let by = if panic.how == "division" && ways.len() == 1 { "by" } else { "on" };
    let (ends, fails) = if ways.len() == 1 { ("aborts", "fails") } else { ("abort", "fail") };
    let consequence = match (abort, &batch) {
        (Some(_), Some(_)) => {
            format!("{ends} the process: the whole batch is delivered again, the next invocation starts cold")
        }
        (Some(_), None) => format!("{ends} the process: no error response, and the next invocation starts cold"),
        (None, _) => format!("{fails} the invocation instead of returning an error that says why"),
    };
    let more = match others.len() {
        0 => String::new(),
        1 => ", here and at one more place,".to_owned(),
        several => format!(", here and at {several} more places,"),
    };
    let message = format!("{} {by} data of the event{more} {consequence}", listed(&ways));
    let finding = sink.at(&panic.site, "panics on unexpected input", message);
    finding.cap(Confidence::Medium);
    if panic.sent {
        finding.pedantic();
    } else if abort.is_some() && (batch.is_some() || unit.is_concurrent()) {
        finding.severity = Severity::Warning;
    }
    finding.places(others.iter().map(|other| other.site.span), "and here");
    if let Some(place) = abort {
        finding.also(place, "built with `panic = \"abort\"`");
    }
    if let Some((trigger, _)) = &batch {
        let queue = trigger.kind == TriggerKind::Sqs;
        let name = if queue { "the batch comes from this queue" } else { "the batch comes from here" };
        finding.also(Some(trigger.span), name);
    }
    Some(finding)
}

/// What panics, in words.
fn way(how: &str) -> String {
    match how {
        "index" => "indexing".to_owned(),
        "slice" => "slicing".to_owned(),
        "division" => "dividing".to_owned(),
        method => format!("`{method}`"),
    }
}

/// Whether a panic aborts, and where that is decided: cargo-lambda sets it in release builds unless the
/// profile says otherwise (cargo-lambda 1.9, cargo-lambda-metadata, `cargo/mod.rs`).
fn aborts(unit: UnitRef<'_>) -> Option<Option<Span>> {
    let cargo = &unit.project.cargo;
    let package = cargo.package(cargo.target(unit.unit.target()?).package);
    let profile = &cargo.workspaces[package.workspace].release;
    if let Some((value, span)) = profile.keys.get("panic") {
        return (value == "abort").then_some(Some(*span));
    }
    let function = unit.function()?;
    (function.package.tool == BuildTool::SamCargoLambda).then(|| function.package.path.place())
}
