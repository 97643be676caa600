//! What the front ends share: a syntax tree's nodes as texts and places, with a bound on how deep they are followed.

use super::syntax::{Expr, ExprKind, Word};
use crate::text::{FileId, Span};
use tree_sitter::{Language, Node, Parser, Tree};

/// Nodes nested deeper than this are not followed: what lowers them, evaluates them and drops them recurses.
const MAX_DEPTH: u32 = 160;

/// A file being lowered.
pub(crate) struct Lower<'t> {
    pub(crate) text: &'t str,
    pub(crate) file: FileId,
    depth: u32,
}

/// The syntax tree of a text; the grammars recover from errors, so there always is one.
pub(crate) fn parse(language: &Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    parser.parse(text, None)
}

impl<'t> Lower<'t> {
    pub(crate) fn new(file: FileId, text: &'t str) -> Self {
        Self { text, file, depth: 0 }
    }

    pub(crate) fn span(&self, node: Node<'_>) -> Span {
        Span::new(self.file, node.start_byte() as u32, node.end_byte() as u32)
    }

    pub(crate) fn slice(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    pub(crate) fn word(&self, node: Node<'_>) -> Word {
        self.slice(node).into()
    }

    /// Goes one level deeper, unless that is too deep.
    fn enter(&mut self) -> bool {
        let room = self.depth < MAX_DEPTH;
        self.depth += u32::from(room);
        room
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(crate) fn expr(&self, kind: ExprKind, node: Node<'_>) -> Expr {
        Expr::new(kind, self.span(node))
    }
}

/// The front end of one language: what it makes of a node, and how all of them follow nodes into each other.
pub(crate) trait FrontEnd<'t> {
    /// The file it lowers.
    fn lower(&mut self) -> &mut Lower<'t>;

    /// The expression a node is; what is inside goes through [`FrontEnd::expression`].
    fn shallow(&mut self, node: Node<'_>) -> Expr;

    /// What lies one level deeper, unless that is too deep.
    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> Option<T>
    where
        Self: Sized,
    {
        self.lower().enter().then(|| {
            let found = inside(self);
            self.lower().leave();
            found
        })
    }

    /// The expression a node is, unless it is nested too deeply.
    fn expression(&mut self, node: Node<'_>) -> Expr
    where
        Self: Sized,
    {
        let span = self.lower().span(node);
        self.deeper(|reader| reader.shallow(node)).unwrap_or_else(|| Expr::unknown("is nested too deeply", span))
    }

    /// The expression that a grammar asks for inside a node, which may be incomplete.
    fn boxed(&mut self, node: Option<Node<'_>>, around: Node<'_>) -> Box<Expr>
    where
        Self: Sized,
    {
        Box::new(match node {
            Some(node) => self.expression(node),
            None => Expr::unknown("is incomplete", self.lower().span(around)),
        })
    }
}

/// The named children that are no comments.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

/// Whether a keyword or sign stands directly in a node.
pub(crate) fn has(node: Node<'_>, token: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| child.kind() == token)
}

/// A number as JavaScript and Python write it.
pub(crate) fn number(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|&c| c != '_').collect();
    if let Some(hex) = plain.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(|number| number as f64);
    }
    plain.trim_end_matches('n').parse().ok().filter(|number: &f64| number.is_finite())
}

/// A string's content with its usual escapes undone.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('\n') | None => {}
            Some(other) => out.push(other),
        }
    }
    out
}
