//! Programs that construct deployments, whatever language they are written in: modules of statements and expressions.
//! Names are spelled as the CDK spells them in TypeScript; each language's own spelling ends where it is lowered.

use crate::text::Span;
use std::sync::Arc;

/// A name or a text.
pub(crate) type Word = Arc<str>;

/// A file.
#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) body: Vec<Stmt>,
}

/// A statement with its place.
#[derive(Debug)]
pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) span: Span,
}

/// What a statement does.
#[derive(Debug)]
pub(crate) enum StmtKind {
    Expr(Expr),
    /// Binds names in the scope it stands in.
    Let(Pattern, Option<Expr>),
    Return(Option<Expr>),
    /// `raise`, `throw`: nothing after it happens.
    Throw,
    /// `break`, `continue`.
    Jump,
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// One pass for each item.
    Each(Pattern, Expr, Vec<Stmt>),
    /// A loop over anything else.
    Loop(Vec<Stmt>),
    Block(Vec<Stmt>),
    Class(Arc<Class>),
    Function(Arc<Function>),
    Import(Import),
}

/// What a module takes from another.
#[derive(Debug)]
pub(crate) struct Import {
    /// As it is written: `./queues`, `aws-cdk-lib/aws-sqs`, `..stacks.queues`.
    pub(crate) from: Word,
    /// The local name of the whole module.
    pub(crate) whole: Option<Word>,
    /// Names in the module and here.
    pub(crate) names: Vec<(Word, Word)>,
    /// Everything the module has.
    pub(crate) all: bool,
}

/// A function, method or closure.
#[derive(Debug, Default)]
pub(crate) struct Function {
    pub(crate) name: OptionalWord,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Vec<Stmt>,
    pub(crate) is_static: bool,
    /// Read like a field (`get`, `@property`).
    pub(crate) is_getter: bool,
}

/// A name that may be missing.
pub(crate) type OptionalWord = Option<Word>;

/// A parameter.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) pattern: Pattern,
    pub(crate) default: Option<Expr>,
    pub(crate) rest: Rest,
    /// TypeScript's `private readonly x`: a field as well.
    pub(crate) field: bool,
}

/// Whether a parameter takes what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    No,
    /// `...x`, `*x`.
    Items,
    /// `**x`.
    Named,
}

/// A class.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: Word,
    pub(crate) base: Option<Expr>,
    pub(crate) constructor: Option<Arc<Function>>,
    pub(crate) methods: Vec<Arc<Function>>,
    pub(crate) fields: Vec<Field>,
    pub(crate) span: Span,
}

/// A field with its first value.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: Word,
    pub(crate) value: Expr,
    pub(crate) is_static: bool,
}

/// What is bound.
#[derive(Debug)]
pub(crate) enum Pattern {
    Name(Word),
    /// Keys, what they are bound to, and their defaults; the name of the rest.
    Object(Vec<(Word, Self, Option<Expr>)>, Option<Word>),
    List(Vec<Self>),
    Nothing,
}

/// An expression with its place.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// What an expression is.
#[derive(Debug)]
pub(crate) enum ExprKind {
    Null,
    Bool(bool),
    Number(f64),
    Text(Word),
    /// Text with expressions in it.
    Parts(Vec<Expr>),
    Name(Word),
    This,
    Super,
    Member(Box<Expr>, Word),
    Index(Box<Expr>, Box<Expr>),
    Call(Box<Expr>, Vec<Arg>),
    New(Box<Expr>, Vec<Arg>),
    List(Vec<Arg>),
    Object(Vec<Prop>),
    Closure(Arc<Function>),
    Class(Arc<Class>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    Assign(Box<Expr>, Box<Expr>),
    /// Something that is not followed: what it is.
    Unknown(&'static str),
}

/// An argument or item.
#[derive(Debug)]
pub(crate) enum Arg {
    Value(Expr),
    Spread(Expr),
    /// Python's `name=value`.
    Named(Word, Span, Expr),
    /// Python's `**value`.
    NamedSpread(Expr),
}

/// An entry of an object.
#[derive(Debug)]
pub(crate) enum Prop {
    Entry(Word, Span, Expr),
    Computed(Expr, Expr),
    Spread(Expr),
}

/// Operators whose meaning is the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    /// Also joins paths in Python.
    Divide,
    Equal,
    Unequal,
    And,
    Or,
    /// `??`.
    Else,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    /// `in`.
    In,
    /// `instanceof`.
    IsA,
}

impl Expr {
    pub(crate) fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    pub(crate) fn unknown(what: &'static str, span: Span) -> Self {
        Self::new(ExprKind::Unknown(what), span)
    }
}

impl Operator {
    /// The operator a language writes so; all of them mean the same by a sign.
    pub(crate) fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "==" | "===" | "is" => Self::Equal,
            "!=" | "!==" | "is not" => Self::Unequal,
            "&&" | "and" => Self::And,
            "||" | "or" => Self::Or,
            "??" => Self::Else,
            "<" => Self::Less,
            ">" => Self::Greater,
            "<=" => Self::LessEqual,
            ">=" => Self::GreaterEqual,
            "in" => Self::In,
            "instanceof" => Self::IsA,
            _ => return None,
        })
    }
}
