//! Files, spans, positions, edits and typed ids: the one place where bytes become lines and columns.
//! Knows nothing about what a file means.

mod arena;
mod edit;
mod ids;
pub mod path;
mod position;
mod span;
mod steps;

pub use self::arena::Arena;
pub use self::edit::{Edit, Value};
pub(crate) use self::ids::ids;
pub use self::ids::{FunctionId, Id, MachineId, PackageId, ResourceId, StackId, TargetId, WorkspaceId};
pub use self::position::Position;
pub use self::span::{FileId, Span, Spanned};
pub(crate) use self::steps::step;
pub use self::steps::steps;

use self::position::Lines;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// 1-based line and column (in characters) of a byte offset of a text that is no file of a run.
pub fn locate(text: &str, byte: usize) -> Position {
    Lines::of(text).locate(text, byte as u32)
}

/// One file that was read, with its line table built on first use.
#[derive(Debug)]
struct SourceFile {
    path: String,
    text: Arc<str>,
    lines: OnceLock<Lines>,
    /// Whether it was read; an id may be kept for it before.
    there: bool,
}

/// Every file a run has read, addressed by [`FileId`].
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    by_path: HashMap<String, FileId>,
    /// Ids that are kept for files that were not read yet.
    kept: HashMap<String, FileId>,
}

impl SourceMap {
    /// An empty map that gives files the ids they have here: what was read of one holds for the other.
    pub fn like(&self) -> Self {
        let mut map = Self::default();
        for file in &self.files {
            let id = map.next();
            let (path, text) = (file.path.clone(), Arc::from(""));
            map.kept.entry(path.clone()).or_insert(id);
            map.files.push(SourceFile { path, text, lines: OnceLock::new(), there: false });
        }
        map
    }

    /// Adds a file. `path` is relative to the scanned root and `/`-separated.
    pub fn add(&mut self, path: &str, text: Arc<str>) -> FileId {
        let file = SourceFile { path: path.to_owned(), text, lines: OnceLock::new(), there: true };
        let id = match self.kept.remove(path) {
            Some(id) => {
                self.files[id.0 as usize] = file;
                id
            }
            None => {
                let id = self.next();
                self.files.push(file);
                id
            }
        };
        self.by_path.entry(path.to_owned()).or_insert(id);
        id
    }

    /// The id that a file gets when it is added next.
    pub fn id_for(&self, path: &str) -> FileId {
        self.kept.get(path).copied().unwrap_or_else(|| self.next())
    }

    /// The id of the file that is added next, if none is kept for it.
    pub fn next(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).expect("fewer than 4 billion files"))
    }

    /// How many files were read.
    pub fn len(&self) -> usize {
        self.ids().count()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.ids().next().is_none()
    }

    /// All files, in the order they were read.
    pub fn ids(&self) -> impl Iterator<Item = FileId> {
        (0..).map(FileId).zip(&self.files).filter(|(_, file)| file.there).map(|(id, _)| id)
    }

    /// The path of a file, relative to the scanned root.
    pub fn path(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].path
    }

    /// The whole text of a file, byte-order mark included.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].text
    }

    /// The shared text of a file, for tasks that outlive the borrow.
    pub fn shared(&self, file: FileId) -> Arc<str> {
        Arc::clone(&self.files[file.0 as usize].text)
    }

    /// The file at a path, if it was read.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// The text a span covers; empty if the span does not fit the file.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// 1-based line and column (in characters) of a byte offset; offsets past the end give the end.
    pub fn position(&self, file: FileId, byte: u32) -> Position {
        self.lines(file).locate(self.text(file), byte)
    }

    /// 1-based column of a byte offset, in bytes.
    pub fn byte_column(&self, file: FileId, byte: u32) -> u32 {
        let starts = self.line_starts(file);
        byte - starts[starts.partition_point(|&start| start <= byte) - 1] + 1
    }

    /// The text of a 1-based line, without what ends it; none past the end.
    pub fn line(&self, file: FileId, line: u32) -> Option<&str> {
        let starts = self.line_starts(file);
        let start = *starts.get(line.checked_sub(1)? as usize)? as usize;
        let end = starts.get(line as usize).map_or(self.text(file).len(), |&next| next as usize);
        self.text(file).get(start..end).map(|text| text.trim_end_matches(['\n', '\r']))
    }

    /// `path:line` of a span, for texts.
    pub fn place(&self, span: Span) -> String {
        format!("{}:{}", self.path(span.file), self.position(span.file, span.start).line)
    }

    /// Byte offsets at which the lines of a file start.
    pub fn line_starts(&self, file: FileId) -> &[u32] {
        &self.lines(file).starts
    }

    fn lines(&self, file: FileId) -> &Lines {
        let source = &self.files[file.0 as usize];
        source.lines.get_or_init(|| Lines::of(&source.text))
    }
}
