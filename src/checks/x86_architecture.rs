//! Functions on x86_64 that nothing keeps there, one finding for each place that says so.

use super::{Check, Sink};
use crate::exact::Exact;
use crate::finding::Subject;
use crate::knowledge::{heavy_crates, price};
use crate::model::deployments::{FunctionId, PackageType};
use crate::model::{Platform, Project, Unit};
use crate::rule::Params;
use crate::text::Span;
use crate::verdicts::cost::DEFAULT_REGION;
use std::collections::BTreeMap;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let mut groups: BTreeMap<Span, Vec<FunctionId>> = BTreeMap::new();
        for unit in &project.units {
            if let Some((id, place)) = movable(project, unit) {
                groups.entry(place).or_default().push(id);
            }
        }
        let first = |architecture: &str| price(&format!("lambda-duration-{architecture}"))?.first(DEFAULT_REGION);
        let (Some(x86), Some(arm)) = (first("x86_64"), first("arm64")) else { return };
        let percent = (&(x86.less(arm) * Exact::from(100)) / x86).places(0);
        for (place, functions) in groups {
            let Some((&one, rest)) = functions.split_first() else { continue };
            let name = project.deploy.function_label(one);
            let who = match rest.len() {
                0 => format!("`{name}` runs"),
                more => format!("`{name}` and {more} more run"),
            };
            let message = format!(
                "{who} on x86_64, and nothing in their crates needs it; the same duration costs {percent} % less on \
                 arm64"
            );
            let finding = sink.report(place, "decided here", message);
            finding.subject = Some(Subject::Function(one));
        }
    }
}

/// A function that could run on arm64, and where its instruction set is decided.
fn movable(project: &Project, unit: &Unit) -> Option<(FunctionId, Span)> {
    let (id, target) = (unit.function()?, unit.target()?);
    let function = project.deploy.function(id);
    let program = project.program(target).filter(|program| !program.handlers.is_empty())?;
    let plain = function.package.kind == PackageType::Zip && !function.aws()?.layered;
    let x86 = function.architecture.one().is_some_and(|architecture| architecture == "x86_64");
    if program.platform() != Some(Platform::AwsLambda) || !plain || !x86 {
        return None;
    }
    let (closure, graph) = project.closure(target)?;
    let native = |name: &str| heavy_crates().iter().any(|heavy| heavy.native_build && heavy.name == name);
    if closure.crates(graph).any(|(_, node)| native(&node.name)) {
        return None;
    }
    if function.architecture.origin.is_default() {
        // Nobody chose: one finding for a template, at its first function.
        let stack = project.deploy.resource(function.resource).stack;
        let same = |id: &FunctionId| project.deploy.resource(project.deploy.function(*id).resource).stack == stack;
        return Some((id, project.deploy.function_span(project.deploy.function_ids().find(same)?)));
    }
    let place = function.architecture.place()?;
    let line = project.sources.line(place.file, project.sources.position(place.file, place.start).line)?;
    // Who says why has a reason.
    (!line.contains('#') && !line.contains("//")).then_some((id, place))
}
