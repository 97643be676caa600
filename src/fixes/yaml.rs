//! Entries of YAML and JSON: where they are, and edits that add or change them in the style around them.

use crate::finding::{Edit, Value};
use crate::text::{FileId, Span};
use granit_parser::{Event, Parser, StructureStyle};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// Columns a nested mapping is indented by, where nothing shows another habit.
const INDENT: usize = 2;

/// A mapping key with its value.
#[derive(Debug)]
struct Entry {
    key: String,
    start: usize,
    value: usize,
}

#[derive(Debug)]
enum Kind {
    Scalar,
    /// `*name`: what it stands for is elsewhere, and shared.
    Alias,
    Seq(Vec<usize>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    start: usize,
    end: usize,
    is_flow: bool,
    /// The number of its anchor; 0 if it has none.
    anchor: usize,
}

/// The structure of a file.
#[derive(Debug)]
pub(super) struct Document<'t> {
    file: FileId,
    text: &'t str,
    is_json: bool,
    nodes: Vec<Node>,
    /// The mapping and the index of its entry, by the byte the key begins at.
    keys: HashMap<usize, (usize, usize)>,
    /// Anchors that aliases name: what is written there is written everywhere.
    shared: HashSet<usize>,
}

/// A collection whose end has not been seen.
struct Open {
    node: usize,
    key: Option<(String, usize)>,
}

impl<'t> Document<'t> {
    /// Reads a file; none if it is not valid.
    pub(super) fn read(file: FileId, text: &'t str, is_json: bool) -> Option<Self> {
        let (body, base) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
        let (keys, shared) = (HashMap::new(), HashSet::new());
        let mut document = Self { file, text, is_json, nodes: Vec::new(), keys, shared };
        let mut open: Vec<Open> = Vec::new();
        let mut parser = Parser::new_from_str(body);
        while let Some(next) = parser.next_event() {
            let (event, span) = next.ok()?;
            let range = span.byte_range().unwrap_or(0..0);
            let (start, end) = (range.start + base, range.end + base);
            let (kind, is_flow, anchor) = match event {
                Event::Scalar(word, _, anchor, _) => {
                    if let Some(Open { node, key: key @ None }) = open.last_mut()
                        && matches!(document.nodes[*node].kind, Kind::Map(_))
                    {
                        *key = Some((word.into_owned(), start));
                        continue;
                    }
                    (Kind::Scalar, false, anchor)
                }
                Event::Alias(anchor) => {
                    document.shared.insert(anchor);
                    (Kind::Alias, false, 0)
                }
                Event::SequenceStart(style, anchor, _) => {
                    (Kind::Seq(Vec::new()), style == StructureStyle::Flow, anchor)
                }
                Event::MappingStart(style, anchor, _) => (Kind::Map(Vec::new()), style == StructureStyle::Flow, anchor),
                Event::SequenceEnd | Event::MappingEnd => {
                    let closed = open.pop()?;
                    let last = document.last_end(closed.node);
                    let node = &mut document.nodes[closed.node];
                    node.end = if node.is_flow { end } else { last };
                    continue;
                }
                _ => continue,
            };
            let is_open = matches!(kind, Kind::Seq(_) | Kind::Map(_));
            let end = if matches!(kind, Kind::Scalar) { start + text[start..end].trim_end().len() } else { end };
            let node = document.nodes.len();
            document.nodes.push(Node { kind, start, end, is_flow, anchor });
            if let Some(outer) = open.last_mut() {
                let key = outer.key.take();
                match (&mut document.nodes[outer.node].kind, key) {
                    (Kind::Seq(items), _) => items.push(node),
                    (Kind::Map(entries), Some((key, start))) => {
                        document.keys.insert(start, (outer.node, entries.len()));
                        entries.push(Entry { key, start, value: node });
                    }
                    // A key that is no scalar: nothing of ours is below it.
                    _ => {}
                }
            }
            if is_open {
                open.push(Open { node, key: None });
            }
        }
        open.is_empty().then_some(document)
    }

