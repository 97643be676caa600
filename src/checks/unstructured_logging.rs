//! Printed text where log queries need fields.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Edit, Finding, Fix, Label, Severity};
use crate::knowledge::lexicon;
use crate::model::deployments::Lambda;
use crate::model::source::{LogCall, Program, SubscriberSetup, TextLog};
use crate::rule::Params;
use crate::text::Span;
use crate::words;

/// Other places that a finding names.
const MAX_PLACES: usize = 8;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let function = unit.lambda();
        if function.is_some() {
            silent(unit, program, sink);
        }
        colours(unit, program, params, sink);
        // What nothing here deploys has the format that is the default.
        if function.is_some_and(|function| function.log_format.one().is_none_or(|format| format == "JSON")) {
            return;
        }
        let logger = program.facts::<TextLog>().iter().find(|log| !log.colours);
        let logger = logger.filter(|_| !program.handlers.is_empty());
        // A line that writes the event is told of by the rule about those.
        let plain = |log: &&LogCall| log.prints && log.payload.is_none() && invoked(&log.site);
        let prints = program.facts::<LogCall>().iter().filter(plain);
        let mut prints: Vec<_> = prints.collect();
        // The place nearest to the handler says most.
        prints.sort_by_key(|log| (log.site.trail.len(), log.site.span));
        let Some((&first, more)) = prints.split_first() else {
            if let Some(logger) = logger {
                let message =
                    "writes plain text; log queries and metric filters have no fields or request id to work with";
                also_format(function, sink.at(&logger.site, "writes plain text", message).pedantic());
            }
            return;
        };
        let others = match more.len() {
            0 => String::new(),
            1 => ", and at one more place".to_owned(),
            several => format!(", and at {several} more places"),
        };
        let message = format!(
            "prints plain text{others}; log queries and metric filters have no fields, level or request id to work with"
        );
        let finding = sink.at(&first.site, "prints here", message).pedantic();
        if let Some(logger) = logger {
            finding.related.push(Label::new(logger.site.span, "writes plain text, too"));
        }
        for log in more.iter().take(MAX_PLACES) {
            finding.related.push(Label::new(log.site.span, "and here"));
        }
        also_format(function, finding);
        // With a subscriber, events go where the function's other events go.
        let edits: Option<Vec<Edit>> = std::iter::once(first)
            .chain(more.iter().copied())
            .map(|log| as_event(unit, log.site.span, params))
            .collect();
        if let Some(edits) = edits.filter(|_| program.has::<SubscriberSetup>() && depends_on_tracing(unit)) {
            finding.fixes.push(Fix::edits("Write `tracing` events instead", false, edits));
        }
    }
}

/// The log format of a function; what nothing here deploys may have another one.
fn also_format(function: Option<&Lambda>, finding: &mut Finding) {
    match function {
        Some(function) => {
            let origin = function.log_format.origin.describe();
            finding.also(function.log_format.place(), format!("log format, {origin}"));
        }
        None => {
            finding.cap(Confidence::Low);
        }
    }
}

/// The macro's name replaced by the one of an event; an empty line has nothing to say.
fn as_event(unit: UnitRef<'_>, span: Span, params: &Params) -> Option<Edit> {
    let sources = &unit.project.sources;
    let arguments = sources.text(span.file).get(span.end as usize..)?.strip_prefix("!(")?;
    // What a line says of itself decides before the stream it goes to.
    let text = arguments.trim_start().strip_prefix('"').and_then(|text| text.split('"').next()).unwrap_or_default();
    let failed = words::split(text).any(|word| params.list("error-words").contains(&word.to_lowercase()));
    let event = match sources.slice(span) {
        "println" if !failed => "tracing::info",
        "println" | "eprintln" => "tracing::error",
        _ => return None,
    };
    (!arguments.trim_start().starts_with(')')).then(|| Edit { span, text: event.to_owned() })
}

/// Subscribers that write colour codes, which the log keeps as they are.
fn colours(unit: UnitRef<'_>, program: &Program, params: &Params, sink: &mut Sink<'_>) {
    let log = program.facts::<TextLog>().iter().find(|log| log.colours);
    let Some(log) = log.filter(|_| !program.handlers.is_empty()) else { return };
    let switch = |name: &String| unit.function().is_some_and(|function| function.env.vars.contains_key(name.as_str()));
    if params.list("colour-switches").iter().any(switch) || !has_colours(unit, params) {
        return;
    }
    let message = "writes colour codes into the log: searches and metric filters do not match through them";
    let finding = sink.at(&log.site, "colours are on by default", message);
    finding.severity = Severity::Warning;
    finding.cap(Confidence::Medium);
    if let Some(call) = log.settings {
        let edit = Edit { span: Span::new(call.file, call.end, call.end), text: ".with_ansi(false)".to_owned() };
        finding.fixes.push(Fix::edits("Turn colours off", true, vec![edit]));
    }
}

/// Whether every line of the workspace that asks for the crate leaves colours on.
fn has_colours(unit: UnitRef<'_>, params: &Params) -> bool {
    let (names, features) = (params.list("subscribers"), params.list("colour-features"));
    let packages = unit.project.cargo.packages.iter();
    let lines = packages.flat_map(|package| &package.dependencies);
    let mut lines = lines.filter(|line| names.contains(&line.package)).peekable();
    lines.peek().is_some()
        && lines.all(|line| line.default_features || line.features.iter().any(|known| features.contains(known)))
}

fn depends_on_tracing(unit: UnitRef<'_>) -> bool {
    let cargo = &unit.project.cargo;
    let package = unit.unit.target().map(|target| cargo.package(cargo.target(target).package));
    package.is_some_and(|package| package.dependencies.iter().any(|line| line.package == "tracing" && !line.optional))
}

/// Lines that go nowhere: nothing in the binary installs a subscriber.
fn silent(unit: UnitRef<'_>, program: &Program, sink: &mut Sink<'_>) {
    let mut lines = program.facts::<LogCall>().iter().filter(|log| !log.prints && invoked(&log.site));
    let Some(first) = lines.next().filter(|_| !program.has::<SubscriberSetup>() && !program.handlers.is_empty()) else {
        return;
    };
    // A library that nobody described is handed the handler, and may install one first.
    if program.handlers.iter().any(|handler| !handler.served && lexicon().of(&handler.entry).is_empty()) {
        return;
    }
    let target = unit.unit.target().map(|target| unit.project.cargo.target(target).name.as_str());
    let name = unit.name().or(target).unwrap_or("the binary");
    let more = lines.count();
    let others = if more == 0 { String::new() } else { format!(", {more} more") };
    let message = format!(
        "nothing in `{name}` installs a log subscriber: this line{others}, and errors of the runtime, are lost"
    );
    let finding = sink.at(&first.site, "written to no subscriber", message);
    finding.severity = Severity::Warning;
    finding.cap(Confidence::Medium);
}
