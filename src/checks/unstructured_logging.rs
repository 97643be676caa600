//! Printed text where log queries need fields.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::finding::{Edit, Fix, Label};
use crate::model::source::{LogCall, Program, SubscriberSetup, TextLog};
use crate::rule::Params;
use crate::text::Span;
use crate::words;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(function)) = (unit.program(), unit.lambda()) else { return };
        silent(unit, program, sink);
        colours(unit, program, params, sink);
        if function.log_format.one().is_none_or(|format| format == "JSON") {
            return;
        }
        // A line that writes the whole event says so in a finding of its own.
        let plain = |log: &&LogCall| log.prints && log.payload.is_none() && invoked(&log.site);
        let mut prints = program.facts::<LogCall>().iter().filter(plain);
        let Some(first) = prints.next() else { return };
        let more: Vec<_> = prints.collect();
        let others = if more.is_empty() { String::new() } else { format!(", and at {} more places", more.len()) };
        let message = format!(
            "prints plain text{others}; log queries and metric filters have no fields, level or request id to work with"
        );
        let finding = sink.at(&first.site, "prints here", message);
        finding.pedantic();
        for log in more.iter().take(2) {
            finding.related.push(Label::new(log.site.span, "and here"));
        }
        finding.also(function.log_format.place(), format!("log format, {}", function.log_format.origin.describe()));
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
    let Some(log) = program.facts::<TextLog>().first().filter(|_| !program.handlers.is_empty()) else { return };
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
    let name = unit.name().unwrap_or("the function");
    let more = lines.count();
    let others = if more == 0 { String::new() } else { format!(", {more} more") };
    let message = format!(
        "nothing in `{name}` installs a log subscriber: this line{others}, and errors of the runtime, are lost"
    );
    let finding = sink.at(&first.site, "written to no subscriber", message);
    finding.severity = Severity::Warning;
    finding.cap(Confidence::Medium);
}
