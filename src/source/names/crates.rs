//! The crates that targets consist of, with their modules and the parsed files they are written in.

use crate::model::crates::TargetId;
use crate::source::parse::declared::FileFacts;
use crate::text::{Arena, FileId, Span};
use foldhash::HashMap;
use std::sync::Arc;

crate::text::ids! {
    /// A crate of the loaded workspaces.
    pub(crate) struct CrateId;
    /// A parsed file; [`FileId`] also counts those that are not Rust.
    pub(crate) struct ParsedId;
}

/// A module of a crate: a file, or an inline part of one.
#[derive(Debug)]
pub(crate) struct Module {
    /// Path inside the crate; empty for the root.
    pub(crate) path: Vec<String>,
    /// The file it is written in.
    pub(crate) file: ParsedId,
    /// Its path inside that file.
    pub(crate) inner: Vec<String>,
}

/// Where a crate name in source leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Extern {
    /// Another crate of the workspace.
    Workspace(CrateId),
    /// A crate from outside, by its library name.
    Outside(String),
}

/// A crate: one target and its modules.
#[derive(Debug)]
pub(crate) struct Krate {
    pub(crate) target: TargetId,
    pub(crate) modules: Vec<Module>,
    pub(crate) externs: HashMap<String, Extern>,
}

/// A parsed file.
#[derive(Debug)]
pub(crate) struct LoadedFile {
    pub(crate) id: FileId,
    pub(crate) facts: Arc<FileFacts>,
}

/// All crates that the wanted targets consist of.
#[derive(Debug, Default)]
pub(crate) struct Crates {
    pub(crate) krates: Arena<CrateId, Krate>,
    pub(crate) files: Arena<ParsedId, LoadedFile>,
    pub(super) by_target: HashMap<TargetId, CrateId>,
}

impl Crates {
    /// The crate of a target.
    pub(crate) fn of(&self, target: TargetId) -> Option<CrateId> {
        self.by_target.get(&target).copied()
    }
}

impl LoadedFile {
    /// The place of a range of this file, or of the definition of a macro that it borrows.
    pub(crate) fn span(&self, (start, end): (u32, u32)) -> Span {
        let Some(of) = self.facts.borrowed.iter().find(|of| (of.range.0..=of.range.1).contains(&start)) else {
            let text_end = self.facts.borrowed.first().map_or(end, |first| first.range.0);
            return Span::new(self.id, start, if end > text_end { start } else { end });
        };
        let place = |at: u32| at.clamp(start, of.range.1) - of.range.0 + of.start;
        Span::new(of.file, place(start), place(end))
    }
}
