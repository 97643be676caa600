//! Failure destinations and dead-letter queues of functions that nothing can ever send there.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::knowledge::platforms;
use crate::model::application::graph::{EdgeKind, NodeId};
use crate::model::deployments::{FunctionId, Invocation, Lambda, Qualifier, Target, Trigger, TriggerKind};
use crate::model::source::{HttpCall, Panic, SdkCall};
use crate::model::{Origin, Setting, Verdict};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(lambda), Some(name)) = (unit.unit.function(), unit.lambda(), unit.name()) else { return };
        let config = &lambda.async_config;
        let settings = [(&config.on_failure, "failure destination"), (&config.dead_letter, "dead-letter queue")];
        let Some(&(setting, what)) = settings.iter().find(|(setting, _)| is_chosen(setting)) else { return };
        let Some(place) = setting.place() else { return };
        let triggers: Vec<&Trigger> = unit.triggers().collect();
        let waits = |trigger: &&Trigger| matches!(trigger.invocation(), Invocation::Sync | Invocation::Poll);
        if triggers.is_empty() || lambda.handed.is_some() || !unit.project.deploy.unread.is_empty() {
            return;
        }
        if triggers.iter().all(|trigger| trigger.proved && waits(trigger)) {
            if may_be_invoked_otherwise(&unit, id, setting) {
                return;
            }
            let polled = triggers.iter().find_map(|trigger| match trigger.kind {
                TriggerKind::Sqs => Some(("a queue", "a redrive policy of the queue")),
                _ if trigger.mapping().is_some() => Some(("a stream", "the mapping's `DestinationConfig`")),
                _ => None,
            });
            let message = match polled {
                Some((source, instead)) => format!(
                    "`{name}` has a {what}, which is for asynchronous invocations, but it is invoked from {source}: \
                     nothing ever goes there; what keeps its failures is {instead}"
                ),
                None => format!(
                    "`{name}` has a {what}, which is for asynchronous invocations, but those who invoke it wait for \
                     the answer: nothing ever goes there"
                ),
            };
            let finding = sink.report(place, format!("{what}, never used"), message);
            finding.confidence = Confidence::High;
            for trigger in triggers.iter().take(3) {
                finding.also(Some(trigger.span), "invokes it otherwise");
            }
            return;
        }
        let asynchronous: Vec<&Trigger> =
            triggers.iter().copied().filter(|trigger| trigger.invocation() == Invocation::Async).collect();
        if what == "failure destination" && other_version(lambda, &asynchronous) {
            let (has, invoked) = match config.qualifier {
                Qualifier::Unqualified => ("its unpublished version", "a version or alias"),
                _ => ("a version or alias", "the unpublished version"),
            };
            let message = format!(
                "the {what} of `{name}` is for {has}, but what invokes it names {invoked}: nothing ever goes there"
            );
            let finding = sink.report(place, format!("for {has}"), message);
            finding.cap(Confidence::Medium);
            for trigger in asynchronous.iter().take(3) {
                finding.also(Some(trigger.span), "invokes");
            }
            return;
        }
        never_fails(&unit, &asynchronous, (place, what), sink);
    }
}

/// Whether somebody wrote it for this function: what a module sets for all of its functions fits some of them.
fn is_chosen(setting: &Setting<Target>) -> bool {
    setting.value.is_set() == Verdict::Yes && !matches!(setting.origin, Origin::ToolDefault(_))
}

/// Whether anything else may invoke it asynchronously: code, a role that may, a permission nobody's trigger explains,
/// another function that shares the setting.
fn may_be_invoked_otherwise(unit: &UnitRef<'_>, id: FunctionId, setting: &Setting<Target>) -> bool {
    let deploy = &unit.project.deploy;
    let graph = &unit.project.graph;
    let node = graph.nodes.iter().position(|node| node.id == NodeId::Function(id));
    if graph.edges.iter().any(|edge| Some(edge.to) == node && edge.kind == EdgeKind::Call) {
        return true;
    }
    let invoking = &platforms().aws_lambda.invoking;
    let waits = |service: &str| invoking.wait.iter().any(|known| known == service);
    let open = deploy.permissions.iter().filter(|permission| permission.function.is_none_or(|other| other == id));
    for permission in open {
        let principal = permission.principal.one().and_then(|name| name.split('.').next());
        if permission.allows("invokefunction") != Verdict::No && !principal.is_some_and(waits) {
            return true;
        }
    }
    let own = deploy.function(id).resource;
    let invokes = |action: &String| {
        let action = action.to_lowercase();
        action.starts_with(invoking.actions.as_str())
            || action.strip_suffix('*').is_some_and(|start| invoking.actions.starts_with(start))
    };
    let means = |target: &Target| match target {
        Target::Resource(resource) => *resource == own,
        Target::External(_) => true,
    };
    let place = setting.place();
    deploy.function_ids().any(|other| {
        let Some(lambda) = deploy.function(other).aws() else { return true };
        let may = lambda
            .role
            .statements
            .iter()
            .any(|statement| statement.actions.iter().any(invokes) && statement.resources.iter().any(means));
        let shares = other != id
            && [&lambda.async_config.on_failure, &lambda.async_config.dead_letter]
                .iter()
                .any(|setting| setting.place().is_some() && setting.place() == place);
        may || shares
    })
}

/// Whether every asynchronous trigger certainly names something else than the settings are for.
fn other_version(lambda: &Lambda, triggers: &[&Trigger]) -> bool {
    let own = lambda.async_config.qualifier;
    let differs = |trigger: &&Trigger| match (own, trigger.qualifier) {
        (Qualifier::Unknown, _) | (_, Qualifier::Unknown) => false,
        (own, named) => own != named,
    };
    !triggers.is_empty() && triggers.iter().all(differs)
}

/// A handler that never returns an error never fails for the platform, whatever its work does.
fn never_fails(
    unit: &UnitRef<'_>,
    triggers: &[&Trigger],
    (place, what): (crate::text::Span, &str),
    sink: &mut Sink<'_>,
) {
    let Some(program) = unit.program() else { return };
    let [handler] = program.handlers.as_slice() else { return };
    let works = program.has::<SdkCall>() || program.has::<HttpCall>();
    // A panic is a failure as well.
    if triggers.is_empty() || handler.fails != Verdict::No || !works || program.has::<Panic>() {
        return;
    }
    let message = format!(
        "`{}` has a {what}, but its handler returns no error on any path: nothing ever goes there",
        unit.name().unwrap_or_default()
    );
    let finding = sink.report(place, format!("{what}, never used"), message);
    finding.severity = Severity::Info;
    finding.cap(Confidence::Medium);
    finding.also(Some(handler.span), "never fails");
}
