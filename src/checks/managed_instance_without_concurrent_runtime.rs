//! Functions on managed instances whose runtime serves one request at a time.

use super::{Check, Sink, UnitRef};
use crate::knowledge::{Meaning, lexicon};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(function)) = (unit.program(), unit.function()) else { return };
        let Some(&served) = function.concurrency.one().filter(|&&served| served > 1) else { return };
        let [handler] = program.handlers.as_slice() else { return };
        if handler.concurrent || !lexicon().means(&format!("{}_concurrent", handler.entry), Meaning::Concurrent) {
            return;
        }
        let message = format!(
            "an environment of `{}` is sized for {served} requests at a time, but `{}` serves one after the other: the \
             rest of the instance is paid for and idle",
            unit.name().unwrap_or_default(),
            handler.entry
        );
        let finding = sink.report(handler.span, "served one at a time", message);
        let place =
            function.concurrency.place().or(unit.unit.function().map(|id| unit.project.deploy.function_span(id)));
        finding.also(place, "runs on managed instances");
    }
}
