//! `${…}` of the Serverless Framework: what the files decide is substituted, the rest stays unknown or external.

use crate::deployments::evaluated::Evaluated;
use crate::document::Documents;
use crate::document::tree::{Doc, Entry, Format, Kind, NodeId};
use crate::model::Origin;
use crate::text::{FileId, SourceMap, Span, path};
use crate::tree::Tree;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// Substitutions one config may need; real ones stay under a thousand.
const BUDGET: u32 = 50_000;
/// Variables inside variables.
const MAX_DEPTH: u32 = 32;

/// A document of a service: its own file, or one it includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DocId(usize);

/// A node of one of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) doc: DocId,
    pub(crate) node: NodeId,
}

impl Place {
    /// Another node of the same document.
    pub(crate) fn to(self, node: NodeId) -> Self {
        Self { node, ..self }
    }
}

/// What a variable or a text with variables stands for.
#[derive(Debug, Clone)]
pub(crate) enum Resolved {
    Absent,
    /// A node as it is written somewhere.
    At(Place),
    Text(String, Option<Origin>),
    /// Text with unknown parts between the known ones.
    Parts(Vec<Self>),
    External(String),
    Opaque(String),
}

/// The documents of one service and what its variables may refer to.
pub(crate) struct Variables<'t> {
    pub(crate) tree: &'t dyn Tree,
    /// The service's directory.
    pub(crate) dir: String,
    docs: RefCell<Vec<Arc<Doc>>>,
    /// Loaded files by path.
    loaded: RefCell<Vec<(String, Option<Place>)>>,
    pub(crate) root: Place,
    /// The stage the user chose.
    pub(crate) stage: Option<String>,
    sources: RefCell<&'t mut SourceMap>,
    documents: RefCell<&'t mut Documents>,
    left: Cell<u32>,
}

impl<'t> Variables<'t> {
    pub(crate) fn new(
        tree: &'t dyn Tree,
        dir: &str,
        doc: Arc<Doc>,
        root: NodeId,
        stage: Option<String>,
        sources: &'t mut SourceMap,
        documents: &'t mut Documents,
    ) -> Self {
        Self {
            tree,
            dir: dir.to_owned(),
            docs: RefCell::new(vec![doc]),
            loaded: RefCell::default(),
            root: Place { doc: DocId(0), node: root },
            stage,
            sources: RefCell::new(sources),
            documents: RefCell::new(documents),
            left: Cell::new(BUDGET),
        }
    }

    pub(crate) fn doc(&self, place: Place) -> Arc<Doc> {
        Arc::clone(&self.docs.borrow()[place.doc.0])
    }

    pub(crate) fn span(&self, place: Place) -> Span {
        self.doc(place).span(place.node)
    }

    /// The files that variables brought in.
    pub(crate) fn included(&self) -> Vec<String> {
        self.loaded.borrow().iter().filter(|(_, place)| place.is_some()).map(|(path, _)| path.clone()).collect()
    }

