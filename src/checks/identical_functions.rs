//! Functions of one stack that deploy one binary with the same settings: they could be one function.

use super::{Check, Sink};
use crate::checks::named;
use crate::finding::{Confidence, Subject};
use crate::model::deployments::{Function, FunctionId, Lambda, StackId, Trigger, TriggerKind};
use crate::model::source::EnvRead;
use crate::model::{Evidence, Known, Project, Setting};
use crate::rule::Params;
use crate::text::TargetId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Rule;

/// The variable in which the runtime says how the function is configured to begin.
const HANDLER: &str = "_HANDLER";

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        let mut alike: BTreeMap<(StackId, TargetId, String), Vec<(FunctionId, Confidence)>> = BTreeMap::new();
        for unit in &project.units {
            let (Some(id), Some(target)) = (unit.function(), unit.target()) else { continue };
            let asks = project
                .program(target)
                .is_some_and(|program| program.facts::<EnvRead>().iter().any(|read| read.key == HANDLER));
            let Some(settings) = settings(project, id).filter(|_| !asks) else { continue };
            let stack = deploy.resource(deploy.function(id).resource).stack;
            let ceiling = unit.evidence().map_or(Confidence::Low, Evidence::ceiling);
            alike.entry((stack, target, settings)).or_default().push((id, ceiling));
        }
        for functions in alike.into_values() {
            let [(first, _), rest @ ..] = functions.as_slice() else { continue };
            if rest.is_empty() {
                continue;
            }
            let ceiling = functions.iter().map(|(_, ceiling)| *ceiling).min().unwrap_or(Confidence::Low);
            sink.enter(Some(Subject::Function(*first)), ceiling);
            let others: Vec<String> = rest.iter().take(3).map(|(id, _)| named(project, *id)).collect();
            let more = if rest.len() > 3 { ", …" } else { "" };
            let message = format!(
                "{} deploys the same binary with the same settings as {}{more}, for the same kind of event",
                named(project, *first),
                others.join(", ")
            );
            let finding = sink.report(deploy.function_span(*first), "the first of them", message);
            finding.places(rest.iter().map(|(id, _)| deploy.function_span(*id)), "the same again");
        }
    }
}

/// Everything that may tell a function from another of the same binary, as one text; none where something that may is
/// not known.
fn settings(project: &Project, id: FunctionId) -> Option<String> {
    let deploy = &project.deploy;
    let function = deploy.function(id);
    let Function { env, timeout_s, memory_mb, architecture, .. } = function;
    let lambda = function.aws()?;
    let variables = env.vars.iter().map(|(name, variable)| match &variable.value {
        Known::Is(text) => Some(format!("{name}={:?}", text.value)),
        _ => None,
    });
    let variables = variables.collect::<Option<Vec<String>>>().filter(|_| env.open.is_none())?;
    let triggers: Vec<&Trigger> = deploy.triggers_of(id).collect();
    // What is sent in place of the event is configuration, and so is nothing at all that invokes it.
    if triggers.is_empty() || triggers.iter().any(|trigger| trigger.constant.is_some() || trigger.transformed) {
        return None;
    }
    let kinds: BTreeSet<TriggerKind> = triggers.iter().map(|trigger| trigger.kind).collect();
    let Lambda { reserved_concurrency, provisioned_concurrency, ephemeral_mb, vpc, role, .. } = lambda;
    let numbers = [timeout_s, memory_mb, ephemeral_mb, reserved_concurrency, provisioned_concurrency];
    let numbers = numbers.into_iter().map(value).collect::<Option<Vec<String>>>()?;
    let may: Vec<_> = role.statements.iter().map(|statement| (&statement.actions, &statement.resources)).collect();
    let subnets = vpc.as_ref().map(|vpc| &vpc.subnets);
    Some(format!("{variables:?} {kinds:?} {numbers:?} {:?} {subnets:?} {may:?}", architecture.one()))
}

/// A number as it is in force; none if it is not known.
fn value(setting: &Setting<i64>) -> Option<String> {
    match &setting.value {
        Known::Absent => Some("-".to_owned()),
        Known::Is(value) => Some(value.value.to_string()),
        _ => None,
    }
}
