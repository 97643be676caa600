//! What APIs do with functions that take longer than they wait.

use crate::model::Verdict;
use crate::model::deployments::{Deploy, FunctionId, Invocation, Route, Trigger, TriggerKind};

/// Routes whose gateway gives up before the function does.
pub(crate) fn late_routes(deploy: &Deploy, id: FunctionId) -> Vec<(&Trigger, &Route)> {
    let timeouts = deploy.function(id).timeout_s.value.candidates().map(|value| value.value * 1000);
    let Some(shortest) = timeouts.min() else { return Vec::new() };
    let waits = |trigger: &&Trigger| {
        matches!(trigger.kind, TriggerKind::HttpRest | TriggerKind::HttpV2 | TriggerKind::WebSocket)
            && trigger.invocation() == Invocation::Sync
    };
    let late = |(_, route): &(&Trigger, &Route)| {
        let reached = route.integration_timeout_ms.value.holds(|&limit| shortest >= limit);
        reached == Verdict::Yes && route.streaming.holds(|&streams| streams) == Verdict::No
    };
    let routes = deploy.triggers_of(id).filter(waits).filter_map(|trigger| Some((trigger, trigger.route()?)));
    routes.filter(late).collect()
}
