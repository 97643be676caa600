//! What files said, kept for a run over nearly the same files.

use super::parse::declared::FileFacts;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A text and what it says.
type Said = (Arc<str>, Arc<FileFacts>);

/// What files said that were parsed, for a run over nearly the same files.
#[derive(Default)]
pub struct Memory {
    files: Mutex<HashMap<String, Said>>,
}

impl Memory {
    pub(super) fn recall(&self, path: &str, text: &str) -> Option<Arc<FileFacts>> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(path).filter(|(of, _)| **of == *text).map(|(_, facts)| Arc::clone(facts))
    }

    pub(super) fn note(&self, path: &str, text: &Arc<str>, facts: &Arc<FileFacts>) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), (Arc::clone(text), Arc::clone(facts)));
    }
}
