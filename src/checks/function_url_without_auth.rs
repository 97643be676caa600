//! Function URLs that everybody may call, first of all those that nobody said should be.

use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::platforms;
use crate::model::Verdict;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(lambda), Some(name)) = (unit.lambda(), unit.name()) else { return };
        let Some(url) = &lambda.url else { return };
        if url.auth.value.holds(|auth| auth == "NONE") != Verdict::Yes {
            return;
        }
        let place = url.auth.place().unwrap_or(url.span);
        let origin = url.auth.origin.describe();
        let message = format!("anybody may call the URL of `{name}`: its authorization is NONE, {origin}");
        let verifier = verifier(&unit);
        let id = unit.unit.function();
        let meant =
            unit.project.deploy.permissions.iter().find(|permission| {
                permission.function == id && permission.principal.one().is_some_and(|name| name == "*")
            });
        let finding = sink.report(place, "NONE", message);
        finding.confidence = Confidence::High.min(url.auth.origin.ceiling());
        if let Some(name) = verifier {
            finding.message.push_str(&format!("; its package has `{name}`, which may be how it verifies its callers"));
            finding.only_to_know();
        } else if let Some(permission) = meant {
            finding.also(Some(permission.span), "permitted to everybody");
            finding.only_to_know();
        } else if !url.auth.origin.is_default() {
            // Who writes it wants it.
            finding.only_to_know();
        }
    }
}

/// A direct dependency of the binary's package that verifies signatures or tokens.
fn verifier(unit: &UnitRef<'_>) -> Option<String> {
    let cargo = &unit.project.cargo;
    let package = cargo.package(cargo.target(unit.unit.target()?).package);
    let known = &platforms().aws_lambda.verifiers.value;
    let found = package.dependencies.iter().find(|line| known.contains(&line.package))?;
    Some(found.package.clone())
}
