//! Effects that are repeated when an event is delivered twice.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::sdk_operations;
use crate::model::deployments::Invocation;
use crate::model::source::SdkCall;
use crate::rule::Params;
use crate::words;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let repeated = unit.invocations().iter().any(|how| matches!(how, Invocation::Poll | Invocation::Async));
        if !repeated {
            return;
        }
        for call in program.facts::<SdkCall>().iter().filter(|call| invoked(&call.site)) {
            let Some(effect) = effect(call) else { continue };
            let message = format!(
                "{effect} when the event is delivered again, which every queue, stream and async trigger may do"
            );
            sink.at(&call.site, "not guarded", message).cap(Confidence::Low);
        }
    }
}

fn effect(call: &SdkCall) -> Option<&'static str> {
    let guarded = call.setters().any(|setter| sdk_operations().guarding_setters.iter().any(|known| known == setter));
    if guarded {
        return None;
    }
    match (call.service.as_str(), call.operation.as_str()) {
        ("dynamodb", "put_item") if call.generated => Some("writes a second item under a new key"),
        ("ses" | "sesv2", operation) if words::split(operation).next() == Some("send") => Some("sends a second mail"),
        ("sns", "publish") if call.sets("phone_number") => Some("sends a second text"),
        _ => None,
    }
}
