//! Bodies that are no text, behind REST APIs that hand on text.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::knowledge::{Meaning, lexicon};
use crate::model::Verdict;
use crate::model::deployments::{Trigger, TriggerKind};
use crate::model::source::BinaryBody;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        // A stream is handed on as it comes.
        let streams = program.handlers.iter().any(|handler| lexicon().means(&handler.entry, Meaning::Streams));
        let untold = |trigger: &&Trigger| {
            trigger.kind == TriggerKind::HttpRest
                && !trigger.transformed
                && trigger
                    .route()
                    .is_some_and(|route| route.binary == Verdict::No && route.streaming.one() != Some(&true))
        };
        let Some(trigger) = unit.triggers().find(untold).filter(|_| !streams) else { return };
        let mut bodies = program.facts::<BinaryBody>().iter().filter(|body| invoked(&body.site));
        let Some(body) = bodies.next() else { return };
        let message = format!(
            "`{}`: the REST API is told of no type of media but text, so the client gets the Base64 of this body",
            body.says
        );
        let finding = sink.at(&body.site, "a body that is no text", message);
        finding.also(Some(trigger.span), "behind this REST API, without binary media types");
        finding.places(bodies.map(|other| other.site.span), "and here");
    }
}
