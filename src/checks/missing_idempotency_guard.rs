//! Effects that are repeated when an event is delivered twice.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::sdk_operations;
use crate::model::deployments::Invocation;
use crate::model::source::{HttpCall, Operand, SdkCall};
use crate::rule::Params;
use crate::words;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
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
        for call in program.facts::<HttpCall>().iter().filter(|call| invoked(&call.site) && !call.guarded) {
            let Some(effect) = request(call, params) else { continue };
            let message = format!(
                "{effect} when the event is delivered again, which every queue, stream and async trigger may do; the \
                 request carries no idempotency key"
            );
            sink.at(&call.site, "not guarded", message).cap(Confidence::Low);
        }
    }
}

fn effect(call: &SdkCall) -> Option<&'static str> {
    let operations = sdk_operations();
    if call.setters().any(|setter| operations.guarding_setters.iter().any(|known| known == setter)) {
        return None;
    }
    let effect = operations.repeated_effects.get(&call.data_key())?;
    let other = effect.only_with.as_ref().is_some_and(|setter| !call.sets(setter));
    (!other && (call.generated || !effect.fresh)).then_some(effect.does.as_str())
}

/// What a `POST` does once more, as its URL says.
fn request(call: &HttpCall, params: &Params) -> Option<&'static str> {
    let Operand::Literal(url) = &call.url else { return None };
    if call.path.rsplit("::").next() != Some("post") {
        return None;
    }
    let words = words::lower(url);
    let says = |known: &str| params.list(known).iter().any(|word| words.contains(word));
    if says("looks") {
        return None;
    }
    match (says("payments"), says("posts")) {
        (true, _) => Some("pays a second time"),
        (_, true) => Some("posts a second message"),
        _ => None,
    }
}
