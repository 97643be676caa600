//! Findings for a terminal: source excerpts from every file a finding touches.

use super::clean::same_length;
use super::{Input, Report, clean};
use crate::finding::{Finding, Severity};
use crate::text::{FileId, SourceMap};
use codespan_reporting::diagnostic::{Diagnostic, Label, Severity as Level};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::{Ansi, NoColor};
use codespan_reporting::term::{self, Config};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

/// Lines longer than this are shown around the place only.
const MAX_LINE: usize = 300;
/// Bytes kept before and after the place.
const WINDOW: usize = 80;

pub(super) struct Human;

impl Report for Human {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let config = Config::default();
        let mut texts: HashMap<FileId, Cow<'_, str>> = HashMap::new();
        for finding in input.findings {
            for label in std::iter::once(&finding.primary).chain(&finding.related) {
                let file = label.span.file;
                texts.entry(file).or_insert_with(|| same_length(input.project.sources.text(file)));
            }
        }
        for finding in input.findings {
            let excerpts = Excerpts::new(input, &texts, finding);
            let diagnostic = diagnostic(input, finding);
            if input.color {
                term::emit_to_write_style(&mut Ansi::new(&mut *to), &config, &excerpts, &diagnostic)
            } else {
                term::emit_to_write_style(&mut NoColor::new(&mut *to), &config, &excerpts, &diagnostic)
            }
            .map_err(io::Error::other)?;
        }
        if !input.quiet {
            summary(input, to)?;
        }
        Ok(())
    }
}

fn diagnostic(input: &Input<'_>, finding: &Finding) -> Diagnostic<FileId> {
    let level = match finding.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    };
    let range = |span: crate::text::Span| span.start as usize..span.end as usize;
    let mut labels = vec![
        Label::primary(finding.primary.span.file, range(finding.primary.span))
            .with_message(clean(&finding.primary.note)),
    ];
    labels.extend(
        finding
            .related
            .iter()
            .map(|label| Label::secondary(label.span.file, range(label.span)).with_message(clean(&label.note))),
    );
    let mut notes = Vec::new();
    if finding.trail.len() > 1 {
        notes.push(format!("path: {}", clean(&finding.trail.join(" > "))));
    }
    if let Some(rule) = input.rule(finding) {
        if input.verbose {
            notes.push(format!("why: {}", rule.why.trim()));
        }
        notes.push(format!("fix: {}", rule.fix.trim()));
    }
    if finding.confidence != crate::finding::Confidence::High {
        notes.push(format!("confidence: {}", finding.confidence));
    }
    Diagnostic::new(level)
        .with_code(finding.rule.clone())
        .with_message(clean(&finding.message))
        .with_labels(labels)
        .with_notes(notes)
}

fn summary(input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
    let project = input.project;
    let gaps = &project.gaps;
    if !gaps.is_empty() {
        let shown = if input.verbose { gaps.len() } else { gaps.len().min(10) };
        writeln!(to, "not analysed or not resolved ({}):", gaps.len())?;
        for gap in &gaps[..shown] {
            writeln!(to, "  {}:{}: {}", clean(&input.path(&gap.path)), gap.line, clean(&gap.reason))?;
        }
        if shown < gaps.len() {
            writeln!(to, "  … and {} more; -v lists them", gaps.len() - shown)?;
        }
        writeln!(to)?;
    }
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")]
        .iter()
        .map(|(severity, word)| (input.count(*severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let linked = project.units.iter().filter(|unit| unit.function.is_some() && unit.target.is_some()).count();
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let functions = plural(project.deploy.functions.len(), "deployed function");
    let binaries = project.programs.len();
    let binaries = if binaries == 1 { "1 binary".to_owned() } else { format!("{binaries} binaries") };
    write!(
        to,
        "{counts}; read {functions} ({linked} linked to Rust), {binaries}, {}",
        plural(project.sources.len(), "file")
    )?;
    let silenced: Vec<String> = input
        .silenced
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| format!("{count} {}", explain(reason)))
        .collect();
    if !silenced.is_empty() {
        write!(to, "; not shown: {}", silenced.join(", "))?;
    }
    writeln!(to)
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

/// Source texts with hostile bytes replaced and long lines cut to a window around the places shown.
struct Excerpts<'a> {
    sources: &'a SourceMap,
    texts: &'a HashMap<FileId, Cow<'a, str>>,
    names: HashMap<FileId, String>,
    windows: HashMap<(FileId, usize), Range<usize>>,
}

impl<'a> Excerpts<'a> {
    fn new(input: &'a Input<'_>, texts: &'a HashMap<FileId, Cow<'a, str>>, finding: &Finding) -> Self {
        let sources = &input.project.sources;
        let mut excerpts = Self { sources, texts, names: HashMap::new(), windows: HashMap::new() };
        for label in std::iter::once(&finding.primary).chain(&finding.related) {
            let file = label.span.file;
            excerpts.names.entry(file).or_insert_with(|| clean(&input.path(sources.path(file))));
            let Ok(line) = excerpts.line_index(file, label.span.start as usize) else {
                continue;
            };
            let Some(full) = excerpts.full_line(file, line) else {
                continue;
            };
            if full.len() > MAX_LINE {
                let text = texts.get(&file).map_or("", |text| text);
                let start = floor(text, (label.span.start as usize).saturating_sub(WINDOW).max(full.start));
                let end =
                    floor(text, (label.span.end as usize).min(start + MAX_LINE).saturating_add(WINDOW).min(full.end));
                let window = excerpts.windows.entry((file, line)).or_insert(start..end);
                *window = window.start.min(start)..window.end.max(end);
            }
        }
        excerpts
    }

    fn full_line(&self, file: FileId, line: usize) -> Option<Range<usize>> {
        let starts = self.sources.line_starts(file);
        let start = *starts.get(line)? as usize;
        let end = starts.get(line + 1).map_or(self.sources.text(file).len(), |&next| next as usize);
        Some(start..end)
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl<'a> Files<'a> for Excerpts<'_> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        self.names.get(&id).map(String::as_str).ok_or(Error::FileMissing)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        self.texts.get(&id).map(AsRef::as_ref).ok_or(Error::FileMissing)
    }

    fn line_index(&'a self, id: FileId, byte: usize) -> Result<usize, Error> {
        let starts = self.sources.line_starts(id);
        Ok(starts.partition_point(|&start| start as usize <= byte).saturating_sub(1))
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        if let Some(window) = self.windows.get(&(id, line)) {
            return Ok(window.clone());
        }
        let max = self.sources.line_starts(id).len();
        let full = self.full_line(id, line).ok_or(Error::LineTooLarge { given: line, max })?;
        if full.len() > 4 * MAX_LINE {
            let text = self.texts.get(&id).map_or("", |text| text);
            return Ok(full.start..floor(text, full.start + MAX_LINE));
        }
        Ok(full)
    }

    fn column_number(&'a self, id: FileId, _: usize, byte: usize) -> Result<usize, Error> {
        Ok(self.sources.position(id, byte as u32).column as usize)
    }
}
