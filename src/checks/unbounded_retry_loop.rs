//! Retries that only the function's timeout ends.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::source::RetryLoop;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for retry in program.facts::<RetryLoop>().iter().filter(|retry| invoked(&retry.site)) {
            let pause = if retry.pauses { "" } else { ", without a pause" };
            let limit = unit.function().and_then(|function| function.timeout_s.one());
            let end = limit.map_or_else(|| "its timeout".to_owned(), |seconds| format!("its timeout of {seconds} s"));
            let message = format!(
                "repeats a remote call until it succeeds{pause}; while the other side is down, every invocation runs \
                 into {end}"
            );
            let finding = sink.at(&retry.site, "nothing ends this loop but success", message);
            finding.cap(Confidence::Medium).also(Some(retry.call), "repeated on error");
            if let Some(function) = unit.function() {
                finding.also(
                    function.timeout_s.place(),
                    format!("function timeout, {}", function.timeout_s.origin.describe()),
                );
            }
        }
    }
}
