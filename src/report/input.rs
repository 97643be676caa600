//! What every format is made from, and what formats say alike.

use super::clean::clean;
use crate::finding::{Advice, Finding, Severity, Subject};
use crate::model::Project;
use crate::rule::RuleSpec;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

/// Where the pages of rules are, one for each.
pub(super) const RULE_PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules");

/// The page of a rule.
pub fn rule_page(rule: &str) -> String {
    format!("{RULE_PAGES}/{rule}.md")
}

/// A format.
pub trait Report {
    /// Writes the whole report.
    ///
    /// # Errors
    /// If the writer fails.
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()>;

    /// Whether it is text for people, to be written to a [`super::Log`]; other formats quote what they hold.
    fn is_log(&self) -> bool {
        false
    }
}

/// What a report is made from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The project, with its files and gaps.
    pub project: &'a Project,
    /// The rules that ran.
    pub rules: &'a [&'a RuleSpec],
    /// Findings, sorted.
    pub findings: &'a [Finding],
    /// Findings not shown, by reason.
    pub silenced: &'a [(&'static str, usize)],
    /// Files that were not read because a config or ignore files hide them, by who does.
    pub unread: &'a [(&'static str, usize)],
    /// What leads from the working directory to the scanned root; empty if they are the same.
    pub prefix: &'a str,
    /// Whether to write colours.
    pub color: bool,
    /// Whether to make links of names of rules.
    pub hyperlinks: bool,
    /// Columns of the terminal; none if the report does not go to one.
    pub width: Option<usize>,
    /// Whether to list gaps one by one and show the reasoning of rules.
    pub verbose: bool,
    /// Whether to leave out the summary.
    pub quiet: bool,
    /// Whether to show how often each rule was found and no finding.
    pub statistics: bool,
}

impl Input<'_> {
    /// A path as it is reached from the working directory.
    pub fn path(&self, path: &str) -> String {
        if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) }
    }

    /// How many findings have a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The rule of a finding.
    pub fn rule(&self, finding: &Finding) -> Option<&RuleSpec> {
        self.rules.iter().copied().find(|rule| rule.id == finding.rule)
    }

    /// What to do about a finding, where anything helps.
    pub fn advice<'f>(&'f self, finding: &'f Finding) -> Option<&'f str> {
        match &finding.advice {
            Advice::OfRule => self.rule(finding).map(|rule| rule.fix.trim()),
            Advice::Own(text) | Advice::Step(text) => Some(text),
            Advice::None => None,
        }
    }
}

/// What findings are about, with the findings.
pub(super) type Group<'a> = (Option<Subject>, Vec<&'a Finding>);

/// Findings by what they are about, in the order of their first; those about nothing single come last.
pub(super) fn by_subject<'a>(input: &Input<'a>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut at: HashMap<Option<Subject>, usize> = HashMap::new();
    for finding in input.findings {
        let index = *at.entry(finding.subject).or_insert_with(|| {
            groups.push((finding.subject, Vec::new()));
            groups.len() - 1
        });
        groups[index].1.push(finding);
    }
    groups.sort_by_key(|(subject, _)| subject.is_none());
    groups
}

/// The heading of a group: functions and resources by their name alone.
pub(super) fn heading(input: &Input<'_>, subject: Subject) -> String {
    let label = clean(&input.project.label(subject));
    match subject {
        Subject::Function(_) | Subject::Resource(_) => label,
        Subject::Machine(_) => format!("state machine {label}"),
        Subject::Binary(_) => format!("binary {label}"),
    }
}

/// How often each rule was found and at which severity, the worst and most frequent first.
pub(super) fn statistics<'a>(input: &Input<'a>) -> Vec<(&'a str, Severity, usize)> {
    let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for finding in input.findings {
        *counts.entry((finding.severity, finding.rule.as_str())).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().map(|((severity, rule), count)| (rule, severity, count)).collect();
    rows.sort_by_key(|&(rule, severity, count)| (Reverse(severity), Reverse(count), rule));
    rows
}

/// A number with its noun.
pub(super) fn plural(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

/// What was found and read, and what is not shown.
pub(super) fn sentence(input: &Input<'_>) -> String {
    let project = input.project;
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
        .iter()
        .map(|(severity, word)| (input.count(*severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| if *word == "info" { format!("{count} info") } else { plural(count, word) })
        .collect();
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let linked = project.units.iter().filter(|unit| unit.function().is_some() && unit.target().is_some()).count();
    let mut text = format!(
        "{counts}; read {} ({linked} linked to Rust), {}, {}",
        plural(project.deploy.functions.len(), "deployed function"),
        plural(project.programs.len(), "binary"),
        plural(project.sources.len(), "file")
    );
    let silenced: Vec<String> = input
        .silenced
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| format!("{count} {}", explain(reason)))
        .collect();
    if !silenced.is_empty() {
        text.push_str(&format!("; not shown: {}", silenced.join(", ")));
    }
    let unread: Vec<String> =
        input.unread.iter().filter(|(_, count)| *count > 0).map(|(what, count)| hides(what, *count)).collect();
    if !unread.is_empty() {
        text.push_str(&format!("; not read: {}", unread.join(", ")));
    }
    text
}

/// What was not read, and who hides it.
fn hides(what: &str, count: usize) -> String {
    match what {
        "excluded" => format!("{} that the config excludes", plural(count, "file")),
        "ignored_files" => format!("{} hidden by ignore files", plural(count, "file")),
        _ => format!("{} hidden by ignore files", plural(count, "directory")),
    }
}

/// Why findings are not shown, after their number.
fn explain(reason: &str) -> &'static str {
    match reason {
        "suppressed" => "suppressed",
        "baseline" => "in the baseline",
        "untouched" => "not touched by the change",
        "severity" => "below the severity shown",
        _ => "for another audience",
    }
}

/// Hops of a call path that are shown.
const MAX_HOPS: usize = 5;

/// A path of calls or dependencies: of a long one the first hop, the last two, and how many are between.
pub(super) fn hops(finding: &Finding) -> Vec<String> {
    let trail: Vec<String> = finding.trail.iter().map(|hop| clean(hop)).collect();
    match trail.as_slice() {
        [first, between @ .., before, last] if trail.len() > MAX_HOPS => {
            vec![first.clone(), format!("… {} more", between.len()), before.clone(), last.clone()]
        }
        _ => trail,
    }
}
