//! Bodies of Rust code as flat arenas of expressions with byte spans, and types as written; items are in `declared`.
//! Expressions are stored parent first, so a subtree is a contiguous range. Nothing here borrows the AST.

/// Index of an expression in its body.
pub(crate) type ExprId = u32;
/// Index of a local in its body.
pub(crate) type LocalId = u32;
/// Byte range in the file.
pub(crate) type Range = (u32, u32);

/// A type as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ty {
    /// `a::b<C>`.
    Path { path: Vec<String>, args: Vec<Self> },
    /// A tuple; `()` is the empty one.
    Tuple(Vec<Self>),
    /// `dyn A + B` or `impl A + B`: the bounds, with the generic arguments of each.
    Bounds(Vec<Self>),
    /// `_`, closures, function pointers and whatever else carries no name.
    Unknown,
}

/// Why a binding has the value it has.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Parameter of the function, by position; `self` is not counted.
    Param(usize),
    /// `self`.
    Receiver,
    /// `let pattern = init`; the projection leads from the initialiser to the binding.
    Init { init: ExprId, projection: Vec<Projection> },
    /// Parameter of a closure.
    Closure { closure: ExprId },
    /// Bound by `for`.
    Item { iterable: ExprId },
    /// Declared without a value.
    Unset,
}

/// A step from a matched value to a binding in its pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Projection {
    /// Inside `Ok(…)`, `Some(…)` or another one-field variant.
    Payload(String),
    /// Field of a struct pattern.
    Field(String),
    /// Position in a tuple or slice.
    Index(usize),
}

/// A binding of a body.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    pub(crate) name: String,
    pub(crate) ty: Option<Ty>,
    pub(crate) source: Source,
    /// The way from the value to the binding, for sources that have no projection of their own.
    pub(crate) way: Vec<Projection>,
    /// Every expression that names it.
    pub(crate) uses: Vec<ExprId>,
}

/// The variants a pattern asks for, outside in: `Some(Err(e))` is `[Some, Err]`, `_` is `[_]`, a string is
/// quoted, a binding adds nothing. One list for each alternative.
pub(crate) type Heads = Vec<Vec<String>>;

/// An arm of a `match`; guards belong to the body.
#[derive(Debug, Clone)]
pub(crate) struct Arm {
    pub(crate) heads: Heads,
    pub(crate) body: ExprId,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lit {
    Str(String),
    Int(i64),
    Bool(bool),
    Other,
}

/// Which loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopKind {
    Loop,
    While,
    For,
}

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Lit(Lit),
    /// A use of a binding.
    Local(LocalId),
    /// A path to an item.
    Path {
        path: Vec<String>,
        /// The first generic argument of the last segment: `T` of `from_env::<T>`.
        generic: Option<Box<Ty>>,
    },
    Call {
        callee: ExprId,
        args: Vec<ExprId>,
    },
    Method {
        receiver: ExprId,
        name: String,
        name_span: Range,
        args: Vec<ExprId>,
        /// The first generic argument: `T` of `.from_env::<T>()`.
        generic: Option<Box<Ty>>,
    },
    Field {
        base: ExprId,
        name: String,
    },
    Index {
        base: ExprId,
        index: ExprId,
    },
    Await(ExprId),
    Try(ExprId),
    /// `&x`, `*x`, `(x)`, `-x`, `x as T`: the value is the operand, as far as we care.
    Wrap(ExprId),
    /// `!x`.
    Not(ExprId),
    Binary(ExprId, ExprId),
    /// `a / b`, `a % b`.
    Divide(ExprId, ExprId),
    /// `a..b`, with the bounds that are there.
    Range {
        bounds: Vec<ExprId>,
        /// Whether the last bound belongs to it: `a..=b`.
        inclusive: bool,
    },
    /// `a = b`, `a += b`.
    Assign {
        target: ExprId,
        value: ExprId,
    },
    /// A block; `tail` is its value.
    Block {
        statements: Vec<ExprId>,
        tail: Option<ExprId>,
    },
    /// `let` with an initialiser, as a statement.
    Let {
        init: ExprId,
        diverge: Option<ExprId>,
        heads: Heads,
    },
    /// `if let`/`while let` condition.
    LetCondition {
        init: ExprId,
        heads: Heads,
    },
    /// An `async` block.
    Async(ExprId),
    Closure {
        body: ExprId,
    },
    If {
        condition: ExprId,
        then: ExprId,
        other: Option<ExprId>,
    },
    Match {
        scrutinee: ExprId,
        arms: Vec<Arm>,
    },
    Loop {
        kind: LoopKind,
        head: Option<ExprId>,
        body: ExprId,
    },
    Struct {
        path: Vec<String>,
        fields: Vec<(String, ExprId)>,
        rest: Option<ExprId>,
    },
    Tuple(Vec<ExprId>),
    Array(Vec<ExprId>),
    Return(Option<ExprId>),
    Break(Option<ExprId>),
    Continue,
    /// A macro; the arguments that could be read as expressions.
    Macro {
        path: Vec<String>,
        args: Vec<ExprId>,
        text: Option<String>,
    },
    /// An expression that ends in `;`: its value is dropped.
    Discard(ExprId),
    /// Anything else, or something left out on purpose (`cfg(test)`).
    Other(Vec<ExprId>),
}

