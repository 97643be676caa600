//! Whole events in the log: personal data, and a bill for every byte.

use super::support::context::{event_type, invoked};
use super::{Check, Sink, UnitRef};
use crate::finding::Label;
use crate::model::deployments::{Text, TriggerKind};
use crate::model::source::{Handler, LogCall, Payload, Program, RecordedArguments, Site, SubscriberSetup};
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
        let lines = lines.filter(|log| log.prints || written(&log.path)).filter_map(line);
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

/// The words for levels of log lines, from the quietest setting on.
struct Levels<'p>(&'p [String]);

impl Levels<'_> {
    /// The position of a level: of `tracing::info`, `info`, `Info`.
    fn of(&self, path: &str) -> Option<usize> {
        let name = path.rsplit("::").next()?;
        self.0.iter().position(|level| name.eq_ignore_ascii_case(level))
    }

    /// The level up to which the environment of the function lets lines through, if it sets one.
    ///
    /// Of directives for several modules the most open one counts, since lines are not told apart by module.
    fn configured(&self, unit: UnitRef<'_>, variables: &[String]) -> Option<usize> {
        let function = unit.function()?;
        variables.iter().find_map(|name| {
            let Text::Literal(text) = function.env.vars.get(name.as_str())?.value.one()? else { return None };
            // A module without a level lets everything of it through.
            let levels = text.split(',').map(|directive| {
                let level = directive.rsplit('=').next().unwrap_or_default().trim();
                self.of(level).unwrap_or(self.0.len())
            });
            levels.max()
        })
    }
}
