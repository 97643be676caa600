//! Binaries built for another architecture than the function runs on.

use super::support::writes::Owner;
use super::{Check, Sink, UnitRef};
use crate::finding::Value;
use crate::model::deployments::BuildTool;
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(name)) = (unit.function(), unit.name()) else { return };
        // `sam build` and `RustFunction` hand the function's architecture to cargo-lambda, and its `deploy` reads the
        // binary's.
        let deploy = &unit.project.deploy;
        let resource = deploy.resource(function.resource);
        let construct = deploy.constructs.iter().find(|construct| resource.construct.as_ref() == Some(&construct.id));
        if function.package.tool == BuildTool::SamCargoLambda
            || unit.dialect().is_some_and(|dialect| dialect.architecture_of_binary)
            || construct.is_some_and(|construct| construct.kind == "RustFunction")
        {
            return;
        }
        let (Some(runs_on), Some((built_for, place))) = (function.architecture.one(), built_for(unit, name)) else {
            return;
        };
        if *runs_on == built_for {
            return;
        }
        let message = format!(
            "`{name}` runs on {runs_on}, but its binary is built for {built_for}: every invocation fails with an exec \
             format error"
        );
        let declared = unit.unit.function().map(|id| unit.project.deploy.function_span(id));
        let finding = sink.report(place, format!("builds for {built_for}"), message);
        if let Some(id) = unit.unit.function() {
            let value = Value::List(vec![Value::Text(built_for.clone())]);
            let owner = Owner::function(unit.project, id);
            finding.fix(format!("Run the function on {built_for}"), true, [owner.set("Architectures", value)]);
        }
        finding.cap(function.architecture.origin.ceiling()).also(
            function.architecture.place().or(declared),
            format!("{runs_on}, {}", function.architecture.origin.describe()),
        );
    }
}

/// The architecture the build says, and where: artifact path, recipe, manifest, executable.
fn built_for(unit: UnitRef<'_>, name: &str) -> Option<(String, Span)> {
    let function = unit.function()?;
    if let (Some(path), Some(place)) = (function.package.path.one(), function.package.path.place())
        && let Some(found) = of_text(path)
    {
        return Some((found, place));
    }
    let recipe = unit.project.cargo.recipes.iter().find(|recipe| recipe.function == name);
    if let Some(recipe) = recipe {
        // A recipe that builds without saying for what builds for the machine it runs on.
        return recipe
            .lines
            .iter()
            .filter(|(line, _)| line.contains("build"))
            .find_map(|(line, span)| Some((of_text(line)?, *span)));
    }
    let cargo = &unit.project.cargo;
    let target = cargo.target(unit.unit.target()?);
    let package = cargo.package(target.package);
    // Commands that say for what they build, all of them the same.
    let commands = cargo.builds.iter().filter(|command| command.may_build(&package.name, &target.name));
    let said: Vec<Option<String>> = commands.clone().map(|command| of_text(&command.text)).collect();
    if let Some(Some(first)) = said.first()
        && said.iter().all(|other| other.as_ref() == Some(first))
    {
        return Some((first.clone(), commands.map(|command| command.span).next()?));
    }
    let configured = cargo.package(cargo.target(unit.unit.target()?).package).lambda_architecture.clone();
    configured.or_else(|| of_artifact(unit))
}

/// What the last build left where the config deploys it from.
fn of_artifact(unit: UnitRef<'_>) -> Option<(String, Span)> {
    let package = &unit.function()?.package;
    let (path, place) = (package.path.one()?, package.path.place()?);
    let artifact = unit.artifact().filter(|artifact| !artifact.is_stale)?;
    // An executable beside `target/lambda` may be for tests on this machine.
    let deployed = path.contains("target/lambda/") && artifact.path.contains("target/lambda/");
    let architecture = artifact.executable.as_ref()?.architecture.filter(|_| deployed)?;
    Some((architecture.to_owned(), place))
}

fn of_text(text: &str) -> Option<String> {
    if text.contains("--arm64") || text.contains("aarch64-unknown-linux") {
        return Some("arm64".to_owned());
    }
    text.contains("x86_64-unknown-linux").then(|| "x86_64".to_owned())
}
