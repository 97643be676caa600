//! Spec and model to findings. Checks are pure and infallible; they cannot choose their own id.

pub(crate) mod support;

pub use self::support::mend::NAMES as FIXES;
pub use self::support::sink::Sink;
pub use self::support::vocabulary::{Entry, entries};

use crate::finding::{Audience, Confidence, Finding, Subject};
use crate::knowledge::platforms;
use crate::model::crates::artifact::Artifact;
use crate::model::deployments::{Function, FunctionId, Lambda};
use crate::model::source::Program;
use crate::model::{Evidence, Platform, Project, Setting, Unit, Verdict};
use crate::rule;
use crate::rule::{Params, RuleSpec, SpecError};
use crate::text::Span;
use std::collections::HashMap;

/// A unit with what is known of both sides.
#[derive(Clone, Copy)]
pub struct UnitRef<'p> {
    /// The whole project.
    pub project: &'p Project,
    /// The unit.
    pub unit: &'p Unit,
}

impl<'p> UnitRef<'p> {
    /// The deployed function.
    pub fn function(&self) -> Option<&'p Function> {
        self.unit.function().map(|id| self.project.deploy.function(id))
    }

    /// What the deployed function has as a Lambda function.
    pub fn lambda(&self) -> Option<&'p Lambda> {
        self.function()?.aws()
    }

    /// What the binary does, if its source was read, whether or not a handler was found in it.
    pub fn code(&self) -> Option<&'p Program> {
        self.project.program(self.unit.target()?)
    }

    /// What the binary does as a function: of a platform the rule is for, as the engine hands out no others.
    pub fn program(&self) -> Option<&'p Program> {
        self.code().filter(|program| program.platform().is_some())
    }

    /// The name the function is known by.
    pub fn name(&self) -> Option<&'p str> {
        self.unit.function().map(|id| self.project.deploy.function_name(id))
    }

    /// What a finding about it concerns: the deployed function, else the binary.
    pub fn subject(&self) -> Option<Subject> {
        self.unit.function().map(Subject::Function).or(self.unit.target().map(Subject::Binary))
    }

    /// The most a finding that rests on the join may claim.
    pub fn ceiling(&self) -> Confidence {
        self.unit.evidence().map_or(Confidence::High, Evidence::ceiling)
    }

    /// The platform: the one the code is written for, else the one the function is deployed to.
    pub fn platform(&self) -> Option<Platform> {
        self.code().and_then(Program::platform).or(self.function().map(|function| function.platform))
    }

    /// What a build for deployment left of the binary.
    pub fn artifact(&self) -> Option<&'p Artifact> {
        self.project.artifact(self.unit.target()?).filter(|artifact| !artifact.is_debug)
    }

    /// Settings of provisioned concurrency that are certainly for the function.
    pub fn provisioned(&self) -> Vec<&'p Setting<i64>> {
        let settings = self.unit.function().into_iter().flat_map(|id| self.project.deploy.provisioned(id));
        settings.filter(|setting| setting.value.is_set() == Verdict::Yes).collect()
    }
}

/// A built-in rule: overrides the one method that fits what it looks at.
pub trait Check: Send + Sync {
    /// One deployed function or binary.
    fn unit(&self, _unit: UnitRef<'_>, _params: &Params, _sink: &mut Sink<'_>) {}

