//! Findings as text, one file for each format. All formats see the same sorted findings.

mod clean;
mod concise;
mod deps;
mod github;
mod graph;
mod human;
mod json;
mod model;

pub use clean::clean;
pub use deps::{DepsInput, write_json as write_deps_json, write_text as write_deps_text};
pub use graph::{Drawing, GRAPH_FORMATS, write_graph};
pub use model::write as write_model;

use crate::finding::{Finding, Severity};
use crate::model::Project;
use crate::spec::RuleSpec;
use std::io::{self, Write};

/// What a report is made from.
pub struct Input<'a> {
    /// The project, with its files and gaps.
    pub project: &'a Project,
    /// The rules that ran.
    pub rules: &'a [&'a RuleSpec],
    /// Findings, sorted.
    pub findings: &'a [Finding],
    /// Findings not shown, by reason.
    pub silenced: &'a [(&'static str, usize)],
    /// What leads from the working directory to the scanned root; empty if they are the same.
    pub prefix: &'a str,
    /// Whether to write colours.
    pub color: bool,
    /// Whether to list gaps one by one and show the reasoning of rules.
    pub verbose: bool,
    /// Whether to leave out the summary.
    pub quiet: bool,
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
}

/// A format.
pub trait Report {
    /// Writes the whole report.
    ///
    /// # Errors
    /// If the writer fails.
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()>;
}

/// Every format by its name.
pub const FORMATS: &[(&str, &dyn Report)] =
    &[("human", &human::Human), ("concise", &concise::Concise), ("json", &json::Json), ("github", &github::GitHub)];

/// The format of a name.
pub fn format(name: &str) -> Option<&'static dyn Report> {
    FORMATS.iter().find(|(known, _)| *known == name).map(|(_, report)| *report)
}
