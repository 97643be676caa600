//! Sets of kinds of expressions: what a collector wants to be asked about.

use super::ir::Kind;

/// A set of kinds of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nodes(u32);

impl Nodes {
    pub(crate) const LIT: Self = Self(1 << 0);
    pub(crate) const LOCAL: Self = Self(1 << 1);
    pub(crate) const PATH: Self = Self(1 << 2);
    pub(crate) const CALL: Self = Self(1 << 3);
    pub(crate) const METHOD: Self = Self(1 << 4);
    pub(crate) const FIELD: Self = Self(1 << 5);
    pub(crate) const INDEX: Self = Self(1 << 6);
    pub(crate) const AWAIT: Self = Self(1 << 7);
    pub(crate) const DIVIDE: Self = Self(1 << 8);
    pub(crate) const BLOCK: Self = Self(1 << 9);
    pub(crate) const LET: Self = Self(1 << 10);
    pub(crate) const CLOSURE: Self = Self(1 << 11);
    pub(crate) const IF: Self = Self(1 << 12);
    pub(crate) const MATCH: Self = Self(1 << 13);
    pub(crate) const LOOP: Self = Self(1 << 14);
    pub(crate) const MACRO: Self = Self(1 << 15);
    pub(crate) const ASSIGN: Self = Self(1 << 16);
    pub(crate) const STRUCT: Self = Self(1 << 17);
    pub(crate) const TUPLE: Self = Self(1 << 18);
    /// Calls of functions and of methods.
    pub(crate) const CALLS: Self = Self::CALL.or(Self::METHOD);
    /// How many kinds a set can tell apart.
    pub(crate) const COUNT: usize = 19;

    /// Both sets.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the kind with a position is in the set.
    pub(crate) const fn has(self, position: usize) -> bool {
        self.0 >> position & 1 == 1
    }

    /// The position of a kind; none for those that no collector asks for.
    pub(crate) const fn position(kind: &Kind) -> Option<usize> {
        let set = match kind {
            Kind::Lit(_) => Self::LIT,
            Kind::Local(_) => Self::LOCAL,
            Kind::Path { .. } => Self::PATH,
            Kind::Call { .. } => Self::CALL,
            Kind::Method { .. } => Self::METHOD,
            Kind::Field { .. } => Self::FIELD,
            Kind::Index { .. } => Self::INDEX,
            Kind::Await(_) => Self::AWAIT,
            Kind::Divide(..) => Self::DIVIDE,
            Kind::Block { .. } => Self::BLOCK,
            Kind::Let { .. } => Self::LET,
            Kind::Closure { .. } => Self::CLOSURE,
            Kind::If { .. } => Self::IF,
            Kind::Match { .. } => Self::MATCH,
            Kind::Loop { .. } => Self::LOOP,
            Kind::Macro { .. } => Self::MACRO,
            Kind::Assign { .. } => Self::ASSIGN,
            Kind::Struct { .. } => Self::STRUCT,
            Kind::Tuple(_) => Self::TUPLE,
            Kind::Try(_)
            | Kind::Wrap(_)
            | Kind::Not(_)
            | Kind::Binary(..)
            | Kind::Range { .. }
            | Kind::LetCondition { .. }
            | Kind::Async(_)
            | Kind::Array(_)
            | Kind::Return(_)
            | Kind::Break(_)
            | Kind::Continue
            | Kind::Discard(_)
            | Kind::Other(_) => return None,
        };
        Some(set.0.trailing_zeros() as usize)
    }
}
