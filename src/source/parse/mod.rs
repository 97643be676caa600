//! A file's AST into facts, inside the task that parsed it: spans die with the thread's source map.

pub(crate) mod body;
pub(crate) mod control;
pub(crate) mod declared;
pub(crate) mod expand;
mod expanded;
pub(crate) mod expr;
pub(crate) mod fields;
pub(crate) mod gate;
pub(crate) mod ir;
pub(crate) mod items;
pub(crate) mod lowering;
pub(crate) mod macros;
pub(crate) mod nodes;
pub(crate) mod pattern;
pub(crate) mod places;
pub(crate) mod scan;
pub(crate) mod scopes;
pub(crate) mod ty;

use self::declared::{Borrowed, FileFacts};
use self::expand::{Foreign, Macros};
use self::lowering::Lowering;
use self::places::Places;

/// Why a file was not read.
pub(crate) struct Unread {
    pub(crate) reason: String,
    /// 1-based line and column, in characters.
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Parses a file and lowers it, with the macros of other files that it calls.
///
/// # Errors
/// If it is too large, nests too deep, or is not valid Rust.
pub(crate) fn file(text: &str, foreign: &[Foreign<'_>]) -> Result<FileFacts, Unread> {
    let fail = |reason: String, line: usize, column: usize| Unread { reason, line: line.max(1), column: column.max(1) };
    if text.len() > gate::MAX_BYTES {
        let reason = format!("is larger than {} MiB; not analysed", gate::MAX_BYTES >> 20);
        return Err(fail(reason, 1, 1));
    }
    let (appended, borrowed) =
        if foreign.is_empty() { (String::new(), Vec::new()) } else { expand::append(text, foreign) };
    let text = if foreign.is_empty() { text } else { appended.as_str() };
    proc_macro2::extra::invalidate_current_thread_spans();
    let base = skipped(text);
    let lines = text[..base].matches('\n').count();
    let tokens = gate::lex(&text[base..]).map_err(|(reason, line)| fail(reason, line + lines, 1))?;
    let mut facts = FileFacts::default();
    let mut macros = Macros::default();
    if text.contains("macro_rules!") {
        let homes: Vec<(Borrowed, &str)> =
            borrowed.iter().copied().zip(foreign.iter().map(|foreign| foreign.home.as_str())).collect();
        facts.definitions = macros.collect(&tokens, (text, base as u32), &homes);
    }
    facts.borrowed = borrowed;
    let parsed: syn::File = syn::parse2(tokens).map_err(|error| {
        let at = error.span().start();
        fail(format!("not valid Rust: {error}"), at.line + lines, at.column + 1)
    })?;
    let mut lowering = Lowering { base: base as u32, places: Places::of(&text[base..]), facts, macros };
    if !lowering.excluded(&parsed.attrs) {
        lowering.items(&parsed.items, &[]);
    }
    Ok(lowering.facts)
}

/// Bytes before the first token the parser counts: a byte-order mark and a `#!` line.
fn skipped(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = &text[mark..];
    // `#![attr]` is not a shebang.
    if rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[') {
        return mark + rest.find('\n').unwrap_or(rest.len());
    }
    mark
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn spans_hold_behind_a_byte_order_mark_and_a_shebang() {
        let text = "\u{feff}#!/usr/bin/env run\nfn héllo() {}\nfn b() {}\n";
        let facts = file(text, &[]).ok().expect("parses");
        let (start, end) = facts.functions[1].name_span;
        assert_eq!(&text[start as usize..end as usize], "b");
    }

    #[test]
    fn test_code_is_left_out() {
        let text = "#[cfg(test)] mod t { fn a() {} }\n#[test] fn b() {}\n#[cfg(not(test))] fn c() {}\n\
                    #[cfg(all(test, unix))] fn d() {}\n#[tokio::test] async fn e() {}";
        let facts = file(text, &[]).ok().expect("parses");
        let names: Vec<&str> = facts.functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["c"]);
    }

    #[test]
    fn broken_code_names_its_line() {
        let unread = file("fn a() {}\nfn b( {}\n", &[]).expect_err("broken");
        assert_eq!(unread.line, 2);
    }
}
