//! Markdown for comments and job summaries: the counts, then each function with its findings.

use super::clean::clean;
use super::input::{Input, RULE_PAGES, Report, by_subject, heading, sentence};
use super::markup::{code, text};
use crate::finding::{Finding, Severity};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Gaps beyond this many are counted, not listed.
const MOST_GAPS: usize = 20;

pub(super) struct Markdown;

impl Report for Markdown {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let mut out = String::from("## faaslint\n\n");
        let _ = writeln!(out, "{}\n", text(&sentence(input)));
        for (subject, findings) in by_subject(input) {
            let heading = subject.map(|subject| code(&heading(input, subject)));
            let _ = writeln!(out, "### {}\n", heading.unwrap_or_else(|| "Elsewhere".to_owned()));
            for finding in findings {
                one(input, finding, &mut out);
            }
            out.push('\n');
        }
        let gaps = &input.project.gaps;
        if !gaps.is_empty() {
            let _ = writeln!(out, "<details><summary>Not analysed or not resolved: {}</summary>\n", gaps.len());
            for gap in gaps.iter().take(MOST_GAPS) {
                let place = format!("{}:{}", clean(&input.path(&gap.path)), gap.line);
                let _ = writeln!(out, "- {} {}", code(&place), text(&gap.reason));
            }
            if gaps.len() > MOST_GAPS {
                let _ = writeln!(out, "- … and {} more", gaps.len() - MOST_GAPS);
            }
            out.push_str("\n</details>\n");
        }
        to.write_all(out.as_bytes())
    }
}

fn one(input: &Input<'_>, finding: &Finding, out: &mut String) {
    let place = input.place(finding.primary.span);
    let mark = match finding.severity {
        Severity::Error => "🔴",
        Severity::Warning => "🟠",
        Severity::Info => "🔵",
    };
    let at = format!("{}:{}", place.path, place.start.line);
    let rule = &finding.rule;
    let _ = writeln!(
        out,
        "- {mark} **{}** [`{rule}`]({RULE_PAGES}/{rule}.md) at {}  \n  {}",
        finding.severity,
        code(&at),
        text(&finding.text())
    );
    for label in &finding.related {
        let place = input.place(label.span);
        let at = format!("{}:{}", place.path, place.start.line);
        let _ = writeln!(out, "  - {}: {}", code(&at), text(&label.note));
    }
    if let Some(advice) = input.advice(finding) {
        let _ = writeln!(out, "  - fix: {}", text(advice));
    }
}
