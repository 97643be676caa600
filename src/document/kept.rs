//! The trees of files that were read, kept for what is written to them later in the run.

use super::hcl::Body;
use super::tree::{Doc, Format};
use super::{format_of, json, toml, yaml};
use crate::text::{FileId, SourceMap};
use std::collections::HashMap;
use std::sync::Arc;

/// Trees by file: none is parsed twice.
#[derive(Debug, Default)]
pub struct Documents {
    docs: HashMap<FileId, Arc<Doc>>,
    bodies: HashMap<FileId, Arc<Body>>,
    /// What was read of nearly the same files before, with the texts it was read from.
    earlier_docs: HashMap<FileId, (Arc<str>, Arc<Doc>)>,
    earlier_bodies: HashMap<FileId, (Arc<str>, Arc<Body>)>,
}

impl Documents {
    /// No trees, but knowing these: for files of the same ids, most of which have the same text.
    pub(crate) fn like(&self, sources: &SourceMap) -> Self {
        let doc = |(&file, doc): (&FileId, &Arc<Doc>)| (file, (sources.shared(file), Arc::clone(doc)));
        let body = |(&file, body): (&FileId, &Arc<Body>)| (file, (sources.shared(file), Arc::clone(body)));
        Self {
            earlier_docs: self.docs.iter().map(doc).collect(),
            earlier_bodies: self.bodies.iter().map(body).collect(),
            ..Self::default()
        }
    }

    /// The tree of a text that was read before.
    pub(crate) fn known(&self, format: Format, file: FileId, text: &str) -> Option<Arc<Doc>> {
        let (of, doc) = self.earlier_docs.get(&file)?;
        (doc.format == format && **of == *text).then(|| Arc::clone(doc))
    }

    /// The body of a Terraform file that was read before.
    pub(crate) fn known_body(&self, file: FileId, text: &str) -> Option<Arc<Body>> {
        let (of, body) = self.earlier_bodies.get(&file)?;
        (**of == *text).then(|| Arc::clone(body))
    }

    /// The tree of a file; it is read if it was not before, or as another language.
    pub(crate) fn read(&mut self, format: Format, file: FileId, text: &str) -> Arc<Doc> {
        if let Some(known) = self.docs.get(&file).filter(|known| known.format == format) {
            return Arc::clone(known);
        }
        let read = || match format {
            Format::Yaml => yaml::read(file, text),
            Format::Json => json::read(file, text),
            Format::Toml => toml::read(file, text),
            Format::Made => Doc::new(file),
        };
        let doc = self.known(format, file, text).unwrap_or_else(|| Arc::new(read()));
        self.keep(&doc);
        doc
    }

    /// Keeps a tree that was read elsewhere.
    pub(crate) fn keep(&mut self, doc: &Arc<Doc>) {
        self.docs.insert(doc.file, Arc::clone(doc));
    }

    /// Keeps the body of a Terraform file.
    pub(crate) fn keep_body(&mut self, file: FileId, body: &Arc<Body>) {
        self.bodies.insert(file, Arc::clone(body));
    }

    /// The tree of a file. One that was read as text only, such as a definition that another file includes, is read
    /// now, if its name says that it has a tree.
    pub(crate) fn doc(&mut self, file: FileId, path: &str, text: &str) -> Option<Arc<Doc>> {
        if let Some(known) = self.docs.get(&file) {
            return Some(Arc::clone(known));
        }
        match path.rsplit('.').next() {
            Some("yaml" | "yml" | "template" | "json") => Some(self.read(format_of(text), file, text)),
            Some("toml") => Some(self.read(Format::Toml, file, text)),
            _ => None,
        }
    }

    /// The body of a Terraform file, if it was read.
    pub(crate) fn body(&self, file: FileId) -> Option<&Body> {
        self.bodies.get(&file).map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::{Documents, Format};
    use crate::text::SourceMap;
    use std::sync::Arc;

    #[test]
    fn a_file_is_read_once_and_again_only_as_another_language() {
        let (mut documents, file) = (Documents::default(), SourceMap::default().next());
        let text = "{\"a\": 1}";
        let first = documents.read(Format::Json, file, text);
        let written = documents.doc(file, "a.json", text).expect("kept");
        assert!(Arc::ptr_eq(&first, &written));
        let other = documents.read(Format::Yaml, file, text);
        assert!(other.format == Format::Yaml && other.error.is_none());
    }

    #[test]
    fn trees_of_the_same_text_are_known_to_the_next_run_and_others_are_not() {
        let (mut sources, mut documents) = (SourceMap::default(), Documents::default());
        let file = sources.add("a.json", "{\"a\": 1}".into());
        let first = documents.read(Format::Json, file, sources.text(file));
        let (mut next_sources, mut next) = (sources.like(), documents.like(&sources));
        assert!(next_sources.is_empty() && next_sources.find("a.json").is_none());
        let other = next_sources.add("b.json", "{}".into());
        let same = next_sources.add("a.json", "{\"a\": 1}".into());
        assert!(same == file && other != file && next_sources.len() == 2);
        assert!(Arc::ptr_eq(&first, &next.read(Format::Json, same, next_sources.text(same))));
        let mut changed = documents.like(&sources);
        assert!(!Arc::ptr_eq(&first, &changed.read(Format::Json, same, "{}")));
    }

    #[test]
    fn a_file_read_as_text_gets_its_tree_when_it_is_written_to() {
        let (mut documents, file) = (Documents::default(), SourceMap::default().next());
        let format = |documents: &mut Documents, path: &str| documents.doc(file, path, "{}").map(|doc| doc.format);
        assert_eq!(format(&mut documents, "main.rs"), None);
        assert_eq!(format(&mut documents, "flow.asl.json"), Some(Format::Json));
    }
}
