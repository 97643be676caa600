//! Entries of YAML, in block and in flow style.

use super::lines::Lines;
use super::path::{Reached, follow, is_literal, nested};
use crate::document::tree::{Doc, Entry, Kind, NodeId, Style};
use crate::text::{Edit, Span, Value};
use std::fmt::Write as _;

/// Columns a nested mapping is indented by, where nothing shows another habit.
const STEP: usize = 2;

pub(super) struct Writer<'d> {
    doc: &'d Doc,
    lines: Lines<'d>,
}

impl<'d> Writer<'d> {
    pub(super) fn of(doc: &'d Doc, lines: Lines<'d>) -> Self {
        Self { doc, lines }
    }

    pub(super) fn set(&self, of: u32, path: &[String], value: &Value, short: Option<&str>) -> Option<Edit> {
        let (map, entry) = self.doc.key_at(of)?;
        if let (Kind::Scalar { .. }, Some(short)) = (&self.doc.node(entry.value).kind, short) {
            return self.lengthen(map, entry, short, path, value);
        }
        match follow(self.doc, entry.value, path)? {
            Reached::Until(map, depth) => self.insert(map, &path[depth], &nested(&path[depth + 1..], value)),
            Reached::Value(node) => self.overwrite(node, value),
        }
    }

    pub(super) fn add_behind(&self, of: u32, key: &str, value: &Value) -> Option<Edit> {
        let (map, entry) = self.doc.key_at(of)?;
        let place = entry.key_span.to(self.doc.written_at(entry));
        // Entries set apart by empty lines stay so.
        let rest = &self.lines.text[self.lines.end(place.end) as usize..];
        let apart = rest.starts_with("\n\n") || rest.starts_with("\r\n\r\n");
        Some(self.behind(map, place, key, value, apart))
    }

    fn overwrite(&self, node: NodeId, value: &Value) -> Option<Edit> {
        let found = self.doc.node(node);
        let written = self.lines.slice(found.span);
        match &found.kind {
            Kind::Scalar { .. } | Kind::Null if is_literal(written) && found.tag.is_none() => {
                let text = scalar(value)?;
                if written.is_empty() {
                    // Nothing is written behind the colon, and the place of that is before it.
                    let rest = &self.lines.text[found.span.start as usize..];
                    let colon = rest.trim_start_matches(' ').strip_prefix(':')?;
                    return Some(
                        self.lines.insert(self.lines.text.len() as u32 - colon.len() as u32, format!(" {text}")),
                    );
                }
                let quoted = written.starts_with(['"', '\'']);
                let text = if quoted && !text.starts_with('"') { format!("\"{text}\"") } else { text };
                Some(self.lines.replace(found.span, text))
            }
            Kind::Seq(_) if found.style == Style::Flow => Some(self.lines.replace(found.span, flow(value))),
            _ => None,
        }
    }

    /// Adds an entry to a mapping, behind its last.
    fn insert(&self, map: NodeId, key: &str, value: &Value) -> Option<Edit> {
        let found = self.doc.node(map);
        let Kind::Map(_) = &found.kind else { return None };
        let last = self.doc.own_entries(map).last().map(|entry| entry.key_span.to(self.doc.written_at(entry)));
        let merge = self.doc.merges.get(&map).map(|merge| merge.span);
        match last.into_iter().chain(merge).max_by_key(|place| place.start) {
            Some(last) => Some(self.behind(map, last, key, value, false)),
            None if found.style == Style::Flow => {
                Some(self.lines.replace(found.span, format!("{{{}}}", pair(key, value))))
            }
            None => None,
        }
    }

    /// Adds an entry to a mapping behind the one at a place, an empty line between if they are to be apart.
    fn behind(&self, map: NodeId, place: Span, key: &str, value: &Value, apart: bool) -> Edit {
        let indent = self.lines.indent(place.start);
        if self.doc.node(map).style == Style::Flow {
            let own_line = self.lines.begins_line(place.start);
            let separator = if own_line { format!(",\n{indent}") } else { ", ".to_owned() };
            return self.lines.insert(place.end, format!("{separator}{}", pair(key, value)));
        }
        let mut text = String::from(if apart { "\n\n" } else { "\n" });
        self.block_entry(&mut text, key, value, &indent);
        self.lines.insert(self.lines.end(place.end), text.trim_end().to_owned())
    }

