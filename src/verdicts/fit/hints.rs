//! What would do better with the same work, told without a measurement.

use super::evidence::{Class, Fit, Item, Row, Strength, Subject};
use crate::exact::Exact;
use crate::knowledge::{heavy_crates, platforms, price};
use crate::model::deployments::{FunctionId, PackageType};
use crate::model::source::{ComputeCall, FileWrite, Phase, TimeLimit};
use crate::model::{Platform, Project, Unit};
use crate::text::Span;
use crate::verdicts::cost::DEFAULT_REGION;

/// Hints about settings.
pub(super) fn hints(of: &Subject<'_>, fit: &mut Fit) {
    let (Some(program), Some(lambda)) = (of.program, of.function.aws()) else { return };
    let known = &platforms().aws_lambda;
    let mut hint = |text: String, place: Option<Span>| {
        if let Some(place) = place {
            fit.hints.push(Item::new(Row::Compute, Class::Config, Strength::Note, text, place));
        }
    };
    let whole = known.memory_per_vcpu_mb.value;
    let computes = program.has::<ComputeCall>();
    if let Some(&memory) = of.function.memory_mb.one().filter(|&&memory| memory >= whole && !computes) {
        let text = format!("{memory} MB buy a whole vCPU, and nothing in reach computes: measure with less");
        hint(text, of.function.memory_mb.place());
    }
    let written = program.has::<FileWrite>();
    if let Some(&disk) = lambda.ephemeral_mb.one().filter(|&&disk| disk > known.ephemeral_mb.default && !written) {
        let text = format!("{disk} MB of `/tmp`, and nothing in reach writes a file: the default is free");
        hint(text, lambda.ephemeral_mb.place());
    }
    let first = |architecture: &str| price(&format!("lambda-duration-{architecture}"))?.first(DEFAULT_REGION);
    if let (Some((_, place)), Some(x86), Some(arm)) = (movable(of.project, of.unit), first("x86_64"), first("arm64")) {
        let percent = (&(x86.less(arm) * Exact::from(100)) / x86).places(0);
        let text = format!("runs on x86_64, and nothing in its crates needs it: arm64 costs {percent} % less a second");
        hint(text, Some(place));
    }
    // What code in reach allows itself, against what the function is given.
    let limits = program.facts::<TimeLimit>().iter().filter(|limit| limit.site.phase == Phase::Invoke);
    if let (Some(limit), Some(&timeout)) = (limits.max_by_key(|limit| limit.millis), of.function.timeout_s.one())
        && limit.millis >= timeout.saturating_mul(1000)
    {
        let allowed = limit.millis.div_euclid(1000);
        let text = format!("is ended after {timeout} s, and allows something {allowed} s: one of them is wrong");
        hint(text, of.function.timeout_s.place().or(Some(limit.site.span)));
    }
}

/// A function that could run on arm64, and where its instruction set is decided.
pub fn movable(project: &Project, unit: &Unit) -> Option<(FunctionId, Span)> {
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
