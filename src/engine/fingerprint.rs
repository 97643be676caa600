//! Identities of findings that survive edits elsewhere in the file: rule, function, path and what is written there. In
//! Rust that is what the tokens say, so that formatting does not count; elsewhere the text of the line.

use super::tokens;
use crate::finding::Finding;
use crate::model::Project;
use crate::text::{FileId, SourceMap, Span};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use xxhash_rust::xxh3::xxh3_128;

/// Gives each of the sorted findings its identity. Equal ones are told apart by their order.
pub(super) fn stamp(project: &Project, findings: &mut [Finding]) {
    let sources = &project.sources;
    let canonical = canonical(sources, findings);
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let span = finding.primary.span;
        let path = sources.path(span.file);
        let tokens = canonical.get(&span).cloned().flatten();
        let written = tokens.unwrap_or_else(|| line(sources, span));
        let function = finding.function().map_or("", |id| project.deploy.function_name(id));
        let key = [&finding.rule, function, path, &written].join("\0");
        let count = seen.entry(key.clone()).or_insert(0);
        finding.fingerprint = format!("{:032x}", xxh3_128(format!("{key}\0{count}").as_bytes()));
        *count += 1;
    }
}

/// What the tokens say at the places of findings in Rust.
fn canonical(sources: &SourceMap, findings: &[Finding]) -> HashMap<Span, Option<String>> {
    let mut files: BTreeMap<FileId, BTreeSet<Span>> = BTreeMap::new();
    for finding in findings {
        let span = finding.primary.span;
        if sources.path(span.file).ends_with(".rs") {
            files.entry(span.file).or_default().insert(span);
        }
    }
    let files: Vec<(FileId, BTreeSet<Span>)> = files.into_iter().collect();
    // Tokens do not leave the thread that made them.
    let said = files.into_par_iter().map(|(file, spans)| {
        let places: Vec<_> = spans.iter().map(|span| span.start as usize..span.end as usize).collect();
        let said = tokens::said(sources.text(file), &places);
        spans.into_iter().zip(said).collect::<Vec<_>>()
    });
    said.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Lines longer than this were written by a program: what stands at the place counts, not all around it.
const LONG_LINE: usize = 2048;

/// The line of a place, spaces apart.
fn line(sources: &SourceMap, span: Span) -> String {
    let line = sources.position(span.file, span.start).line;
    let mut line = sources.line(span.file, line).unwrap_or("");
    if line.len() > LONG_LINE {
        let text = sources.text(span.file);
        let end = text.floor_char_boundary(span.start as usize + LONG_LINE / 8);
        line = text.get(span.start as usize..end).unwrap_or("");
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ")
}
