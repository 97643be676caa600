//! What stands at a place of a Rust file, in words that formatting does not change: the tokens of the marked
//! expression, and of the clause it is part of (a statement, an arm, a field, an item), what other blocks of it hold
//! left out.

use super::clauses;
use super::clauses::Clauses;
use crate::source::Places;
use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Groups inside groups that are told; deeper ones are not written by people.
const MAX_DEPTH: usize = 128;

/// A file as tokens, taken apart once: a stream copies what it holds whenever it is looked into.
struct Tokens {
    trees: Vec<Node>,
    /// Bytes before the first token that is counted.
    base: usize,
}

/// A token with its bytes.
struct Node {
    bytes: Range<usize>,
    kind: Kind,
}

enum Kind {
    Token(TokenTree),
    Group {
        delimiter: Delimiter,
        /// The bytes between its delimiters.
        within: Range<usize>,
        inside: Vec<Node>,
    },
    /// A group that nests too deep to be told.
    Deep,
}

/// What the tokens say at places of a file, which are sorted by where they begin; none where no token stands, or if the
/// file is not Rust.
pub(super) fn said(text: &str, places: &[Range<usize>]) -> Vec<Option<String>> {
    let base = start(text);
    let inside = |place: &Range<usize>| Some(place.start.checked_sub(base)?..place.end.checked_sub(base)?);
    let within: Option<Vec<Range<usize>>> = places.iter().map(inside).collect();
    let around = within.and_then(|within| clauses::around(&text[base..], &within));
    let whole = Clauses { start: 0, end: text.len() - base, depth: 0 };
    let mut around = around.unwrap_or_else(|| vec![whole; places.len()]);
    let mut known: HashMap<Clauses, Option<Tokens>> = HashMap::new();
    // Places that overlap each other in long clauses are no reason to read those again and again.
    let apart: HashSet<Clauses> = around.iter().copied().collect();
    if apart.iter().map(|of| of.end - of.start).sum::<usize>() > 2 * text.len() {
        around.fill(whole);
    }
    let read = |of: Clauses| Tokens::of(text, base + of.start..base + of.end, of.depth);
    let mut say = |(place, of): (&Range<usize>, Clauses)| {
        known.entry(of).or_insert_with(|| read(of)).as_ref()?.canonical(place.clone())
    };
    places.iter().zip(around).map(&mut say).collect()
}

/// Bytes before the first token: a byte-order mark and a `#!` line.
fn start(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = &text[mark..];
    let shebang = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
    if shebang { mark + rest.find('\n').unwrap_or(rest.len()) } else { mark }
}

impl Tokens {
    /// The tokens of a part of a file inside so many groups; none if it is not Rust.
    fn of(text: &str, part: Range<usize>, depth: usize) -> Option<Self> {
        if depth > MAX_DEPTH {
            return None;
        }
        proc_macro2::extra::invalidate_current_thread_spans();
        let base = part.start;
        let text = text.get(part)?;
        let tokens: TokenStream = text.parse().ok()?;
        Some(Self { trees: nodes(tokens, &Places::of(text), depth), base })
    }

    /// The canonical text of the bytes of a range and of their clause; none if no token stands there.
    fn canonical(&self, range: Range<usize>) -> Option<String> {
        let range = range.start.checked_sub(self.base)?..range.end.checked_sub(self.base)?;
        let mut level = self.trees.as_slice();
        let mut clause = level;
        loop {
            let found = overlapping(level, &range);
            match found {
                [Node { kind: Kind::Group { delimiter, within, inside }, .. }]
                    if within.start <= range.start && range.end <= within.end =>
                {
                    if *delimiter == Delimiter::Brace {
                        clause = inside;
                    }
                    level = inside;
                }
                _ => {
                    let marked = text(found, Blocks::Whole)?;
                    let around = text(part(clause, &range), Blocks::Empty)?;
                    return (!marked.is_empty()).then(|| format!("{marked}\n{around}"));
                }
            }
        }
    }
}

fn nodes(stream: TokenStream, places: &Places, depth: usize) -> Vec<Node> {
    let node = |tree: TokenTree| {
        let bytes = places.bytes(tree.span());
        let kind = match tree {
            TokenTree::Group(_) if depth >= MAX_DEPTH => Kind::Deep,
            TokenTree::Group(group) => Kind::Group {
                delimiter: group.delimiter(),
                within: places.bytes(group.span_open()).end..places.bytes(group.span_close()).start,
                inside: nodes(group.stream(), places, depth + 1),
            },
            token => Kind::Token(token),
        };
        Node { bytes, kind }
    };
    stream.into_iter().map(node).collect()
}

