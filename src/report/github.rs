//! GitHub workflow commands: annotations on the lines of a pull request.

use super::{Input, Report, clean};
use crate::finding::Severity;
use std::io::{self, Write};

pub(super) struct GitHub;

impl Report for GitHub {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let sources = &input.project.sources;
        for finding in input.findings {
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let span = finding.primary.span;
            let (start, end) = (sources.position(span.file, span.start), sources.position(span.file, span.end));
            let file = property(&clean(&input.path(sources.path(span.file))));
            let mut text = clean(&finding.message);
            for label in &finding.related {
                let at = sources.position(label.span.file, label.span.start);
                let path = clean(&input.path(sources.path(label.span.file)));
                text.push_str(&format!("\n{path}:{}: {}", at.line, clean(&label.note)));
            }
            if let Some(rule) = input.rule(finding) {
                text.push_str(&format!("\nfix: {}", rule.fix.trim()));
            }
            // Columns are only valid on a single line (GitHub, "Workflow commands").
            let columns = if start.line == end.line {
                format!(",col={},endColumn={}", start.column, end.column)
            } else {
                String::new()
            };
            let title = property(&finding.rule);
            let text = data(&text);
            writeln!(
                to,
                "::{command} file={file},line={},endLine={}{columns},title={title}::{text}",
                start.line, end.line
            )?;
        }
        for gap in &input.project.gaps {
            let file = property(&clean(&input.path(&gap.path)));
            let text = data(&format!("not analysed: {}", clean(&gap.reason)));
            writeln!(to, "::notice file={file},line={},title=gap::{text}", gap.line)?;
        }
        Ok(())
    }
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
