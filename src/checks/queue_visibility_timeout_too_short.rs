//! Queues whose messages become visible again before the function that consumes them is done.

use super::support::writes::Owner;
use super::{Check, Sink};
use crate::finding::{Severity, Subject, Value};
use crate::knowledge::platforms;
use crate::model::Project;
use crate::model::deployments::{Mapping, Trigger, TriggerKind};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        for trigger in project.deploy.triggers.iter().filter(|trigger| trigger.kind == TriggerKind::Sqs) {
            if let Some(mapping) = trigger.mapping() {
                mapping_of(project, trigger, mapping, sink);
            }
        }
    }
}

fn mapping_of(project: &Project, trigger: &Trigger, mapping: &Mapping, sink: &mut Sink<'_>) {
    let deploy = &project.deploy;
    let function = deploy.function(trigger.function);
    let Some(queue) = deploy.queue_at(&trigger.source) else { return };
    if mapping.enabled.one() != Some(&true) || function.aws().is_some_and(|lambda| lambda.durable.is_some()) {
        return;
    }
    let limits = &platforms().aws_lambda;
    let factor = limits.queue_visibility_factor.value;
    let least = |values: Vec<i64>| values.into_iter().min();
    let most = |values: Vec<i64>| values.into_iter().max();
    // Of several possible values, the ones least likely to be wrong: only certain findings count.
    let Some(visibility) = most(queue.visibility_s.value.candidates().map(|v| v.value).collect()) else { return };
    let Some(timeout) = least(function.timeout_s.value.candidates().map(|v| v.value).collect()) else { return };
    let window = least(mapping.batch_window_s.value.candidates().map(|v| v.value).collect()).unwrap_or(0);
    let wanted = factor * timeout + window;
    if visibility >= wanted {
        return;
    }
    let name = &deploy.resource(queue.resource).logical_id;
    let consumer = format!("`{}`", deploy.function_name(trigger.function));
    let message = if visibility < timeout {
        format!(
            "messages of `{name}` become visible after {visibility} s while {consumer} may still work on them for \
             {timeout} s; they are processed twice"
        )
    } else if window > 0 {
        format!(
            "`{name}` hides messages for {visibility} s; {consumer} needs {wanted} s: {factor} × its timeout of \
             {timeout} s and the batching window of {window} s"
        )
    } else {
        format!(
            "`{name}` hides messages for {visibility} s; {consumer} needs {wanted} s: {factor} × its timeout of \
             {timeout} s"
        )
    };
    let place = queue.visibility_s.place().unwrap_or(deploy.resource(queue.resource).span);
    let note = format!("visibility timeout, {}", queue.visibility_s.origin.describe());
    sink.enter(Some(Subject::Function(trigger.function)), crate::finding::Confidence::High);
    let finding = sink.report(place, note, message);
    if visibility < timeout {
        finding.severity = Severity::Error;
    }
    // Six times is for what is throttled; from twice the timeout on, a message comes back early only then.
    if visibility >= 2 * timeout && visibility >= timeout + window {
        finding.pedantic();
    }
    for setting in [&queue.visibility_s, &function.timeout_s, &mapping.batch_window_s] {
        finding.cap(setting.origin.ceiling());
    }
    let origin = function.timeout_s.origin.describe();
    finding
        .also(function.timeout_s.place(), format!("function timeout, {origin}"))
        .also(Some(trigger.span), "this event source mapping consumes it");
    if wanted <= limits.queue_visibility_s.max {
        let owner = Owner::resource(project, queue.resource);
        finding.fix(
            format!("Hide messages for {wanted} s"),
            true,
            [owner.set("VisibilityTimeout", Value::Int(wanted))],
        );
    }
    if wanted > limits.queue_visibility_s.max {
        finding.message.push_str(&format!(
            "; that is over the maximum of {} s: lower the function timeout",
            limits.queue_visibility_s.max
        ));
    }
}
