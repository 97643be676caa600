//! Which findings are not shown, and why: suppressed in the source or the config, known to the baseline, not touched by
//! a change, below a severity, for another audience. Also what is wrong with suppressions themselves.

use super::change::Change;
use super::folders::innermost;
use super::options::{Options, UseCargo};
use crate::checks::Sink;
use crate::config::{Selected, nearest};
use crate::finding::{Finding, Label};
use crate::model::Project;
use crate::model::suppression::{Scope, Suppression};
use crate::rule::World;
use crate::text::{FileId, Span, path};
use std::collections::{BTreeSet, HashMap};

/// The rule about suppressions that silence nothing.
const UNUSED: &str = "unused-suppression";

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
    /// Elsewhere than the paths that were asked for.
    pub elsewhere: usize,
}

impl Silenced {
    /// How many, by reason.
    pub fn counts(&self) -> [(&'static str, usize); 6] {
        [
            ("suppressed", self.suppressed),
            ("baseline", self.baseline),
            ("untouched", self.untouched),
            ("severity", self.severity),
            ("audience", self.audience),
            ("elsewhere", self.elsewhere),
        ]
    }
}

/// Takes out what is suppressed, and adds what is wrong with suppressions.
pub(super) fn suppress(
    project: &Project,
    rules: &[&Selected],
    use_cargo: UseCargo,
    options: &Options,
    findings: &mut Vec<Finding>,
) -> usize {
    if !options.suppress {
        return 0;
    }
    let written = &project.suppressions;
    let allows = &options.allows;
    let mut used = vec![BTreeSet::new(); written.len()];
    let mut used_allows = vec![BTreeSet::new(); allows.len()];
    let before = findings.len();
    let index = Index::new(written);
    findings.retain(|finding| {
        let mut kept = true;
        for at in index.near(project, finding) {
            let suppression = &written[at];
            if suppression.rules.contains(&finding.rule) && covers(project, &suppression.scope, finding) {
                used[at].insert(finding.rule.clone());
                kept = false;
            }
        }
        for (allow, used) in allows.iter().zip(&mut used_allows) {
            let path = project.sources.path(finding.primary.span.file);
            let function = finding.function().map(|id| project.deploy.function_name(id));
            if allow.covers(&finding.rule, path, function) {
                used.insert(finding.rule.clone());
                kept = false;
            }
        }
        kept
    });
    let suppressed = before - findings.len();
    let Some(rule) = rules.iter().find(|rule| rule.spec.id == UNUSED) else { return suppressed };
    let mut sink = Sink::new(&rule.spec);
    let ran = Ran { rules, use_cargo, known: &options.known };
    for (suppression, used) in written.iter().zip(&used) {
        unused(suppression, used, &ran, &mut sink);
    }
    for (allow, used) in allows.iter().zip(&used_allows) {
        let file = options.config.as_ref().and_then(|config| project.sources.find(&config.path));
        let Some(file) = file else { continue };
        let span = Span::new(file, allow.place.0 as u32, allow.place.1 as u32);
        for message in allow.rules.iter().filter_map(|rule| ran.wasted(rule, used)) {
            sink.report(span, "written here", message);
        }
    }
    findings.extend(sink.finish());
    suppressed
}

/// Suppressions by what they cover, since a file may hold thousands of each.
#[derive(Default)]
struct Index {
    /// Those of a line.
    lines: HashMap<(FileId, u32), Vec<usize>>,
    /// The others.
    wide: Vec<usize>,
}

impl Index {
    fn new(written: &[Suppression]) -> Self {
        let mut index = Self::default();
        let mut whole: BTreeSet<(FileId, &[String])> = BTreeSet::new();
        for (at, suppression) in written.iter().enumerate() {
            match suppression.scope {
                Scope::Line(file, line) => index.lines.entry((file, line)).or_default().push(at),
                // What is said of a file again silences nothing more.
                Scope::File(file) if !whole.insert((file, &suppression.rules)) => {}
                _ => index.wide.push(at),
            }
        }
        index
    }

