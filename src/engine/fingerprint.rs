//! Identities of findings that survive edits elsewhere in the file: rule, function, path and the text of the line.

use crate::finding::Finding;
use crate::model::Project;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_128;

/// Gives each of the sorted findings its identity. Equal ones are told apart by their order.
pub(super) fn stamp(project: &Project, findings: &mut [Finding]) {
    let sources = &project.sources;
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let span = finding.primary.span;
        let line = sources.position(span.file, span.start).line;
        let line = sources.line(span.file, line).unwrap_or("");
        let words: Vec<&str> = line.split_whitespace().collect();
        let function = finding.function().map_or("", |id| project.deploy.function_name(id));
        let parts = [&finding.rule, function, sources.path(span.file), &words.join(" ")];
        let key = parts.join("\0");
        let count = seen.entry(key.clone()).or_insert(0);
        finding.fingerprint = format!("{:032x}", xxh3_128(format!("{key}\0{count}").as_bytes()));
        *count += 1;
    }
}
