//! Requests that must not be sent twice, through connections that may have died while the environment was frozen.

use super::support::context::invoked;
use super::support::grouped::grouped;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::source::HttpCall;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let concerned = |call: &&HttpCall| {
            invoked(&call.site) && !call.guarded && !unit.is_same_host(&call.url) && call.pooled.is_some()
        };
        // One setting of a client is about all the requests that go through it.
        for calls in grouped(program.facts::<HttpCall>().iter().filter(concerned), |call| call.pooled) {
            let call = calls[0];
            let message = "the client keeps idle connections for 90 seconds; after a longer freeze the other side \
                           may have closed them, and the first request that changes something fails without being sent \
                           again";
            let finding = sink.at(&call.site, "sent once, over a kept connection", message);
            finding.cap(Confidence::Low);
            finding.also(call.pooled, "the client");
            finding.places(calls.iter().skip(1).map(|other| other.site.span), "and here");
        }
    }
}
