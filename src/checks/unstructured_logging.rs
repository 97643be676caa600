//! Printed text where log queries need fields.

use super::context::invoked;
use crate::finding::{Confidence, Severity};
use crate::model::source::Program;
use super::{Check, Sink, UnitRef};
use crate::finding::Label;
use crate::spec::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(function)) = (unit.lambda_program(), unit.function()) else { return };
        silent(unit, program, sink);
        if function.log_format.one().is_none_or(|format| format == "JSON") {
            return;
        }
        let mut prints = program.logs.iter().filter(|log| log.prints && invoked(&log.site));
        let Some(first) = prints.next() else { return };
        let more: Vec<_> = prints.collect();
        let others = if more.is_empty() { String::new() } else { format!(", and at {} more places", more.len()) };
        let message = format!("prints plain text{others}; log queries and metric filters have no fields, level or request id to work with");
        let finding = sink.at(&first.site, "prints here", message);
        for log in more.iter().take(2) {
            finding.related.push(Label::new(log.site.span, "and here"));
        }
        finding.also(function.log_format.place(), format!("log format, {}", function.log_format.origin.describe()));
    }
}

/// Lines that go nowhere: nothing in the binary installs a subscriber.
fn silent(unit: UnitRef<'_>, program: &Program, sink: &mut Sink<'_>) {
    let mut lines = program.logs.iter().filter(|log| !log.prints && invoked(&log.site));
    let Some(first) = lines.next().filter(|_| !program.subscriber_seen && !program.handlers.is_empty()) else { return };
    let name = unit.name().unwrap_or("the function");
    let more = lines.count();
    let others = if more == 0 { String::new() } else { format!(", nor {more} more") };
    let message = format!("nothing in `{name}` installs a log subscriber: neither this line{others}, nor what the runtime logs of errors, is ever written");
    let finding = sink.at(&first.site, "written to no subscriber", message);
    finding.severity = Severity::Warning;
    finding.cap(Confidence::Medium);
}
