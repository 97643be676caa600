//! Which findings are not shown, and why: suppressed in the source or the config, known to the baseline, not touched by
//! a change, below a severity, for another audience. Also what is wrong with suppressions themselves.

use super::change::Change;
use super::{Options, UseCargo};
use crate::checks::Sink;
use crate::config::{Allow, Selected, nearest};
use crate::finding::Finding;
use crate::model::Project;
use crate::model::suppression::{Scope, Suppression};
use crate::spec::World;
use crate::text::Span;
use std::collections::BTreeSet;

/// The rule about suppressions that silence nothing.
const UNUSED: &str = "unused-suppression";
/// The rule about suppressions that do not say why.
const UNEXPLAINED: &str = "suppression-without-reason";

/// Findings that are not shown, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Silenced {
    /// By a comment, a template's metadata or the config.
    pub suppressed: usize,
    /// Known to the baseline.
    pub baseline: usize,
    /// Not touched by the change.
    pub untouched: usize,
    /// Below the severity that is shown.
    pub severity: usize,
    /// For an audience that does not listen.
    pub audience: usize,
}

impl Silenced {
    /// How many, by reason.
    pub fn counts(&self) -> [(&'static str, usize); 5] {
        [
            ("suppressed", self.suppressed),
            ("baseline", self.baseline),
            ("untouched", self.untouched),
            ("severity", self.severity),
            ("audience", self.audience),
        ]
    }
}

/// Takes out what is suppressed, and adds what is wrong with suppressions.
pub(super) fn suppress(project: &Project, options: &Options, findings: &mut Vec<Finding>) -> usize {
    let written = &project.suppressions;
    let allows = &options.allows;
    let mut used = vec![BTreeSet::new(); written.len()];
    let mut used_allows = vec![BTreeSet::new(); allows.len()];
    let before = findings.len();
    findings.retain(|finding| {
        let mut kept = true;
        for (suppression, used) in written.iter().zip(&mut used) {
            if suppression.rules.contains(&finding.rule) && covers(project, &suppression.scope, finding) {
                used.insert(finding.rule.clone());
                kept = false;
            }
        }
        for (allow, used) in allows.iter().zip(&mut used_allows) {
            let path = project.sources.path(finding.primary.span.file);
            if allow.covers(&finding.rule, path, finding.function.as_deref()) {
                used.insert(finding.rule.clone());
                kept = false;
            }
        }
        kept
    });
    let suppressed = before - findings.len();
    for rule in &options.rules {
        match rule.spec.id.as_str() {
            UNUSED => {
                let mut sink = Sink::new(&rule.spec);
                for (suppression, used) in written.iter().zip(&used) {
                    unused(suppression, used, options, &mut sink);
                }
                for (allow, used) in allows.iter().zip(&used_allows) {
                    unused_allow(project, allow, used, options, &mut sink);
                }
                findings.extend(sink.finish());
            }
            UNEXPLAINED => findings.extend(unexplained(written, rule)),
            _ => {}
        }
    }
    suppressed
}

fn covers(project: &Project, scope: &Scope, finding: &Finding) -> bool {
    let span = finding.primary.span;
    let within = |outer: &Span| outer.file == span.file && outer.start <= span.start && span.start < outer.end;
    match scope {
        Scope::Line(file, line) => *file == span.file && project.sources.position(span.file, span.start).line == *line,
        Scope::File(file) => *file == span.file,
        Scope::Within(outer) => within(outer),
        Scope::Function(name, outer) => within(outer) || finding.function.as_ref() == Some(name),
    }
}

/// Rules of a suppression that silenced nothing. A rule that did not run cannot have been silenced.
fn unused(suppression: &Suppression, used: &BTreeSet<String>, options: &Options, sink: &mut Sink<'_>) {
    if let Some(problem) = &suppression.problem {
        sink.report(suppression.span, "written here", format!("this suppression is not understood: {problem}"));
    }
    for rule in &suppression.rules {
        if let Some(message) = wasted(rule, used, options) {
            sink.report(suppression.span, "written here", message);
        }
    }
}

fn unused_allow(project: &Project, allow: &Allow, used: &BTreeSet<String>, options: &Options, sink: &mut Sink<'_>) {
    let Some(file) = options.config.as_ref().and_then(|config| project.sources.find(&config.path)) else { return };
    for rule in &allow.rules {
        if let Some(message) = wasted(rule, used, options) {
            let span = Span::new(file, allow.place.0 as u32, allow.place.1 as u32);
            sink.report(span, "written here", message);
        }
    }
}

/// What to say of a rule in a suppression that silenced no finding of it.
fn wasted(rule: &str, used: &BTreeSet<String>, options: &Options) -> Option<String> {
    if !options.known.iter().any(|known| known == rule) {
        let hint = nearest(rule, &options.known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        return Some(format!("there is no rule `{rule}`{hint}"));
    }
    // What a rule finds that looks at builds differs between machines, and the dependency graph needs cargo to be whole.
    let everywhere = |needs: &BTreeSet<World>| {
        !needs.contains(&World::Binaries) && (options.cargo != UseCargo::No || !needs.contains(&World::Crates))
    };
    let ran = options.rules.iter().any(|selected| selected.spec.id == rule && everywhere(&selected.spec.needs));
    (ran && !used.contains(rule)).then(|| format!("this silences no finding of `{rule}`; it can go"))
}

fn unexplained(written: &[Suppression], rule: &Selected) -> Vec<Finding> {
    let mut sink = Sink::new(&rule.spec);
    for suppression in written.iter().filter(|suppression| suppression.problem.is_none()) {
        if suppression.reason.is_empty() {
            let message = format!("nothing says why `{}` does not apply here", suppression.rules.join("`, `"));
            sink.report(suppression.span, "written here", message);
        }
    }
    sink.finish()
}

/// Takes out what is not to be shown for other reasons, and counts.
/// Findings that the baseline knows are handed back.
pub(super) fn hide(
    project: &Project,
    options: &Options,
    change: Option<&Change>,
    findings: &mut Vec<Finding>,
    silenced: &mut Silenced,
) -> Vec<Finding> {
    let mut accepted = Vec::new();
    findings.retain(|finding| {
        let spec = options.rules.iter().find(|rule| rule.spec.id == finding.rule).map(|rule| &rule.spec);
        let count = if spec.is_some_and(|spec| spec.audience > options.audience) {
            &mut silenced.audience
        } else if finding.severity < options.severity {
            &mut silenced.severity
        } else if options.baseline.contains(&finding.fingerprint) {
            accepted.push(finding.clone());
            &mut silenced.baseline
        } else if change.is_some_and(|change| !change.touches(project, finding, spec)) {
            &mut silenced.untouched
        } else {
            return true;
        };
        *count += 1;
        false
    });
    accepted
}
