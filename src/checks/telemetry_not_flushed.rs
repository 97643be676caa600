//! Telemetry that is gathered in a process that is frozen before it is sent.

use super::support::feature_edits::is_named;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::source::{FlushTime, TelemetryBatch, TelemetryFlush};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program().filter(|program| !program.handlers.is_empty()) else { return };
        let Some((batch, others)) = program.facts::<TelemetryBatch>().split_first() else { return };
        let flushes = program.facts::<TelemetryFlush>();
        if flushes.iter().any(|flush| flush.time == FlushTime::Invocation) {
            return;
        }
        // A layer or task of its own may flush where nothing was seen to lead.
        let words = params.list("flushes");
        let seen = flushes.iter().any(|flush| words.iter().any(|word| flush.path.ends_with(word.as_str())));
        if !seen && is_named(unit, words) {
            return;
        }
        let at_shutdown = flushes.iter().find(|flush| flush.time == FlushTime::Shutdown);
        let message = format!(
            "`{}` gathers telemetry and sends it later, but nothing flushes it before an invocation ends: the \
             environment is frozen with it, and what is not sent when it is shut down is lost",
            batch.path
        );
        let finding = sink.at(&batch.site, "sends later", message);
        finding.cap(Confidence::Medium);
        finding.places(others.iter().map(|other| other.site.span), "and here");
        if let Some(flush) = at_shutdown {
            finding.severity = Severity::Info;
            finding
                .also(Some(flush.site.span), "flushed only at shutdown, which a frozen environment may wait hours for");
        }
        if let Some(flush) = flushes.iter().find(|flush| flush.time == FlushTime::Never) {
            finding.also(Some(flush.site.span), "behind the runtime loop, which does not end");
        }
        // A collector in a layer takes what it is sent; what the process still holds it does not have.
        if unit.lambda().is_some_and(|lambda| lambda.layered) {
            finding.severity = Severity::Info;
        }
    }
}
