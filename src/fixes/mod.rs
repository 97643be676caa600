//! Fixes: settings become edits in the style of their file, edits of several fixes become one text.

mod apply;
mod hcl;
mod toml;
mod yaml;

pub use self::apply::{Applied, Skipped, apply};

use crate::finding::{Edit, Finding, Write};
use crate::text::path::is_synthesised;
use crate::text::{FileId, SourceMap, Span};
use std::collections::HashMap;

/// A file that was read for its structure.
enum Document<'t> {
    Yaml(yaml::Document<'t>),
    Hcl(hcl::Document<'t>),
    /// It is not valid, or of no kind that can be written to.
    None,
}

/// Turns what fixes want to be written into edits; a fix that cannot be written is dropped.
pub fn resolve(sources: &SourceMap, findings: &mut [Finding]) {
    let mut documents: HashMap<FileId, Document<'_>> = HashMap::new();
    for finding in findings {
        finding.fixes.retain_mut(|fix| {
            let edits: Option<Vec<Edit>> =
                fix.writes.drain(..).map(|write| edit(sources, &mut documents, &write)).collect();
            let Some(edits) = edits else { return false };
            fix.edits.extend(edits);
            fix.edits.sort_by_key(|edit| (edit.span.file, edit.span.start));
            fix.edits.dedup();
            !fix.edits.is_empty() && !fix.edits.iter().any(|edit| is_synthesised(sources.path(edit.span.file)))
        });
    }
}

fn edit<'t>(sources: &'t SourceMap, documents: &mut HashMap<FileId, Document<'t>>, write: &Write) -> Option<Edit> {
    let of = write.of();
    if let Write::Table { name, keys, .. } = write {
        return toml::set(of.file, sources.text(of.file), name, keys);
    }
    let document = documents.entry(of.file).or_insert_with(|| read(sources, of));
    match (document, write) {
        (Document::Yaml(document), Write::Entry { path, value, short, .. }) => {
            document.set(of.start, path, value, short.as_deref())
        }
        (Document::Yaml(document), Write::Sibling { key, value, .. }) => document.add_sibling(of.start, key, value),
        (Document::Hcl(document), Write::Attribute { path, value, .. }) => document.set(of.start, path, value),
        (Document::Hcl(document), Write::Block { header, attributes, .. }) => {
            document.add_behind(of.start, header, attributes)
        }
        _ => None,
    }
}

fn read(sources: &SourceMap, of: Span) -> Document<'_> {
    let (path, text) = (sources.path(of.file), sources.text(of.file));
    let extension = path.rsplit('.').next().unwrap_or("");
    match extension {
        "tf" | "tofu" | "hcl" => hcl::Document::read(of.file, text).map_or(Document::None, Document::Hcl),
        "yaml" | "yml" | "template" | "json" => {
            let is_json = extension == "json" || text.trim_start().starts_with('{');
            yaml::Document::read(of.file, text, is_json).map_or(Document::None, Document::Yaml)
        }
        _ => Document::None,
    }
}
