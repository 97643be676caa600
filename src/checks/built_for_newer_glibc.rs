//! Binaries that ask for a newer C library than the runtime has: from the executable itself, else from how it is built.

use super::support::linked_with::{Version, asks, shown, unversioned, uses_zig};
use super::support::plain_builds;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Edit, Fix, Severity};
use crate::knowledge::{CLibrary, c_library_of, c_library_of_runtime};
use crate::model::crates::{BuildCommand, Dockerfile};
use crate::model::deployments::{BuildTool, PackageType};
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

/// What the binary runs on.
struct Runs {
    has: Version,
    name: String,
    place: Option<Span>,
}

/// A command, and where it is run as far as its file tells.
struct Command<'p> {
    text: &'p str,
    machine: Option<&'p str>,
    span: Span,
}

impl<'p> From<&'p BuildCommand> for Command<'p> {
    fn from(command: &'p BuildCommand) -> Self {
        Self { text: &command.text, machine: command.machine.as_deref(), span: command.span }
    }
}

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(name), Some(_)) = (unit.function(), unit.name(), unit.unit.target()) else { return };
        if function.package.kind == PackageType::Image {
            return of_image(unit, name, sink);
        }
        let Some(runtime) = function.runtime.one() else { return };
        let Some(has) = c_library_of_runtime(runtime) else { return };
        let runs = Runs { has, name: format!("`{runtime}`"), place: function.runtime.place() };
        if !of_executable(unit, name, &runs, sink) {
            report(unit, name, &runs, &commands(unit, name), sink);
        }
    }
}

/// Says what the executable asks for that is deployed; whether there is one.
fn of_executable(unit: UnitRef<'_>, name: &str, runs: &Runs, sink: &mut Sink<'_>) -> bool {
    let Some(function) = unit.function() else { return false };
    let Some(artifact) = unit.artifact().filter(|artifact| !artifact.is_stale) else { return false };
    let Some(executable) = &artifact.executable else { return false };
    let written = function.package.path.one().map_or("", String::as_str);
    let plain = written.trim_start_matches(['.', '/']);
    let by_tool = function.package.tool == BuildTool::SamCargoLambda
        || unit.dialect().is_some_and(|dialect| dialect.architecture_of_binary);
    let in_lambda = artifact.path.contains("target/lambda/");
    let deployed =
        in_lambda && (by_tool || written.contains("target/lambda/")) || !plain.is_empty() && artifact.path == plain;
    if !deployed {
        return false;
    }
    let Some(asks) = executable.c_library.filter(|asks| *asks > runs.has) else { return true };
    let place = function.package.path.place().or(runs.place);
    let place = place.or_else(|| unit.unit.function().map(|id| unit.project.deploy.function_span(id)));
    let Some(place) = place else { return true };
    let message = format!(
        "`{name}` runs on {}, which has glibc {}, but `{}` asks for {}: it does not start, and every invocation fails",
        runs.name,
        shown(runs.has),
        artifact.path,
        shown(asks)
    );
    let finding = sink.report(place, "deployed from here", message);
    finding.severity = Severity::Error;
    finding.also(runs.place, "the runtime");
    true
}

/// An image is judged by what it runs on against what its binary was built on.
fn of_image(unit: UnitRef<'_>, name: &str, sink: &mut Sink<'_>) {
    let Some(file) = dockerfile(unit) else { return };
    let Some((base, place)) = &file.base else { return };
    let Some(CLibrary::Glibc(has)) = c_library_of(base) else { return };
    let runs = Runs { has, name: format!("the image `{base}`"), place: Some(*place) };
    let here = |command: &&BuildCommand| command.span.file == place.file && !command.is_debug();
    let commands: Vec<Command<'_>> = unit.project.cargo.builds.iter().filter(here).map(Command::from).collect();
    report(unit, name, &runs, &commands, sink);
}

