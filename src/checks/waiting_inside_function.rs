//! Time that a function is billed for while it does nothing.

use super::support::context::invoked;
use super::support::money::Rates;
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::model::source::{SdkCall, Wait, WaitKind};
use crate::rule::Params;

pub(super) struct Rule;

/// Shorter sleeps are pauses, not waiting; milliseconds.
pub(super) const WAITING_MS: i64 = 1000;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        if unit.lambda().is_some_and(|lambda| lambda.durable.is_some()) {
            return;
        }
        for wait in program.facts::<Wait>().iter().filter(|wait| invoked(&wait.site)) {
            judge(unit, wait, sink);
        }
        for call in program.facts::<SdkCall>().iter().filter(|call| invoked(&call.site) && long_polls(call)) {
            let message =
                "polls a queue itself and is billed while it waits; an event source mapping polls for nothing";
            sink.at(&call.site, "waits for messages", message);
        }
    }
}

fn judge(unit: UnitRef<'_>, wait: &Wait, sink: &mut Sink<'_>) {
    let seconds = wait.millis.map(|millis| millis as f64 / 1000.0);
    let message = match (wait.kind, &wait.operation) {
        (WaitKind::Poll, Some(operation)) => {
            format!("sleeps and asks `{operation}` again until something is done; the function is billed meanwhile")
        }
        (WaitKind::Waiter, Some(state)) => format!("waits until `{state}` and is billed meanwhile"),
        (WaitKind::Sleep, _) => match (wait.millis, seconds) {
            (Some(millis), Some(seconds)) if millis >= WAITING_MS => {
                format!("sleeps for {seconds} s and is billed for it")
            }
            _ => return,
        },
        _ => return,
    };
    let limit = unit.function().and_then(|function| function.timeout_s.one().copied());
    // A poll waits as often as it takes.
    let millis = wait.millis.filter(|_| wait.kind == WaitKind::Sleep);
    let costs = unit.unit.function().and_then(|id| Rates::of(unit.project, id)?.waiting(millis?));
    let finding = sink.at(&wait.site, "waits here", message);
    if let (Some(millis), Some(limit)) = (wait.millis, limit)
        && millis >= limit * 1000
    {
        finding.severity = Severity::Error;
        finding.message.push_str(&format!("; its timeout of {limit} s ends it first"));
        let function = unit.function().expect("its timeout is known");
        finding.also(function.timeout_s.place(), format!("function timeout, {}", function.timeout_s.origin.describe()));
    } else {
        finding.notes.extend(costs);
    }
}

fn long_polls(call: &SdkCall) -> bool {
    call.service == "sqs" && call.operation == "receive_message" && call.sets("wait_time_seconds")
}
