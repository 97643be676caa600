//! Handlers whose event type is made for another trigger than the one config sets.

use super::support::context::event_type;
use super::{Check, Sink, UnitRef};
use crate::model::deployments::{Trigger, TriggerKind};
use crate::model::source::Handler;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        // Several handlers in one binary choose by themselves.
        let [handler] = program.handlers.as_slice() else { return };
        for trigger in unit.triggers().filter(|trigger| trigger.proved) {
            if trigger.transformed {
                judge_constant(handler, trigger, sink);
            } else {
                judge(handler, trigger, sink);
            }
        }
    }
}

fn judge(handler: &Handler, trigger: &Trigger, sink: &mut Sink<'_>) {
    let Some((name, known)) = event_type(&handler.event) else { return };
    let word = trigger.kind.word();
    let accepted = word.is_empty() || known.accepts.iter().any(|kind| kind == word);
    // Payload versions of HTTP APIs have a rule of their own.
    let version = trigger.kind == TriggerKind::HttpV2 && name.starts_with("ApiGateway");
    // A permission for API Gateway does not tell which kind of API it is.
    let vague = trigger.kind == TriggerKind::HttpRest && trigger.route().is_none();
    if accepted || version || vague {
        return;
    }
    let kind = trigger.kind.name();
    let silent = known.swallows.iter().any(|kind| kind == word);
    let consequence = if silent {
        "it deserialises without an error and loses the data: the event is gone"
    } else {
        "deserialising fails, and with it every invocation"
    };
    let message = format!("`{}` takes `{name}`, but its trigger is a {kind}; {consequence}", handler.name);
    let finding = sink.report(handler.span, format!("takes `{name}`"), message);
    finding.also(Some(trigger.span), format!("invoked by this {kind}"));
}

/// A constant written out in config has the keys that are written, whatever sends it.
fn judge_constant(handler: &Handler, trigger: &Trigger, sink: &mut Sink<'_>) {
    let (Some((name, known)), Some(keys)) = (event_type(&handler.event), &trigger.constant) else { return };
    let Some(key) = known.requires.iter().find(|key| !keys.contains(key)) else { return };
    let message = format!(
        "`{}` takes `{name}`, but its trigger sends a constant without `{key}`; deserialising fails, and with it every \
         invocation",
        handler.name
    );
    let finding = sink.report(handler.span, format!("takes `{name}`"), message);
    finding.also(Some(trigger.span), "sends this constant");
}