fn dockerfile<'p>(unit: UnitRef<'p>) -> Option<&'p Dockerfile> {
    let cargo = &unit.project.cargo;
    let path = unit.function()?.package.dockerfile.as_deref();
    let target = &cargo.target(unit.unit.target()?).name;
    let mut running = cargo.dockerfiles.iter().filter(|file| match path {
        Some(path) => file.path == path,
        None => file.binary.as_ref().is_some_and(|(binary, _)| binary == target),
    });
    running.next().filter(|_| running.next().is_none())
}

/// The commands that may build what is deployed.
fn commands<'p>(unit: UnitRef<'p>, name: &str) -> Vec<Command<'p>> {
    let (Some(function), cargo) = (unit.function(), &unit.project.cargo) else { return Vec::new() };
    let recipe = cargo.recipes.iter().find(|recipe| recipe.function == name);
    if let Some(recipe) = recipe {
        if cargo.builds_in_container {
            return Vec::new();
        }
        let lines = recipe.lines.iter().filter(|(line, _)| BuildCommand::is_one(line));
        return lines.map(|(text, span)| Command { text, machine: None, span: *span }).collect();
    }
    let path = function.package.path.one().map_or("", String::as_str);
    let resource = unit.project.deploy.resource(function.resource);
    let construct = unit.project.deploy.constructs.iter().find(|known| resource.construct.as_ref() == Some(&known.id));
    if function.package.tool != BuildTool::Unstated
        || path.contains("-musl")
        || construct.is_some_and(|construct| construct.kind == "RustFunction")
    {
        return Vec::new();
    }
    let all = plain_builds::commands_of(unit);
    let (by_lambda, plain): (Vec<_>, Vec<_>) = all.into_iter().partition(|command| command.is_cargo_lambda());
    if !by_lambda.is_empty() || path.contains("target/lambda/") {
        return by_lambda.into_iter().map(Command::from).collect();
    }
    if plain_builds::of(unit, None).is_none() {
        return Vec::new();
    }
    plain.into_iter().filter(|command| !command.is_debug()).map(Command::from).collect()
}

/// Reports the first of the commands if each of them asks for more than there is.
fn report(unit: UnitRef<'_>, name: &str, runs: &Runs, commands: &[Command<'_>], sink: &mut Sink<'_>) {
    let cargo = &unit.project.cargo;
    let Some(target) = unit.unit.target().map(|id| cargo.target(id)) else { return };
    let dir = &cargo.package(target.package).dir;
    if cargo.static_below.iter().any(|above| above.is_empty() || dir == above || dir.starts_with(&format!("{above}/")))
    {
        return;
    }
    let asked: Option<Vec<(Version, String)>> = commands
        .iter()
        .map(|command| asks(command.text, command.machine).filter(|(version, _)| *version > runs.has))
        .collect();
    let (Some(asked), Some(command)) = (asked, commands.first()) else { return };
    let Some((version, why)) = asked.first() else { return };
    let message = format!(
        "`{name}` runs on {}, which has glibc {}, but is {why}: a binary that asks for glibc {} does not start",
        runs.name,
        shown(runs.has),
        shown(*version)
    );
    let finding = sink.report(command.span, "builds for a newer glibc", message);
    finding.cap(Confidence::Medium);
    // One step for all the functions of a runtime that are built alike.
    finding.because_of(format!("{} {why}", runs.name));
    finding.also(runs.place, "what it runs on");
    finding.places(commands.iter().skip(1).map(|other| other.span), "and here");
    // The version of a target is what cargo-lambda and cargo-zigbuild take, with their own linker.
    let text = unit.project.sources.slice(command.span);
    if let Some(triple) = unversioned(command.text).filter(|triple| uses_zig(command.text) && text.contains(*triple)) {
        let edited = text.replacen(triple, &format!("{triple}.{}", shown(runs.has)), 1);
        let title = format!("Build for glibc {}", shown(runs.has));
        finding.fixes.push(Fix::edits(title, true, vec![Edit { span: command.span, text: edited }]));
    }
}
