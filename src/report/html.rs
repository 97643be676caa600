//! One self-contained HTML page: the graph, the findings with their excerpts, a page for each function, filters.

use super::clean::clean;
use super::cost::write_cost_plot;
use super::graph::{Drawing, write_graph};
use super::input::{Input, RULE_PAGES, Report, by_subject, heading, hops, sentence};
use crate::finding::{Finding, Label, Severity, Subject};
use crate::model::application::graph::NodeId;
use crate::verdicts::cost::curve;
use crate::verdicts::cost::{Question, Traffic, project};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use std::io::{self, Write};

/// The page; nothing in it refers to anything outside.
const TEMPLATE: &str = include_str!("page.html");
/// Lines shown around a place.
const AROUND: u32 = 2;
/// Characters of a line that are shown.
const MOST_CHARACTERS: usize = 200;
/// A graph with more nodes than this is no picture any more.
const MOST_NODES: usize = 400;

pub(super) struct Html;

#[derive(Serialize)]
struct Group {
    name: Option<String>,
    anchor: String,
    settings: Vec<(&'static str, String)>,
    /// Its part of the graph, as a picture.
    graph: String,
    findings: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    rule: String,
    url: String,
    severity: &'static str,
    confidence: &'static str,
    category: &'static str,
    message: Vec<(bool, String)>,
    places: Vec<Excerpt>,
    trail: Vec<String>,
    fix: Vec<(bool, String)>,
    sources: Vec<(String, Option<String>)>,
    fingerprint: String,
}

#[derive(Serialize)]
struct Excerpt {
    at: String,
    note: String,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    number: String,
    text: String,
    marked: bool,
}

impl Report for Html {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let groups: Vec<Group> = groups(input);
        let mut rules: Vec<String> = input.findings.iter().map(|finding| finding.rule.clone()).collect();
        rules.sort_unstable();
        rules.dedup();
        let gaps: Vec<(String, String)> = input
            .project
            .gaps
            .iter()
            .map(|gap| (format!("{}:{}", clean(&input.path(&gap.path)), gap.line), clean(&gap.reason)))
            .collect();
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_template("page", TEMPLATE).map_err(io::Error::other)?;
        let page = environment.get_template("page").map_err(io::Error::other)?;
        let text = page
            .render(context! {
                sentence => sentence(input),
                project => clean(input.title[0]),
                made => clean(input.title[1]),
                version => env!("CARGO_PKG_VERSION"),
                errors => input.count(Severity::Error),
                warnings => input.count(Severity::Warning),
                notes => input.count(Severity::Info),
                graph => graph(input)?,
                plot => plot(input)?,
                groups => Value::from(Serde(&groups)),
                rules, gaps,
            })
            .map_err(io::Error::other)?;
        to.write_all(text.as_bytes())
    }
}

/// The graph as a picture; nothing where there is none, or too much of it.
fn graph(input: &Input<'_>) -> io::Result<String> {
    let graph = &input.project.graph;
    if graph.nodes.is_empty() || graph.nodes.len() > MOST_NODES {
        return Ok(String::new());
    }
    let mut svg = Vec::new();
    write_graph("svg", &Drawing { project: input.project, graph, findings: input.findings }, &mut svg)?;
    Ok(String::from_utf8_lossy(&svg).into_owned())
}

/// Characters that end a URI, or an attribute.
const ENCODED: &AsciiSet = &CONTROLS.add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'\'').add(b'&');

/// What the project costs over its volume, as a picture of its own; nothing where no traffic is known.
fn plot(input: &Input<'_>) -> io::Result<String> {
    if input.project.traffic.is_none() {
        return Ok(String::new());
    }
    let traffic = Traffic::of_project(input.project);
    let cost = project(&Question { project: input.project, traffic: &traffic, region: None });
    let Some(plot) = curve::of_project(&cost) else { return Ok(String::new()) };
    let mut svg = Vec::new();
    write_cost_plot(&plot, &mut svg)?;
    let text = String::from_utf8_lossy(&svg);
    Ok(format!("data:image/svg+xml,{}", utf8_percent_encode(&text, ENCODED)))
}

/// What a function is tied to, as a picture; nothing if that is all there is, or nothing.
fn around(input: &Input<'_>, subject: Subject) -> String {
    let whole = &input.project.graph;
    let Some(id) = subject.function().filter(|_| whole.nodes.len() <= MOST_NODES) else { return String::new() };
    let part = whole.around(|at| whole.nodes[at].id == NodeId::Function(id), true);
    if part.edges.is_empty() || part.nodes.len() == whole.nodes.len() {
        return String::new();
    }
    let mut svg = Vec::new();
    let drawing = Drawing { project: input.project, graph: &part, findings: input.findings };
    if write_graph("svg", &drawing, &mut svg).is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&svg).into_owned();
    // The page has the styles already, with the whole.
    match (text.find("<style>"), text.find("</style>")) {
        (Some(start), Some(end)) => format!("{}{}", &text[..start], &text[end + "</style>".len()..]),
        _ => text,
    }
}

