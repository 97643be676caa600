//! Macros of CloudFormation that only files decide: `Fn::ForEach` over a list that is written out, and `AWS::Include`
//! of a file beside the template (AWS CloudFormation user guide, template reference of both).

use crate::deployments::evaluated::Evaluated;
use crate::document::tree::{Doc, Entry, Kind, NodeId};
use std::sync::Arc;

/// Loops and files inside each other.
const MAX_DEPTH: usize = 5;
/// Levels of nodes that are copied.
const MAX_LEVELS: usize = 200;
/// Passes of one loop.
const MAX_PASSES: usize = 500;

/// Finds the document at a location, as the template names it.
pub(crate) type Load<'l> = dyn FnMut(&str) -> Option<Arc<Doc>> + 'l;

/// Whether a text names a macro that is expanded here.
pub(crate) fn has_macros(text: &str) -> bool {
    text.contains("Fn::ForEach::") || text.contains("AWS::Include")
}

/// The document with its macros expanded; nothing is written to it.
pub(crate) fn expand(doc: &Doc, left: usize, load: &mut Load<'_>) -> Evaluated {
    let mut copier = Copier { to: Evaluated::new(doc.file, left), names: Vec::new(), load, inside: 0 };
    for &root in &doc.roots {
        let root = copier.copy(doc, root, 0);
        copier.to.doc_mut().roots.push(root);
    }
    copier.to
}

struct Copier<'l, 'f> {
    to: Evaluated,
    /// Names of loops around, and their values in this pass.
    names: Vec<(String, String)>,
    load: &'l mut Load<'f>,
    inside: usize,
}

impl Copier<'_, '_> {
    fn copy(&mut self, from: &Doc, id: NodeId, level: usize) -> NodeId {
        let node = from.node(id);
        let (span, tag) = (node.span, node.tag.clone());
        if level > MAX_LEVELS {
            return self.to.opaque("is nested too deeply".to_owned(), span);
        }
        match &node.kind {
            Kind::Null => self.to.push(Kind::Null, span, tag),
            Kind::Scalar { text } => match self.value(text).filter(|_| tag.as_deref() == Some("Ref")) {
                Some(text) => self.to.push(Kind::Scalar { text }, span, None),
                None => {
                    let text = self.replaced(text);
                    self.to.push(Kind::Scalar { text }, span, tag)
                }
            },
            Kind::Seq(items) => {
                let items = items.iter().map(|&item| self.copy(from, item, level + 1)).collect();
                self.to.push(Kind::Seq(items), span, tag)
            }
            Kind::Map(entries) => {
                if let [only] = entries.as_slice()
                    && only.key == "Ref"
                    && let Some(text) = from.text(only.value).and_then(|name| self.value(name))
                {
                    return self.to.push(Kind::Scalar { text }, span, None);
                }
                let mut made = Vec::with_capacity(entries.len());
                for entry in entries {
                    self.entry(from, entry, level, &mut made);
                }
                self.to.push(Kind::Map(made), span, tag)
            }
        }
    }

    fn entry(&mut self, from: &Doc, entry: &Entry, level: usize, made: &mut Vec<Entry>) {
        if entry.key.starts_with("Fn::ForEach::") && self.repeat(from, entry.value, level, made) {
            return;
        }
        if entry.key == "Fn::Transform" && self.include(from, entry.value, level, made) {
            return;
        }
        let value = self.copy(from, entry.value, level + 1);
        made.push(Entry { key: self.replaced(&entry.key), key_span: entry.key_span, value });
    }

    /// `[name, values, body]`; whether the values are known.
    fn repeat(&mut self, from: &Doc, loop_node: NodeId, level: usize, made: &mut Vec<Entry>) -> bool {
        let [name, values, body] = from.items(loop_node) else { return false };
        let (Some(name), Some(values)) = (from.text(*name), self.values(from, *values)) else { return false };
        if self.inside >= MAX_DEPTH || values.len() > MAX_PASSES {
            return false;
        }
        self.inside += 1;
        for value in values {
            self.names.push((name.to_owned(), value));
            for entry in from.entries(*body) {
                self.entry(from, entry, level + 1, made);
            }
            self.names.pop();
        }
        self.inside -= 1;
        true
    }

    /// What a loop goes through: a list that is written out, or the default of a parameter.
    fn values(&self, from: &Doc, id: NodeId) -> Option<Vec<String>> {
        let named = match from.node(id).tag.as_deref() {
            Some("Ref") => from.text(id),
            Some(_) => return None,
            None => match from.entries(id) {
                [only] if only.key == "Ref" => from.text(only.value),
                [_, ..] => return None,
                [] => None,
            },
        };
        if let Some(name) = named {
            let parameters = from.get(*from.roots.first()?, "Parameters")?;
            let default = from.get(from.get(parameters, name)?, "Default")?;
            return Some(from.text(default)?.split(',').map(|value| value.trim().to_owned()).collect());
        }
        from.items(id).iter().map(|&item| from.text(item).map(|text| self.replaced(text))).collect()
    }

    /// The entries of the file that an `AWS::Include` names; whether it is there.
    fn include(&mut self, from: &Doc, body: NodeId, level: usize, made: &mut Vec<Entry>) -> bool {
        let named = from.get(body, "Name").and_then(|name| from.text(name)) == Some("AWS::Include");
        let location = from.get(body, "Parameters").and_then(|parameters| from.get(parameters, "Location"));
        let Some(location) = location.filter(|_| named && self.inside < MAX_DEPTH) else { return false };
        let Some(location) = from.text(location) else { return false };
        let Some(file) = (self.load)(location).filter(|file| file.error.is_none()) else { return false };
        let Some(&root) = file.roots.first() else { return false };
        self.inside += 1;
        for entry in file.entries(root) {
            self.entry(&file, entry, level + 1, made);
        }
        self.inside -= 1;
        true
    }

    fn value(&self, name: &str) -> Option<String> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// `${Name}` and `&{Name}` of the loops around.
    fn replaced(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in self.names.iter().rev() {
            if text.contains(name.as_str()) {
                let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
                text = text.replace(&format!("${{{name}}}"), value).replace(&format!("&{{{name}}}"), &plain);
            }
        }
        text
    }
}