    /// Where the last thing inside a block collection ends.
    fn last_end(&self, node: usize) -> usize {
        match &self.nodes[node].kind {
            Kind::Map(entries) => entries.last().map(|entry| entry.value),
            Kind::Seq(items) => items.last().copied(),
            _ => None,
        }
        .map_or(self.nodes[node].start, |last| self.nodes[last].end)
    }

    /// The mapping and the index of the entry whose key begins at a byte.
    fn at(&self, key: u32) -> Option<(usize, usize)> {
        self.keys.get(&(key as usize)).copied()
    }

    fn entries(&self, node: usize) -> &[Entry] {
        match &self.nodes[node].kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    fn edit(&self, start: usize, end: usize, text: String) -> Edit {
        Edit { span: Span::new(self.file, start as u32, end as u32), text }
    }

    /// Sets what a path leads to below the value of the key at a byte.
    pub(super) fn set(&self, of: u32, path: &[String], value: &Value, short: Option<&str>) -> Option<Edit> {
        let (map, at) = self.at(of)?;
        let mut node = self.entries(map)[at].value;
        if let (Kind::Scalar, Some(short)) = (&self.nodes[node].kind, short) {
            return self.lengthen(self.column(self.entries(map)[at].start), node, short, path, value);
        }
        for (depth, key) in path.iter().enumerate() {
            if self.shared.contains(&self.nodes[node].anchor) {
                return None;
            }
            let found = self.entries(node).iter().find(|entry| entry.key == *key).map(|entry| entry.value);
            match found {
                Some(inner) => node = inner,
                None => return self.insert(node, key, &nested(&path[depth + 1..], value)),
            }
        }
        let found = &self.nodes[node];
        if self.shared.contains(&found.anchor) {
            return None;
        }
        match &found.kind {
            // A reference would lose what it refers to.
            Kind::Scalar
                if !self.text[found.start..found.end].contains(['$', '{', '\n']) && !self.is_tagged(found.start) =>
            {
                let quoted = self.text[found.start..].starts_with(['"', '\'']);
                let text = self.scalar(value)?;
                let text = if quoted && !text.starts_with('"') { format!("\"{text}\"") } else { text };
                Some(self.edit(found.start, found.end, text))
            }
            Kind::Seq(_) if found.is_flow => Some(self.edit(found.start, found.end, self.flow(value))),
            _ => None,
        }
    }

    /// Adds an entry behind the one whose key begins at a byte.
    pub(super) fn add_sibling(&self, of: u32, key: &str, value: &Value) -> Option<Edit> {
        let (map, at) = self.at(of)?;
        // Entries set apart by empty lines stay so.
        let end = self.line_end(self.nodes[self.entries(map)[at].value].end);
        let rest = &self.text[end..];
        let apart = rest.trim_start_matches('\r').starts_with("\n\n") || rest.starts_with("\r\n\r\n");
        Some(self.behind(map, at, key, value, apart))
    }

    /// Adds an entry to a mapping, behind its last.
    fn insert(&self, node: usize, key: &str, value: &Value) -> Option<Edit> {
        let found = &self.nodes[node];
        let Kind::Map(entries) = &found.kind else { return None };
        match entries.len().checked_sub(1) {
            Some(last) => Some(self.behind(node, last, key, value, false)),
            None if found.is_flow => Some(self.edit(found.start, found.end, format!("{{{}}}", self.pair(key, value)))),
            None => None,
        }
    }

    /// Adds an entry to a mapping behind one of its entries, an empty line between if they are to be apart.
    fn behind(&self, map: usize, at: usize, key: &str, value: &Value, apart: bool) -> Edit {
        let entry = &self.entries(map)[at];
        let (end, column) = (self.nodes[entry.value].end, self.column(entry.start));
        if self.nodes[map].is_flow {
            let separator =
                if self.is_on_own_line(entry.start) { format!(",\n{}", " ".repeat(column)) } else { ", ".to_owned() };
            return self.edit(end, end, format!("{separator}{}", self.pair(key, value)));
        }
        let end = self.line_end(end);
        let mut text = String::from(if apart { "\n\n" } else { "\n" });
        self.block_entry(&mut text, key, value, column);
        self.edit(end, end, text.trim_end().to_owned())
    }

    /// Makes a mapping of the short form of an entry: `sqs: ARN` becomes `sqs: {arn: ARN, …}`, in block style.
    fn lengthen(&self, column: usize, node: usize, short: &str, path: &[String], value: &Value) -> Option<Edit> {
        let found = &self.nodes[node];
        let start = self.tag_start(found.start);
        let kept = self.text[start..found.end].to_owned();
        if self.is_json || kept.contains('\n') {
            return None;
        }
        let inner = column + 2 * INDENT;
        let mut text = format!("\n{}{short}: {kept}\n", " ".repeat(inner));
        self.block_entry(&mut text, path.first()?, &nested(&path[1..], value), inner);
        // The space between the colon and the short form goes.
        let space = self.text[..start].len() - self.text[..start].trim_end_matches(' ').len();
        Some(self.edit(start - space, found.end, text.trim_end().to_owned()))
    }

    /// Where a value begins, its tag included.
    fn tag_start(&self, at: usize) -> usize {
        let line = self.line_start(at);
        let before = self.text[line..at].trim_end();
        match before.rfind(char::is_whitespace).map(|space| &before[space + 1..]) {
            Some(word) if word.starts_with('!') => line + before.len() - word.len(),
            _ => at,
        }
    }

    fn is_tagged(&self, at: usize) -> bool {
        self.tag_start(at) != at
    }

    /// Where the line of a byte begins.
    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// Columns before a byte; a list's dash counts like a space.
    fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    fn is_on_own_line(&self, at: usize) -> bool {
        let line = self.line_start(at);
        line > 0 && self.text[line..at].trim().is_empty()
    }

    /// The end of the line a byte is on, a comment included.
    fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end - usize::from(self.text[..at + end].ends_with('\r')))
    }

    /// `key: value` in flow style.
    fn pair(&self, key: &str, value: &Value) -> String {
        let key = if self.is_json { quoted(key) } else { key.to_owned() };
        format!("{key}: {}", self.flow(value))
    }

    /// A value on one line.
    fn flow(&self, value: &Value) -> String {
        match value {
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(entries) => {
                let entries: Vec<String> = entries.iter().map(|(key, value)| self.pair(key, value)).collect();
                format!("{{{}}}", entries.join(", "))
            }
            scalar => self.scalar(scalar).unwrap_or_default(),
        }
    }

    fn scalar(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Text(text) if self.is_json || !is_plain(text) => quoted(text),
            Value::Text(text) | Value::Verbatim(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::List(_) | Value::Map(_) => return None,
        })
    }

    /// An entry in block style, with its line break; mappings inside are blocks too, lists stay on one line.
    fn block_entry(&self, into: &mut String, key: &str, value: &Value, column: usize) {
        let indent = " ".repeat(column);
        match value {
            Value::Map(entries) if !entries.is_empty() => {
                let _ = writeln!(into, "{indent}{key}:");
                for (key, value) in entries {
                    self.block_entry(into, key, value, column + INDENT);
                }
            }
            Value::List(items) if items.iter().any(|item| matches!(item, Value::Map(_))) => {
                let _ = writeln!(into, "{indent}{key}:");
                for item in items {
                    let _ = writeln!(into, "{indent}{}- {}", " ".repeat(INDENT), self.flow(item));
                }
            }
            other => {
                let _ = writeln!(into, "{indent}{key}: {}", self.flow(other));
            }
        }
    }
}

