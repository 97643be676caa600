//! Functions deployed from debug builds, or from release builds that leave the size on the table.

use super::support::plain_builds::{self, names_profile};
use super::support::release_profile;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity, Write};
use crate::model::crates::Recipe;
use crate::model::crates::artifact::Artifact;
use crate::model::deployments::{BuildTool, FunctionId};
use crate::rule::Params;
use crate::text::Span;
use crate::text::path::parent;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(target) = unit.unit.target() else { return };
        let name = unit.name().unwrap_or(&unit.project.cargo.target(target).name);
        let recipe = unit.name().and_then(|name| recipe(unit, name));
        let deployed = unit.unit.function();
        if deployed.is_some_and(|id| debug_build(unit, id, name, recipe, sink)) {
            return;
        }
        if deployed.is_none() && unit.program().is_none() {
            return;
        }
        let cargo = &unit.project.cargo;
        let package = cargo.package(cargo.target(target).package);
        let workspace = &cargo.workspaces[package.workspace];
        let plain = plain_builds::of(unit, recipe);
        let missing = plain
            .as_ref()
            .map(|plain| release_profile::missing_keys(&workspace.release, plain.strips))
            .unwrap_or_default();
        if !missing.is_empty() {
            let root = (workspace.manifest == package.manifest).then_some(package.span);
            let place = workspace.release.span.or(root).unwrap_or(Span::new(workspace.manifest, 0, 0));
            let message = format!(
                "`{name}` is built by plain cargo and `[profile.release]` does not set {}; the binary stays larger \
                 than it need be",
                missing.join(", ")
            );
            let finding = sink.report(place, "the release profile", message);
            finding.also(plain.and_then(|plain| plain.place), "built here");
            // Packages beside each other, each a workspace of its own, are copies of one pattern.
            finding.because_of(format!("{} {}", parent(&workspace.dir), missing.join(" ")));
            if deployed.is_none() {
                finding.cap(Confidence::Medium);
            }
            finding.also(package.ignored_profile, "cargo ignores the profile of a member");
            let keys = missing.iter().filter_map(|key| release_profile::setting(key)).collect();
            let write =
                Write::Table { of: Span::new(workspace.manifest, 0, 0), name: "profile.release".to_owned(), keys };
            finding.fix("Optimise the release profile", true, [Some(write)]);
        } else if let (Some(place), None) = (package.ignored_profile, workspace.release.span) {
            let message = format!(
                "cargo ignores this profile of `{}`: only those of the root manifest of the workspace count",
                package.name
            );
            sink.report(place, "of a member", message).severity = Severity::Info;
        }
        release_profile::contrary(unit, name, &workspace.release, sink);
        release_profile::small_before_fast(unit, name, &workspace.release, sink);
    }
}

/// Says that a debug build is deployed; whether one is.
fn debug_build(unit: UnitRef<'_>, id: FunctionId, name: &str, recipe: Option<&Recipe>, sink: &mut Sink<'_>) -> bool {
    let function = unit.project.deploy.function(id);
    let path = function.package.path.one().map_or("", String::as_str);
    let place = function.package.path.place();
    if let (true, Some(place)) = (names_profile(path, "debug"), place) {
        let message =
            format!("`{name}` deploys a debug build; it is many times larger and slower than a release build");
        sink.report(place, "a debug artifact", message).severity = Severity::Error;
        return true;
    }
    let image = function.package.dockerfile.as_deref();
    let image = image.and_then(|path| unit.project.cargo.dockerfiles.iter().find(|file| file.path == path));
    let elsewhere = recipe.is_none().then(|| commands_all_debug(unit)).flatten();
    let debug = image.and_then(|file| file.debug).or(elsewhere);
    if let Some(span) = recipe.and_then(debug_line).or(debug) {
        let message =
            format!("`{name}` is built without `--release`; it is many times larger and slower than a release build");
        let finding = sink.report(span, "builds for debugging", message);
        finding.severity = Severity::Error;
        finding.confidence = Confidence::High.min(unit.ceiling());
        finding.also(Some(unit.project.deploy.function_span(id)), "the function it builds");
        return true;
    }
    if let Some(place) = place
        && let Some((artifact, bytes)) = debug_artifact(unit, path)
    {
        let message = format!(
            "`{}` carries {:.0} MB of debug information, more than it has code: it is a debug build, or `debug` is \
             on in \
             the release profile",
            artifact.path,
            bytes as f64 / 1e6
        );
        sink.report(place, "deployed from here", message).cap(Confidence::Medium);
        return true;
    }
    false
}

/// What the build left where the config deploys it from, if most of it is debug information, with the bytes of that.
fn debug_artifact<'p>(unit: UnitRef<'p>, path: &str) -> Option<(&'p Artifact, u64)> {
    let artifact = unit.artifact().filter(|artifact| !artifact.is_stale)?;
    let executable = artifact.executable.as_ref()?;
    let deployed = path.contains("target/") && unit.function()?.package.tool == BuildTool::Unstated;
    (deployed && executable.debug_info > executable.code).then_some((artifact, executable.debug_info))
}

fn recipe<'p>(unit: UnitRef<'p>, name: &str) -> Option<&'p Recipe> {
    unit.project.cargo.recipes.iter().find(|recipe| recipe.function == name)
}

/// The first command that builds the binary, if every command that does so builds for debugging. Only for artifacts of
/// cargo-lambda: a plain path names its profile.
fn commands_all_debug(unit: UnitRef<'_>) -> Option<Span> {
    let function = unit.function()?;
    let path = function.package.path.one().map_or("", String::as_str);
    if function.package.tool != BuildTool::Unstated || !path.contains("target/lambda/") {
        return None;
    }
    let cargo = &unit.project.cargo;
    let target = cargo.target(unit.unit.target()?);
    let package = cargo.package(target.package);
    let mut commands = cargo
        .builds
        .iter()
        .filter(|command| command.is_cargo_lambda() && command.may_build(&package.name, &target.name))
        .peekable();
    let first = commands.peek()?.span;
    commands.all(|command| command.is_debug()).then_some(first)
}

/// The line that builds, if it builds for debugging.
fn debug_line(recipe: &Recipe) -> Option<Span> {
    recipe
        .lines
        .iter()
        .find(|(line, _)| {
            let builds = line.contains("cargo build")
                || line.contains("cargo lambda build")
                || line.contains("cross build")
                || line.contains("cargo zigbuild");
            builds
                && !line.contains("--release")
                && !line.contains("--profile")
                && !line.contains(" -r ")
                && !line.contains('$')
        })
        .map(|(_, span)| *span)
}
