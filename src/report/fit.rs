//! `fit`: a word for each function, with what speaks for it and against it.

use super::clean::clean;
use crate::model::Project;
use crate::text::Span;
use crate::verdicts::fit::{Fit, Item, Strength, Verdict};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The formats of a fit.
pub const FIT_FORMATS: [&str; 3] = ["text", "json", "markdown"];

/// Lines of evidence a function has unless more is asked for.
const MOST_LINES: usize = 5;

/// What to print.
pub struct FitInput<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its functions.
    pub fits: &'a [Fit],
    /// What leads from the working directory to the scanned root.
    pub prefix: &'a str,
    /// Whether to show all evidence.
    pub verbose: bool,
}

impl FitInput<'_> {
    fn at(&self, span: Span) -> String {
        let line = self.project.sources.position(span.file, span.start).line;
        let path = clean(self.project.sources.path(span.file));
        if self.prefix.is_empty() { format!("{path}:{line}") } else { format!("{}/{path}:{line}", self.prefix) }
    }

    fn places(&self, item: &Item) -> String {
        let mut places: Vec<String> = item.places.iter().map(|place| self.at(*place)).collect();
        places.dedup();
        places.join(", ")
    }

    /// The worst first; of those that are alike, by name.
    fn sorted(&self) -> Vec<&Fit> {
        let mut fits: Vec<&Fit> = self.fits.iter().collect();
        fits.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.name.cmp(&b.name)));
        fits
    }
}

/// Writes what fits.
///
/// # Errors
/// If the writer fails.
pub fn write(format: &str, input: &FitInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    match format {
        "json" => write_json(input, to),
        "markdown" => write_markdown(input, to),
        _ => write_text(input, to),
    }
}

/// The lines of a function: what it is, what is said, where.
fn lines(fit: &Fit, input: &FitInput<'_>) -> Vec<[String; 3]> {
    let said = |item: &Item| match (item.speaks_for, item.strength) {
        (true, _) => clean(&item.text),
        (false, strength) => format!("{} ({})", clean(&item.text), strength.as_str()),
    };
    let word = |item: &Item| match (item.speaks_for, item.strength) {
        (true, _) => "for",
        (false, Strength::Note) => "note",
        (false, _) => "against",
    };
    let line = |item: &Item| [word(item).to_owned(), said(item), input.places(item)];
    let mut all: Vec<[String; 3]> = fit.supporting().map(line).collect();
    all.extend(fit.against().map(line));
    if !input.verbose {
        // What decided comes first when not everything is shown.
        let against = fit.against().count();
        all.rotate_right(against);
        all.truncate(MOST_LINES);
        all.sort_by_key(|line| line[0] != "for");
    }
    let mut changes: Vec<&str> = fit.changes().collect();
    changes.dedup();
    if matches!(fit.verdict, Verdict::FitsWithChange | Verdict::PoorFit | Verdict::Watch) {
        let word = if fit.verdict == Verdict::PoorFit { "instead" } else { "change" };
        all.extend(changes.first().map(|change| [word.to_owned(), clean(change), String::new()]));
    }
    if !fit.unknown.is_empty() && fit.verdict != Verdict::NotJudged {
        let unknown: Vec<String> =
            fit.unknown.iter().map(|(row, why)| format!("{}: {}", row.as_str(), clean(why))).collect();
        all.push(["unknown".to_owned(), unknown.join("; "), String::new()]);
    }
    if input.verbose {
        all.extend(fit.hints.iter().map(|hint| ["hint".to_owned(), clean(&hint.text), input.places(hint)]));
    }
    all
}

fn platform(fit: &Fit) -> String {
    match fit.platform.filter(|platform| *platform != crate::model::Platform::AwsLambda) {
        Some(platform) => format!(" on {}", platform.id()),
        None => String::new(),
    }
}

fn write_text(input: &FitInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    let width = input.fits.iter().map(|fit| clean(&fit.name).chars().count()).max().unwrap_or(0);
    for fit in input.sorted() {
        let word = format!("{}{}", fit.verdict.as_str(), platform(fit));
        writeln!(to, "{:<width$}  {word:<16}  {}", clean(&fit.name), clean(&fit.because))?;
        let lines = lines(fit, input);
        let wide =
            lines.iter().filter(|line| !line[2].is_empty()).map(|line| line[1].chars().count()).max().unwrap_or(0);
        for [word, text, place] in lines {
            writeln!(to, "{}", format!("  {word:<8} {text:<wide$}  {place}").trim_end())?;
        }
    }
    writeln!(to, "{}", summary(input))
}

/// How many have which word.
fn summary(input: &FitInput<'_>) -> String {
    let count = |verdict: Verdict| input.fits.iter().filter(|fit| fit.verdict == verdict).count();
    let words: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(verdict), verdict.as_str()))
        .collect();
    format!("summary: {} functions: {}", input.fits.len(), words.join(", "))
}

fn write_markdown(input: &FitInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    for fit in input.sorted() {
        writeln!(
            to,
            "### {}: {}{}\n\n{}\n",
            clean(&fit.name),
            fit.verdict.as_str(),
            platform(fit),
            clean(&fit.because)
        )?;
        let lines = lines(fit, input);
        if !lines.is_empty() {
            writeln!(to, "| | | |\n| --- | --- | --- |")?;
        }
        for line in &lines {
            writeln!(to, "| {} |", line.each_ref().map(|cell| cell.replace('|', "\\|")).join(" | "))?;
        }
        writeln!(to)?;
    }
    writeln!(to, "{}", summary(input))
}

fn write_json(input: &FitInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    let item = |item: &Item| {
        let places: Vec<Value> = item
            .places
            .iter()
            .map(|place| {
                let line = input.project.sources.position(place.file, place.start).line;
                json!({"file": clean(input.project.sources.path(place.file)), "line": line})
            })
            .collect();
        json!({"row": item.row.as_str(), "state": if item.speaks_for { "for" } else { "against" },
               "strength": item.strength.as_str(), "class": item.class.as_str(), "text": item.text, "places": places,
               "cure": item.cure, "instead": item.instead, "confidence": item.confidence.as_str()})
    };
    let function = |fit: &&Fit| {
        let unknown: Vec<Value> =
            fit.unknown.iter().map(|(row, why)| json!({"row": row.as_str(), "why": why})).collect();
        json!({"id": fit.name, "platform": fit.platform.map(crate::model::Platform::id),
               "declared": input.at(fit.declared), "verdict": fit.verdict.as_str(), "because": fit.because,
               "evidence": fit.items.iter().map(item).collect::<Vec<_>>(), "unknown": unknown,
               "change": fit.changes().next(), "hints": fit.hints.iter().map(item).collect::<Vec<_>>()})
    };
    let functions: Vec<Value> = input.sorted().iter().map(function).collect();
    serde_json::to_writer_pretty(&mut *to, &json!({"schema": 1, "functions": functions}))?;
    writeln!(to)
}