/// The tokens of a level that a range touches; they stand in the order of the source.
fn overlapping<'t>(level: &'t [Node], range: &Range<usize>) -> &'t [Node] {
    let first = level.partition_point(|node| node.bytes.end <= range.start);
    let end = level.partition_point(|node| node.bytes.start < range.end);
    &level[first..end.max(first)]
}

/// The clause of a block that a range lies in.
fn part<'t>(block: &'t [Node], range: &Range<usize>) -> &'t [Node] {
    let first = block.partition_point(|node| node.bytes.end <= range.start);
    let behind = block.partition_point(|node| node.bytes.start < range.end);
    if behind <= first {
        return &[];
    }
    let start = (1..=first).rev().find(|&at| ends(block, at)).unwrap_or(0);
    let end = (behind..block.len()).find(|&at| ends(block, at)).unwrap_or(block.len());
    &block[start..end]
}

/// Whether a clause ends before the token of an index: behind `;`, `,` and `=>`, and behind a block that nothing goes
/// on.
fn ends(block: &[Node], at: usize) -> bool {
    match (&block[at - 1].kind, &block[at].kind) {
        (Kind::Token(TokenTree::Punct(mark)), _) if matches!(mark.as_char(), ';' | ',') => true,
        (Kind::Token(TokenTree::Punct(mark)), _) if mark.as_char() == '>' => {
            let joins = |mark: &Punct| mark.as_char() == '=' && mark.spacing() == Spacing::Joint;
            at > 1 && matches!(&block[at - 2].kind, Kind::Token(TokenTree::Punct(before)) if joins(before))
        }
        (Kind::Group { delimiter: Delimiter::Brace, .. }, next) => match next {
            Kind::Token(TokenTree::Ident(word)) => *word != "else" && *word != "as",
            Kind::Token(TokenTree::Literal(_)) => true,
            Kind::Token(TokenTree::Punct(mark)) => mark.as_char() == '#',
            Kind::Token(TokenTree::Group(_)) | Kind::Group { .. } | Kind::Deep => false,
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
fn text(nodes: &[Node], blocks: Blocks) -> Option<String> {
    Some(canonical(nodes, blocks)?.into_token_stream().to_string())
}

fn canonical(nodes: &[Node], blocks: Blocks) -> Option<TokenStream> {
    let mut out = TokenStream::new();
    let mut nodes = nodes.iter().peekable();
    while let Some(node) = nodes.next() {
        match &node.kind {
            Kind::Token(TokenTree::Punct(mark)) if mark.as_char() == ',' => {}
            Kind::Token(TokenTree::Punct(mark))
                if mark.as_char() == '#' && nodes.peek().is_some_and(|next| is_documentation(next)) =>
            {
                nodes.next();
            }
            // Whether two marks touch is spacing, where it is not one of Rust's own.
            Kind::Token(TokenTree::Punct(mark)) => out.append(Punct::new(mark.as_char(), Spacing::Alone)),
            Kind::Token(token) => out.append(token.clone()),
            Kind::Group { delimiter, inside, .. } => {
                let empty = blocks == Blocks::Empty && *delimiter == Delimiter::Brace;
                let inside = if empty { TokenStream::new() } else { canonical(inside, blocks)? };
                out.append(Group::new(*delimiter, inside));
            }
            Kind::Deep => return None,
        }
    }
    Some(out)
}

fn is_documentation(node: &Node) -> bool {
    matches!(&node.kind, Kind::Group { inside, .. }
        if matches!(inside.first(), Some(Node { kind: Kind::Token(TokenTree::Ident(word)), .. }) if word == "doc"))
}

#[cfg(test)]
mod tests {
    use super::said;

    /// The canonical text of what stands between `«` and `»`.
    fn of(marked: &str) -> String {
        let start = marked.find('«').expect("a mark");
        let text = marked.replace('«', "");
        let end = text.find('»').expect("a mark");
        let text = text.replace('»', "");
        said(&text, std::slice::from_ref(&(start..end))).remove(0).expect("tokens")
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
