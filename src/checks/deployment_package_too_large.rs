//! Packages that Lambda does not take, or soon will not, and executables over the user's budget.

use super::{Check, Sink, UnitRef, mb};
use crate::finding::{Confidence, Finding, Severity};
use crate::knowledge::{crate_weights, platforms};
use crate::model::crates::artifact::Artifact;
use crate::model::deployments::PackageType;
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(target) = unit.unit.target() else { return };
        let cargo = &unit.project.cargo;
        let declared = unit.unit.function().map(|id| unit.project.deploy.function_span(id));
        let package = cargo.package(cargo.target(target).package);
        let place = unit.function().and_then(|function| function.package.path.place()).or(declared);
        let place = place.unwrap_or(package.span);
        let built = unit.artifact();
        if let Some(artifact) = built
            && unit.function().is_none_or(|function| function.package.kind == PackageType::Zip)
            && limits(unit, artifact, place, params, sink)
        {
            return;
        }
        budget(unit, built, place, params, sink);
    }
}

/// Reports a package that is over a limit of the platform, or near one. Whether it did.
fn limits(unit: UnitRef<'_>, artifact: &Artifact, place: Span, params: &Params, sink: &mut Sink<'_>) -> bool {
    let lambda = &platforms().aws_lambda;
    let is_zip = artifact.path.ends_with(".zip");
    let direct = unit.function().is_some_and(|function| function.package.direct_upload);
    let zipped =
        (is_zip && direct).then_some((artifact.bytes, lambda.zip_direct_bytes.value, "zipped, for direct upload"));
    let unpacked = if is_zip { artifact.unpacked } else { Some(artifact.bytes) };
    let unpacked = unpacked.map(|bytes| (bytes, lambda.unzipped_bytes.value, "unzipped, with layers"));
    let share = |&(bytes, limit, _): &(u64, u64, &str)| bytes.saturating_mul(100) / limit;
    let Some(worst) = zipped.into_iter().chain(unpacked).max_by_key(share) else { return false };
    let (bytes, limit, what) = worst;
    let near = i64::try_from(share(&worst)).is_ok_and(|share| share < 100);
    if near && (share(&worst) as i64) < params.int("warn_at_percent") {
        return false;
    }
    let message = format!(
        "`{}` is {}; Lambda takes {} {what}{}",
        artifact.path,
        mib(bytes),
        mib(limit),
        debug_information(artifact)
    );
    let finding = sink.report(place, "deployed from here", message);
    if near {
        finding.severity = Severity::Warning;
    }
    age(artifact, finding);
    true
}

/// An executable over the user's budget: its size if it was built, else the least its crates are known to come to.
fn budget(unit: UnitRef<'_>, built: Option<&Artifact>, place: Span, params: &Params, sink: &mut Sink<'_>) {
    let Some(target) = unit.unit.target() else { return };
    let name = unit.name().unwrap_or(&unit.project.cargo.target(target).name);
    let limit = params.int_of("max_binary_mb", name);
    let over = |bytes: i64| limit > 0 && bytes > limit * 1_000_000;
    if let Some(artifact) = built {
        let bytes = artifact.unpacked_bytes();
        if over(bytes) {
            let message = format!(
                "the executable of `{name}` is {} at `{}`; the budget is {limit} MB{}",
                mb(bytes),
                artifact.path,
                debug_information(artifact)
            );
            let finding = sink.report(place, "deployed from here", message);
            finding.severity = Severity::Warning;
            age(artifact, finding);
        }
        return;
    }
    let Some((closure, graph)) = unit.project.closure(target) else { return };
    let heaviest = closure
        .crates(graph)
        .filter_map(|(at, node)| {
            let features = closure.features(&unit.project.cargo, graph, at)?;
            let row = crate_weights().nearest(&node.name, &node.version, Some(&features))?;
            Some((row.function_bytes as i64, at))
        })
        .max();
    if let Some((bytes, at)) = heaviest.filter(|&(bytes, _)| over(bytes)) {
        let node = &graph.nodes[closure.members[at].node];
        let message = format!(
            "the executable of `{name}` will be over its budget of {limit} MB: a function with nothing but `{}` was {} \
             when it was measured",
            node.name,
            mb(bytes)
        );
        let finding = sink.report(place, "deployed from here", message);
        finding.severity = Severity::Info;
        finding.cap(Confidence::Medium).also(
            closure.line(&unit.project.cargo, graph, at).map(|(line, _)| line.declared.span),
            format!("brings in `{}`", node.name),
        );
        finding.trail = closure.trail(graph, at);
    }
}

/// A file older than the lock file says little about the next build.
fn age(artifact: &Artifact, finding: &mut Finding) {
    if artifact.is_stale {
        finding.cap(Confidence::Low);
        finding.message.push_str("; it is older than Cargo.lock");
    }
}

fn debug_information(artifact: &Artifact) -> String {
    let bytes = artifact.executable.as_ref().map_or(0, |executable| executable.debug_info);
    if bytes * 2 > artifact.bytes {
        return format!(
            "; {} of it is debug information, which `strip = true` in the profile removes",
            mb(bytes as i64)
        );
    }
    String::new()
}

fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}
