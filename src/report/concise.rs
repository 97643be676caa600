//! One line for each finding: `path:line:column: severity[rule]: message`.

use super::clean::clean;
use super::input::{Input, Report};
use std::io::{self, Write};

pub(super) struct Concise;

impl Report for Concise {
    fn is_log(&self) -> bool {
        true
    }

    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let sources = &input.project.sources;
        for finding in input.findings {
            let span = finding.primary.span;
            let at = sources.position(span.file, span.start);
            let path = clean(&input.path(sources.path(span.file)));
            let message = clean(&finding.text());
            writeln!(to, "{path}:{}:{}: {}[{}]: {message}", at.line, at.column, finding.severity, finding.rule)?;
        }
        for gap in &input.project.gaps {
            writeln!(to, "{}:{}: gap: {}", clean(&input.path(&gap.path)), gap.line, clean(&gap.reason))?;
        }
        Ok(())
    }
}
