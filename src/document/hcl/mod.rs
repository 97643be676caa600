//! HCL as bodies of attributes and blocks, with a byte span on each; expressions are a tree that can be evaluated.
//! Built once from the parser's tree, which is dropped. Files in the language's JSON form become the same bodies.

mod newlines;
mod read;

pub(crate) use self::read::{parse, parse_template, parse_template_file};

use crate::text::Span;
use hcl_edit::expr::{BinaryOperator, UnaryOperator};

/// A body: attributes and blocks.
#[derive(Debug, Default, Clone)]
pub(crate) struct Body {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) blocks: Vec<Block>,
}

impl Body {
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Where the last thing in it ends; none if there is nothing.
    pub(crate) fn end(&self) -> Option<u32> {
        let attributes = self.attributes.iter().map(|attribute| attribute.whole.end);
        attributes.chain(self.blocks.iter().map(|block| block.whole.end)).max()
    }
}

/// `name = value`.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) key: Span,
    pub(crate) value: Expr,
    /// From the name to the end of the value, a heredoc's last line included.
    pub(crate) whole: Span,
}

/// `kind "label" … { body }`.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) labels: Vec<String>,
    /// The kind and the labels: what a reader takes for its name.
    pub(crate) span: Span,
    /// From the kind to the closing brace.
    pub(crate) whole: Span,
    pub(crate) body: Body,
}

/// An expression and its place.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub(crate) enum ExprKind {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    /// Pieces of text that are joined.
    Template(Vec<Expr>),
    /// `%{ if … }` and `%{ for … }` inside a template.
    Directive,
    Variable(String),
    Conditional(Box<[Expr; 3]>),
    Call {
        name: String,
        arguments: Vec<Expr>,
        /// Whether `...` spreads the last argument.
        spread: bool,
    },
    Traversal(Box<Expr>, Vec<Step>),
    Unary(UnaryOperator, Box<Expr>),
    Binary(BinaryOperator, Box<[Expr; 2]>),
    For(Box<For>),
}

/// One step of a traversal.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Attribute(String),
    Index(Expr),
    Splat,
}

/// `[for k, v in collection : key => value... if condition]`.
#[derive(Debug, Clone)]
pub(crate) struct For {
    pub(crate) key_name: Option<String>,
    pub(crate) value_name: String,
    pub(crate) collection: Expr,
    /// Present when it makes an object.
    pub(crate) key: Option<Expr>,
    pub(crate) value: Expr,
    pub(crate) condition: Option<Expr>,
    pub(crate) grouping: bool,
}
