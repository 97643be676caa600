//! Time limits of clients that the function's own timeout always beats.

use super::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::model::source::{TimeLimit, TimeLimitKind};
use crate::spec::{Params, platforms};

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(function)) = (unit.lambda_program(), unit.function()) else { return };
        let Some(&seconds) = function.timeout_s.one() else { return };
        for limit in &program.time_limits {
            let (longest, how) = longest(limit);
            if longest < seconds.saturating_mul(1000) {
                continue;
            }
            // A limit in init code bounds nothing while the invocation's timeout runs, unless a client keeps it.
            if limit.kind == TimeLimitKind::Future && !invoked(&limit.site) {
                continue;
            }
            let message = format!(
                "waits up to {}{how}, but the function ends after {seconds} s: the limit never takes effect and the error path never runs",
                spoken(longest)
            );
            let finding = sink.at(&limit.site, "set here", message);
            finding.cap(function.timeout_s.origin.ceiling());
            finding.also(
                function.timeout_s.place().or(unit.unit.function.map(|id| unit.project.deploy.function_span(id))),
                format!("function timeout, {}", function.timeout_s.origin.describe()),
            );
        }
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
