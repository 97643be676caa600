//! Attributes of HCL blocks, in the style and alignment around them.

use super::lines::Lines;
use crate::document::hcl::{Block, Body, ExprKind};
use crate::text::{Edit, FileId, Span, Value};

/// What `terraform fmt` indents a level by.
const STEP: &str = "  ";

/// Sets an attribute of the block whose header begins at a byte; all but the last of the path are blocks.
pub(crate) fn set_attribute(
    file: FileId,
    body: &Body,
    text: &str,
    of: u32,
    path: &[String],
    value: &Value,
) -> Option<Edit> {
    let lines = Lines { file, text };
    let mut block = block_at(body, of)?;
    let (last, blocks) = path.split_last()?;
    for (depth, name) in blocks.iter().enumerate() {
        let mut inner = block.body.blocks.iter().filter(|inner| inner.kind == *name);
        match (inner.next(), inner.next()) {
            (Some(found), None) => block = found,
            (Some(_), Some(_)) => return None,
            (None, _) => return add_block(lines, block, &path[depth..], value),
        }
    }
    let Some(attribute) = block.body.attribute(last) else { return add(lines, block, last, value) };
    let span = attribute.value.span;
    let written = lines.slice(span);
    // A reference or an expression would lose what it says.
    let replaceable = match &attribute.value.kind {
        ExprKind::Text(_) => written.starts_with('"') && !written.contains(['$', '%', '\n']),
        ExprKind::Number(_) | ExprKind::Bool(_) => true,
        ExprKind::List(_) => matches!(value, Value::List(_)),
        _ => false,
    };
    replaceable.then(|| lines.replace(span, render(value, "")))
}

/// Adds a block behind the one whose header begins at a byte.
pub(crate) fn add_block_behind(
    file: FileId,
    body: &Body,
    text: &str,
    of: u32,
    header: &str,
    attributes: &[(String, Value)],
) -> Option<Edit> {
    let end = block_at(body, of)?.whole.end;
    let widest = attributes.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut block = format!("\n\n{header} {{\n");
    for (name, value) in attributes {
        block.push_str(&format!("{STEP}{name:widest$} = {}\n", render(value, STEP)));
    }
    block.push('}');
    Some(Lines { file, text }.insert(end, block))
}

fn block_at(body: &Body, header: u32) -> Option<&Block> {
    // Blocks stand in the order of their headers.
    let at = body.blocks.partition_point(|block| block.span.start < header);
    body.blocks.get(at).filter(|block| block.span.start == header)
}

/// Adds an attribute behind the last one of a block, aligned with it.
fn add(lines: Lines<'_>, block: &Block, name: &str, value: &Value) -> Option<Edit> {
    let (at, indent) = place(lines, block)?;
    let equals = block.body.attributes.last().and_then(|attribute| {
        let between = Span::new(attribute.key.file, attribute.key.end, attribute.value.span.start);
        Some(attribute.name.len() + lines.slice(between).find('=')?)
    });
    let width = equals.map_or(name.len(), |equals| equals.saturating_sub(1)).max(name.len());
    line(lines, block, at, &format!("{indent}{name:width$} = {}", render(value, &indent)))
}

fn add_block(lines: Lines<'_>, block: &Block, path: &[String], value: &Value) -> Option<Edit> {
    let (at, indent) = place(lines, block)?;
    let (last, blocks) = path.split_last()?;
    let mut text = String::new();
    for (depth, name) in blocks.iter().enumerate() {
        text.push_str(&format!("{indent}{}{name} {{\n", STEP.repeat(depth)));
    }
    let inner = format!("{indent}{}", STEP.repeat(blocks.len()));
    text.push_str(&format!("{inner}{last} = {}\n", render(value, &inner)));
    for depth in (0..blocks.len()).rev() {
        text.push_str(&format!("{indent}{}}}\n", STEP.repeat(depth)));
    }
    line(lines, block, at, &format!("\n{}", text.trim_end()))
}

/// Where a new line of a block goes, and its indentation; none for blocks on one line that are not empty.
fn place(lines: Lines<'_>, block: &Block) -> Option<(u32, String)> {
    let text = lines.slice(block.whole);
    let own = format!("{}{STEP}", lines.margin(block.span.start));
    let Some(end) = block.body.end() else {
        return Some((block.whole.start + text.find('{')? as u32 + 1, own));
    };
    if !text.contains('\n') {
        return None;
    }
    // Attributes stand together: behind the last of them, not behind nested blocks.
    let behind = block.body.attributes.last();
    let end = behind.map_or(end, |attribute| attribute.whole.end) as usize;
    let end = lines.text.get(..end)?.trim_end().len() as u32;
    let indent = behind.map(|attribute| lines.before(attribute.key.start)).filter(|before| before.trim().is_empty());
    Some((lines.end(end), indent.map_or(own, str::to_owned)))
}

/// The edit that puts a line at a place of a block.
fn line(lines: Lines<'_>, block: &Block, at: u32, line: &str) -> Option<Edit> {
    if block.body.end().is_none() {
        let close = block.whole.start + lines.slice(block.whole).rfind('}')? as u32;
        let place = Span::new(block.whole.file, at, close);
        return Some(lines.replace(place, format!("\n{}\n", line.trim_start_matches('\n'))));
    }
    Some(lines.insert(at, format!("\n{line}")))
}

/// A value as an expression.
fn render(value: &Value, indent: &str) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${")),
        Value::Verbatim(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| render(item, indent)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let widest = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            let inner = format!("{indent}{STEP}");
            let pairs: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{inner}{name:widest$} = {}", render(value, &inner)))
                .collect();
            format!("{{\n{}\n{indent}}}", pairs.join("\n"))
        }
    }
}