/// The value wrapped into the keys that lead to it.
fn nested(path: &[String], value: &Value) -> Value {
    path.iter().rev().fold(value.clone(), |inner, key| Value::Map(vec![(key.clone(), inner)]))
}

/// Whether text may stand in YAML without quotes, in flow style too, and is still text.
fn is_plain(text: &str) -> bool {
    let starts = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let word = !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    // A colon is a separator only before a space, or at the end.
    let colons = !text.ends_with(':') && !text.contains(": ");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':');
    starts && word && colons && text.chars().all(plain)
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{Document, Value};
    use crate::text::SourceMap;

    /// The text after setting a path below a key.
    fn set(text: &str, is_json: bool, key: &str, path: &[&str], value: &Value, short: Option<&str>) -> Option<String> {
        let mut sources = SourceMap::default();
        let file = sources.add("t", text.into());
        let document = Document::read(file, text, is_json)?;
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        let edit = document.set(text.find(key)? as u32, &path, value, short)?;
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        Some(format!("{}{}{}", &text[..start], edit.text, &text[end..]))
    }

    #[test]
    fn block_mappings_get_a_line_behind_their_last() {
        let text =
            "R:\n  Fn: # c\n    Type: X\n    Properties:\n      A: |\n        text\n      B: 1 # why\n\n  Other: {}\n";
        let out = set(text, false, "Fn", &["Properties", "Timeout"], &Value::Int(5), None).expect("set");
        assert_eq!(out, text.replace("B: 1 # why\n", "B: 1 # why\n      Timeout: 5\n"));
        let out = set(text, false, "Fn", &["Metadata", "Deep"], &Value::Text("x: y".to_owned()), None).expect("set");
        assert_eq!(out, text.replace("B: 1 # why\n", "B: 1 # why\n    Metadata:\n      Deep: \"x: y\"\n"));
    }

    #[test]
    fn flow_mappings_and_json_keep_their_style() {
        let text = "Fn: {Type: X, Properties: {A: 1}}\n";
        let out = set(text, false, "Fn", &["Properties", "L"], &Value::List(vec![Value::Text("a".to_owned())]), None);
        assert_eq!(out.as_deref(), Some("Fn: {Type: X, Properties: {A: 1, L: [a]}}\n"));
        let text = "{\n  \"Fn\": {\n    \"Properties\": {\n      \"A\": [1, 2]\n    }\n  }\n}\n";
        let out = set(text, true, "\"Fn\"", &["Properties", "B", "C"], &Value::Bool(true), None).expect("set");
        assert_eq!(out, text.replace("[1, 2]\n", "[1, 2],\n      \"B\": {\"C\": true}\n"));
        assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
        let out = set("{\"Fn\": {\"Properties\": {}}}", true, "\"Fn\"", &["Properties", "B"], &Value::Int(1), None);
        assert_eq!(out.as_deref(), Some("{\"Fn\": {\"Properties\": {\"B\": 1}}}"));
    }

    #[test]
    fn values_are_replaced_but_references_are_not() {
        let out = set("Fn:\n  T: 3 # low\n", false, "Fn", &["T"], &Value::Int(9), None);
        assert_eq!(out.as_deref(), Some("Fn:\n  T: 9 # low\n"));
        let out = set("Fn:\n  T: '3'\n", false, "Fn", &["T"], &Value::Int(9), None);
        assert_eq!(out.as_deref(), Some("Fn:\n  T: \"9\"\n"));
        assert!(set("Fn:\n  T: !Ref X\n", false, "Fn", &["T"], &Value::Int(9), None).is_none());
        assert!(set("B: &b {T: 1}\nFn: *b\n", false, "Fn", &["T"], &Value::Int(9), None).is_none());
        // What an alias names is written for all that name it.
        assert!(set("Fn: &b {T: 1}\nB: *b\n", false, "Fn", &["T"], &Value::Int(9), None).is_none());
        assert!(set("Fn: {P: &b {T: 1}}\nB: {<<: *b}\n", false, "Fn", &["P", "U"], &Value::Int(9), None).is_none());
        assert!(set("Fn: {P: &b {T: 1}}\n", false, "Fn", &["P", "U"], &Value::Int(9), None).is_some());
    }

    #[test]
    fn short_forms_become_mappings() {
        let value = Value::Text("ReportBatchItemFailures".to_owned());
        let out =
            set("events:\n  - sqs: !GetAtt Q.Arn\n", false, "sqs", &["functionResponseType"], &value, Some("arn"));
        let wanted =
            "events:\n  - sqs:\n        arn: !GetAtt Q.Arn\n        functionResponseType: ReportBatchItemFailures\n";
        assert_eq!(out.as_deref(), Some(wanted));
    }
}
