//! Object keys of S3 notifications are URL-encoded; used as they come, keys with spaces are not found.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Edit, Fix};
use crate::model::deployments::TriggerKind;
use crate::model::source::KeyUse;
use crate::rule::Params;
use crate::text::Span;

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
        for key in program.facts::<KeyUse>().iter().filter(|key| invoked(&key.site)) {
            let message = "the key of an S3 notification is URL-encoded: an object with a space or non-ASCII letter in \
                           its name is not found";
            let finding = sink.at(&key.site, "used as it came", message);
            finding.also(Some(key.read), "the key in the notification");
            let text = unit.project.sources.slice(key.read);
            if let Some(at) = text.find(".key").filter(|_| text.matches(".key").count() == 1) {
                let start = key.read.start + at as u32;
                let span = Span::new(key.read.file, start, start + ".key".len() as u32);
                let edit = Edit { span, text: ".url_decoded_key".to_owned() };
                finding.fixes.push(Fix::edits("Use the decoded key", false, vec![edit]));
            }
            if !kinds.contains(&TriggerKind::S3) {
                finding.cap(Confidence::Medium);
            }
        }
    }
}
