//! Functions that do too many things, shown by at least two independent signs.

use super::{Check, Sink, UnitRef};
use crate::knowledge::{lexicon, sdk_operations};
use crate::model::Known;
use crate::model::deployments::{Trigger, TriggerKind};
use crate::model::source::{ClientBuild, ClientKind, CodeRoute, SdkCall};
use crate::rule::Params;
use crate::text::Span;
use std::collections::BTreeSet;

pub(super) struct Rule;

/// A sign, in words, with the place that shows it.
type Sign = (String, Option<Span>);

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(name)) = (unit.unit.function(), unit.name()) else { return };
        let deploy = &unit.project.deploy;
        let triggers: Vec<&Trigger> = deploy.triggers_of(id).collect();
        if deploy.functions.len() == 1 && routes(&triggers) <= 7 && code_routes(unit) <= 7 {
            return;
        }
        let mut signs: Vec<Sign> =
            [config(&triggers, params), code(unit, params), dependencies(unit, params)].into_iter().flatten().collect();
        // A role may be shared by thousands of functions, and alone it is not enough.
        if !signs.is_empty() {
            signs.extend(permissions(unit, params));
        }
        if signs.len() < 2 {
            return;
        }
        // One entry and one way through: there is no line along which to split.
        let entries = config(&triggers, params).is_some() || code(unit, params).is_some();
        let words: Vec<&str> = signs.iter().map(|(words, _)| words.as_str()).collect();
        let message = format!(
            "`{name}` does many things: {}; a change to one redeploys all, and all share one role",
            words.join("; ")
        );
        let finding = sink.report(deploy.function_span(id), "the function", message);
        if !entries && triggers.len() == 1 {
            finding.pedantic();
        }
        for (words, span) in &signs {
            finding.also(*span, words.clone());
        }
    }
}

fn routes(triggers: &[&Trigger]) -> usize {
    triggers.iter().filter(|trigger| trigger.route().is_some()).count()
}

fn code_routes(unit: UnitRef<'_>) -> usize {
    unit.code().map_or(0, |program| program.facts::<CodeRoute>().len())
}

fn segment(path: &str) -> String {
    path.split('/').find(|part| !part.is_empty()).unwrap_or("").to_owned()
}

fn config(triggers: &[&Trigger], params: &Params) -> Option<Sign> {
    let paths = || {
        triggers.iter().filter_map(|trigger| match &trigger.route()?.path {
            Known::Is(path) => Some(path),
            _ => None,
        })
    };
    let whole = |path: &str| path == "$default" || segment(path).contains("+}");
    if let Some(path) = paths().find(|path| whole(&path.value)) {
        return Some(("a route takes every path".to_owned(), Some(path.span)));
    }
    if let Some(path) = paths().find(|path| path.value.contains("+}")) {
        return Some((format!("a route takes every path like `{}`", path.value), Some(path.span)));
    }
    let count = routes(triggers);
    let paths: BTreeSet<String> =
        triggers.iter().filter_map(|trigger| trigger.route()?.path.one()).map(|path| segment(path)).collect();
    if count as i64 >= params.int("routes") && paths.len() > 1 {
        return Some((format!("{count} routes lead to it"), triggers.first().map(|trigger| trigger.span)));
    }
    let kinds: BTreeSet<TriggerKind> = triggers.iter().map(|trigger| trigger.kind).collect();
    let kinds: Vec<&str> =
        kinds.into_iter().filter(|kind| *kind != TriggerKind::Other).map(TriggerKind::name).collect();
    (kinds.len() as i64 >= params.int("trigger_kinds"))
        .then(|| (format!("it is invoked by {}", kinds.join(", ")), triggers.first().map(|trigger| trigger.span)))
}

fn code(unit: UnitRef<'_>, params: &Params) -> Option<Sign> {
    let routes = unit.code()?.facts::<CodeRoute>();
    let segments: BTreeSet<String> = routes.iter().map(|route| segment(&route.path)).collect();
    let many = routes.len() as i64 >= params.int("code_routes") && segments.len() >= 3;
    many.then(|| {
        let words = format!("its router has {} routes under {} different paths", routes.len(), segments.len());
        (words, routes.first().map(|route| route.site.span))
    })
}

fn dependencies(unit: UnitRef<'_>, params: &Params) -> Option<Sign> {
    let program = unit.code()?;
    let built = program.facts::<ClientBuild>().iter().filter(|client| client.kind == ClientKind::SdkClient);
    let built = built.filter_map(|client| lexicon().service(client.path.rsplit_once("::")?.0));
    let services: BTreeSet<String> =
        built.chain(program.facts::<SdkCall>().iter().map(|call| call.service.clone())).collect();
    let span = program.facts::<SdkCall>().first().map(|call| call.site.span);
    (services.len() as i64 >= params.int("services")).then(|| {
        let names: Vec<String> = services.into_iter().collect();
        (format!("its code talks to {}", names.join(", ")), span)
    })
}

fn permissions(unit: UnitRef<'_>, params: &Params) -> Option<Sign> {
    let role = &unit.lambda()?.role;
    if let Some(all) = role.statements.iter().find(|statement| statement.actions.iter().any(|action| action == "*")) {
        return Some(("its role allows everything".to_owned(), Some(all.span)));
    }
    let services: BTreeSet<&str> = role
        .statements
        .iter()
        .flat_map(|statement| statement.actions.iter())
        .filter_map(|action| action.split(':').next())
        .filter(|service| !sdk_operations().plain_services.iter().any(|known| known == service))
        .collect();
    (services.len() as i64 >= params.int("role_services")).then(|| {
        let names: Vec<&str> = services.into_iter().collect();
        (format!("its role reaches {}", names.join(", ")), role.statements.first().map(|statement| statement.span))
    })
}
