//! What stands at a place of a Rust file, in words that formatting does not change: the tokens of the marked
//! expression, and of the clause it is part of (a statement, an arm, a field, an item), what other blocks of it hold
//! left out.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use std::ops::Range;

/// Groups inside groups that are told; deeper ones are not written by people.
const MAX_DEPTH: usize = 128;

/// A file as tokens.
pub(super) struct Tokens {
    trees: Vec<TokenTree>,
    /// Bytes before the first token that is counted.
    base: usize,
}

impl Tokens {
    /// The tokens of a file; none if it is not Rust.
    pub(super) fn of(text: &str) -> Option<Self> {
        proc_macro2::extra::invalidate_current_thread_spans();
        let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let rest = &text[mark..];
        let shebang = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
        let base = if shebang { mark + rest.find('\n').unwrap_or(rest.len()) } else { mark };
        let tokens: TokenStream = text[base..].parse().ok()?;
        Some(Self { trees: tokens.into_iter().collect(), base })
    }

    /// The canonical text of the bytes of a range and of their clause; none if no token stands there.
    pub(super) fn canonical(&self, range: Range<usize>) -> Option<String> {
        let range = range.start.checked_sub(self.base)?..range.end.checked_sub(self.base)?;
        let mut level = self.trees.clone();
        let mut clause = self.trees.clone();
        for _ in 0..MAX_DEPTH {
            let Some(TokenTree::Group(group)) = level.iter().find(|tree| holds(tree, &range)) else {
                let marked = level.iter().filter(|tree| overlaps(tree, &range)).cloned();
                let marked = text(marked, Blocks::Whole)?;
                let around = text(part(&clause, &range).iter().cloned(), Blocks::Empty)?;
                return (!marked.is_empty()).then(|| format!("{marked}\n{around}"));
            };
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            if group.delimiter() == Delimiter::Brace {
                clause.clone_from(&inside);
            }
            level = inside;
        }
        None
    }
}

fn bytes(tree: &TokenTree) -> Range<usize> {
    tree.span().byte_range()
}

fn overlaps(tree: &TokenTree, range: &Range<usize>) -> bool {
    let own = bytes(tree);
    own.start < range.end && range.start < own.end
}

/// Whether a range lies between the delimiters of a group.
fn holds(tree: &TokenTree, range: &Range<usize>) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    group.span_open().byte_range().end <= range.start && range.end <= group.span_close().byte_range().start
}

/// The clause of a block that a range lies in.
fn part<'t>(block: &'t [TokenTree], range: &Range<usize>) -> &'t [TokenTree] {
    let Some(first) = block.iter().position(|tree| overlaps(tree, range)) else { return &[] };
    let last = block.iter().rposition(|tree| overlaps(tree, range)).unwrap_or(first);
    let start = (1..=first).rev().find(|&at| ends(block, at)).unwrap_or(0);
    let end = (last + 1..block.len()).find(|&at| ends(block, at)).unwrap_or(block.len());
    &block[start..end]
}

/// Whether a clause ends before the token of an index: behind `;`, `,` and `=>`, and behind a block that nothing goes
/// on.
fn ends(block: &[TokenTree], at: usize) -> bool {
    match (&block[at - 1], &block[at]) {
        (TokenTree::Punct(mark), _) if matches!(mark.as_char(), ';' | ',') => true,
        (TokenTree::Punct(mark), _) if mark.as_char() == '>' => {
            let joins = |mark: &Punct| mark.as_char() == '=' && mark.spacing() == Spacing::Joint;
            at > 1 && matches!(&block[at - 2], TokenTree::Punct(before) if joins(before))
        }
        (TokenTree::Group(group), next) if group.delimiter() == Delimiter::Brace => match next {
            TokenTree::Ident(word) => *word != "else" && *word != "as",
            TokenTree::Literal(_) => true,
            TokenTree::Punct(mark) => mark.as_char() == '#',
            TokenTree::Group(_) => false,
        },
        _ => false,
    }
}

/// What to tell of `{ … }`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blocks {
    Whole,
    Empty,
}

/// Tokens as text, each apart from the next. Commas say nothing that the tokens around them do not, and come and go
/// with line breaks; documentation is no code.
fn text(trees: impl IntoIterator<Item = TokenTree>, blocks: Blocks) -> Option<String> {
    Some(canonical(trees, blocks, 0)?.into_token_stream().to_string())
}

fn canonical(trees: impl IntoIterator<Item = TokenTree>, blocks: Blocks, depth: usize) -> Option<TokenStream> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut out = TokenStream::new();
    let mut trees = trees.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(mark) if mark.as_char() == ',' => {}
            TokenTree::Punct(mark) if mark.as_char() == '#' && trees.peek().is_some_and(is_documentation) => {
                trees.next();
            }
            // Whether two marks touch is spacing, where it is not one of Rust's own.
            TokenTree::Punct(mark) => out.append(Punct::new(mark.as_char(), Spacing::Alone)),
            TokenTree::Group(group) => {
                let empty = blocks == Blocks::Empty && group.delimiter() == Delimiter::Brace;
                let inside = if empty { TokenStream::new() } else { canonical(group.stream(), blocks, depth + 1)? };
                out.append(Group::new(group.delimiter(), inside));
            }
            tree => out.append(tree),
        }
    }
    Some(out)
}

fn is_documentation(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc")
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    /// The canonical text of what stands between `«` and `»`.
    fn of(marked: &str) -> String {
        let start = marked.find('«').expect("a mark");
        let text = marked.replace('«', "");
        let end = text.find('»').expect("a mark");
        let text = text.replace('»', "");
        Tokens::of(&text).expect("Rust").canonical(start..end).expect("tokens")
    }

    #[test]
    fn formatting_changes_nothing() {
        let flat = of("\u{feff}fn f() { let x = «client.get(url, &[1, 2]).send().await»?; other(); }");
        let broken =
            of("fn f() {\n    // a remark\n    let x = «client\n        .get(\n            url,\n            \
             &[\n                1,\n                2,\n            ],\n        )\n        .send()\n        \
             .await»?;\n    another();\n}\n");
        assert_eq!(flat, broken);
        assert_eq!(of("fn f(){a=-«b»;}"), of("fn f() { a = - «b»; }"));
        // An arm with a block, or without.
        let arm = of("fn f() { match a { A => { «g(1)» } B => h() } }");
        assert_eq!(arm, of("fn f() {\n    match a {\n        A => «g(1)»,\n        B => h(),\n    }\n}"));
    }

    #[test]
    fn other_code_is_other_text() {
        let one = of("fn f() { let x = «a.get(1)»; }");
        assert_ne!(one, of("fn f() { let x = «a.get(2)»; }"));
        assert_ne!(one, of("fn f() { let y = «a.get(1)»; }"));
        assert_ne!(of("fn f() { «spawn(async { a() })»; }"), of("fn f() { «spawn(async { b() })»; }"));
    }

    #[test]
    fn code_around_the_clause_does_not_count() {
        let one = of("fn f() { if a { b() } let x = «g()» else { return }; c() }");
        assert_eq!(one, of("fn f() { if z { y() } d(); let x = «g()» else { panic!() }; e() }"));
        assert_eq!(of("fn f() { if «a()» { b() } c() }"), of("fn f() { x(); if «a()» { d(); e() } f() }"));
        assert_eq!(of("use a::b; /// Says.\nfn «f»(x: u8) { a() } fn g() {}"), of("fn «f»(x: u8,) { b() }"));
    }
}
