//! How much of a program's own code was followed, and where it was not.

use crate::text::Span;

/// Why a call of the workspace was not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfollowed {
    /// A trait of the workspace that nothing read here implements for the program.
    NoImplementation,
    /// The type it is called on is not known, and several methods have the name.
    UnknownType,
    /// The type it is called on is a generic parameter that names no trait of the workspace.
    Generic,
    /// The type it is called on is not known, and libraries have methods of that name too.
    CommonName,
    /// More implementations than are followed.
    TooMany,
    /// The module is known and has no such function: something else writes it, or leaves it out.
    NoFunction,
    /// A macro whose code was not read.
    Macro,
    /// The program has more code than is followed.
    Budget,
}

impl Unfollowed {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoImplementation => "no-implementation",
            Self::UnknownType => "unknown-type",
            Self::Generic => "generic",
            Self::CommonName => "common-name",
            Self::TooMany => "too-many",
            Self::NoFunction => "no-function",
            Self::Macro => "macro",
            Self::Budget => "budget",
        }
    }

    /// The same for people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::NoImplementation => "no implementation of its trait is known",
            Self::UnknownType => "the type it is called on is not known, and several methods have that name",
            Self::Generic => "it is called on a generic parameter without a trait of the workspace",
            Self::CommonName => "the type it is called on is not known, and libraries have methods of that name",
            Self::TooMany => "its trait has more implementations than are followed",
            Self::NoFunction => "its module has no such function here: it is generated, or left out by a `cfg`",
            Self::Macro => "the macro was not expanded",
            Self::Budget => "the program has more code than is followed",
        }
    }
}

/// A call that may lead to code of the workspace and was not followed.
#[derive(Debug, Clone)]
pub struct LostCall {
    /// What is called, as written.
    pub name: String,
    /// Why it was not followed.
    pub reason: Unfollowed,
    /// Functions of the workspace it may lead to and that nothing else led to: what was not looked at because of it.
    pub behind: usize,
    /// The call.
    pub span: Span,
}

/// How much of a program's own code was followed.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Functions of the workspace that were followed.
    pub functions: usize,
    /// Calls of the workspace that were followed.
    pub calls: usize,
    /// Those that were not, the worst first; last those that most likely mean a library.
    pub lost: Vec<LostCall>,
    /// Functions of the workspace that nobody looked at because of such calls, each once.
    pub behind: usize,
}

impl LostCall {
    /// Whether a library has methods of that name as well, and is most likely what is meant.
    pub fn is_doubtful(&self) -> bool {
        self.reason == Unfollowed::CommonName
    }
}

impl Coverage {
    /// The calls that lead to the workspace for all that is known.
    pub fn certain(&self) -> impl Iterator<Item = &LostCall> {
        self.lost.iter().filter(|call| !call.is_doubtful())
    }
}
