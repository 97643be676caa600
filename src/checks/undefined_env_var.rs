//! Environment variables the code cannot do without and the deployment does not set.

use super::support::grouped::{grouped, listed};
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::knowledge::{dialect, platforms};
use crate::model::Evidence;
use crate::model::source::{EnvRead, EnvSet, Phase};
use crate::rule::Params;
use crate::text::Span;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(program), Some(name)) = (unit.function(), unit.code(), unit.name()) else { return };
        // A join by name alone is not enough to claim a crash; an open environment may hold anything.
        if matches!(unit.unit.evidence(), None | Some(Evidence::SameName)) || function.env.open.is_some() {
            return;
        }
        // What a program takes from a secret or a file and puts into its environment may be any variable.
        let sets = program.facts::<EnvSet>();
        if sets.iter().any(|set| set.key.is_none()) {
            return;
        }
        let given = &platforms().aws_lambda.runtime_environment;
        let allowed = params.list("allow");
        let image = unit.project.dockerfile(function).map(|file| &file.variables);
        let mut missing: Vec<&EnvRead> = Vec::new();
        for read in program.facts::<EnvRead>().iter().filter(|read| read.required) {
            let key = read.key.as_str();
            let own = sets.iter().any(|set| set.key.as_deref() == Some(key));
            let known = own
                || function.env.vars.contains_key(key)
                || image.is_some_and(|variables| variables.contains(key))
                || given.provides(key)
                || allowed.iter().any(|a| a == key);
            if !known && missing.iter().all(|other| other.key != key) {
                missing.push(read);
            }
        }
        // What other functions set for the same binary, or another tool sets for this one, is another cause.
        let cause = |read: &EnvRead| {
            let owner = other_owner(unit, read).map(|(owner, _)| owner);
            (read.site.phase == Phase::Init, set_elsewhere(unit, read), owner, near(unit, read))
        };
        for same in grouped(missing, cause) {
            report(unit, name, &same, sink);
        }
    }
}

fn report(unit: UnitRef<'_>, name: &str, reads: &[&EnvRead], sink: &mut Sink<'_>) {
    let (Some(function), Some((&read, others))) = (unit.function(), reads.split_first()) else { return };
    let when = match read.site.phase {
        Phase::Init => "every cold start fails",
        Phase::Once | Phase::Invoke => "invocations that get there fail",
    };
    let keys: Vec<String> = reads.iter().map(|read| format!("`{}`", read.key)).collect();
    let (are, sets) = if others.is_empty() { ("is", "does not set it") } else { ("are", "sets none of them") };
    let keys = listed(&keys);
    let mut message = format!("{keys} {are} read but `{name}` {sets}; {when}");
    let owner = other_owner(unit, read);
    if let Some((other, _)) = &owner {
        let variables = if others.is_empty() { "the variable" } else { "the variables" };
        message = format!(
            "`{other}` sets {keys}, but `cargo lambda deploy` replaces the whole environment of the function by what \
             is written here; set `merge_env = true`, or {variables} in one place"
        );
    }
    let near = near(unit, read);
    if let Some((other, _)) = near {
        message.push_str(&format!("; did you mean `{other}`?"));
    }
    let finding = sink.report(read.site.span, "required here", message);
    finding.cap(read.site.confidence);
    finding.trail.clone_from(&read.site.trail);
    if set_elsewhere(unit, read) {
        finding.severity = Severity::Warning;
        finding.cap(Confidence::Medium);
    }
    if let Some((_, set)) = owner {
        finding.also(Some(set), "set here by the other deployment");
    }
    match near {
        Some((_, key)) => finding.also(Some(key), "set under this name"),
        None => finding.also(function.env.span, "the variables it has"),
    };
    if let Some(id) = unit.unit.function() {
        finding.also(Some(unit.project.deploy.function_span(id)), "the function that runs this binary");
    }
    finding.places(others.iter().map(|other| other.site.span), "and another here");
}

/// A variable the function has whose name is nearly the one that is read.
fn near<'p>(unit: UnitRef<'p>, read: &EnvRead) -> Option<(&'p str, Span)> {
    let mut vars = unit.function()?.env.vars.iter();
    let (name, variable) = vars.find(|(other, _)| strsim::levenshtein(other, &read.key) <= 2)?;
    Some((name.as_str(), variable.key))
}

/// Whether another function with the same binary sets the variable: this one may never take the path that reads it.
fn set_elsewhere(unit: UnitRef<'_>, read: &EnvRead) -> bool {
    unit.unit.target().is_some_and(|target| {
        let others = unit.project.units_of(target).filter_map(|other| other.function());
        others.into_iter().any(|other| unit.project.deploy.function(other).env.vars.contains_key(&read.key))
    })
}

/// The other deployment of the binary that sets a variable, when this one is that of cargo-lambda, which replaces the
/// environment of a function it updates (cargo-lambda#300).
fn other_owner(unit: UnitRef<'_>, read: &EnvRead) -> Option<(&'static str, Span)> {
    let deploy = &unit.project.deploy;
    let cargo_lambda = unit.dialect().is_some_and(|dialect| dialect.replaces_environment);
    let target = unit.unit.target().filter(|_| cargo_lambda)?;
    let others = unit.project.units_of(target).filter_map(|other| other.function());
    others.filter(|&id| Some(id) != unit.unit.function()).find_map(|id| {
        let of = deploy.function(id);
        let variable = of.env.vars.get(&read.key)?;
        Some((dialect(deploy.dialect_of(of.resource).0)?.name.as_str(), variable.key))
    })
}
