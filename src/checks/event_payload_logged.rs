//! Whole events in the log: personal data, and a bill for every byte.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Label;
use crate::model::source::LogCall;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let mut whole = program.facts::<LogCall>().iter().filter(|log| log.payload && invoked(&log.site));
        let Some(first) = whole.next() else { return };
        let message = format!(
            "`{}!` writes the whole event to the log: whatever personal data it carries stays there, and every byte is \
             billed",
            first.path
        );
        let finding = sink.at(&first.site, "logs the event", message);
        for log in whole.take(3) {
            finding.related.push(Label::new(log.site.span, "and here"));
        }
    }
}
