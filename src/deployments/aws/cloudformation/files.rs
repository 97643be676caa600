//! Files beside templates, and the places in templates that nothing resolves.

use crate::document::tree::Doc;
use crate::document::{self, Documents};
use crate::text::{SourceMap, Span};
use crate::tree::Tree;
use std::sync::Arc;

/// A place in a template that cannot be resolved, with the reason.
pub(crate) type Unresolved = (Span, String);

/// Files beside templates, read when a template names them.
pub(crate) struct Files<'t> {
    pub(crate) tree: &'t dyn Tree,
    pub(crate) sources: &'t mut SourceMap,
    pub(crate) documents: &'t mut Documents,
    /// States of machines that may still be made.
    pub(crate) states_left: usize,
}

impl Files<'_> {
    /// The document of a YAML or JSON file of the tree.
    pub(crate) fn load(&mut self, path: &str) -> Option<Arc<Doc>> {
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
        let text = self.sources.text(file);
        Some(self.documents.read(document::format_of(text), file, text))
    }

    pub(crate) fn slice(&self, span: Span) -> &str {
        self.sources.slice(span)
    }
}
