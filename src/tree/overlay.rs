//! New texts over the files of another tree: what fixes would write, or what an editor has open.

use super::{Built, ReadError, Tree};
use std::collections::BTreeMap;
use std::path::Path;

/// A tree with some of its texts replaced, and files that only exist here.
pub struct Overlay<'t> {
    under: &'t dyn Tree,
    files: Vec<String>,
    texts: BTreeMap<String, String>,
}

impl<'t> Overlay<'t> {
    /// Lays texts, by path, over a tree.
    pub fn new(under: &'t dyn Tree, texts: BTreeMap<String, String>) -> Self {
        let mut files: Vec<String> = under.files().iter().chain(texts.keys()).cloned().collect();
        files.sort_unstable();
        files.dedup();
        Self { under, files, texts }
    }
}

impl Tree for Overlay<'_> {
    fn files(&self) -> &[String] {
        &self.files
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.texts.get(path).map_or_else(|| self.under.read(path), |text| Ok(text.clone().into_bytes()))
    }

    fn built(&self, path: &str) -> Option<Built> {
        self.under.built(path)
    }

    fn root(&self) -> Option<&Path> {
        self.under.root()
    }

    fn links(&self) -> &[String] {
        self.under.links()
    }

    fn problems(&self) -> &[(String, String)] {
        self.under.problems()
    }
}

#[cfg(test)]
mod tests {
    use super::Overlay;
    use crate::tree::{Memory, Tree};

    #[test]
    fn texts_hide_those_below_and_new_files_are_listed_in_order() {
        let pair = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let under = Memory::new([pair("a", "1"), pair("c", "3")]);
        let tree = Overlay::new(&under, [pair("b", "2"), pair("c", "new")].into());
        assert_eq!(tree.files(), ["a", "b", "c"]);
        assert!(tree.contains("b"));
        let texts: Vec<String> = tree.files().iter().map(|path| tree.text(path).expect("text")).collect();
        assert_eq!(texts, ["1", "2", "new"]);
        assert!(tree.text("d").is_err_and(|error| error.is_missing()));
    }
}