    /// The whole project.
    fn project(&self, _project: &Project, _params: &Params, _sink: &mut Sink<'_>) {}
}

// One module for each file beside this one, their names, and `builtin`, which finds a check by its name: `build.rs`.
include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// Reads a rule file and makes sure that it names only checks, facts, parameters and fixes that exist, and compares
/// facts with what they can be compared with; `stem` is its file name without extension.
///
/// # Errors
/// Everything that is wrong, each with its place.
pub fn read(stem: &str, text: &str) -> Result<RuleSpec, Vec<SpecError>> {
    let spec = rule::parse(stem, text).map_err(|error| vec![error])?;
    let mut wrong = support::validate::validate(&spec);
    if let Some(name) = spec.builtin.as_ref().filter(|name| builtin(name).is_none()) {
        let reason = format!("there is no built-in check `{name}`; there are: {}", BUILTINS.join(", "));
        wrong.push(support::validate::Invalid { path: vec!["builtin".to_owned()], reason });
    }
    if wrong.is_empty() {
        return Ok(spec);
    }
    let placed =
        wrong.into_iter().map(|invalid| SpecError { at: rule::place(text, &invalid.path), reason: invalid.reason });
    Err(placed.collect())
}

/// Runs one rule over a project.
pub fn run(spec: &RuleSpec, params: &Params, project: &Project) -> Vec<Finding> {
    let mut sink = Sink::new(spec);
    match spec.builtin.as_deref().and_then(builtin) {
        Some(check) => {
            for unit in &project.units {
                let unit = UnitRef { project, unit };
                let applies =
                    unit.platform().is_none_or(|platform| spec.platforms.iter().any(|known| known == platform.id()));
                if applies {
                    sink.enter(unit.subject(), unit.ceiling());
                    check.unit(unit, params, &mut sink);
                }
            }
            sink.enter(None, Confidence::High);
            check.project(project, params, &mut sink);
        }
        None => support::predicate::run(spec, params, project, &mut sink),
    }
    let mut findings = edited_here(project, sink.finish());
    for finding in &mut findings {
        let places = finding.related.iter().map(|label| label.span).chain([finding.primary.span]);
        if places.into_iter().any(|place| project.deploy.followed.contains(&place.file)) {
            finding.cap(Confidence::Medium);
        }
        finding.fixes.retain(|fix| !fix.edits.iter().any(|edit| is_expanded(project, edit.span)));
    }
    merge(project, findings)
}

/// Whether a place lies in the call of a macro that was expanded.
fn is_expanded(project: &Project, place: Span) -> bool {
    let meets = |call: &Span| call.file == place.file && call.start <= place.end && place.start <= call.end;
    project.expanded.iter().any(meets)
}

/// Places in source that a finding about shared code shows: where each of the functions gets there.
const MAX_RELATED: usize = 8;

/// Functions that a library brought along are read, and not reported: nobody of the project can edit them.
fn edited_here(project: &Project, mut findings: Vec<Finding>) -> Vec<Finding> {
    let known = &platforms().aws_lambda.library_functions.value;
    findings.retain(|finding| {
        finding.function().is_none_or(|id| {
            let resource = project.deploy.resource(project.deploy.function(id).resource);
            resource.construct.is_none() || !known.iter().any(|part| resource.logical_id.contains(part.as_str()))
        })
    });
    findings
}

/// Shared code is reached from several functions, and a line of `Globals` belongs to all: one finding for
/// each place and audience, the worst of them, with the other functions and the places in source where they get there.
fn merge(project: &Project, findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let mut seen: HashMap<(Span, Audience), usize> = HashMap::new();
    for mut finding in findings {
        let Some(&at) = seen.get(&(finding.primary.span, finding.audience)) else {
            seen.insert((finding.primary.span, finding.audience), kept.len());
            kept.push(finding);
            continue;
        };
        let first = &mut kept[at];
        if finding.weight() > first.weight() {
            std::mem::swap(first, &mut finding);
            first.others.append(&mut finding.others);
        }
        let in_source = |span: Span| project.sources.path(span.file).ends_with(".rs");
        for label in finding.related.drain(..).filter(|label| in_source(label.span)) {
            if in_source(first.primary.span) && first.related.len() < MAX_RELATED {
                first.also(Some(label.span), label.note);
            }
        }
        // What a helper or a wider scope says once is said of each function that is declared there.
        let declared = finding.function().map(|id| (id, project.deploy.function_span(id)));
        if let Some((id, place)) = declared.filter(|(_, place)| place.file == first.primary.span.file)
            && first.related.len() < MAX_RELATED
        {
            first.also(Some(place), format!("`{}`", project.deploy.function_label(id)));
        }
        first.others.extend(finding.subject);
    }
    kept
}

/// Megabytes, for messages.
pub(crate) fn mb(bytes: i64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The function of an id, with its name, for messages.
pub(crate) fn named(project: &Project, id: FunctionId) -> String {
    format!("`{}`", project.deploy.function_label(id))
}

// What `rules new --builtin` writes is a check.
#[cfg(test)]
#[path = "../../rules/TEMPLATE.rs"]
mod template;

#[cfg(test)]
mod tests {
    #[test]
    fn the_template_of_a_check_is_a_check() {
        let _: &dyn super::Check = &super::template::Rule;
    }
}
