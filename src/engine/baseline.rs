//! The findings a project has accepted, by their fingerprints: a file that people commit.

use crate::finding::Finding;
use crate::text::{SourceMap, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    version: u32,
    findings: Vec<Entry>,
}

/// A finding; only the fingerprint counts, the rest is for people who read the file.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    fingerprint: String,
    rule: String,
    path: String,
    message: String,
}

/// The fingerprints of a baseline.
///
/// # Errors
/// If it is not a baseline of a version that is understood.
pub fn read(text: &str) -> Result<BTreeSet<String>, String> {
    // What the parser says would quote the file, which need not be one of the project.
    let baseline: Baseline = serde_json::from_str(text)
        .map_err(|error| format!("is no baseline: line {}, column {}", error.line(), error.column()))?;
    if baseline.version != 1 {
        return Err(format!("is a baseline of version {}; this program writes version 1", baseline.version));
    }
    Ok(baseline.findings.into_iter().map(|entry| entry.fingerprint).collect())
}

/// A baseline of findings.
pub fn write<'f>(sources: &SourceMap, findings: impl IntoIterator<Item = &'f Finding>) -> String {
    let entry = |finding: &Finding, fingerprint: &str, span: Span| Entry {
        fingerprint: fingerprint.to_owned(),
        rule: finding.rule.clone(),
        path: sources.path(span.file).to_owned(),
        message: finding.text(),
    };
    let mut findings: Vec<Entry> = findings
        .into_iter()
        .flat_map(|finding| {
            let own = entry(finding, &finding.fingerprint, finding.primary.span);
            let repeats = finding.repeats.iter();
            std::iter::once(own).chain(repeats.map(|other| entry(finding, &other.fingerprint, other.span)))
        })
        .collect();
    findings.sort_by(|a, b| (&a.path, &a.rule, &a.fingerprint).cmp(&(&b.path, &b.rule, &b.fingerprint)));
    let text = serde_json::to_string_pretty(&Baseline { version: 1, findings });
    text.expect("a baseline can be written") + "\n"
}
