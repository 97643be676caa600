//! JSON, version 1: frozen, with types of its own so that refactoring the finding cannot break readers.

use super::input::{Input, RULE_PAGES, Report, statistics};
use crate::finding::{Finding, Label};
use crate::model::Project;
use crate::text::{FunctionId, SourceMap, Span};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) struct Json;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    findings: Vec<JsonFinding<'a>>,
    silenced: BTreeMap<&'static str, usize>,
    gaps: Vec<JsonGap<'a>>,
    units: Vec<JsonUnit<'a>>,
    summary: Summary,
}

/// A line of `--statistics`.
#[derive(Serialize)]
struct Count<'a> {
    rule: &'a str,
    severity: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    url: String,
    category: &'a str,
    severity: &'a str,
    confidence: &'a str,
    audience: &'a str,
    fingerprint: &'a str,
    message: &'a str,
    advice: &'a str,
    function: Option<String>,
    declared: Option<Declared<'a>>,
    primary: Place<'a>,
    related: Vec<Place<'a>>,
    trail: &'a [String],
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    note: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    path: &'a str,
    start: u32,
    end: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonGap<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonUnit<'a> {
    function: Option<String>,
    declared: Option<Declared<'a>>,
    package: Option<&'a str>,
    binary: Option<&'a str>,
    evidence: Option<&'static str>,
}

#[derive(Serialize)]
struct Declared<'a> {
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    functions: usize,
    binaries: usize,
    rules: usize,
}

impl Report for Json {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        if input.statistics {
            let rows = statistics(input).into_iter();
            let rows: Vec<Count<'_>> =
                rows.map(|(rule, severity, count)| Count { rule, severity: severity.as_str(), count }).collect();
            serde_json::to_writer_pretty(&mut *to, &rows)?;
            return writeln!(to);
        }
        let project = input.project;
        let sources = &project.sources;
        let document = Document {
            version: 1,
            tool: Tool { name: "faaslint", version: env!("CARGO_PKG_VERSION") },
            findings: input.findings.iter().map(|finding| one(input, finding)).collect(),
            silenced: input.silenced.iter().copied().collect(),
            gaps: project
                .gaps
                .iter()
                .map(|gap| {
                    let at = gap.span.map(|span| sources.position(span.file, span.start));
                    JsonGap {
                        path: &gap.path,
                        line: at.map_or(gap.line, |at| at.line),
                        column: at.map_or(1, |at| at.column),
                        reason: &gap.reason,
                    }
                })
                .collect(),
            units: units(input),
            summary: Summary {
                files: sources.len(),
                functions: project.deploy.functions.len(),
                binaries: project.programs.len(),
                rules: input.rules.len(),
            },
        };
        serde_json::to_writer_pretty(&mut *to, &document)?;
        writeln!(to)
    }
}

/// The same findings, each on a line of its own, for programs that read streams.
pub(super) struct Lines;

impl Report for Lines {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        for finding in input.findings {
            serde_json::to_writer(&mut *to, &one(input, finding))?;
            writeln!(to)?;
        }
        Ok(())
    }
}

fn units<'a>(input: &'a Input<'_>) -> Vec<JsonUnit<'a>> {
    let project = input.project;
    project
        .units
        .iter()
        .map(|unit| JsonUnit {
            function: unit.function().map(|id| project.deploy.function_label(id)),
            declared: unit.function().map(|id| declared(project, id)),
            package: unit.target().map(|id| project.cargo.package(project.cargo.target(id).package).name.as_str()),
            binary: unit.target().map(|id| project.cargo.target(id).name.as_str()),
            evidence: unit.evidence().map(|evidence| evidence.as_str()),
        })
        .collect()
}

fn declared(project: &Project, function: FunctionId) -> Declared<'_> {
    let span = project.deploy.function_span(function);
    Declared { path: project.sources.path(span.file), line: project.sources.position(span.file, span.start).line }
}

fn one<'a>(input: &'a Input<'_>, finding: &'a Finding) -> JsonFinding<'a> {
    let sources = &input.project.sources;
    let rule = input.rule(finding);
    JsonFinding {
        rule: &finding.rule,
        url: format!("{RULE_PAGES}/{}.md", finding.rule),
        category: rule.map_or("", |rule| rule.category.as_str()),
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        audience: finding.audience.as_str(),
        fingerprint: &finding.fingerprint,
        message: &finding.message,
        advice: input.advice(finding).unwrap_or_default(),
        function: finding.function().map(|id| input.project.deploy.function_label(id)),
        declared: finding.function().map(|id| declared(input.project, id)),
        primary: place(sources, &finding.primary),
        related: finding.related.iter().map(|label| place(sources, label)).collect(),
        trail: &finding.trail,
        fixes: finding
            .fixes
            .iter()
            .map(|fix| JsonFix {
                title: &fix.title,
                safe: fix.safe,
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| JsonEdit {
                        path: sources.path(edit.span.file),
                        start: edit.span.start,
                        end: edit.span.end,
                        text: &edit.text,
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn place<'a>(sources: &'a SourceMap, label: &'a Label) -> Place<'a> {
    let Span { file, start, end } = label.span;
    let (start, end) = (sources.position(file, start), sources.position(file, end));
    Place {
        path: sources.path(file),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        note: &label.note,
    }
}
