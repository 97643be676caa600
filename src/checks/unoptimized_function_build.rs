//! Functions deployed from debug builds, or from release builds that leave the size on the table.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Edit, Fix, Severity, Value, Write};
use crate::model::crates::artifact::Artifact;
use crate::model::crates::{Profile, Recipe};
use crate::model::deployments::BuildTool;
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(id), Some(target), Some(name)) = (unit.unit.function(), unit.unit.target(), unit.name()) else {
            return;
        };
        let function = unit.project.deploy.function(id);
        let path = function.package.path.one().map_or("", String::as_str);
        let place = function.package.path.place();
        if let (true, Some(place)) = (names_profile(path, "debug"), place) {
            let message =
                format!("`{name}` deploys a debug build; it is many times larger and slower than a release build");
            sink.report(place, "a debug artifact", message).severity = Severity::Error;
            return;
        }
        let image = function.package.dockerfile.as_deref();
        let image = image.and_then(|path| unit.project.cargo.dockerfiles.iter().find(|file| file.path == path));
        let recipe = recipe(unit, name);
        let elsewhere = recipe.is_none().then(|| commands_all_debug(unit)).flatten();
        let debug = image.and_then(|file| file.debug).or(elsewhere);
        if let Some(span) = recipe.and_then(debug_line).or(debug) {
            let message = format!(
                "`{name}` is built without `--release`; it is many times larger and slower than a release build"
            );
            let finding = sink.report(span, "builds for debugging", message);
            finding.severity = Severity::Error;
            finding.confidence = Confidence::High.min(unit.ceiling());
            finding.also(Some(unit.project.deploy.function_span(id)), "the function it builds");
            return;
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
            return;
        }
        let cargo = &unit.project.cargo;
        let package = cargo.package(cargo.target(target).package);
        let workspace = &cargo.workspaces[package.workspace];
        let plain = recipe.is_some_and(is_plain_cargo)
            || (function.package.tool == BuildTool::Unstated && names_profile(path, "release"));
        if plain {
            let missing = missing_keys(&workspace.release);
            if !missing.is_empty() {
                let place = workspace.release.span.unwrap_or(package.span);
                let message = format!(
                    "`{name}` is built by plain cargo and `[profile.release]` does not set {}; the binary stays larger \
                     than it need be",
                    missing.join(", ")
                );
                let evidence = recipe.and_then(|recipe| recipe.lines.first().map(|(_, span)| *span));
                let finding = sink.report(place, "the release profile", message);
                finding.also(evidence.or(function.package.path.place()), "built here");
                let keys = missing.iter().filter_map(|key| setting(key)).collect();
                let write = unit.project.sources.find(&manifest_of(&workspace.dir)).map(|file| Write::Table {
                    of: Span::new(file, 0, 0),
                    name: "profile.release".to_owned(),
                    keys,
                });
                finding.fix("Optimise the release profile", true, [write]);
            }
        }
        contrary(unit, name, &workspace.release, sink);
    }
}

/// Whether an artifact path goes through `target/…/<profile>/`.
fn names_profile(path: &str, profile: &str) -> bool {
    let mut parts = path.split('/').skip_while(|part| *part != "target").skip(1);
    let first = parts.next();
    first == Some(profile) || (first != Some("lambda") && parts.next() == Some(profile))
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

fn is_plain_cargo(recipe: &Recipe) -> bool {
    let has = |word: &str| recipe.lines.iter().any(|(line, _)| line.contains(word));
    (has("cargo build") || has("cross build")) && !has("cargo lambda")
}

/// What cargo-lambda sets by itself and plain cargo does not.
fn missing_keys(profile: &Profile) -> Vec<&'static str> {
    ["lto", "codegen-units", "strip"].into_iter().filter(|key| !profile.keys.contains_key(*key)).map(quoted).collect()
}

/// The key and the value that cargo-lambda gives it.
fn setting(quoted: &str) -> Option<(String, Value)> {
    let (key, value) = match quoted {
        "`lto`" => ("lto", Value::Text("thin".to_owned())),
        "`codegen-units = 1`" => ("codegen-units", Value::Int(1)),
        "`strip`" => ("strip", Value::Text("symbols".to_owned())),
        _ => return None,
    };
    Some((key.to_owned(), value))
}

/// The root manifest of a workspace: only its profiles count.
fn manifest_of(dir: &str) -> String {
    if dir.is_empty() { "Cargo.toml".to_owned() } else { format!("{dir}/Cargo.toml") }
}

fn quoted(key: &'static str) -> &'static str {
    match key {
        "lto" => "`lto`",
        "codegen-units" => "`codegen-units = 1`",
        _ => "`strip`",
    }
}

/// Keys that switch off what a small, fast binary needs.
fn contrary(unit: UnitRef<'_>, name: &str, profile: &Profile, sink: &mut Sink<'_>) {
    for (key, bad, better, effect) in [
        ("opt-level", &["0", "1"][..], "3", "hardly optimises"),
        ("lto", &["off"][..], "\"thin\"", "switches link-time optimisation off"),
        (
            "debug",
            &["true", "1", "2", "full", "limited"][..],
            "false",
            "keeps debug information, and cargo-lambda then keeps the symbols too",
        ),
    ] {
        let Some((value, span)) = profile.keys.get(key) else { continue };
        if bad.contains(&value.as_str()) && !(key == "debug" && profile.keys.contains_key("strip")) {
            let message = format!("`{key} = {value}` in the release profile of `{name}` {effect}");
            let finding = sink.report(*span, "set here", message);
            finding.severity = if key == "opt-level" { Severity::Warning } else { Severity::Info };
            finding
                .also(unit.unit.function().map(|id| unit.project.deploy.function_span(id)), "the function it is for");
            let edit = Edit { span: *span, text: better.to_owned() };
            finding.fixes.push(Fix::edits(format!("Set `{key} = {better}`"), true, vec![edit]));
        }
    }
}
