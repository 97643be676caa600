//! Data that programs read: files of JSON, YAML and TOML, and the context of `cdk.json`.

use super::machine::Machine;
use super::paths;
use super::value::{Args, Entry, Kind, Made, Map, Value};
use crate::document::tree::{Doc, Kind as Node, NodeId};
use crate::document::{json, toml, yaml};
use crate::text::{Span, path};
use std::rc::Rc;

/// What stands for the text of a file.
pub(crate) const CONTENT: &str = "data.content";
/// Levels of a file's values that are followed.
const MAX_DEPTH: u32 = 64;
/// Values of one file that are followed.
const MAX_VALUES: usize = 20_000;
/// Files larger than this are not settings.
const MAX_BYTES: usize = 1 << 20;

/// Whether a path names data.
pub(crate) fn is_data(file: &str) -> bool {
    [".json", ".yaml", ".yml", ".toml"].iter().any(|extension| file.ends_with(extension))
}

impl Machine<'_, '_> {
    /// What a file of the project holds; none if it is not there or is not well-formed.
    pub(crate) fn data(&mut self, file: &str) -> Option<Value> {
        if let Some(known) = self.files.get(file) {
            return known.as_ref().map(|value| value.anew(0));
        }
        let value = self.read_data(file);
        self.files.insert(file.to_owned(), value.clone());
        value.map(|value| value.anew(0))
    }

    fn read_data(&mut self, file: &str) -> Option<Value> {
        let tree = self.programs.tree;
        let text = tree.text(file).ok().filter(|text| text.len() <= MAX_BYTES && is_data(file))?;
        let id = self.programs.sources.find(file);
        let id = id.unwrap_or_else(|| self.programs.sources.add(file, text.as_str().into()));
        let doc = match file.rsplit('.').next() {
            Some("json") => json::read(id, &text),
            Some("toml") => toml::read(id, &text),
            _ => yaml::read(id, &text),
        };
        if doc.error.is_some() || doc.nodes.len() > MAX_VALUES {
            return None;
        }
        let root = *doc.roots.first()?;
        let mut left = MAX_VALUES;
        Some(value(&doc, root, &text, 0, &mut left))
    }

    /// The text of a file that is opened or read, by its path.
    pub(crate) fn content(&mut self, path: &Value) -> Option<Value> {
        path.as_text().filter(|text| is_data(text))?;
        let args = Args { items: vec![path.clone()], ..Args::default() };
        Some(Value::new(Kind::Made(Rc::new(Made { path: CONTENT.into(), args })), path.span))
    }

    /// What is parsed of a text: the data of a file.
    pub(crate) fn parsed(&mut self, text: &Value) -> Option<Value> {
        let Kind::Made(made) = &text.kind else { return None };
        let path = (&*made.path == CONTENT).then(|| made.args.items.first())??.as_text()?;
        let app = self.app.clone();
        let file = path::join(&app, &paths::from_app(&path, &app)?)?;
        self.data(&file)
    }

    /// A value of the context that the `cdk.json` of the app gives.
    pub(crate) fn context(&mut self, key: &Value, span: Span) -> Value {
        let unknown = || Value::opaque("is context of the deployment", span);
        let Some(key) = key.as_text() else { return unknown() };
        let file = if self.app.is_empty() { "cdk.json".to_owned() } else { format!("{}/cdk.json", self.app) };
        let context = self.data(&file).and_then(|settings| settings.property("context"));
        context.and_then(|context| context.property(&key)).unwrap_or_else(unknown)
    }
}

impl Value {
    /// The same data again: what one reader of a file changes, another does not see.
    fn anew(&self, depth: u32) -> Self {
        match &self.kind {
            Kind::List(items) if depth < MAX_DEPTH => {
                Self::list(items.borrow().iter().map(|item| item.anew(depth + 1)).collect(), self.span)
            }
            Kind::Map(map) if depth < MAX_DEPTH => {
                let entries = map.borrow().entries.clone().into_iter();
                let entries = entries.map(|entry| Entry { value: entry.value.anew(depth + 1), ..entry }).collect();
                Self::map(Map { entries, open: map.borrow().open.clone() }, self.span)
            }
            _ => self.clone(),
        }
    }
}

fn value(doc: &Doc, id: NodeId, text: &str, depth: u32, left: &mut usize) -> Value {
    let span = doc.span(id);
    *left = left.saturating_sub(1);
    if depth > MAX_DEPTH || *left == 0 {
        return Value::opaque("is nested too deeply", span);
    }
    let node = doc.node(id);
    match &node.kind {
        _ if node.tag.is_some() => Value::opaque("is computed when the program runs", span),
        Node::Null => Value::null(span),
        Node::Scalar { text: scalar } => {
            let quoted = text.as_bytes().get(span.start as usize).is_some_and(|byte| matches!(byte, b'"' | b'\''));
            match scalar.as_str() {
                _ if quoted => Value::text(scalar.as_str(), span),
                "true" => Value::truth(true, span),
                "false" => Value::truth(false, span),
                plain => match plain.parse::<f64>() {
                    Ok(number) if number.is_finite() => Value::number(number, span),
                    _ => Value::text(plain, span),
                },
            }
        }
        Node::Seq(items) => {
            Value::list(items.iter().map(|&item| value(doc, item, text, depth + 1, left)).collect(), span)
        }
        Node::Map(entries) => {
            let mut map = Map::default();
            for entry in entries {
                let value = value(doc, entry.value, text, depth + 1, left);
                map.set(Entry { key: entry.key.as_str().into(), key_span: entry.key_span, value });
            }
            Value::map(map, span)
        }
    }
}
