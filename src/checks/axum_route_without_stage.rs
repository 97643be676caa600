//! Routers whose paths lack the stage that the runtime puts before the path of each request.

use super::support::writes::Owner;
use super::{Check, Sink, UnitRef};
use crate::finding::{Severity, Value};
use crate::knowledge::{Meaning, lexicon, platforms};
use crate::model::deployments::{Deploy, StageName, Trigger, TriggerKind};
use crate::model::source::{CodeRoute, EnvSet, Handler, Program, RouteScope};
use crate::model::{Known, Verdict};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(function), Some(program)) = (unit.unit.function(), unit.function(), unit.program()) else {
            return;
        };
        let Some(handler) = router(program) else { return };
        let variable = &platforms().aws_lambda.stage_variable.value;
        let set = program.facts::<EnvSet>().iter().any(|set| set.key.as_ref().is_none_or(|key| key == variable));
        if set || function.env.open.is_some() || function.env.vars.contains_key(variable) {
            return;
        }
        let deploy = &unit.project.deploy;
        let named = |trigger: &&Trigger| stage(deploy, trigger).is_some();
        let Some(trigger) = unit.triggers().find(named) else { return };
        let Some(stage) = stage(deploy, trigger) else { return };
        let routes = program.facts::<CodeRoute>();
        let Some(first) = routes.first() else { return };
        let scopes = program.facts::<RouteScope>();
        let paths = routes.iter().map(|route| Some(&route.path)).chain(scopes.iter().map(|scope| scope.path.as_ref()));
        if paths.into_iter().any(|path| path.is_none_or(|path| takes(path, stage.as_deref()))) {
            return;
        }
        let name = unit.name().unwrap_or_default();
        let prefix = stage.as_deref().map_or("the name of the stage".to_owned(), |stage| format!("`/{stage}`"));
        let message = format!(
            "requests from the {} reach `{name}` with {prefix} before their path, and none of its routes begins so: \
             each of them is answered with 404",
            trigger.kind.name()
        );
        let place = function.env.span.unwrap_or(deploy.resource(function.resource).span);
        let finding = sink.report(place, format!("no `{variable}`"), message);
        finding.cap(first.site.confidence);
        finding.also(Some(first.site.span), "a route without it");
        finding.also(Some(handler.span), "the router");
        finding.also(Some(trigger.span), "the requests");
        let api = trigger.route().and_then(|route| route.api);
        if api.is_some_and(|api| deploy.behind_domains.contains(&api)) {
            finding.severity = Severity::Info;
        }
        // An HTTP API has the stage in the path itself, where no variable takes it away.
        if trigger.kind == TriggerKind::HttpV2 {
            finding.advise("Call the stage `$default`, or nest the routes under `/{stage}`");
            return;
        }
        let owner = Owner::function(unit.project, id);
        let property = format!("Environment.Variables.{variable}");
        let value = Value::Text("true".to_owned());
        finding.fix("Leave the stage out of the path", true, [owner.set(&property, value)]);
    }
}

/// The only handler, if it is a router that gets requests as the runtime's library makes them of events.
fn router(program: &Program) -> Option<&Handler> {
    let [handler] = program.handlers.as_slice() else { return None };
    let is_router = handler.name == "router" && !handler.served;
    (is_router && lexicon().means(&handler.event, Meaning::IsEvent)).then_some(handler)
}

/// The stage before the paths of a trigger's requests: none if there is none or nobody can tell, no name if every name
/// is wrong. REST APIs always have one.
fn stage(deploy: &Deploy, trigger: &Trigger) -> Option<Option<String>> {
    let route = trigger.route()?;
    if !trigger.proved || trigger.transformed {
        return None;
    }
    let of_api = |stage: &&StageName| Some(stage.api) == route.api;
    let stages: Vec<&StageName> = deploy.stage_names.iter().filter(of_api).collect();
    let only = match stages.as_slice() {
        [only] => only.name.one().cloned(),
        _ => None,
    };
    match trigger.kind {
        TriggerKind::HttpRest => Some(only),
        TriggerKind::HttpV2 => {
            let named = |stage: &&StageName| match &stage.name {
                Known::Absent => false,
                name => name.holds(|name| name != "$default") == Verdict::Yes,
            };
            (!stages.is_empty() && stages.iter().all(named)).then_some(only)
        }
        _ => None,
    }
}

/// Whether a path begins with a parameter or the stage itself.
fn takes(path: &str, stage: Option<&str>) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    first.starts_with(['{', ':', '*']) || stage == Some(first)
}
