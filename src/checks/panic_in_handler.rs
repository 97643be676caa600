//! Places that panic on input: under `panic = "abort"` the whole environment goes down.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label, Severity};
use crate::model::deployments::{BuildTool, TriggerKind};
use crate::model::source::Panic;
use crate::rule::Params;
use crate::text::{FileId, Span};
use std::collections::HashMap;

/// So many other places in a function make one finding of them all.
const GROUP: usize = 3;

/// Other places that such a finding names.
const MAX_PLACES: usize = 8;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let abort = aborts(unit);
        let batch = unit.mappings().find(|(_, mapping)| mapping.batch_size.one().is_some_and(|&size| size > 1));
        let all: Vec<&Panic> = program.facts::<Panic>().iter().filter(|panic| invoked(&panic.site)).collect();
        let mut functions: HashMap<(FileId, &[String]), Group<'_>> = HashMap::new();
        for panic in &all {
            functions.entry(function(panic)).or_default().push(panic);
        }
        for panic in all {
            // A function with many of them is told once, with its other places.
            let group = &functions[&function(panic)];
            let others = group.places.len() - group.at[&panic.site.span];
            let grouped = others >= GROUP;
            if grouped && !std::ptr::eq(group.places[0], panic) {
                continue;
            }
            let what = match panic.how.as_str() {
                "index" => "indexing".to_owned(),
                "slice" => "slicing".to_owned(),
                "division" => "dividing".to_owned(),
                method => format!("`{method}`"),
            };
            let by = if panic.how == "division" { "by" } else { "on" };
            let (consequence, severe) = match (abort, &batch) {
                (Some(_), Some(_)) => {
                    ("aborts the process: the whole batch is delivered again, the next invocation starts cold", true)
                }
                (Some(_), None) => {
                    ("aborts the process: no error response, and the next invocation starts cold", false)
                }
                (None, _) => ("fails the invocation instead of returning an error that says why", false),
            };
            let more = if grouped { format!(", here and at {others} more places,") } else { String::new() };
            let message = format!("{what} {by} data of the event{more} {consequence}");
            let finding = sink.at(&panic.site, "panics on unexpected input", message);
            finding.cap(Confidence::Medium);
            if severe || (abort.is_some() && unit.is_concurrent()) {
                finding.severity = Severity::Warning;
            }
            let places = group.places.iter().filter(|other| grouped && other.site.span != panic.site.span);
            for other in places.take(MAX_PLACES) {
                finding.related.push(Label::new(other.site.span, "and here"));
            }
            if let Some(place) = abort {
                finding.also(place, "built with `panic = \"abort\"`");
            }
            if let Some((trigger, _)) = &batch {
                let name = if trigger.kind == TriggerKind::Sqs {
                    "the batch comes from this queue"
                } else {
                    "the batch comes from here"
                };
                finding.also(Some(trigger.span), name);
            }
        }
    }
}

/// The panics of a function.
#[derive(Default)]
struct Group<'p> {
    places: Vec<&'p Panic>,
    /// How many there are at each place.
    at: HashMap<Span, usize>,
}

impl<'p> Group<'p> {
    fn push(&mut self, panic: &'p Panic) {
        self.places.push(panic);
        *self.at.entry(panic.site.span).or_insert(0) += 1;
    }
}

fn function(panic: &Panic) -> (FileId, &[String]) {
    (panic.site.span.file, &panic.site.trail)
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
