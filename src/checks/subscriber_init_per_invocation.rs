//! Global log subscribers installed on every invocation: the second one fails.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::model::source::{ApiCall, ApiClass};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for call in program.facts::<ApiCall>().iter().filter(|call| invoked(&call.site)) {
            match call.class {
                ApiClass::SubscriberInit => {
                    let message = "the log subscriber is installed on every invocation: the second one panics, because \
                                   there is one already";
                    sink.at(&call.site, "installed here", message);
                }
                ApiClass::SubscriberTryInit => {
                    let message = "the log subscriber is built on every invocation, and refused on all but the first";
                    sink.at(&call.site, "installed here", message).severity = Severity::Info;
                }
                _ => {}
            }
        }
    }
}
