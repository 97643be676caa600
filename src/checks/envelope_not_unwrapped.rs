//! Bodies of messages that are read as what was published: a topic puts it into an envelope, a bucket sends a test.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::deployments::{Link, ResourceId, ResourceKind, Target, TriggerKind};
use crate::model::source::{EnvelopeRead, MessageParse, Program};
use crate::model::{FlowEnd, Verdict};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program().filter(|program| program.has::<MessageParse>()) else { return };
        let queues = unit.triggers().filter(|trigger| trigger.kind == TriggerKind::Sqs);
        let queues: Vec<ResourceId> = queues
            .map_while(|trigger| match trigger.source.one() {
                Some(Target::Resource(id)) => Some(*id),
                _ => None,
            })
            .collect();
        // A handler of several queues may tell their messages apart.
        if let &[queue] = queues.as_slice()
            && let Some(link) = feed(unit, queue)
        {
            judge(unit, program, link, sink);
        }
    }
}

/// The only delivery that feeds a queue.
fn feed<'p>(unit: UnitRef<'p>, queue: ResourceId) -> Option<&'p Link> {
    let project = unit.project;
    let mut links = project.deploy.links.iter().filter(|link| link.to == queue);
    let link = links.next().filter(|_| links.next().is_none())?;
    let sent = |end: &FlowEnd| matches!(end, FlowEnd::Resource(id) if *id == queue);
    let mut others = project.flows.iter().filter(|flow| sent(&flow.to) && matches!(flow.from, FlowEnd::Function(_)));
    others.next().is_none().then_some(link)
}

fn judge(unit: UnitRef<'_>, program: &Program, link: &Link, sink: &mut Sink<'_>) {
    let reads = |test: bool| program.facts::<EnvelopeRead>().iter().any(|read| read.test == test);
    let mut parses = program.facts::<MessageParse>().iter().filter(|parse| invoked(&parse.site));
    match unit.project.deploy.resource(link.from).kind {
        ResourceKind::Topic if link.raw == Verdict::No && !reads(false) => {
            let Some(parse) = parses.find(|parse| parse.needs_more) else { return };
            let message = format!(
                "the topic puts each message into an envelope, with the text in its `Message`: read as `{}`, no body \
                 of this queue can be understood",
                parse.of
            );
            let finding = sink.at(&parse.site, "reads the envelope", message);
            finding.severity = Severity::Error;
            finding.cap(Confidence::Medium);
            finding.also(Some(link.span), "delivers with an envelope: `RawMessageDelivery` is off");
        }
        ResourceKind::Bucket if !reads(true) => {
            let Some(parse) = parses.find(|parse| parse.fails && parse.notification && parse.needs_more) else {
                return;
            };
            let message = format!(
                "the first message that a bucket sends is the test `s3:TestEvent`, without records: read as `{}`, it \
                 fails until it expires or lands in the dead-letter queue",
                parse.of
            );
            let finding = sink.at(&parse.site, "fails on the test", message);
            finding.severity = Severity::Info;
            finding.cap(Confidence::Medium);
            finding.also(Some(link.span), "the bucket notifies the queue");
            finding.advise("Skip exactly the message whose `Event` is `s3:TestEvent`, and fail on everything else.");
        }
        _ => {}
    }
}
