//! Findings for a terminal: source excerpts from every file a finding touches.

use super::clean::{clean, same_length};
use super::coverage;
use super::input::{self, Input, RULE_PAGES, Report, by_subject, hops, plural, sentence, statistics};
use crate::finding::{Finding, Severity, Subject};
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
/// Rules the closing table lists.
const MOST_RULES: usize = 10;
/// Columns that precede a note.
const NOTE_INDENT: usize = 8;
/// Bytes kept before and after the place.
const WINDOW: usize = 80;
/// So many findings of a rule are shown with their sources, then as many as the second number in a line each; the rest
/// is counted.
const IN_FULL: usize = 3;
const IN_A_LINE: usize = 12;
/// So many places beside the first are shown of a finding.
const MOST_PLACES: usize = 8;
/// Columns that `severity[` and `]: ` take before a message.
const HEADER: usize = 12;

pub(super) struct Human;

impl Report for Human {
    fn is_log(&self) -> bool {
        true
    }

    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let mut texts: HashMap<FileId, Cow<'_, str>> = HashMap::new();
        for finding in input.findings {
            for label in std::iter::once(&finding.primary).chain(&finding.related) {
                let file = label.span.file;
                texts.entry(file).or_insert_with(|| same_length(input.project.sources.text(file)));
            }
        }
        let groups = by_subject(input);
        let mut shown: HashMap<&str, usize> = HashMap::new();
        for (subject, findings) in groups.iter().filter(|_| !input.statistics) {
            if groups.len() > 1 {
                heading(input, *subject, findings.len(), to)?;
            }
            let mut hidden = 0;
            let mut lines = String::new();
            for finding in findings {
                let before = shown.entry(&finding.rule).or_default();
                *before += 1;
                if input.verbose || *before <= IN_FULL {
                    one(input, &texts, finding, to)?;
                } else if *before <= IN_FULL + IN_A_LINE {
                    lines += &in_a_line(input, finding);
                } else {
                    hidden += 1;
                }
            }
            if hidden > 0 {
                lines += &format!("… and {hidden} more of rules shown above; -v shows all\n");
            }
            if !lines.is_empty() {
                writeln!(to, "{lines}")?;
            }
        }
        if !input.quiet {
            summary(input, to)?;
        }
        Ok(())
    }
}

/// A finding of a rule that has been shown often enough.
fn in_a_line(input: &Input<'_>, finding: &Finding) -> String {
    let place = input.place(finding.primary.span);
    let (rule, severity) = (&finding.rule, finding.severity);
    let line = format!("{}:{}: {severity}[{rule}]: {}", place.path, place.start.line, clean(&finding.message));
    format!("{}\n", wrapped(input, &line, "    "))
}

/// Text as wide as the terminal, later lines indented.
fn wrapped(input: &Input<'_>, text: &str, indent: &str) -> String {
    match input.width {
        Some(width) => textwrap::fill(text, wide(width).subsequent_indent(indent)),
        None => text.to_owned(),
    }
}

/// How lines break: between words, so that rules, dates and options can be searched for and copied.
fn wide<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width.max(40)).word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// The line above the findings of one subject.
fn heading(input: &Input<'_>, subject: Option<Subject>, count: usize, to: &mut dyn Write) -> io::Result<()> {
    let at = subject.map_or(String::new(), |subject| {
        let place = input.place(input.project.declared(subject));
        format!("  {}:{}", place.path, place.start.line)
    });
    let name = subject.map_or("no single function".to_owned(), |subject| input::heading(input, subject));
    let line = format!("━━ {name}{at}  {}", plural(count, "finding"));
    if input.color { writeln!(to, "\u{1b}[1m{line}\u{1b}[0m\n") } else { writeln!(to, "{line}\n") }
}

fn one(
    input: &Input<'_>,
    texts: &HashMap<FileId, Cow<'_, str>>,
    finding: &Finding,
    to: &mut dyn Write,
) -> io::Result<()> {
    let config = Config::default();
    let excerpts = Excerpts::new(input, texts, finding);
    let diagnostic = diagnostic(input, finding);
    let mut out = Vec::new();
    if input.color {
        term::emit_to_write_style(&mut Ansi::new(&mut out), &config, &excerpts, &diagnostic)
    } else {
        term::emit_to_write_style(&mut NoColor::new(&mut out), &config, &excerpts, &diagnostic)
    }
    .map_err(io::Error::other)?;
    let rule = &finding.rule;
    let mut text = String::from_utf8_lossy(&out).into_owned();
    if finding.severity == Severity::Info {
        // The renderer's word for the level; ours is the same in every format that has no word of its own.
        text = text.replacen(&format!("note[{rule}]"), &format!("{}[{rule}]", Severity::Info), 1);
    }
    if input.hyperlinks {
        let link = format!("\u{1b}]8;;{RULE_PAGES}/{rule}.md\u{1b}\\{rule}\u{1b}]8;;\u{1b}\\");
        text = text.replacen(rule, &link, 1);
    }
    to.write_all(text.as_bytes())
}

