//! A row of the vocabulary: a fact's name, what it means, and the function that finds it out, whose type is the fact's.

use super::fact::Fact;
use crate::rule::{Kind, Literal};

/// A kind of subject, as the functions of its rows see one.
pub(crate) trait About {
    /// One subject, with the project it is in.
    type Of<'p>;
}

/// What finds a fact out. The variant is the type that operands are checked against.
pub(crate) enum Find<A: About> {
    Truth(for<'p> fn(&A::Of<'p>) -> Fact<bool>),
    Number(for<'p> fn(&A::Of<'p>) -> Fact<i64>),
    Text(for<'p> fn(&A::Of<'p>) -> Fact<String>),
    /// One of a closed list of words.
    Word(&'static [&'static str], for<'p> fn(&A::Of<'p>) -> Fact<&'static str>),
}

/// A fact of the vocabulary.
pub(crate) struct Row<A: About> {
    pub(crate) name: &'static str,
    /// What it holds, in a sentence.
    pub(crate) doc: &'static str,
    pub(crate) find: Find<A>,
}

impl<A: About> Row<A> {
    pub(crate) fn kind(&self) -> Kind {
        match self.find {
            Find::Truth(_) => Kind::Truth,
            Find::Number(_) => Kind::Number,
            Find::Text(_) => Kind::Text,
            Find::Word(words, _) => Kind::Word(words),
        }
    }

    pub(crate) fn fact(&self, of: &A::Of<'_>) -> Fact {
        match self.find {
            Find::Truth(find) => find(of).literal(Literal::Bool),
            Find::Number(find) => find(of).literal(Literal::Int),
            Find::Text(find) => find(of).literal(Literal::Text),
            Find::Word(_, find) => find(of).literal(|word| Literal::Text(word.to_owned())),
        }
    }
}
