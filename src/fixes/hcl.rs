//! Attributes of HCL blocks: where they are, and edits that add or change them in the style around them.

use crate::finding::{Edit, Value};
use crate::text::{FileId, Span};
use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Body, Structure};

/// Spaces `terraform fmt` indents a level by.
const INDENT: usize = 2;

/// The structure of a file.
pub(super) struct Document<'t> {
    file: FileId,
    text: &'t str,
    body: Body,
}

impl<'t> Document<'t> {
    /// Reads a file; none if it is not valid.
    pub(super) fn read(file: FileId, text: &'t str) -> Option<Self> {
        let body = hcl_edit::parser::parse_body(text).ok()?;
        Some(Self { file, text, body })
    }

    /// The block whose header begins at a byte.
    fn at(&self, header: u32) -> Option<&Block> {
        self.body.blocks().find(|block| block.ident.span().is_some_and(|span| span.start == header as usize))
    }

    fn edit(&self, start: usize, end: usize, text: String) -> Edit {
        Edit { span: Span::new(self.file, start as u32, end as u32), text }
    }

    /// Sets an attribute of the block at a byte.
    pub(super) fn set(&self, of: u32, path: &[String], value: &Value) -> Option<Edit> {
        let mut block = self.at(of)?;
        let (last, blocks) = path.split_last()?;
        for (depth, name) in blocks.iter().enumerate() {
            let mut inner = block.body.get_blocks(name);
            match (inner.next(), inner.next()) {
                (Some(found), None) => block = found,
                (Some(_), Some(_)) => return None,
                (None, _) => return self.add_block(block, &path[depth..], value),
            }
        }
        match block.body.get_attribute(last) {
            Some(attribute) => {
                let span = attribute.value.span()?;
                // A reference or an expression would lose what it says.
                let literal = attribute.value.is_str() || attribute.value.is_number() || attribute.value.is_bool();
                let replaceable = literal || matches!(value, Value::List(_)) && attribute.value.is_array();
                replaceable.then(|| self.edit(span.start, span.end, render(value, 0)))
            }
            None => self.add(block, last, value),
        }
    }

    /// Adds a block behind another one.
    pub(super) fn add_behind(&self, of: u32, header: &str, attributes: &[(String, Value)]) -> Option<Edit> {
        let end = self.at(of)?.span()?.end;
        let widest = attributes.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut text = format!("\n\n{header} {{\n");
        for (name, value) in attributes {
            text.push_str(&format!("{:INDENT$}{name:widest$} = {}\n", "", render(value, INDENT)));
        }
        text.push('}');
        Some(self.edit(end, end, text))
    }

    /// Adds an attribute behind the last one of a block, aligned with it.
    fn add(&self, block: &Block, name: &str, value: &Value) -> Option<Edit> {
        let (at, indent) = self.place(block)?;
        let last = block.body.iter().filter_map(Structure::as_attribute).last();
        let equals = last.and_then(|attribute| {
            let (key, value) = (attribute.key.span()?, attribute.value.span()?);
            let between = self.text.get(key.end..value.start)?;
            Some(attribute.key.as_str().len() + between.find('=')?)
        });
        let width = equals.map_or(name.len(), |equals| equals.saturating_sub(1)).max(name.len());
        let line = format!("{indent}{name:width$} = {}", render(value, indent.len()));
        self.line(block, at, &line)
    }

    fn add_block(&self, block: &Block, path: &[String], value: &Value) -> Option<Edit> {
        let (at, indent) = self.place(block)?;
        let (last, blocks) = path.split_last()?;
        let mut lines = String::new();
        for (depth, name) in blocks.iter().enumerate() {
            lines.push_str(&format!("{indent}{}{name} {{\n", " ".repeat(depth * INDENT)));
        }
        let inner = indent.len() + blocks.len() * INDENT;
        lines.push_str(&format!("{}{last} = {}\n", " ".repeat(inner), render(value, inner)));
        for depth in (0..blocks.len()).rev() {
            lines.push_str(&format!("{indent}{}}}\n", " ".repeat(depth * INDENT)));
        }
        self.line(block, at, &format!("\n{}", lines.trim_end()))
    }

