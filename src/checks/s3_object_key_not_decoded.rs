//! Object keys of S3 notifications are URL-encoded; used as they come, keys with spaces are not found.

use super::support::context::invoked;
use super::support::grouped::grouped;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::deployments::TriggerKind;
use crate::model::source::{KeyUse, KeyUseKind};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let kinds = unit.trigger_kinds();
        // EventBridge delivers keys as they are.
        let notified = |kind: &TriggerKind| matches!(kind, TriggerKind::S3 | TriggerKind::Sns | TriggerKind::Sqs);
        if !kinds.iter().any(notified) {
            return;
        }
        let keys = program.facts::<KeyUse>();
        let fills = keys.iter().any(|key| key.kind == KeyUseKind::Fills);
        let used = keys.iter().filter(|key| invoked(&key.site));
        // A key that is read once and used often is decoded once.
        for same in grouped(used, |key| (key.read, key.kind)) {
            let key = same[0];
            let (message, note) = match key.kind {
                KeyUseKind::Encoded => (
                    "the key of an S3 notification is URL-encoded: an object with a space or non-ASCII letter in its \
                     name is not found",
                    "used as it came",
                ),
                KeyUseKind::EscapesKept => (
                    "percent escapes stay: an object with a non-ASCII letter or one of `&$@=;:,?` in its name is not \
                     found",
                    "only its plus signs are replaced",
                ),
                KeyUseKind::PlusKept => (
                    "plus signs stay: S3 writes the spaces of a key as `+`, and this decodes percent escapes only",
                    "decoded here",
                ),
                KeyUseKind::NeverFilled if !fills => (
                    "S3 sends no decoded key and nothing fills this field: it is `None` for every object, and every \
                     event fails",
                    "never filled",
                ),
                KeyUseKind::NeverFilled | KeyUseKind::Fills => continue,
            };
            let finding = sink.at(&key.site, note, message);
            if key.kind == KeyUseKind::NeverFilled {
                finding.severity = Severity::Error;
            } else {
                finding.also(Some(key.read), "the key in the notification");
            }
            if !kinds.contains(&TriggerKind::S3) {
                finding.cap(Confidence::Medium);
            }
            finding.places(same.iter().map(|other| other.site.span), "and here");
        }
    }
}