impl Kind {
    /// The expressions directly inside one.
    pub(crate) fn children(&self, into: &mut Vec<ExprId>) {
        match self {
            Self::Lit(_) | Self::Local(_) | Self::Path { .. } | Self::Continue => {}
            Self::Call { callee, args } => {
                into.push(*callee);
                into.extend(args);
            }
            Self::Method { receiver, args, .. } => {
                into.push(*receiver);
                into.extend(args);
            }
            Self::Field { base, .. } => into.push(*base),
            Self::Index { base, index } => into.extend([*base, *index]),
            Self::Await(inner)
            | Self::Try(inner)
            | Self::Wrap(inner)
            | Self::Not(inner)
            | Self::Discard(inner)
            | Self::Async(inner)
            | Self::LetCondition { init: inner, .. } => into.push(*inner),
            Self::Binary(left, right) | Self::Divide(left, right) => into.extend([*left, *right]),
            Self::Assign { target, value } => into.extend([*target, *value]),
            Self::Block { statements, tail, .. } => {
                into.extend(statements);
                into.extend(tail);
            }
            Self::Let { init, diverge, .. } => {
                into.push(*init);
                into.extend(diverge);
            }
            Self::Closure { body, .. } => into.push(*body),
            Self::If { condition, then, other } => {
                into.extend([*condition, *then]);
                into.extend(other);
            }
            Self::Match { scrutinee, arms } => {
                into.push(*scrutinee);
                into.extend(arms.iter().map(|arm| arm.body));
            }
            Self::Loop { head, body, .. } => {
                into.extend(head);
                into.push(*body);
            }
            Self::Struct { fields, rest, .. } => {
                into.extend(fields.iter().map(|(_, value)| *value));
                into.extend(rest);
            }
            Self::Tuple(items) | Self::Array(items) | Self::Range { bounds: items, .. } | Self::Other(items) => {
                into.extend(items)
            }
            Self::Return(value) | Self::Break(value) => into.extend(value),
            Self::Macro { args, .. } => into.extend(args),
        }
    }
}

/// An expression with its place in the tree.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) span: Range,
    /// The enclosing expression; `u32::MAX` for the root.
    pub(crate) parent: ExprId,
    /// One past the last expression of the subtree.
    pub(crate) end: ExprId,
}

/// The code of one function or initialiser.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    pub(crate) exprs: Vec<Expr>,
    pub(crate) locals: Vec<Local>,
    /// What each binding is made of (an initialiser, closure or iterated value) and the binding, sorted.
    pub(crate) bindings: Vec<(ExprId, LocalId)>,
    /// What calls of macros were expanded to, and the calls.
    pub(crate) expanded: Vec<(std::ops::Range<ExprId>, Range)>,
    /// Calls of macros that were not read, with what is called in them.
    pub(crate) unread: Vec<(ExprId, Vec<String>)>,
}

impl Body {
    pub(crate) fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id as usize]
    }

    pub(crate) fn kind(&self, id: ExprId) -> &Kind {
        &self.exprs[id as usize].kind
    }

    /// The names a `let`, `match`, `for` or closure binds to a value or parameter, in source order.
    pub(crate) fn bound(&self, to: ExprId) -> impl Iterator<Item = LocalId> + '_ {
        let start = self.bindings.partition_point(|(of, _)| *of < to);
        self.bindings[start..].iter().take_while(move |(of, _)| *of == to).map(|(_, local)| *local)
    }

    /// What encloses an expression directly; none for the root.
    pub(crate) fn parent_kind(&self, id: ExprId) -> Option<&Kind> {
        self.exprs.get(self.expr(id).parent as usize).map(|expr| &expr.kind)
    }

    /// The last name of a field or binding.
    pub(crate) fn last_name(&self, id: ExprId) -> Option<&str> {
        match self.kind(self.peeled(id)) {
            Kind::Field { name, .. } => Some(name),
            Kind::Local(local) => Some(&self.locals[*local as usize].name),
            _ => None,
        }
    }

    /// Whether an expression is awaited where it stands.
    pub(crate) fn is_awaited(&self, id: ExprId) -> bool {
        matches!(self.parent_kind(id), Some(Kind::Await(_)))
    }

    /// Whether an expression is a call whose callee ends in a word: `Ok(…)`, `drop(…)`.
    pub(crate) fn calls(&self, id: ExprId, word: &str) -> bool {
        matches!(self.kind(id), Kind::Call { callee, .. }
            if matches!(self.kind(*callee), Kind::Path { path, .. } if path.last().is_some_and(|name| name == word)))
    }

    /// The enclosing expressions, inside out.
    pub(crate) fn ancestors(&self, id: ExprId) -> impl Iterator<Item = ExprId> {
        let mut at = id;
        std::iter::from_fn(move || {
            at = self.exprs.get(at as usize)?.parent;
            (at != u32::MAX).then_some(at)
        })
    }

    /// An expression and everything inside it.
    pub(crate) fn subtree(&self, id: ExprId) -> std::ops::Range<ExprId> {
        id..self.expr(id).end
    }

    /// The expression with `&`, parentheses, `?`, `.await` and `;` taken off.
    pub(crate) fn peeled(&self, mut id: ExprId) -> ExprId {
        while let Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) | Kind::Discard(inner) = self.kind(id) {
            id = *inner;
        }
        id
    }
}
