//! GitHub workflow commands: annotations on the lines of a pull request.
//! Source: GitHub documentation, "Workflow commands for GitHub Actions".

use super::clean::clean;
use super::input::{Input, Report};
use super::log::Log;
use crate::finding::{Finding, Severity};
use std::io::{self, Write};

/// Annotations of one kind that GitHub shows of a step; it drops the rest unseen.
/// Source: GitHub documentation, "Problem matchers", limitations.
const MOST: usize = 10;

pub(super) struct GitHub;

impl Report for GitHub {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let mut log = Log::new(to, false);
        let mut left = Vec::new();
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            let of_severity = input.findings.iter().filter(|finding| finding.severity == severity);
            for (at, finding) in of_severity.enumerate() {
                if at < MOST {
                    log.command(&annotation(input, finding))?;
                } else {
                    left.push(finding);
                }
            }
        }
        if !left.is_empty() {
            log.command(&format!("::group::{} findings beyond what GitHub annotates", left.len()))?;
            for finding in left {
                let place = input.place(finding.primary.span);
                let message = clean(&finding.text());
                let severity = finding.severity;
                writeln!(
                    log,
                    "{}:{}:{}: {severity}[{}]: {message}",
                    place.path, place.start.line, place.start.column, finding.rule
                )?;
            }
            log.command("::endgroup::")?;
        }
        let gaps = &input.project.gaps;
        if !gaps.is_empty() {
            log.command(&format!("::group::not analysed or not resolved: {}", gaps.len()))?;
            for gap in gaps {
                writeln!(log, "{}:{}: {}", clean(&input.path(&gap.path)), gap.line, clean(&gap.reason))?;
            }
            log.command("::endgroup::")?;
        }
        log.flush()
    }
}

fn annotation(input: &Input<'_>, finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let place = input.place(finding.primary.span);
    let mut text = clean(&finding.text());
    for label in &finding.related {
        let place = input.place(label.span);
        text.push_str(&format!("\n{}:{}: {}", place.path, place.start.line, clean(&label.note)));
    }
    if let Some(advice) = input.advice(finding) {
        text.push_str(&format!("\nfix: {advice}"));
    }
    // Columns are only valid on a single line.
    let columns = if place.start.line == place.end.line {
        format!(",col={},endColumn={}", place.start.column, place.end.column)
    } else {
        String::new()
    };
    let (file, title) = (property(&place.path), property(&finding.rule));
    let (line, end) = (place.start.line, place.end.line);
    format!("::{command} file={file},line={line},endLine={end}{columns},title={title}::{}", data(&text))
}

/// Escapes the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn commands_cannot_be_broken_out_of() {
        assert_eq!(data("100%\n::error::x"), "100%25%0A::error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