/// What has findings first, then functions without, then what belongs to nothing single.
fn groups(input: &Input<'_>) -> Vec<Group> {
    let found = by_subject(input);
    let silent = input.project.deploy.function_ids().map(Subject::Function);
    let silent = silent.filter(|subject| !found.iter().any(|(known, _)| *known == Some(*subject)));
    let silent: Vec<Subject> = silent.collect();
    let entries = |findings: &[&Finding]| findings.iter().map(|finding| entry(input, finding)).collect::<Vec<_>>();
    let named = found.iter().filter_map(|(subject, findings)| Some(((*subject)?, entries(findings))));
    let mut groups: Vec<Group> = Vec::new();
    for (subject, findings) in named.chain(silent.into_iter().map(|subject| (subject, Vec::new()))) {
        groups.push(Group {
            name: Some(heading(input, subject)),
            anchor: format!("function-{}", groups.len()),
            settings: settings(input, subject),
            graph: around(input, subject),
            findings,
        });
    }
    if let Some((_, findings)) = found.iter().find(|(subject, _)| subject.is_none()) {
        groups.push(Group {
            name: None,
            anchor: "elsewhere".to_owned(),
            settings: Vec::new(),
            graph: String::new(),
            findings: entries(findings),
        });
    }
    groups
}

/// What is known of a subject.
fn settings(input: &Input<'_>, subject: Subject) -> Vec<(&'static str, String)> {
    let (project, deploy) = (input.project, &input.project.deploy);
    let place = input.place(project.declared(subject));
    let mut rows = vec![("declared", format!("{}:{}", place.path, place.start.line))];
    let Some(id) = subject.function() else { return rows };
    let function = deploy.function(id);
    let unit = project.unit_of(id);
    if let Some(target) = unit.and_then(|unit| unit.target()) {
        rows.push(("binary", clean(&project.cargo.target(target).name)));
    }
    rows.extend(function.runtime.one().map(|value| ("runtime", clean(value))));
    rows.extend(function.architecture.one().map(|value| ("architecture", clean(value))));
    rows.extend(function.memory_mb.one().map(|value| ("memory", format!("{value} MiB"))));
    rows.extend(function.timeout_s.one().map(|value| ("timeout", format!("{value} s"))));
    let triggers: Vec<&str> = deploy.triggers_of(id).map(|trigger| trigger.kind.name()).collect();
    if !triggers.is_empty() {
        rows.push(("invoked by", triggers.join(", ")));
    }
    rows
}

fn entry(input: &Input<'_>, finding: &Finding) -> Entry {
    let rule = input.rule(finding);
    let labels = std::iter::once(&finding.primary).chain(&finding.related);
    Entry {
        rule: finding.rule.clone(),
        url: format!("{RULE_PAGES}/{}.md", finding.rule),
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        category: rule.map_or("", |rule| rule.category.as_str()),
        message: parts(&clean(&[std::slice::from_ref(&finding.message), &finding.notes].concat().join("; "))),
        places: labels.map(|label| excerpt(input, label)).collect(),
        trail: hops(finding),
        fix: input.advice(finding).map_or(Vec::new(), parts),
        sources: rule.map_or(Vec::new(), |rule| {
            rule.links.iter().map(|link| (link.title().to_owned(), link.url().map(str::to_owned))).collect()
        }),
        fingerprint: finding.fingerprint.clone(),
    }
}

/// Text in pieces, those between backticks marked.
fn parts(text: &str) -> Vec<(bool, String)> {
    text.split('`').enumerate().map(|(at, part)| (at % 2 == 1, part.to_owned())).collect()
}

fn excerpt(input: &Input<'_>, label: &Label) -> Excerpt {
    let place = input.place(label.span);
    let (first, last) = (place.start.line, place.end.line.min(place.start.line + 2 * AROUND));
    let shown = first.saturating_sub(AROUND).max(1)..=last + AROUND;
    let lines = shown
        .filter_map(|number| {
            let line = input.project.sources.line(label.span.file, number)?;
            let line: String = line.trim_end().chars().take(MOST_CHARACTERS).collect();
            let marked = (first..=last).contains(&number);
            Some(Line { number: format!("{number:>5}"), text: clean(&line), marked })
        })
        .collect();
    Excerpt { at: format!("{}:{}", place.path, place.start.line), note: clean(&label.note), lines }
}
