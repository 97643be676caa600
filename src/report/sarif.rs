//! SARIF 2.1.0 (OASIS): what code scanning services read.

use super::clean::clean;
use super::input::{Input, RULE_PAGES, Report};
use super::place::uri;
use crate::finding::{Confidence, Finding, Fix, Label, Severity, Subject};
use crate::rule::{Link, RuleSpec};
use crate::text::Span;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

/// The schema the output is valid by.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The base that relative paths are below.
const ROOT: &str = "%SRCROOT%";

/// Related places that a message links to; more would bury it.
const MOST_LINKS: usize = 4;

pub(super) struct Sarif;

impl Report for Sarif {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let index: HashMap<&str, usize> =
            input.rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
        let log = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "faaslint",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": input.rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
                }},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {ROOT: {"description": {"text": "The directory faaslint was run in."}}},
                "invocations": [{
                    "executionSuccessful": true,
                    "toolExecutionNotifications": gaps(input),
                }],
                "results": input.findings.iter().map(|finding| result(input, &index, finding)).collect::<Vec<_>>(),
            }],
        });
        serde_json::to_writer_pretty(&mut *to, &log)?;
        writeln!(to)
    }
}

fn descriptor(rule: &RuleSpec) -> Value {
    let paragraph = |text: &str| text.trim().to_owned();
    json!({
        "id": rule.id,
        "name": rule.id.split('-').map(capitalised).collect::<String>(),
        "shortDescription": {"text": format!("{}.", capitalised(&rule.title))},
        "fullDescription": {"text": paragraph(&rule.what)},
        "help": {
            "text": format!("{}\n\nWhy: {}\n\nFix: \
                             {}", paragraph(&rule.what), paragraph(&rule.why), paragraph(&rule.fix)),
            "markdown": format!("{}\n\n**Why.** {}\n\n**Fix.** {}\n\n**Sources.** \
                                 {}", paragraph(&rule.what), paragraph(&rule.why), paragraph(&rule.fix), sources(rule)),
        },
        "helpUri": format!("{RULE_PAGES}/{}.md", rule.id),
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {
            "tags": [rule.category.as_str(), "serverless"],
            "precision": precision(rule.confidence),
            "problem.severity": problem(rule.severity),
        },
    })
}

/// The sources of a rule, those that can be opened as links.
fn sources(rule: &RuleSpec) -> String {
    rule.links.iter().map(Link::markdown).collect::<Vec<_>>().join("; ")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// What GitHub code scanning calls a severity of a rule that is not about security.
fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "recommendation",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

/// SARIF orders priority by rank, 0 to 100.
fn rank(confidence: Confidence) -> f64 {
    match confidence {
        Confidence::High => 90.0,
        Confidence::Medium => 60.0,
        Confidence::Low => 30.0,
    }
}

fn result(input: &Input<'_>, index: &HashMap<&str, usize>, finding: &Finding) -> Value {
    let related: Vec<Value> = finding
        .related
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let mut location = location(input, label);
            location["id"] = json!(at);
            location
        })
        .collect();
    let mut primary = location(input, &finding.primary);
    if let Some(subject) = finding.subject {
        primary["logicalLocations"] = json!([logical(input, subject)]);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "rank": rank(finding.confidence),
        "message": {"text": message(finding)},
        "locations": [primary],
        "relatedLocations": related,
        "partialFingerprints": {"faaslint/v1": finding.fingerprint},
        "properties": {"confidence": finding.confidence.as_str()},
    });
    if let Some(at) = index.get(finding.rule.as_str()) {
        result["ruleIndex"] = json!(at);
    }
    if finding.trail.len() > 1 {
        result["codeFlows"] = json!([{"threadFlows": [{"locations": flow(input, finding)}]}]);
    }
    let fixes: Vec<Value> = finding.fixes.iter().map(|fix| fixed(input, fix)).collect();
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    result
}

/// The message with its related places as links, so that a reader who is shown one file reaches the others.
/// Source: SARIF 2.1.0, 3.11.6, messages with embedded links, which name a related location by its id; GitHub,
/// "SARIF support for code scanning": related locations are shown where the message links to them.
fn message(finding: &Finding) -> String {
    let plain = |text: &str| {
        let escaped = text.replace('\\', "\\\\").replace('[', "\\[");
        escaped.replace(']', "\\]")
    };
    let noted = finding.related.iter().enumerate().filter(|(_, label)| !label.note.is_empty());
    let links: Vec<String> =
        noted.take(MOST_LINKS).map(|(at, label)| format!("[{}]({at})", plain(&label.note))).collect();
    if links.is_empty() {
        return finding.text();
    }
    format!("{}: {}", plain(&finding.text()), links.join(", "))
}

/// What a finding is about. Kinds are those that section 3.33.7 of the standard lists.
fn logical(input: &Input<'_>, subject: Subject) -> Value {
    let kind = match subject {
        Subject::Function(_) => "function",
        Subject::Machine(_) | Subject::Resource(_) => "resource",
        Subject::Binary(_) => "module",
    };
    json!({"name": input.project.label(subject), "kind": kind})
}

/// A trail as a flow: a hop has the place whose note names it, else the finding's.
fn flow(input: &Input<'_>, finding: &Finding) -> Vec<Value> {
    let hop = |text: &String| {
        let named = finding.related.iter().find(|label| label.note.contains(text.as_str()));
        let span = named.map_or(finding.primary.span, |label| label.span);
        json!({"location": location(input, &Label::new(span, text.clone()))})
    };
    finding.trail.iter().map(hop).collect()
}

/// A file: below the root, or by its whole path.
fn artifact(path: &str) -> Value {
    if path.starts_with('/') {
        json!({"uri": format!("file://{}", uri(path))})
    } else {
        json!({"uri": uri(path), "uriBaseId": ROOT})
    }
}

fn location(input: &Input<'_>, label: &Label) -> Value {
    let place = input.place(label.span);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&place.path),
            "region": region(input, label.span),
        },
    });
    if !label.note.is_empty() {
        location["message"] = json!({"text": label.note});
    }
    location
}

fn region(input: &Input<'_>, span: Span) -> Value {
    let place = input.place(span);
    json!({
        "startLine": place.start.line, "startColumn": place.start.column,
        "endLine": place.end.line, "endColumn": place.end.column,
    })
}

fn fixed(input: &Input<'_>, fix: &Fix) -> Value {
    let mut files: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let replacement = json!({"deletedRegion": region(input, edit.span), "insertedContent": {"text": edit.text}});
        files.entry(input.place(edit.span).path).or_default().push(replacement);
    }
    let changes: Vec<Value> = files
        .into_iter()
        .map(|(path, replacements)| json!({"artifactLocation": artifact(&path), "replacements": replacements}))
        .collect();
    json!({"description": {"text": fix.title}, "artifactChanges": changes})
}

fn gaps(input: &Input<'_>) -> Vec<Value> {
    let gaps = input.project.gaps.iter();
    gaps.map(|gap| {
        let region = match gap.span {
            Some(span) => region(input, span),
            None => json!({"startLine": gap.line}),
        };
        json!({
            "level": "note",
            "message": {"text": gap.reason},
            "descriptor": {"id": "gap"},
            "locations": [{"physicalLocation": {
                "artifactLocation": artifact(&clean(&input.path(&gap.path))),
                "region": region,
            }}],
        })
    })
    .collect()
}
