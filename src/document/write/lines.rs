//! A text by its lines: where they begin and end, and what they are indented by.

use crate::text::{Edit, FileId, Span};

/// The text of a file that is written to.
#[derive(Clone, Copy)]
pub(super) struct Lines<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
}

impl<'t> Lines<'t> {
    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Where the line of a byte begins, behind a byte-order mark.
    pub(super) fn start(&self, at: u32) -> u32 {
        let before = &self.text[..at as usize];
        before.rfind('\n').map_or(if before.starts_with('\u{feff}') { 3 } else { 0 }, |end| end as u32 + 1)
    }

    /// The end of the line a byte is on, a comment included.
    pub(super) fn end(&self, at: u32) -> u32 {
        let rest = &self.text[at as usize..];
        let line = rest.find('\n').map_or(rest, |end| rest[..end].trim_end_matches('\r'));
        at + line.len() as u32
    }

    /// What stands on the line of a byte before it.
    pub(super) fn before(&self, at: u32) -> &'t str {
        &self.text[self.start(at) as usize..at as usize]
    }

    /// Whether nothing but blanks stands before a byte on its line, and another line before that.
    pub(super) fn begins_line(&self, at: u32) -> bool {
        self.before(at).trim().is_empty() && self.text[..at as usize].contains('\n')
    }

    /// What a line below has to begin with to stand under a byte: tabs stay tabs, a list's dash counts like a space.
    pub(super) fn indent(&self, at: u32) -> String {
        self.before(at).chars().map(|c| if c == '\t' { c } else { ' ' }).collect()
    }

    /// What the line of a byte is indented by.
    pub(super) fn margin(&self, at: u32) -> &'t str {
        let before = self.before(at);
        &before[..before.len() - before.trim_start_matches([' ', '\t']).len()]
    }

    pub(super) fn replace(&self, span: Span, text: String) -> Edit {
        Edit { span: Span::new(self.file, span.start, span.end), text }
    }

    pub(super) fn insert(&self, at: u32, text: String) -> Edit {
        Edit { span: Span::new(self.file, at, at), text }
    }
}