/// The message, wrapped where the terminal would cut words.
fn header(input: &Input<'_>, finding: &Finding) -> String {
    let message = clean(&finding.message);
    let Some(width) = input.width else { return message };
    let options = wide(width).subsequent_indent("    ");
    let first = " ".repeat((HEADER + finding.rule.len()).min(width.max(40) - 1));
    let filled = textwrap::fill(&message, options.initial_indent(&first));
    filled.trim_start().to_owned()
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
            .take(if input.verbose { usize::MAX } else { MOST_PLACES })
            .map(|label| Label::secondary(label.span.file, range(label.span)).with_message(clean(&label.note))),
    );
    let mut notes = Vec::new();
    let mut note = |word: &str, text: &str| {
        let text = format!("{word}: {}", text.trim());
        notes.push(match input.width {
            Some(width) => textwrap::fill(&text.replace('\n', " "), wide(width.saturating_sub(NOTE_INDENT))),
            None => text,
        });
    };
    for clause in &finding.notes {
        note("note", &clean(clause));
    }
    if finding.trail.len() > 1 {
        note("path", &hops(finding).join(" > "));
    }
    if finding.related.len() > MOST_PLACES && !input.verbose {
        note("places", &format!("{} more; -v shows them", finding.related.len() - MOST_PLACES));
    }
    if let Some(rule) = input.rule(finding).filter(|_| input.verbose) {
        note("why", &rule.why);
    }
    if let Some(advice) = input.advice(finding) {
        note("fix", &clean(advice));
    }
    if let Some(fix) = finding.fixes.first() {
        note(if fix.safe { "--fix" } else { "--fix=unsafe" }, &lowercase(&fix.title));
    }
    if finding.confidence != crate::finding::Confidence::High {
        note("confidence", finding.confidence.as_str());
    }
    Diagnostic::new(level)
        .with_code(finding.rule.clone())
        .with_message(header(input, finding))
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
            let line = format!("  {}:{}: {}", clean(&input.path(&gap.path)), gap.line, clean(&gap.reason));
            writeln!(to, "{}", wrapped(input, &line, "    "))?;
        }
        if shown < gaps.len() {
            writeln!(to, "  … and {} more; -v lists them", gaps.len() - shown)?;
        }
        writeln!(to)?;
    }
    if input.verbose {
        coverage::worst(input, to)?;
    }
    let rules = statistics(input);
    if rules.len() > 1 || input.statistics {
        let all = input.verbose || input.statistics;
        let shown = if all { rules.len() } else { rules.len().min(MOST_RULES) };
        for (rule, severity, count) in &rules[..shown] {
            writeln!(to, "{count:>5}  {:<7}  {rule}", severity.as_str())?;
        }
        if shown < rules.len() {
            let rest: usize = rules[shown..].iter().map(|(_, _, count)| count).sum();
            let more = plural(rules.len() - shown, "more rule");
            writeln!(to, "{rest:>5}  of {more}; --statistics lists them all")?;
        }
        writeln!(to)?;
    }
    let fixable =
        |safe: bool| input.findings.iter().filter(|finding| finding.fixes.iter().any(|fix| fix.safe == safe)).count();
    let (safe, other) = (fixable(true), fixable(false));
    writeln!(to, "{}", wrapped(input, &sentence(input), ""))?;
    match (safe, other) {
        (0, 0) => Ok(()),
        (safe, 0) => writeln!(to, "{safe} can be mended with --fix"),
        (0, other) => writeln!(to, "{other} can be mended with --fix=unsafe"),
        (safe, other) => writeln!(to, "{safe} can be mended with --fix, {other} more with --fix=unsafe"),
    }?;
    if rules.is_empty() {
        return Ok(());
    }
    let hint = "`cargo faaslint explain RULE` says what a rule looks for, why, and how to mend it";
    writeln!(to, "{}", wrapped(input, hint, ""))
}

fn lowercase(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
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
