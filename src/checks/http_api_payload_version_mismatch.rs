//! HTTP API integrations that send another payload version than the handler's type reads.

use super::support::writes::Owner;
use super::{Check, Sink, UnitRef};
use crate::finding::{Edit, Finding, Fix, Value, Write};
use crate::knowledge::{Meaning, lexicon};
use crate::model::deployments::{Route, Trigger, TriggerKind};
use crate::model::{Known, Origin};
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(handler) = unit.program().and_then(|program| match program.handlers.as_slice() {
            [only] => Some(only),
            _ => None,
        }) else {
            return;
        };
        for trigger in unit.triggers().filter(|trigger| trigger.kind == TriggerKind::HttpV2) {
            let Some(route) = trigger.route() else { continue };
            let Some(version) = route.payload_version.one() else { continue };
            let name = handler.event.rsplit("::").next().unwrap_or_default();
            let (reads, place) = match (name, version.as_str()) {
                ("ApiGatewayV2httpRequest", "1.0") => ("2.0", handler.span),
                ("ApiGatewayProxyRequest", "2.0") => ("1.0", handler.span),
                ("Request", version) if lexicon().means(&handler.event, Meaning::IsEvent) => {
                    match missing_feature(unit, version) {
                        Some((reads, span)) => (reads, span),
                        None => continue,
                    }
                }
                _ => continue,
            };
            let finding = report(sink, trigger, route, version, reads, (place, name));
            let title = format!("Send payload version {reads}");
            let writes = match &route.payload_version.value {
                // The value is replaced where it is written, whichever resource that belongs to.
                Known::Is(written) if route.payload_version.origin == Origin::Explicit => {
                    let text = unit.project.sources.slice(written.span);
                    let plain = text.trim_matches(['"', '\'']) == version.as_str();
                    if plain {
                        let edit = Edit { span: written.span, text: text.replace(version.as_str(), reads) };
                        finding.fixes.push(Fix::edits(title, true, vec![edit]));
                    } else {
                        // The key of the Serverless Framework's provider: other functions have the same.
                        let value = Value::Text(reads.to_owned());
                        let write = Write::Entry { of: written.span, path: Vec::new(), value, short: None };
                        finding.fix(title, false, [Some(write)]);
                    }
                    continue;
                }
                _ => Owner::trigger(unit.project, trigger).set("PayloadFormatVersion", Value::Text(reads.to_owned())),
            };
            finding.fix(title, true, [writes]);
        }
    }
}

fn report<'s>(
    sink: &'s mut Sink<'_>,
    trigger: &Trigger,
    route: &Route,
    version: &str,
    reads: &str,
    (place, name): (Span, &str),
) -> &'s mut Finding {
    let message = format!(
        "the HTTP API sends payload version {version}, but `{name}` reads {reads}: every request fails to deserialise \
         and answers 500"
    );
    let set = route.payload_version.place().unwrap_or(trigger.span);
    sink.report(set, format!("payload version {version}, {}", route.payload_version.origin.describe()), message)
        .also(Some(place), format!("reads version {reads}"))
        .also(Some(trigger.span), "the event")
}

/// `lambda_http` reads only the versions whose features are on.
fn missing_feature(unit: UnitRef<'_>, version: &str) -> Option<(&'static str, Span)> {
    let cargo = &unit.project.cargo;
    let package = cargo.package(cargo.target(unit.unit.target()?).package);
    let line = package.dependencies.iter().find(|line| line.package == "lambda_http" && !line.default_features)?;
    let (feature, other) = if version == "2.0" { ("apigw_http", "1.0") } else { ("apigw_rest", "2.0") };
    (!line.features.iter().any(|known| known == feature)).then_some((other, line.span))
}