    /// Those that may cover a finding.
    fn near(&self, project: &Project, finding: &Finding) -> impl Iterator<Item = usize> {
        let span = finding.primary.span;
        let line = project.sources.position(span.file, span.start).line;
        let here = self.lines.get(&(span.file, line)).map_or(&[][..], Vec::as_slice);
        here.iter().chain(&self.wide).copied()
    }
}

fn covers(project: &Project, scope: &Scope, finding: &Finding) -> bool {
    let span = finding.primary.span;
    let within = |outer: &Span| outer.file == span.file && outer.start <= span.start && span.start < outer.end;
    match scope {
        Scope::Line(file, line) => *file == span.file && project.sources.position(span.file, span.start).line == *line,
        Scope::File(file) => *file == span.file,
        Scope::Within(outer) => within(outer),
        Scope::Function(id, outer) => within(outer) || finding.function() == Some(*id),
    }
}

/// Rules of a suppression that silenced nothing.
fn unused(suppression: &Suppression, used: &BTreeSet<String>, ran: &Ran<'_>, sink: &mut Sink<'_>) {
    if let Some(problem) = &suppression.problem {
        sink.report(suppression.span, "written here", format!("this suppression is not understood: {problem}"));
    }
    for message in suppression.rules.iter().filter_map(|rule| ran.wasted(rule, used)) {
        sink.report(suppression.span, "written here", message);
    }
}

/// What ran, and with what. A rule that did not run cannot have been silenced.
struct Ran<'r> {
    rules: &'r [&'r Selected],
    use_cargo: UseCargo,
    known: &'r [String],
}

impl Ran<'_> {
    /// What to say of a rule in a suppression that silenced no finding of it.
    fn wasted(&self, rule: &str, used: &BTreeSet<String>) -> Option<String> {
        if !self.known.iter().any(|known| known == rule) {
            return Some(match nearest(rule, self.known) {
                Some(near) => format!("there is no rule `{rule}`; did you mean `{near}`?"),
                None => format!("there is no rule `{rule}`"),
            });
        }
        // What a rule finds that looks at builds differs between machines, and the dependency graph needs cargo to be
        // whole.
        let everywhere = |needs: &BTreeSet<World>| {
            !needs.contains(&World::Binaries) && (self.use_cargo != UseCargo::No || !needs.contains(&World::Crates))
        };
        let ran = self.rules.iter().any(|selected| selected.spec.id == rule && everywhere(&selected.spec.needs));
        (ran && !used.contains(rule)).then(|| format!("this silences no finding of `{rule}`; it can go"))
    }
}

/// Whether a finding stands in one of the paths that were asked for, at either end of what it joins.
fn touches(project: &Project, shown: &[String], finding: &Finding) -> bool {
    let in_shown = |label: &Label| {
        let path = project.sources.path(label.span.file);
        shown.iter().any(|only| path::is_within(path, only))
    };
    shown.is_empty() || std::iter::once(&finding.primary).chain(&finding.related).any(in_shown)
}

/// Takes out what is not to be shown for other reasons, and counts.
pub(super) fn hide(
    project: &Project,
    options: &Options,
    change: Option<&Change<'_>>,
    findings: &mut Vec<Finding>,
    silenced: &mut Silenced,
) {
    findings.retain(|finding| {
        let spec = options.rules.iter().find(|rule| rule.spec.id == finding.rule).map(|rule| &rule.spec);
        let path = project.sources.path(finding.primary.span.file);
        let audience = innermost(options, path, |folder| folder.audience).unwrap_or(options.audience);
        let severity = innermost(options, path, |folder| folder.severity).unwrap_or(options.severity);
        let count = if !touches(project, &options.shown, finding) {
            &mut silenced.elsewhere
        } else if finding.audience > audience {
            &mut silenced.audience
        } else if finding.severity < severity {
            &mut silenced.severity
        } else if options.baseline.contains(&finding.fingerprint) {
            &mut silenced.baseline
        } else if change.is_some_and(|change| !change.touches(project, finding, spec)) {
            &mut silenced.untouched
        } else {
            return true;
        };
        *count += 1;
        false
    });
}
