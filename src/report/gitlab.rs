//! GitLab code quality: an array of issues in Code Climate's shape.
//! Source: GitLab documentation, "Code Quality report format".

use super::clean::clean;
use super::input::{Input, Report};
use crate::finding::Severity;
use serde_json::json;
use std::io::{self, Write};

pub(super) struct GitLab;

impl Report for GitLab {
    fn write(&self, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
        let issues: Vec<_> = input
            .findings
            .iter()
            .map(|finding| {
                let place = input.place(finding.primary.span);
                json!({
                    "type": "issue",
                    "description": clean(&finding.text()),
                    "check_name": finding.rule,
                    "fingerprint": finding.fingerprint,
                    "severity": match finding.severity {
                        Severity::Error => "critical",
                        Severity::Warning => "major",
                        Severity::Info => "info",
                    },
                    "location": {"path": place.path, "lines": {"begin": place.start.line, "end": place.end.line}},
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut *to, &issues)?;
        writeln!(to)
    }
}
