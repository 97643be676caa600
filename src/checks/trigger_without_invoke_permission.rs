//! Functions that something is told to invoke, and that no policy lets it invoke.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::knowledge::platforms;
use crate::model::Verdict;
use crate::model::deployments::{Lambda, Permission, Qualifier, Trigger};
use crate::rule::Params;
use crate::text::StackId;
use std::collections::BTreeMap;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(lambda), Some(name)) = (unit.function(), unit.lambda(), unit.name()) else { return };
        let deploy = &unit.project.deploy;
        // What nobody read may permit anything: other configs, a module from elsewhere that knows the function.
        if !deploy.unread.is_empty() || lambda.handed.is_some() {
            return;
        }
        let own = deploy.resource(function.resource).stack;
        let mut missing: BTreeMap<&str, Vec<(&Trigger, Option<&Permission>)>> = BTreeMap::new();
        for trigger in unit.triggers() {
            let Some(service) = trigger.principal else { continue };
            if deploy.followed.contains(&trigger.span.file) {
                continue;
            }
            if let Some(other) = refused(&unit, trigger, service, own) {
                missing.entry(service).or_default().push((trigger, other));
            }
        }
        for (service, triggers) in missing {
            let Some(&(first, other)) = triggers.first() else { continue };
            let kind = first.kind.name();
            let (why, what) = match other {
                None => (format!("nothing lets {service}.amazonaws.com do so"), "no permission for this"),
                Some(other) if other.qualifier == Qualifier::Unqualified => (
                    format!(
                        "it names a version or alias, and {service}.amazonaws.com may invoke the function itself only"
                    ),
                    "names a version or alias",
                ),
                Some(_) => (
                    format!(
                        "{service}.amazonaws.com may invoke a version or alias of it only, not the function itself"
                    ),
                    "names the function itself",
                ),
            };
            let message = format!("the {kind} is to invoke `{name}`, but {why}: {}", outcome(service));
            let finding = sink.report(first.span, what, message);
            // The configuration alone proves it; the binary plays no part.
            finding.confidence = Confidence::High;
            finding.also(other.map(|other| other.span), "the permission there is");
            finding.also(Some(deploy.resource(function.resource).span), "the function");
            for (trigger, _) in triggers.iter().skip(1).take(6) {
                finding.also(Some(trigger.span), what);
            }
        }
        public_url(&unit, lambda, name, sink);
    }
}

/// Whether a trigger certainly lacks a permission; with one that is for something else of the function.
fn refused<'p>(unit: &UnitRef<'p>, trigger: &Trigger, service: &str, own: StackId) -> Option<Option<&'p Permission>> {
    let deploy = &unit.project.deploy;
    let family = deploy.stack(own).family;
    // Tools write the permissions of the events they know.
    if unit.triggers().any(|other| other.kind == trigger.kind && other.principal.is_none() && other.proved) {
        return None;
    }
    let mut elsewhere = None;
    for permission in &deploy.permissions {
        let near = deploy.stack(permission.stack).family == family;
        let of_it = match permission.function {
            Some(function) if Some(function) == unit.unit.function() => Verdict::Yes,
            None if near => Verdict::Unknown,
            _ => Verdict::No,
        };
        let named = match (trigger.qualifier, permission.qualifier) {
            (Qualifier::Unknown, _) | (_, Qualifier::Unknown) => Verdict::Unknown,
            (named, permitted) => (named == permitted).into(),
        };
        let lets = permission.lets(service);
        match Verdict::all([of_it, named, lets]) {
            Verdict::No if of_it == Verdict::Yes && lets == Verdict::Yes => elsewhere = Some(permission),
            Verdict::No => {}
            Verdict::Yes | Verdict::Unknown => return None,
        }
    }
    Some(elsewhere)
}

/// What happens without (Lambda and the services' own developer guides): some services ask before they are configured.
fn outcome(service: &str) -> &'static str {
    let invoking = &platforms().aws_lambda.invoking;
    let among = |services: &[String]| services.iter().any(|known| known == service);
    match (among(&invoking.ask), among(&invoking.wait)) {
        (true, _) => "the deployment is refused",
        (_, true) => "every request is answered with 500",
        _ => "it is never invoked, and no log of it says so",
    }
}

/// A public URL needs two permissions (AWS Lambda developer guide, Control access to function URLs).
fn public_url(unit: &UnitRef<'_>, lambda: &Lambda, name: &str, sink: &mut Sink<'_>) {
    let deploy = &unit.project.deploy;
    let Some(url) = lambda.url.as_ref().filter(|url| !url.permitted) else { return };
    if url.auth.one().is_none_or(|auth| auth != "NONE") || deploy.followed.contains(&url.span.file) {
        return;
    }
    let id = unit.unit.function();
    if deploy.permissions.iter().any(|permission| permission.function.is_none()) {
        return;
    }
    let own: Vec<&Permission> = deploy.permissions.iter().filter(|permission| permission.function == id).collect();
    let has = |action: &str| {
        let public = |permission: &&&Permission| permission.principal.holds(|name| name == "*") != Verdict::No;
        own.iter().filter(public).map(|permission| permission.allows(action)).max().unwrap_or(Verdict::No)
    };
    let (url_action, function_action) = (has("invokefunctionurl"), has("invokefunction"));
    let lacking = match (url_action, function_action) {
        (Verdict::No, Verdict::No) => "`lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`",
        (Verdict::Yes, Verdict::No) => "`lambda:InvokeFunction`",
        (Verdict::No, Verdict::Yes) => "`lambda:InvokeFunctionUrl`",
        _ => return,
    };
    let message = format!(
        "the URL of `{name}` is public, but nobody is permitted {lacking} of it: every request is answered with 403"
    );
    let finding = sink.report(url.span, "AuthType NONE", message);
    finding.severity = Severity::Warning;
    finding.confidence = Confidence::High;
    finding.advise(
        "Permit everybody (principal `*`) `lambda:InvokeFunctionUrl` with `FunctionUrlAuthType` `NONE`, and \
         `lambda:InvokeFunction` with `InvokedViaFunctionUrl` true.",
    );
    if let Some(permission) = own.first() {
        finding.also(Some(permission.span), "the permission there is");
    }
}
