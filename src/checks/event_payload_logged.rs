//! Whole events in the log: personal data, and a bill for every byte.

use super::support::context::{event_type, invoked};
use super::support::levels::Levels;
use super::support::money::Rates;
use super::{Check, Sink, UnitRef};
use crate::finding::Label;
use crate::model::deployments::TriggerKind;
use crate::model::source::{Handler, LogCall, Payload, Program, RecordedArguments, SecretLog, Site, SubscriberSetup};
use crate::rule::Params;
use crate::text::Span;

/// Other places a finding names.
const MAX_PLACES: usize = 8;

pub(super) struct Rule;

/// A place that writes something whole.
struct Place<'p> {
    site: &'p Site,
    /// Whether it is the event, not an answer.
    event: bool,
    message: String,
    note: &'static str,
}

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let levels = Levels(params.list("levels"));
        let least = levels.configured(unit, params.list("level-variables"));
        let written = |level: &str| levels.of(level).is_none_or(|level| least.is_none_or(|least| level <= least));
        let lines = program.facts::<LogCall>().iter().filter(|log| invoked(&log.site));
        // A secret in the line is the worse of the two.
        let secret = |log: &LogCall| program.facts::<SecretLog>().iter().any(|known| known.site.span == log.site.span);
        let lines = lines.filter(|log| (log.prints || written(&log.path)) && !secret(log)).filter_map(line);
        let arguments = program
            .facts::<RecordedArguments>()
            .iter()
            .filter(|recorded| invoked(&recorded.site) && written(&recorded.level) && is_written(program, recorded));
        let mut places: Vec<Place<'_>> = lines.chain(arguments.map(argument)).collect();
        // The place nearest to the handler says most; what several programs share comes after what is a program's own.
        places.sort_by_key(|place| (place.site.trail.len(), place.site.span));
        let mut places = places.into_iter();
        let Some(first) = places.next() else { return };
        let answers = places.as_slice().iter().any(|place| !place.event);
        let finding = sink.at(first.site, first.note, first.message);
        finding.notes.extend(unit.unit.function().and_then(|id| Rates::of(unit.project, id)?.logged()));
        if first.event && !answers && is_impersonal(unit, program) {
            finding.pedantic();
        }
        let more: Vec<Span> = places.map(|place| place.site.span).filter(|span| *span != first.site.span).collect();
        finding.related.extend(more.into_iter().take(MAX_PLACES).map(|span| Label::new(span, "and here")));
    }
}

/// Whether there can be nothing of a person in the event: the notice of a schedule, or keys, identifiers and numbers.
fn is_impersonal(unit: UnitRef<'_>, program: &Program) -> bool {
    let kinds = unit.trigger_kinds();
    let notice = |kind: &TriggerKind| matches!(kind, TriggerKind::Schedule | TriggerKind::SchedulerV2);
    let configured = unit.triggers().next().is_some() && kinds.iter().all(notice);
    let handlers = &program.handlers;
    // Nobody knows who sends it: neither a trigger nor the type of the event says.
    let known = |handler: &Handler| handler.served || handler.name == "router" || event_type(&handler.event).is_some();
    let unknown = kinds.is_empty() && !handlers.iter().any(known);
    unknown || configured || (!handlers.is_empty() && handlers.iter().all(|handler| handler.only_references))
}

fn line(log: &LogCall) -> Option<Place<'_>> {
    let (what, note) = match log.payload? {
        Payload::Event => ("the whole event", "logs the event"),
        Payload::List => ("a whole list of the event", "logs a list of the event"),
        Payload::Answer => ("whole records that a service answered with", "logs the answer"),
    };
    let message = format!("`{}!` writes {what} to the log, with whatever personal data is in it", log.path);
    Some(Place { site: &log.site, event: log.payload != Some(Payload::Answer), message, note })
}

fn argument(recorded: &RecordedArguments) -> Place<'_> {
    let message = format!(
        "`#[{}]` writes the argument `{}`, the whole event, into every log line inside the function",
        recorded.path, recorded.parameter
    );
    Place { site: &recorded.site, event: true, message, note: "records every argument it is not told to skip" }
}

/// Whether a subscriber writes what an attribute recorded: beside a line inside the function, or when a span ends.
fn is_written(program: &Program, recorded: &RecordedArguments) -> bool {
    let setups = program.facts::<SubscriberSetup>();
    let inside = |site: &Site| recorded.site.trail.last().is_some_and(|name| site.trail.contains(name));
    let lines = program.facts::<LogCall>().iter().any(|log| !log.prints && inside(&log.site));
    !setups.is_empty() && (lines || setups.iter().any(|setup| setup.shows_spans))
}
