//! Keys of TOML tables: below a header, in braces, or as dotted keys, however the table is written.

use super::lines::Lines;
use crate::document::tree::{Doc, Entry, Kind, NodeId, Style};
use crate::text::{Edit, Span, Value};

/// Sets keys of a table, by its dotted name. A single key that is there gets the new value; of several, none may be
/// there. A table that is not there is added at the end.
pub(crate) fn set_table(doc: &Doc, text: &str, name: &str, keys: &[(String, Value)]) -> Option<Edit> {
    let lines = Lines { file: doc.file, text };
    let path: Vec<&str> = name.split('.').collect();
    let mut table = *doc.roots.first()?;
    for (depth, key) in path.iter().enumerate() {
        match doc.get(table, key) {
            Some(inner) => table = inner,
            None if doc.node(table).style == Style::Flow => {
                let inner = keys.to_vec();
                let value = path[depth + 1..]
                    .iter()
                    .rev()
                    .fold(Value::Map(inner), |inner, key| Value::Map(vec![((*key).to_owned(), inner)]));
                return in_braces(doc, lines, table, &pair(key, &value));
            }
            None => return Some(at_end(lines, name, keys)),
        }
    }
    let Kind::Map(entries) = &doc.node(table).kind else { return None };
    if let Some((known, value)) = keys.iter().find_map(|(key, value)| Some((doc.get(table, key)?, value))) {
        let scalar = !matches!(doc.node(known).kind, Kind::Map(_));
        return (keys.len() == 1 && scalar).then(|| lines.replace(doc.span(known), render(value)));
    }
    if doc.node(table).style == Style::Flow {
        let pairs: Vec<String> = keys.iter().map(|(key, value)| pair(key, value)).collect();
        return in_braces(doc, lines, table, &pairs.join(", "));
    }
    let header = doc.span(table);
    if lines.slice(header).starts_with('[') {
        return Some(below(lines, header.end, "", keys));
    }
    let dotted: Vec<(u32, &str)> = entries.iter().filter_map(|entry| dotted(doc, lines, entry)).collect();
    match dotted.into_iter().max() {
        Some((end, prefix)) if prefix.contains('{') => {
            // Inside braces, the dotted key begins behind the last comma.
            let prefix = prefix.rsplit(['{', ',']).next().unwrap_or("").trim_start();
            let pairs: String = keys.iter().map(|(key, value)| format!(", {prefix}{}", pair(key, value))).collect();
            Some(lines.insert(end, pairs))
        }
        Some((end, prefix)) => Some(below(lines, end, prefix, keys)),
        // Only headers of tables inside it imply it; the header of its own may come later.
        None => Some(at_end(lines, name, keys)),
    }
}

/// Of an entry that a dotted key makes: where its value ends, and what stands before its own key on the line.
fn dotted<'t>(doc: &Doc, lines: Lines<'t>, entry: &Entry) -> Option<(u32, &'t str)> {
    let prefix = lines.before(entry.key_span.start);
    let is_header = prefix.trim_start().starts_with('[');
    (!is_header && prefix.ends_with('.')).then(|| (doc.span(entry.value).end, prefix))
}

/// Adds lines below the one of a byte.
fn below(lines: Lines<'_>, at: u32, prefix: &str, keys: &[(String, Value)]) -> Edit {
    let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{prefix}{}", pair(key, value))).collect();
    let end = lines.end(at);
    match lines.text[end as usize..].find('\n') {
        Some(next) => lines.insert(end + next as u32 + 1, pairs.join("\n") + "\n"),
        None => lines.insert(end, format!("\n{}", pairs.join("\n"))),
    }
}

/// Adds pairs to an inline table.
fn in_braces(doc: &Doc, lines: Lines<'_>, table: NodeId, pairs: &str) -> Option<Edit> {
    let span = doc.span(table);
    let inside = lines.slice(span).strip_prefix('{')?.strip_suffix('}')?;
    if inside.trim().is_empty() {
        return Some(lines.replace(span, format!("{{ {pairs} }}")));
    }
    let end = span.start + 1 + inside.trim_end().len() as u32;
    let separator = if inside.trim_end().ends_with(',') { " " } else { ", " };
    Some(lines.insert(end, format!("{separator}{pairs}")))
}

/// The table with its header at the end of the file, an empty line before it.
fn at_end(lines: Lines<'_>, name: &str, keys: &[(String, Value)]) -> Edit {
    let gap = match lines.text {
        "" => "",
        text if text.ends_with("\n\n") || text.ends_with("\n\r\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let pairs: String = keys.iter().map(|(key, value)| format!("{}\n", pair(key, value))).collect();
    let end = lines.text.len() as u32;
    lines.replace(Span::new(lines.file, end, end), format!("{gap}[{name}]\n{pairs}"))
}

fn pair(key: &str, value: &Value) -> String {
    format!("{key} = {}", render(value))
}

fn render(value: &Value) -> String {
    match value {
        Value::Text(text) => toml::Value::from(text.as_str()).to_string(),
        Value::Verbatim(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(render).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let pairs: Vec<String> = entries.iter().map(|(key, value)| pair(key, value)).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}
