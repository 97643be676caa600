//! Failed records of a batch under a name that the service does not know them by.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Edit, Fix, Severity};
use crate::model::deployments::TriggerKind;
use crate::model::source::{FailureIdentifier, Identifier};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let mut kinds = unit.trigger_kinds();
        kinds.retain(|kind| {
            let stream = matches!(kind, TriggerKind::Kinesis | TriggerKind::DynamoDbStream | TriggerKind::Stream);
            stream || *kind == TriggerKind::Sqs
        });
        kinds.dedup();
        let Some((&kind, others)) = kinds.split_first() else { return };
        let queue = kind == TriggerKind::Sqs;
        // One handler for both sources may name each in its own way.
        if others.iter().any(|other| (*other == TriggerKind::Sqs) != queue) {
            return;
        }
        // Without the setting nobody reads the list.
        let mut mappings = unit.mappings().peekable();
        if mappings.peek().is_some() && mappings.all(|(_, mapping)| mapping.partial_batch.one() == Some(&false)) {
            return;
        }
        for failure in program.facts::<FailureIdentifier>().iter().filter(|failure| invoked(&failure.site)) {
            report(unit, failure, kind, sink);
        }
    }
}

fn report(unit: UnitRef<'_>, failure: &FailureIdentifier, kind: TriggerKind, sink: &mut Sink<'_>) {
    let queue = kind == TriggerKind::Sqs;
    let right = if queue { "message_id" } else { "sequence_number" };
    let given = match (&failure.identifier, queue) {
        (Identifier::SequenceNumber, false) | (Identifier::Message, true) => {
            if failure.or_empty {
                let message = format!(
                    "an empty identifier stands for a record without `{right}`: it fails the whole batch instead of \
                     that record"
                );
                let finding = sink.at(&failure.site, "may be empty", message);
                finding.pedantic().cap(Confidence::Medium);
            }
            return;
        }
        (Identifier::SequenceNumber, true) => "a sequence number".to_owned(),
        (Identifier::Message, false) => "the id of a message".to_owned(),
        (Identifier::Other(name), _) => format!("`{name}`"),
        (Identifier::Carried(name), _) => format!("`{name}` of what the record carries"),
        (Identifier::Constant, _) => "the same text for every record".to_owned(),
        (Identifier::Generated, _) => "a new identifier".to_owned(),
    };
    let again = if queue { "every message is delivered again" } else { "all of it is read again, until it expires" };
    let message = format!(
        "the {} knows its records by `{right}`, not by {given}: an identifier that it does not know fails the whole \
         batch, and {again}",
        kind.name()
    );
    let finding = sink.at(&failure.site, "names the failed record", message);
    finding.severity = Severity::Error;
    let trigger = unit.triggers().find(|trigger| trigger.kind == kind);
    finding.also(trigger.map(|trigger| trigger.span), "the source");
    let text = match kind {
        TriggerKind::Sqs => Some("message_id"),
        TriggerKind::Kinesis => Some("kinesis.sequence_number"),
        TriggerKind::DynamoDbStream => Some("change.sequence_number"),
        _ => None,
    };
    // Fields of the library's records, which have one type.
    let swapped =
        matches!(&failure.identifier, Identifier::Other(name) if name == "event_id" || name == "receipt_handle");
    if let (Some(text), Some(span), true) = (text, failure.field, swapped) {
        let edit = Edit { span, text: text.to_owned() };
        finding.fixes.push(Fix::edits(format!("Name the record by `{text}`"), false, vec![edit]));
    }
}
