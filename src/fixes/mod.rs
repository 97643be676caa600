//! Fixes: settings become edits in the style of their file, edits of several fixes become one text.

mod apply;

pub use self::apply::{Applied, Skipped, apply};

use crate::document::{Documents, write};
use crate::finding::{Finding, Write};
use crate::text::path::is_synthesised;
use crate::text::{Edit, SourceMap};

/// Turns what fixes want to be written into edits; a fix that cannot be written is dropped.
pub fn resolve(sources: &SourceMap, documents: &mut Documents, findings: &mut [Finding]) {
    for finding in findings {
        finding.fixes.retain_mut(|fix| {
            let edits: Option<Vec<Edit>> = fix.writes.drain(..).map(|write| edit(sources, documents, &write)).collect();
            let Some(edits) = edits else { return false };
            fix.edits.extend(edits);
            fix.edits.sort_by_key(|edit| (edit.span.file, edit.span.start));
            fix.edits.dedup();
            !fix.edits.is_empty() && !fix.edits.iter().any(|edit| is_synthesised(sources.path(edit.span.file)))
        });
    }
}

fn edit(sources: &SourceMap, documents: &mut Documents, write: &Write) -> Option<Edit> {
    let of = write.of();
    let (path, text) = (sources.path(of.file), sources.text(of.file));
    if is_synthesised(path) {
        return None;
    }
    let mut doc = || documents.doc(of.file, path, text).filter(|doc| doc.error.is_none());
    match write {
        Write::Entry { path, value, short, .. } => write::set(&*doc()?, text, of.start, path, value, short.as_deref()),
        Write::Sibling { key, value, .. } => write::add_behind(&*doc()?, text, of.start, key, value),
        Write::Table { name, keys, .. } => write::set_table(&*doc()?, text, name, keys),
        Write::Attribute { path, value, .. } => {
            write::set_attribute(of.file, documents.body(of.file)?, text, of.start, path, value)
        }
        Write::Block { header, attributes, .. } => {
            write::add_block_behind(of.file, documents.body(of.file)?, text, of.start, header, attributes)
        }
    }
}
