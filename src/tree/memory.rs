//! Files in memory, for the examples of rules.

use super::{ReadError, Tree};
use std::collections::BTreeMap;

/// Files in memory.
#[derive(Debug, Default)]
pub struct Memory {
    files: Vec<String>,
    texts: BTreeMap<String, String>,
}

impl Memory {
    /// A tree of the given paths and texts.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let texts: BTreeMap<_, _> = files.into_iter().collect();
        Self { files: texts.keys().cloned().collect(), texts }
    }
}

impl Tree for Memory {
    fn files(&self) -> &[String] {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.texts.get(path).map(|text| text.clone().into_bytes()).ok_or(ReadError::Missing)
    }
}
