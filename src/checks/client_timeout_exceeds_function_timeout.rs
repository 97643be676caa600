//! Time limits of clients that the function's own timeout always beats.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Finding, Severity};
use crate::knowledge::platforms;
use crate::model::source::{FanOut, HttpCall, Program, SdkCall, TimeLimit, TimeLimitKind};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(function)) = (unit.program(), unit.function()) else { return };
        let Some(&seconds) = function.timeout_s.one() else { return };
        per_record(unit, program, seconds, sink);
        repeated(unit, program, seconds, sink);
        by_default(unit, program, seconds, sink);
        for limit in program.facts::<TimeLimit>() {
            let (longest, how) = longest(limit);
            if longest < seconds.saturating_mul(1000) {
                continue;
            }
            // A limit in init code bounds nothing while the invocation's timeout runs, unless a client keeps it.
            if limit.kind == TimeLimitKind::Future && !invoked(&limit.site) {
                continue;
            }
            let message = format!(
                "waits up to {}{how}, but the function ends after {seconds} s: the limit never takes effect and the \
                 error path never runs",
                spoken(longest)
            );
            let finding = sink.at(&limit.site, "set here", message);
            finding.cap(function_ceiling(unit));
            also_timeout(unit, finding);
        }
    }
}

/// Requests that a loop repeats until they succeed: each attempt may take its limit, and the loop may sleep in between.
fn repeated(unit: UnitRef<'_>, program: &Program, seconds: i64, sink: &mut Sink<'_>) {
    for call in program.facts::<HttpCall>().iter().filter(|call| invoked(&call.site)) {
        let (Some(limit), Some(attempts)) = (call.limit, call.attempts) else { continue };
        let pauses = attempts.pause_millis.saturating_mul(attempts.count - 1);
        let longest = limit.millis.saturating_mul(attempts.count).saturating_add(pauses);
        let whole = seconds.saturating_mul(1000);
        if limit.millis >= whole || longest < whole {
            continue;
        }
        let between = if pauses > 0 { format!(" and {} of pauses", spoken(pauses)) } else { String::new() };
        let message = format!(
            "waits up to {} ({} attempts of {}{between}), but the function ends after {seconds} s: the last attempts \
             and the error path never run",
            spoken(longest),
            attempts.count,
            spoken(limit.millis),
        );
        let finding = sink.at_span(&call.site, limit.span, "the limit of one attempt", message);
        finding.cap(function_ceiling(unit));
        finding.also(Some(attempts.span), "repeats the request until it succeeds");
        also_timeout(unit, finding);
    }
}

/// Requests that only the library's own limit ends, later than the function does.
fn by_default(unit: UnitRef<'_>, program: &Program, seconds: i64, sink: &mut Sink<'_>) {
    for call in program.facts::<HttpCall>().iter().filter(|call| call.by_default && invoked(&call.site)) {
        let Some(limit) = unit.default_limit(call).filter(|&limit| limit >= seconds) else { continue };
        if unit.is_same_host(&call.url) {
            continue;
        }
        let library = call.path.split("::").next().unwrap_or("the client");
        let message = format!(
            "nothing sets a timeout, and `{library}` gives up after {limit} s by itself, but the function ends after \
             {seconds} s: a peer that stalls is never an error that the code sees"
        );
        let finding = sink.at(&call.site, "waits as long as the library lets it", message);
        finding.cap(function_ceiling(unit));
        also_timeout(unit, finding);
    }
}

/// The place of the function's timeout, or of the function that has none.
fn also_timeout(unit: UnitRef<'_>, finding: &mut Finding) {
    let Some(function) = unit.function() else { return };
    finding.also(
        function.timeout_s.place().or(unit.unit.function().map(|id| unit.project.deploy.function_span(id))),
        format!("function timeout, {}", function.timeout_s.origin.describe()),
    );
}

fn function_ceiling(unit: UnitRef<'_>) -> Confidence {
    unit.function().map_or(Confidence::Low, |function| function.timeout_s.origin.ceiling())
}

/// A batch whose records each wait for the client one after the other.
fn per_record(unit: UnitRef<'_>, program: &Program, seconds: i64, sink: &mut Sink<'_>) {
    let one_by_one = !program.has::<FanOut>()
        && program.facts::<SdkCall>().iter().any(|call| call.per_element.is_some() && invoked(&call.site));
    let sizes = unit.mappings().filter_map(|(trigger, mapping)| Some((trigger, mapping, *mapping.batch_size.one()?)));
    let Some((trigger, mapping, size)) = sizes.max_by_key(|(_, _, size)| *size).filter(|_| one_by_one) else { return };
    for limit in program
        .facts::<TimeLimit>()
        .iter()
        .filter(|limit| matches!(limit.kind, TimeLimitKind::SdkAttempt | TimeLimitKind::SdkOperation))
    {
        let (longest, how) = longest(limit);
        let whole = seconds.saturating_mul(1000);
        if longest >= whole || longest.saturating_mul(size) < whole {
            continue;
        }
        let message = format!(
            "waits up to {}{how} for each of {size} records one after the other, but the function ends after {seconds} \
             s: a slow dependency takes the whole batch down",
            spoken(longest)
        );
        let finding = sink.at(&limit.site, "set here", message);
        finding.severity = Severity::Info;
        finding.cap(mapping.batch_size.origin.ceiling());
        finding.also(
            mapping.batch_size.key.or(Some(trigger.span)),
            format!("batches of {size}, {}", mapping.batch_size.origin.describe()),
        );
    }
}

/// Milliseconds until the call gives up for good. The SDK makes three attempts by default.
fn longest(limit: &TimeLimit) -> (i64, String) {
    match limit.kind {
        TimeLimitKind::SdkAttempt => {
            let attempts = platforms().aws_lambda.sdk_attempts.value;
            (limit.millis.saturating_mul(attempts), format!(" ({attempts} attempts of {})", spoken(limit.millis)))
        }
        TimeLimitKind::SdkOperation | TimeLimitKind::Request | TimeLimitKind::Future => (limit.millis, String::new()),
    }
}

fn spoken(millis: i64) -> String {
    if millis % 1000 == 0 { format!("{} s", millis / 1000) } else { format!("{millis} ms") }
}
