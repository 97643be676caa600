//! Whether a binary is built for deployment by plain cargo, which sets none of what cargo-lambda sets by itself.

use crate::checks::UnitRef;
use crate::model::crates::{BuildCommand, Recipe};
use crate::model::deployments::BuildTool;
use crate::text::Span;

/// How plain cargo builds a binary.
pub(crate) struct PlainBuild {
    /// Where that is written.
    pub(crate) place: Option<Span>,
    /// Whether the build strips the binary by other means.
    pub(crate) strips: bool,
}

/// How the binary of a unit is built, if plain cargo does it and cargo-lambda does not.
pub(crate) fn of(unit: UnitRef<'_>, recipe: Option<&Recipe>) -> Option<PlainBuild> {
    let Some(function) = unit.function() else { return of_undeployed(unit) };
    if let Some(recipe) = recipe {
        let has = |word: &str| recipe.lines.iter().any(|(line, _)| line.contains(word));
        let plain = (has("cargo build") || has("cross build")) && !has("cargo lambda");
        let place = recipe.lines.first().map(|(_, span)| *span);
        return plain.then_some(PlainBuild { place, strips: has("strip ") });
    }
    let path = function.package.path.one().map_or("", String::as_str);
    match function.package.tool {
        // Its container runs plain cargo, and strips.
        BuildTool::ServerlessPlugin => return Some(PlainBuild { place: function.package.path.place(), strips: true }),
        BuildTool::Unstated => {}
        _ => return None,
    }
    if path.contains("target/lambda/") {
        return None;
    }
    let commands = commands_of(unit);
    if commands.iter().any(|command| command.is_cargo_lambda()) {
        return None;
    }
    let strips = commands.iter().any(|command| command.text.contains("strip "));
    if names_profile(path, "release") {
        return Some(PlainBuild { place: function.package.path.place(), strips });
    }
    let release = commands.iter().find(|command| !command.is_debug() && !command.text.contains('$'));
    let release = release.or_else(|| commands.iter().find(|command| command.text.contains("--release")))?;
    Some(PlainBuild { place: Some(release.span), strips })
}

/// The same of a function that no config read here deploys: a command must name its binary, or what follows it pack it.
fn of_undeployed(unit: UnitRef<'_>) -> Option<PlainBuild> {
    let name = &unit.project.cargo.target(unit.unit.target()?).name;
    let commands = commands_of(unit);
    if commands.iter().any(|command| command.is_cargo_lambda()) {
        return None;
    }
    let names = |command: &&&BuildCommand| {
        command.text.split_whitespace().any(|word| word == name) || command.packs.contains(name)
    };
    let release = commands.iter().filter(|command| command.text.contains("--release")).find(names)?;
    Some(PlainBuild {
        place: Some(release.span),
        strips: commands.iter().any(|command| command.text.contains("strip ")),
    })
}

/// Whether an artifact path goes through `target/…/<profile>/`.
pub(crate) fn names_profile(path: &str, profile: &str) -> bool {
    let mut parts = path.split('/').skip_while(|part| *part != "target").skip(1);
    let first = parts.next();
    first == Some(profile) || (first != Some("lambda") && parts.next() == Some(profile))
}

/// Commands that may build the binary of a unit: written in its workspace, or above it.
pub(crate) fn commands_of<'p>(unit: UnitRef<'p>) -> Vec<&'p BuildCommand> {
    let cargo = &unit.project.cargo;
    let Some(target) = unit.unit.target().map(|id| cargo.target(id)) else { return Vec::new() };
    let package = cargo.package(target.package);
    let workspace = cargo.workspaces[package.workspace].dir.as_str();
    // Workflows lie in a folder of their own.
    let within = |dir: &str, top: &str| top.is_empty() || dir == top || dir.starts_with(&format!("{top}/"));
    let near = |command: &&BuildCommand| {
        let dir = command.dir.split(".github").next().unwrap_or_default().trim_end_matches('/');
        within(workspace, dir) || within(&command.dir, workspace)
    };
    let builds = |command: &&BuildCommand| command.may_build(&package.name, &target.name);
    let mut commands: Vec<&BuildCommand> = cargo.builds.iter().filter(near).filter(builds).collect();
    // What lies in the workspace is about it, what lies above may be about others.
    commands.sort_by_key(|command| !within(&command.dir, workspace));
    commands
}
