//! Binaries built for another architecture than the function runs on.

use super::{Check, Sink, UnitRef};
use crate::model::deploy::BuildTool;
use crate::spec::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(name)) = (unit.function(), unit.name()) else { return };
        // `sam build` hands the function's architecture to cargo-lambda.
        if function.package.tool == BuildTool::SamCargoLambda {
            return;
        }
        let (Some(runs_on), Some((built_for, place))) = (function.architecture.one(), built_for(unit, name)) else { return };
        if *runs_on == built_for {
            return;
        }
        let message = format!("`{name}` runs on {runs_on}, but its binary is built for {built_for}: every invocation fails with an exec format error");
        let declared = unit.unit.function.map(|id| unit.project.deploy.function_span(id));
        sink.report(place, format!("builds for {built_for}"), message)
            .cap(function.architecture.origin.ceiling())
            .also(function.architecture.place().or(declared), format!("{runs_on}, {}", function.architecture.origin.describe()));
    }
}

/// The architecture the build says, and where: artifact path, recipe, manifest.
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
        return recipe.lines.iter().filter(|(line, _)| line.contains("build")).find_map(|(line, span)| Some((of_text(line)?, *span)));
    }
    let cargo = &unit.project.cargo;
    cargo.package(cargo.target(unit.unit.target?).package).lambda_architecture.clone()
}

fn of_text(text: &str) -> Option<String> {
    if text.contains("--arm64") || text.contains("aarch64-unknown-linux") {
        return Some("arm64".to_owned());
    }
    text.contains("x86_64-unknown-linux").then(|| "x86_64".to_owned())
}
