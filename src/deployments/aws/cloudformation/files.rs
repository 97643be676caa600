//! Files beside templates, and the places in templates that nothing resolves.

use crate::text::{FileId, SourceMap, Span};
use crate::tree::Tree;

/// A place in a template that cannot be resolved, with the reason.
pub(crate) type Unresolved = (Span, String);

/// Files beside templates, read when a template names them.
pub(crate) struct Files<'t> {
    pub(crate) tree: &'t dyn Tree,
    pub(crate) sources: &'t mut SourceMap,
}

impl Files<'_> {
    /// The text of a file of the tree, and the id it has from now on.
    pub(crate) fn load(&mut self, path: &str) -> Option<(FileId, String)> {
        if !self.tree.contains(path) {
            return None;
        }
        let file = match self.sources.find(path) {
            Some(file) => file,
            None => {
                let text = self.tree.text(path).ok()?;
                self.sources.add(path, text.into())
            }
        };
        Some((file, self.sources.text(file).to_owned()))
    }

    pub(crate) fn slice(&self, span: Span) -> &str {
        self.sources.slice(span)
    }
}
