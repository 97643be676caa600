//! Places that panic on input: under `panic = "abort"` the whole environment goes down.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label, Severity};
use crate::model::deployments::{BuildTool, TriggerKind};
use crate::model::source::Panic;
use crate::rule::Params;
use crate::text::Span;

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
        for (at, panic) in all.iter().enumerate() {
            // A function with many of them is told once, with its other places.
            let function = |of: &Panic| (of.site.span.file, of.site.trail.clone());
            let same = all.iter().filter(|other| function(other) == function(panic));
            let others: Vec<&Panic> = same.copied().filter(|other| other.site.span != panic.site.span).collect();
            let grouped = others.len() >= GROUP;
            if grouped && all[..at].iter().any(|before| function(before) == function(panic)) {
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
            let more = if grouped { format!(", here and at {} more places,", others.len()) } else { String::new() };
            let message = format!("{what} {by} data of the event{more} {consequence}");
            let finding = sink.at(&panic.site, "panics on unexpected input", message);
            finding.cap(Confidence::Medium);
            if severe || (abort.is_some() && unit.is_concurrent()) {
                finding.severity = Severity::Warning;
            }
            for other in others.iter().filter(|_| grouped).take(MAX_PLACES) {
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