    /// Makes a mapping of the short form of an entry: `sqs: ARN` becomes `sqs: {arn: ARN, …}`, in the style around it.
    fn lengthen(&self, map: NodeId, entry: &Entry, short: &str, path: &[String], value: &Value) -> Option<Edit> {
        let place = self.doc.written_at(entry);
        let start = self.properties(place.start);
        let kept = self.lines.slice(Span::new(place.file, start, place.end));
        if kept.contains('\n') {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let value = nested(rest, value);
        if self.doc.node(map).style == Style::Flow {
            let text = format!("{{{short}: {kept}, {}}}", pair(first, &value));
            return Some(self.lines.replace(Span::new(place.file, start, place.end), text));
        }
        // The entry stands behind the dash of a list, and what is in it deeper than both.
        let indent = self.lines.indent(entry.key_span.start) + &" ".repeat(self.step().max(2 * STEP));
        let mut text = format!("\n{indent}{short}: {kept}\n");
        self.block_entry(&mut text, first, &value, &indent);
        // The space between the colon and the short form goes.
        let colon = self.lines.text[..start as usize].trim_end_matches(' ').len() as u32;
        Some(self.lines.replace(Span::new(place.file, colon, place.end), text.trim_end().to_owned()))
    }

    /// Where a value begins, its tag and anchor included.
    fn properties(&self, at: u32) -> u32 {
        let (line, mut before) = (self.lines.start(at), self.lines.before(at));
        let mut start = at;
        loop {
            before = before.trim_end();
            let word = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
            if !before[word..].starts_with(['!', '&']) {
                return start;
            }
            start = line + word as u32;
            before = &before[..word];
        }
    }

    /// Columns this document indents a mapping inside another one by.
    fn step(&self) -> usize {
        let inner = |entry: &Entry| {
            let first = self.doc.own_entries(entry.value).first()?;
            let block = self.doc.node(entry.value).style == Style::Block;
            let (outer, inner) = (self.lines.indent(entry.key_span.start), self.lines.indent(first.key_span.start));
            let below = self.lines.begins_line(first.key_span.start) && first.key_span.start > entry.key_span.start;
            (block && below).then(|| inner.len().checked_sub(outer.len())).flatten().filter(|&step| step > 0)
        };
        let maps = (0..self.doc.nodes.len() as NodeId).filter(|&id| self.doc.node(id).style == Style::Block);
        maps.flat_map(|id| self.doc.own_entries(id)).find_map(inner).unwrap_or(STEP)
    }

    /// An entry in block style, with its line break; mappings inside are blocks too, lists stay on one line.
    fn block_entry(&self, into: &mut String, key: &str, value: &Value, indent: &str) {
        match value {
            Value::Map(entries) if !entries.is_empty() => {
                let _ = writeln!(into, "{indent}{}:", word(key));
                let inner = format!("{indent}{}", " ".repeat(self.step()));
                for (key, value) in entries {
                    self.block_entry(into, key, value, &inner);
                }
            }
            Value::List(items) if items.iter().any(|item| matches!(item, Value::Map(_))) => {
                let _ = writeln!(into, "{indent}{}:", word(key));
                for item in items {
                    let _ = writeln!(into, "{indent}{}- {}", " ".repeat(STEP), flow(item));
                }
            }
            other => {
                let _ = writeln!(into, "{indent}{}", pair(key, other));
            }
        }
    }
}

/// `key: value` in flow style.
fn pair(key: &str, value: &Value) -> String {
    format!("{}: {}", word(key), flow(value))
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| pair(key, value)).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => scalar(other).unwrap_or_default(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(text) => word(text),
        Value::Verbatim(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::List(_) | Value::Map(_) => return None,
    })
}

/// A text, in quotes if it would not be one without.
fn word(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
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
