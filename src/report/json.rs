//! JSON, version 1: frozen, with types of its own so that refactoring the finding cannot break readers.

use super::input::{Input, RULE_PAGES, Report, statistics};
use crate::finding::{Edit, Finding, Label};
use crate::model::Project;
use crate::model::source::{Coverage, Program};
use crate::text::{FunctionId, SourceMap, Span};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) struct Json;

/// The report of `cargo faaslint check --format json`. New fields may come; what is there stays. Lines and columns are
/// 1-based, columns count characters; paths are relative to the scanned directory.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "faaslint report, version 1")]
struct Document<'a> {
    /// Always 1.
    version: u32,
    /// What wrote the report.
    tool: Tool,
    /// What was found, sorted.
    findings: Vec<JsonFinding<'a>>,
    /// How many findings are not shown, by reason: `suppressed`, `baseline`, `untouched` by the change, below the
    /// `severity`, for another `audience`.
    silenced: BTreeMap<&'static str, usize>,
    /// Files that were not read because something hides them: `excluded` by the config, `ignored_files` and
    /// `ignored_directories` of ignore files. Not there if nothing is hidden.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unread: BTreeMap<&'static str, usize>,
    /// What could not be read or resolved: nothing is said of it.
    gaps: Vec<JsonGap<'a>>,
    /// Deployed functions and binaries, joined where they belong together.
    units: Vec<JsonUnit<'a>>,
    /// What was read.
    summary: Summary,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    /// `faaslint`
    name: &'static str,
    /// The program's version.
    version: &'static str,
}

/// A line of `--statistics`.
#[derive(Serialize)]
struct Count<'a> {
    rule: &'a str,
    severity: &'a str,
    count: usize,
}

/// One occurrence of an anti-pattern.
#[derive(Serialize, JsonSchema)]
struct JsonFinding<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The rule's page.
    url: String,
    /// The rule's category.
    category: &'a str,
    /// How bad it is if it is true: `info`, `warning`, `error`.
    severity: &'a str,
    /// How likely it is to be true: `low`, `medium`, `high`.
    confidence: &'a str,
    /// Who wants to hear of it: `regular`, `pedantic`, `auditor`.
    audience: &'a str,
    /// Its identity across edits elsewhere, as in baselines and SARIF.
    fingerprint: &'a str,
    /// What is wrong here.
    message: &'a str,
    /// What the rule advises; empty where that does not help.
    advice: &'a str,
    /// The deployed function it is about; null if it is about none.
    function: Option<String>,
    /// Where that function is declared.
    declared: Option<Declared<'a>>,
    /// The line a reader would edit.
    primary: Place<'a>,
    /// The other places that prove it, possibly in other files.
    related: Vec<Place<'a>>,
    /// How one gets from the function to the place: call path or dependency path.
    trail: &'a [String],
    /// Edits that mend it, each a whole of its own.
    fixes: Vec<JsonFix<'a>>,
}

/// A place and what it shows.
#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    /// The file.
    path: &'a str,
    /// The first line.
    line: u32,
    /// The first character.
    column: u32,
    /// The line of the end.
    end_line: u32,
    /// The character after the end.
    end_column: u32,
    /// What is to be seen there; may be empty.
    note: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct JsonFix<'a> {
    /// What it does.
    title: &'a str,
    /// Whether it keeps the behaviour; otherwise only `--fix=unsafe` makes it.
    safe: bool,
    /// What is replaced.
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonEdit<'a> {
    /// The file.
    path: &'a str,
    /// The byte where the replaced text begins.
    start: u32,
    /// The byte after it.
    end: u32,
    /// The same as line and column.
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    /// What stands there afterwards.
    text: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct JsonGap<'a> {
    /// The file.
    path: &'a str,
    /// The line.
    line: u32,
    /// The character.
    column: u32,
    /// Why it could not be read or resolved.
    reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct JsonUnit<'a> {
    /// The deployed function; null for a binary that no config deploys.
    function: Option<String>,
    /// Where it is declared.
    declared: Option<Declared<'a>>,
    /// The package of its binary; null if none was found.
    package: Option<&'a str>,
    /// Its binary.
    binary: Option<&'a str>,
    /// Why the two belong together.
    evidence: Option<&'static str>,
    /// How much of its own code was followed; null if it has no binary.
    followed: Option<Followed<'a>>,
}

/// How much of the code of the workspace was followed from a function.
#[derive(Serialize, JsonSchema)]
struct Followed<'a> {
    /// Functions that were looked at.
    functions: usize,
    /// Calls of functions of the workspace that were followed.
    calls: usize,
    /// Calls that may lead to the workspace and were not, the worst first, at most 100 of them.
    lost: Vec<Lost<'a>>,
    /// How many such calls there are.
    lost_calls: usize,
    /// Functions of the workspace that were not looked at because of them, those by names that libraries have too
    /// left out.
    behind: usize,
}

/// A call that was not followed.
#[derive(Serialize, JsonSchema)]
struct Lost<'a> {
    /// What is called.
    name: &'a str,
    /// Why it was not followed: `unknown-type`, `common-name`, `generic`, `no-implementation`, `too-many`,
    /// `no-function`, `macro` or `budget`.
    reason: &'static str,
    /// Functions it may lead to that nothing else led to.
    behind: usize,
    /// The file.
    path: &'a str,
    /// The line.
    line: u32,
    /// The character.
    column: u32,
}

#[derive(Serialize, JsonSchema)]
struct Declared<'a> {
    /// The file.
    path: &'a str,
    /// The line.
    line: u32,
}

/// How much was read.
#[derive(Serialize, JsonSchema)]
struct Summary {
    /// Files.
    files: usize,
    /// Deployed functions.
    functions: usize,
    /// Binaries of functions.
    binaries: usize,
    /// Rules that ran.
    rules: usize,
}

/// The JSON Schema of the report.
pub fn schema() -> Value {
    schemars::schema_for!(Document<'static>).to_value()
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
            unread: input.unread.iter().copied().filter(|(_, count)| *count > 0).collect(),
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
            followed: unit.target().and_then(|id| project.program(id)).map(|program| followed(input, program)),
        })
        .collect()
}

/// Calls that were not followed are listed up to here.
const MOST_LOST: usize = 100;

fn followed<'a>(input: &'a Input<'_>, program: &'a Program) -> Followed<'a> {
    let sources = &input.project.sources;
    let Coverage { functions, calls, lost, behind } = &program.coverage;
    let listed = lost.iter().take(MOST_LOST).map(|call| {
        let at = sources.position(call.span.file, call.span.start);
        Lost {
            name: &call.name,
            reason: call.reason.word(),
            behind: call.behind,
            path: sources.path(call.span.file),
            line: at.line,
            column: at.column,
        }
    });
    Followed { functions: *functions, calls: *calls, lost: listed.collect(), lost_calls: lost.len(), behind: *behind }
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
                edits: fix.edits.iter().map(|edit| replaced(sources, edit)).collect(),
            })
            .collect(),
    }
}

fn replaced<'a>(sources: &'a SourceMap, edit: &'a Edit) -> JsonEdit<'a> {
    let Span { file, start, end } = edit.span;
    let (first, last) = (sources.position(file, start), sources.position(file, end));
    JsonEdit {
        path: sources.path(file),
        start,
        end,
        line: first.line,
        column: first.column,
        end_line: last.line,
        end_column: last.column,
        text: &edit.text,
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
