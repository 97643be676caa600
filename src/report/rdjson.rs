//! Reviewdog Diagnostic Format. Columns count bytes, as its `Position` says.
//! Source: reviewdog, `proto/rdf/reviewdog.proto`.

use super::input::{Input, RULE_PAGES, Report};
use crate::finding::{Finding, Severity};
use crate::text::Span;
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) struct Rdjson;

impl Report for Rdjson {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let diagnostics: Vec<Value> = input.findings.iter().map(|finding| diagnostic(input, finding)).collect();
        let document = json!({
            "source": {"name": "faaslint", "url": env!("CARGO_PKG_REPOSITORY")},
            "diagnostics": diagnostics,
        });
        serde_json::to_writer_pretty(&mut *to, &document)?;
        writeln!(to)
    }
}

fn diagnostic(input: &Input<'_>, finding: &Finding) -> Value {
    // A suggestion replaces lines of one file; edits elsewhere cannot be said.
    let file = finding.primary.span.file;
    let suggestions: Vec<Value> = finding
        .fixes
        .iter()
        .filter(|fix| fix.edits.len() == 1 && fix.edits[0].span.file == file)
        .map(|fix| json!({"range": range(input, fix.edits[0].span), "text": fix.edits[0].text}))
        .collect();
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|label| json!({"message": label.note, "location": location(input, label.span)}))
        .collect();
    json!({
        "message": finding.text(),
        "location": location(input, finding.primary.span),
        "severity": match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        "code": {"value": finding.rule, "url": format!("{RULE_PAGES}/{}.md", finding.rule)},
        "suggestions": suggestions,
        "relatedLocations": related,
    })
}

fn location(input: &Input<'_>, span: Span) -> Value {
    json!({"path": input.place(span).path, "range": range(input, span)})
}

fn range(input: &Input<'_>, span: Span) -> Value {
    let sources = &input.project.sources;
    let position = |byte: u32| {
        let line = sources.position(span.file, byte).line;
        json!({"line": line, "column": sources.byte_column(span.file, byte)})
    };
    json!({"start": position(span.start), "end": position(span.end)})
}