    /// Where a new line of a block goes, and its indentation; none for blocks on one line that are not empty.
    fn place(&self, block: &Block) -> Option<(usize, String)> {
        let span = block.span()?;
        let text = &self.text[span.start..span.end];
        let header_line = self.text[..span.start].rfind('\n').map_or(0, |end| end + 1);
        let outer: String = self.text[header_line..].chars().take_while(|c| *c == ' ' || *c == '\t').collect();
        let own = format!("{outer}{}", " ".repeat(INDENT));
        let Some(last) = block.body.iter().last() else {
            return Some((span.start + text.find('{')? + 1, own));
        };
        if !text.contains('\n') {
            return None;
        }
        // Attributes stand together: behind the last of them, not behind nested blocks.
        let behind = block.body.iter().filter_map(Structure::as_attribute).last();
        let end = behind.map_or_else(|| last.span(), |attribute| attribute.span())?.end;
        let line = behind.and_then(|attribute| attribute.key.span()).map(|key| {
            let start = self.text[..key.start].rfind('\n').map_or(0, |end| end + 1);
            self.text[start..key.start].to_owned()
        });
        let end = end.min(self.text.len());
        let end = self.text[..end].trim_end().len();
        let rest = self.text[end..].find('\n').map_or(self.text.len(), |at| end + at);
        let indent = line.filter(|line| line.trim().is_empty()).unwrap_or(own);
        Some((rest - usize::from(self.text[..rest].ends_with('\r')), indent))
    }

    /// The edit that puts a line at a place of a block.
    fn line(&self, block: &Block, at: usize, line: &str) -> Option<Edit> {
        if block.body.is_empty() {
            let span = block.span()?;
            let close = self.text[..span.end].rfind('}')?;
            return Some(self.edit(at, close, format!("\n{}\n", line.trim_start_matches('\n'))));
        }
        Some(self.edit(at, at, format!("\n{line}")))
    }
}

/// A value as an expression.
fn render(value: &Value, indent: usize) -> String {
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
            let inner = indent + INDENT;
            let lines: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{}{name:widest$} = {}", " ".repeat(inner), render(value, inner)))
                .collect();
            format!("{{\n{}\n{}}}", lines.join("\n"), " ".repeat(indent))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, Value};
    use crate::text::SourceMap;

    fn set(text: &str, block: &str, path: &[&str], value: &Value) -> Option<String> {
        let mut sources = SourceMap::default();
        let file = sources.add("t.tf", text.into());
        let document = Document::read(file, text)?;
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        let edit = document.set(text.find(block)? as u32, &path, value)?;
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let out = format!("{}{}{}", &text[..start], edit.text, &text[end..]);
        assert!(hcl_edit::parser::parse_body(&out).is_ok(), "{out}");
        Some(out)
    }

    #[test]
    fn attributes_join_the_others_and_align() {
        let text =
            "resource \"a\" \"b\" {\n  name   = \"x\" # why\n  memory = 128\n\n  vpc_config {\n    ids = []\n  }\n}\n";
        let out = set(text, "resource", &["time"], &Value::Int(5)).expect("set");
        assert_eq!(out, text.replace("128\n", "128\n  time   = 5\n"));
        let out = set(text, "resource", &["memory"], &Value::Int(256)).expect("set");
        assert_eq!(out, text.replace("128", "256"));
        let out = set(text, "resource", &["vpc_config", "more"], &Value::Bool(true)).expect("set");
        assert_eq!(out, text.replace("ids = []\n", "ids = []\n    more = true\n"));
        let out =
            set(text, "resource", &["logging_config", "log_format"], &Value::Text("JSON".to_owned())).expect("set");
        assert_eq!(out, text.replace("128\n", "128\n\n  logging_config {\n    log_format = \"JSON\"\n  }\n"));
    }

    #[test]
    fn empty_blocks_open_and_expressions_stay() {
        let out = set("resource \"a\" \"b\" {}\n", "resource", &["time"], &Value::Int(5)).expect("set");
        assert_eq!(out, "resource \"a\" \"b\" {\n  time = 5\n}\n");
        assert!(set("resource \"a\" \"b\" {\n  time = var.x\n}\n", "resource", &["time"], &Value::Int(5)).is_none());
        assert!(set("resource \"a\" \"b\" { name = \"x\" }\n", "resource", &["time"], &Value::Int(5)).is_none());
    }
}
