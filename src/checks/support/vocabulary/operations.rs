//! What several facts ask of how a deployment is run: who pushes events to a function, which alarms watch what.

use super::fact::Fact;
use crate::model::Known;
use crate::model::deployments::{Deploy, FunctionId, ResourceId, Target, TriggerKind};
use crate::text::Span;
use std::collections::BTreeMap;

/// The principal under which a kind of event invokes a function; none for what is polled or uses a role (AWS Lambda
/// developer guide, invoking functions from other services).
fn principal(kind: TriggerKind) -> Option<&'static str> {
    Some(match kind {
        TriggerKind::HttpRest | TriggerKind::HttpV2 | TriggerKind::WebSocket => "apigateway",
        TriggerKind::Alb => "elasticloadbalancing",
        TriggerKind::S3 => "s3",
        TriggerKind::Sns => "sns",
        TriggerKind::EventBridgeRule | TriggerKind::Schedule => "events",
        TriggerKind::Logs => "logs",
        TriggerKind::Iot => "iot",
        TriggerKind::Cognito => "cognito-idp",
        TriggerKind::Alexa => "alexa-appkit",
        TriggerKind::Mail => "ses",
        _ => return None,
    })
}

/// How many services push events to a function, with a place for each.
pub(super) fn invoking_services(deploy: &Deploy, id: FunctionId) -> Fact<i64> {
    let events = deploy.triggers_of(id).filter_map(|trigger| Some((principal(trigger.kind)?, trigger.span)));
    let allowed = deploy.invokers.iter().filter(|invoker| invoker.function == id);
    let allowed = allowed.map(|invoker| (invoker.service.as_str(), invoker.span));
    let mut services: BTreeMap<&str, Span> = BTreeMap::new();
    for (service, span) in events.chain(allowed) {
        services.entry(service).or_insert(span);
    }
    let mut fact = Fact::value(services.len() as i64);
    for (service, span) in services {
        fact = fact.at(Some(span), format!("`{service}` invokes it"));
    }
    fact
}

/// Whether an alarm watches a resource, on one of the metrics where some are named.
pub(super) fn alarmed(deploy: &Deploy, resource: ResourceId, metrics: &[&str]) -> Fact<bool> {
    let stack = deploy.resource(resource).stack;
    let followed = deploy.followed.contains(&deploy.resource(resource).span.file);
    let mut unclear = followed || deploy.alarms_elsewhere.contains(&stack);
    for alarm in &deploy.alarms {
        let on_metric = match &alarm.metrics {
            _ if metrics.is_empty() => true,
            None => true,
            Some(watched) => watched.iter().any(|name| metrics.contains(&name.as_str())),
        };
        if !on_metric {
            continue;
        }
        match &alarm.watches {
            None => unclear = true,
            Some(watched) if watched.contains(&Target::Resource(resource)) => {
                return Fact::value(true).at(Some(alarm.span), "an alarm watches it");
            }
            Some(_) => {}
        }
    }
    if unclear || !matches!(deploy.resource(resource).name, Known::Absent | Known::Is(_)) && !deploy.alarms.is_empty() {
        return Fact::unknown();
    }
    Fact::value(false)
}