    /// Takes one step of the budget; false when it is used up.
    pub(crate) fn spend(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// The stage that is deployed: the user's choice, the provider's, or `dev`.
    fn stage(&self, depth: u32) -> Resolved {
        if let Some(stage) = &self.stage {
            return Resolved::Text(stage.clone(), None);
        }
        match self.walk(self.root, &["provider", "stage"], depth + 1) {
            Resolved::Absent => Resolved::Text("dev".to_owned(), None),
            Resolved::At(place) => match self.doc(place).text(place.node) {
                Some(text) => Resolved::Text(text.to_owned(), None),
                None => Resolved::Opaque("is a stage that is not text".to_owned()),
            },
            Resolved::Text(text, _) => Resolved::Text(text, None),
            other => other,
        }
    }

    /// Follows keys from a node, through variables on the way.
    pub(crate) fn walk(&self, start: Place, path: &[&str], depth: u32) -> Resolved {
        let mut here = match self.settle(start, depth) {
            Resolved::At(place) => place,
            other => return other,
        };
        for key in path {
            let doc = self.doc(here);
            let next = match key.parse::<usize>() {
                Ok(index) if !doc.items(here.node).is_empty() => doc.items(here.node).get(index).copied(),
                _ => doc.get(here.node, key),
            };
            let Some(next) = next else { return Resolved::Absent };
            here = match self.settle(here.to(next), depth + 1) {
                Resolved::At(place) => place,
                other => return other,
            };
        }
        Resolved::At(here)
    }

    /// The node itself, or what its only variable stands for.
    pub(crate) fn settle(&self, place: Place, depth: u32) -> Resolved {
        let doc = self.doc(place);
        match &doc.node(place.node).kind {
            Kind::Scalar { text } if doc.node(place.node).tag.is_none() && has_variable(text) => self.text(text, depth),
            _ => Resolved::At(place),
        }
    }

    /// A text with its variables substituted.
    pub(crate) fn text(&self, text: &str, depth: u32) -> Resolved {
        if depth > MAX_DEPTH || !self.spend() {
            return Resolved::Opaque("has too many nested variables".to_owned());
        }
        let mut parts: Vec<Resolved> = Vec::new();
        let mut rest = text;
        while let Some((before, inner, after)) = next_variable(rest) {
            if !before.is_empty() {
                parts.push(Resolved::Text(before.to_owned(), None));
            }
            parts.push(self.variable(inner, depth + 1));
            rest = after;
        }
        if parts.is_empty() {
            return Resolved::Text(text.to_owned(), None);
        }
        if !rest.is_empty() {
            parts.push(Resolved::Text(rest.to_owned(), None));
        }
        if let [_] = parts.as_slice() {
            return parts.remove(0);
        }
        let mut whole = String::new();
        let mut origin = None;
        for part in &parts {
            match part {
                Resolved::Text(text, from) => {
                    whole.push_str(text);
                    origin = origin.or_else(|| from.clone());
                }
                Resolved::At(place) => match self.doc(*place).text(place.node) {
                    Some(text) if self.doc(*place).node(place.node).tag.is_none() => whole.push_str(text),
                    _ => return Resolved::Parts(parts),
                },
                Resolved::Absent => {}
                _ => return Resolved::Parts(parts),
            }
            if whole.len() > 1 << 20 {
                return Resolved::Opaque("is too long to follow".to_owned());
            }
        }
        Resolved::Text(whole, origin)
    }

    /// The inside of `${…}`: sources separated by commas, the first that exists counts.
    fn variable(&self, inner: &str, depth: u32) -> Resolved {
        let mut guess = None;
        for (index, source) in split_sources(inner).into_iter().enumerate() {
            let found = self.source(source.trim(), depth);
            match found {
                Resolved::Absent => {}
                // Whatever decides it outside, here is what it would be without.
                Resolved::External(symbol) => {
                    guess.get_or_insert(symbol);
                }
                Resolved::Text(text, None) if index > 0 => {
                    let origin = guess.map(|symbol| Origin::ParameterDefault(symbol, self.span(self.root)));
                    return Resolved::Text(text, origin);
                }
                found => return found,
            }
        }
        match guess {
            Some(symbol) => Resolved::External(symbol),
            None => Resolved::Opaque(format!("`${{{inner}}}` leads to nothing in these files")),
        }
    }

    fn source(&self, source: &str, depth: u32) -> Resolved {
        let source = match self.text(source, depth + 1) {
            Resolved::Text(text, _) => text,
            Resolved::External(symbol) => return Resolved::External(symbol),
            Resolved::Parts(_) | Resolved::At(_) | Resolved::Absent | Resolved::Opaque(_) => {
                return Resolved::Opaque("is named by a variable decided at deploy time".to_owned());
            }
        };
        let source = source.trim();
        if let Some(literal) = quoted(source) {
            return Resolved::Text(literal.to_owned(), None);
        }
        if matches!(source, "true" | "false" | "null") || source.parse::<f64>().is_ok() {
            return if source == "null" { Resolved::Absent } else { Resolved::Text(source.to_owned(), None) };
        }
        if let Some(rest) = source.strip_prefix("file(") {
            return self.file(rest, depth);
        }
        let (kind, address) = source.split_once(':').unwrap_or((source, ""));
        let keys: Vec<&str> = address.split('.').filter(|key| !key.is_empty()).collect();
        match (kind, address) {
            ("self", "") => Resolved::At(self.root),
            ("self", _) => match self.walk(self.root, &keys, depth + 1) {
                // Values the framework itself fills in (Serverless Framework documentation, serverless.yml reference).
                Resolved::Absent if address == "provider.stage" => self.stage(depth),
                Resolved::Absent if address == "provider.region" => Resolved::Text("us-east-1".to_owned(), None),
                found => found,
            },
            ("opt", "stage") => match &self.stage {
                Some(stage) => Resolved::Text(stage.clone(), None),
                None => Resolved::Absent,
            },
            ("opt", _) => Resolved::External(format!("option `{address}`")),
            ("sls", "stage") => self.stage(depth),
            ("param", _) => self.parameter(address, depth),
            ("env", _) => Resolved::External(format!("environment variable `{address}`")),
            ("strToBool", _) => Resolved::Opaque("is converted at deploy time".to_owned()),
            ("", _) => Resolved::Absent,
            _ => Resolved::External(source.to_owned()),
        }
    }

    /// `${param:name}`: of the stage, then of the default stage; `stages` (v4) and `params` (v3).
    fn parameter(&self, name: &str, depth: u32) -> Resolved {
        let stage = match self.stage(depth) {
            Resolved::Text(stage, _) => stage,
            _ => "default".to_owned(),
        };
        for stage in [stage.as_str(), "default"] {
            for path in [&["stages", stage, "params", name][..], &["params", stage, name]] {
                match self.walk(self.root, path, depth + 1) {
                    Resolved::Absent => {}
                    found => return found,
                }
            }
        }
        Resolved::External(format!("parameter `{name}`"))
    }

    /// `file(path):address`.
    fn file(&self, rest: &str, depth: u32) -> Resolved {
        let Some((name, address)) = rest.split_once(')') else {
            return Resolved::Opaque("names a file in a way that cannot be read".to_owned());
        };
        let address = address.trim_start_matches(':');
        let Some(path) = path::join(&self.dir, name.trim()) else {
            return Resolved::Opaque(format!("`{name}` lies outside the scanned directory"));
        };
        let known = self.loaded.borrow().iter().find(|(known, _)| *known == path).map(|(_, place)| *place);
        let place = match known {
            Some(place) => place,
            None => {
                let place = self.load(&path);
                self.loaded.borrow_mut().push((path, place));
                place
            }
        };
        let keys: Vec<&str> = address.split('.').filter(|key| !key.is_empty()).collect();
        match place {
            Some(place) => self.walk(place, &keys, depth + 1),
            None if self.tree.contains(&path::join(&self.dir, name.trim()).unwrap_or_default()) => {
                Resolved::Opaque(format!("`{name}` is no YAML or JSON"))
            }
            None => Resolved::Absent,
        }
    }

    fn load(&self, path: &str) -> Option<Place> {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !matches!(extension, "yml" | "yaml" | "json") || !self.tree.contains(path) {
            return None;
        }
        let text = self.tree.text(path).ok()?;
        let mut sources = self.sources.borrow_mut();
        let file: FileId = sources.find(path).unwrap_or_else(|| sources.add(path, text.as_str().into()));
        let format = if extension == "json" { Format::Json } else { Format::Yaml };
        let doc = self.documents.borrow_mut().read(format, file, &text);
        let root = *doc.roots.first()?;
        let mut docs = self.docs.borrow_mut();
        docs.push(doc);
        Some(Place { doc: DocId(docs.len() - 1), node: root })
    }

    /// Copies a node into another document with everything substituted.
    pub(crate) fn copy(&self, place: Place, out: &mut Evaluated, depth: u32) -> NodeId {
        let doc = self.doc(place);
        let node = doc.node(place.node);
        let span = node.span;
        if depth > 100 || !self.spend() {
            return out.opaque("is nested too deeply".to_owned(), span);
        }
        match &node.kind {
            Kind::Scalar { text } if has_variable(text) => match self.text(text, depth) {
                // `!Sub` and its like keep their tag; what is inside is text to them.
                Resolved::Text(text, _) if node.tag.is_some() => {
                    out.push(Kind::Scalar { text }, span, node.tag.clone())
                }
                resolved => self.emit(resolved, span, out, depth),
            },
            Kind::Seq(items) => {
                let items = items.iter().map(|&item| self.copy(place.to(item), out, depth + 1)).collect();
                out.push(Kind::Seq(items), span, node.tag.clone())
            }
            Kind::Map(entries) => {
                let entries: Vec<Entry> = entries
                    .iter()
                    .map(|entry| Entry {
                        key: match self.text(&entry.key, depth) {
                            Resolved::Text(key, _) => key,
                            _ => entry.key.clone(),
                        },
                        key_span: entry.key_span,
                        value: self.copy(place.to(entry.value), out, depth + 1),
                    })
                    .collect();
                out.push(Kind::Map(entries), span, node.tag.clone())
            }
            other => out.push(other.clone(), span, node.tag.clone()),
        }
    }

    /// Writes what a variable stands for; text is shown where it is used.
    pub(crate) fn emit(&self, resolved: Resolved, span: Span, out: &mut Evaluated, depth: u32) -> NodeId {
        match resolved {
            Resolved::Absent => out.push(Kind::Null, span, None),
            Resolved::At(place) => {
                let copied = self.copy(place, out, depth + 1);
                if matches!(out.node(copied).kind, Kind::Scalar { .. }) {
                    out.nodes[copied as usize].span = span;
                }
                copied
            }
            Resolved::Text(text, origin) => out.text_of(text, span, origin),
            Resolved::External(symbol) => out.external(symbol, span),
            Resolved::Opaque(reason) => out.opaque(reason, span),
            Resolved::Parts(parts) => {
                let parts: Vec<NodeId> = parts.into_iter().map(|part| self.emit(part, span, out, depth + 1)).collect();
                let separator = out.push(Kind::Scalar { text: String::new() }, span, None);
                let list = out.push(Kind::Seq(parts), span, None);
                let arguments = out.push(Kind::Seq(vec![separator, list]), span, None);
                out.push(
                    Kind::Map(vec![Entry { key: "Fn::Join".to_owned(), key_span: span, value: arguments }]),
                    span,
                    None,
                )
            }
        }
    }
}

/// Whether a text has a variable of the framework. `${Name}` and `${AWS::Region}` belong to CloudFormation.
pub(crate) fn has_variable(text: &str) -> bool {
    next_variable(text).is_some()
}

/// The text before, the inside and the text after the first variable.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("${") {
        let open = from + found;
        let close = matching(text, open)?;
        let inner = &text[open + 2..close];
        let source = inner.trim_start();
        let word: usize = source.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(source.len());
        let after = &source[word..];
        let known = (after.starts_with(':') && !after.starts_with("::")) || after.starts_with('(');
        if known && word > 0 {
            return Some((&text[..open], inner, &text[close + 1..]));
        }
        from = open + 2;
    }
    None
}

/// The `}` that closes the `${` at `open`.
fn matching(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(open + at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Sources separated by commas outside quotes, parentheses and nested variables.
fn split_sources(inner: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0i32, None);
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{' | '(') => depth += 1,
            (None, '}' | ')') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts
}

fn quoted(text: &str) -> Option<&str> {
    ['\'', '"'].iter().find_map(|&quote| text.strip_prefix(quote)?.strip_suffix(quote))
}
