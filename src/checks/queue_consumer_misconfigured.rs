//! Queues and the mappings of their consumers with settings that are refused, or that fail messages nobody worked on.

use super::{Check, Sink, UnitRef};
use crate::finding::{Audience, Confidence, Finding, Severity};
use crate::knowledge::platforms;
use crate::model::deployments::physical::service_of;
use crate::model::deployments::{Mapping, Queue, Target, Trigger, TriggerKind};
use crate::model::{Project, Verdict};
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        for (trigger, mapping) in unit.mappings().filter(|(trigger, _)| trigger.kind == TriggerKind::Sqs) {
            if !refused(&unit, trigger, mapping, sink) {
                throttled(&unit, trigger, mapping, sink);
            }
        }
    }

    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let fewest = platforms().aws_lambda.queue_receives.value;
        for queue in &project.deploy.queues {
            let on = |trigger: &&Trigger| trigger.mapping().is_some_and(|mapping| mapping.enabled.one() == Some(&true));
            let consumers: Vec<&Trigger> = project.deploy.triggers_from(queue.resource).filter(on).collect();
            let Some(first) = consumers.first() else { continue };
            if queue.max_receive.value.holds(|&receives| receives < fewest) != Verdict::Yes {
                continue;
            }
            let (Some(&receives), Some(place)) = (queue.max_receive.one(), queue.max_receive.place()) else { continue };
            let name = project.deploy.resource_label(queue.resource);
            let what = match receives {
                1 => "the first throttle, restart or timeout sends a message there that nobody worked on".to_owned(),
                _ => format!("{receives} throttles send a message there that nobody worked on"),
            };
            let times = if receives == 1 { "once".to_owned() } else { format!("{receives} times") };
            let message = format!(
                "`{name}` gives a message to its dead-letter queue after it was received {times}; being throttled \
                 counts, so {what}"
            );
            let finding = sink.report(place, format!("AWS advises at least {fewest}"), message);
            finding.cap(queue.max_receive.origin.ceiling());
            finding.also(Some(first.span), "the consumer");
            // A few receives are too few where there are throttles; elsewhere one has to want to hear it.
            if receives > 2 {
                finding.audience = finding.audience.max(Audience::Pedantic);
            }
        }
    }
}

/// Whether the service refuses the mapping, which is reported.
fn refused(unit: &UnitRef<'_>, trigger: &Trigger, mapping: &Mapping, sink: &mut Sink<'_>) -> bool {
    let name = unit.name().unwrap_or_default();
    let queue = unit.queue_of(trigger);
    let raw = unit.project.deploy.resources.iter().any(|resource| resource.span == trigger.span);
    let service = match trigger.source.one() {
        Some(Target::External(arn)) => service_of(arn),
        _ => None,
    };
    let certain = !raw || queue.is_some() || service == Some(trigger.kind.source_kind());
    if let (Some(first), true) = (mapping.of_streams.first(), certain) {
        let names: Vec<String> = mapping.of_streams.iter().map(|setting| format!("`{}`", setting.value)).collect();
        let message = format!(
            "the mapping from a queue to `{name}` has {}, which only streams take: it is refused; how often a message \
             is tried is said by the queue's redrive policy",
            names.join(" and ")
        );
        report(sink, first.span, "for streams only", message, Severity::Error).also(Some(trigger.span), "the mapping");
        return true;
    }
    let most = platforms().aws_lambda.sqs_batch_size.default;
    let fifo = queue.map_or(Verdict::Unknown, |queue| queue.fifo.value.holds(|fifo| *fifo));
    let large = mapping.batch_size.value.holds(|&size| size > most);
    let window = mapping.batch_window_s.value.holds(|&seconds| seconds > 0);
    let size = mapping.batch_size.one().copied().unwrap_or(most);
    let (place, message) = match (fifo, large, window) {
        (Verdict::Yes, Verdict::Yes, _) => (
            mapping.batch_size.place(),
            format!(
                "`{name}` takes batches of {size} from a FIFO queue, which gives at most {most}: the mapping is refused"
            ),
        ),
        (Verdict::Yes, _, Verdict::Yes) => (
            mapping.batch_window_s.place(),
            format!("`{name}` waits for batches of a FIFO queue, which has no batching window: the mapping is refused"),
        ),
        (_, Verdict::Yes, Verdict::No) => (
            mapping.batch_size.place(),
            format!(
                "`{name}` takes batches of {size} from a queue without a batching window: the mapping is refused; \
                 more than {most} need a window of at least a second"
            ),
        ),
        _ => return false,
    };
    let Some(place) = place else { return false };
    let finding = report(sink, place, "refused", message, Severity::Error);
    finding.cap(mapping.batch_size.origin.ceiling());
    if !certain {
        finding.cap(Confidence::Medium);
    }
    true
}

/// Fewer environments than the service starts with: messages are received, throttled, and received again.
fn throttled(unit: &UnitRef<'_>, trigger: &Trigger, mapping: &Mapping, sink: &mut Sink<'_>) {
    let Some(lambda) = unit.lambda() else { return };
    let pollers = platforms().aws_lambda.queue_pollers.value;
    let reserved = &lambda.reserved_concurrency;
    let (Some(&own), Some(place)) = (reserved.one(), reserved.place()) else { return };
    if own == 0 {
        return;
    }
    let name = unit.name().unwrap_or_default();
    let message = match (mapping.max_concurrency.one(), mapping.max_concurrency.value.is_set()) {
        (Some(&most), _) if most > own => {
            format!("the mapping of `{name}` may invoke it {most} times at once, but it reserves {own}")
        }
        (None, Verdict::No) if own < pollers => format!(
            "`{name}` reserves {own} of the concurrency, but a queue invokes it {pollers} times at once from the start"
        ),
        _ => return,
    };
    let queue = unit.queue_of(trigger);
    let receives = queue.and_then(|queue| queue.max_receive.one());
    let ends = match receives {
        Some(1) => "; a message that is throttled goes to the dead-letter queue at once".to_owned(),
        Some(receives) => format!("; a message that is throttled {receives} times goes to the dead-letter queue"),
        None => "; messages that are throttled come back later, and each time counts as received".to_owned(),
    };
    let finding = report(sink, place, format!("{own} reserved"), format!("{message}{ends}"), Severity::Warning);
    finding.cap(reserved.origin.ceiling());
    finding.also(mapping.max_concurrency.place().or(Some(trigger.span)), "the mapping");
    finding.also(queue.and_then(|queue: &Queue| queue.max_receive.place()), "receives allowed");
    finding.advise(match own {
        1 => "Reserve at least two and set `ScalingConfig.MaximumConcurrency` of the mapping to what is reserved",
        _ => "Set `ScalingConfig.MaximumConcurrency` of the mapping to what is reserved, or reserve more",
    });
}

fn report<'s>(
    sink: &'s mut Sink<'_>,
    place: Span,
    note: impl Into<String>,
    message: String,
    severity: Severity,
) -> &'s mut Finding {
    let finding = sink.report(place, note, message);
    // The configuration alone proves it; the binary plays no part.
    finding.confidence = Confidence::High;
    finding.severity = severity;
    finding
}
