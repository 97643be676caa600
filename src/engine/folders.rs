//! What configs of folders below the root change for the findings that stand there. The innermost has the last word.

use super::options::Options;
use crate::checks;
use crate::config::{Folder, Selected};
use crate::finding::Finding;
use crate::model::{Gap, Project};

/// The findings of a rule, in folders with parameters of their own by those.
pub(super) fn run(rule: &Selected, options: &Options, project: &Project) -> Vec<Finding> {
    let mut findings = checks::run(&rule.spec, &rule.params, project);
    let id = rule.spec.id.as_str();
    // Outer folders first, since paths are sorted.
    for folder in &options.folders {
        let Some(params) = folder.params_of(id) else { continue };
        let inside = |finding: &Finding| folder.holds(project.sources.path(finding.primary.span.file));
        findings.retain(|finding| !inside(finding));
        findings.extend(checks::run(&rule.spec, params, project).into_iter().filter(inside));
    }
    findings
}

/// Takes out what a folder does not want or allows, and changes severities. Gives the number taken out.
pub(super) fn apply(options: &Options, project: &Project, findings: &mut Vec<Finding>) -> usize {
    if options.folders.is_empty() {
        return 0;
    }
    let before = findings.len();
    findings.retain_mut(|finding| {
        let path = project.sources.path(finding.primary.span.file);
        let function = finding.function().map(|id| project.deploy.function_name(id));
        for folder in options.folders.iter().filter(|folder| folder.holds(path)) {
            if !folder.wants(&finding.rule) || (options.suppress && folder.allows(&finding.rule, path, function)) {
                return false;
            }
            finding.severity = folder.severity_of(&finding.rule).unwrap_or(finding.severity);
        }
        true
    });
    before - findings.len()
}

/// A gap for each config that says what only that of the root can.
pub(super) fn unused(options: &Options) -> impl Iterator<Item = Gap> {
    options.folders.iter().filter(|folder| !folder.unused.is_empty()).map(|folder| {
        let keys = folder.unused.join("`, `");
        Gap::file(&folder.file, format!("`{keys}` here is not used: it counts in the config of the scanned root only"))
    })
}

/// The innermost folder with a config that a finding stands in and something holds for.
pub(super) fn innermost<'o, T>(options: &'o Options, path: &str, of: impl Fn(&'o Folder) -> Option<T>) -> Option<T> {
    options.folders.iter().rev().filter(|folder| folder.holds(path)).find_map(of)
}
