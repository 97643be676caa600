//! Types along chains of adapters: what the closures of `map` and its like return, and what `collect` keeps of it.

use super::containers;
use super::infer::{Context, Steps};
use crate::knowledge::Meaning;
use crate::source::names::kinds::{Head, Res, Type};
use crate::source::parse::ir::{ExprId, Kind, Ty};

impl Context<'_> {
    /// What an adapter returns; none for methods that are none, or whose function says nothing.
    ///
    /// `records.iter().map(Task::try_from).collect::<Result<Vec<_>, _>>()` is a list of `Task`: `iter` keeps the list,
    /// `map` makes one of what its function returns, with `Result` seen through, and `collect` keeps that.
    pub(super) fn chained(
        &self,
        receiver: &Type,
        name: &str,
        args: &[ExprId],
        generic: Option<&Ty>,
        steps: Steps<'_>,
    ) -> Option<Type> {
        let lexicon = self.index.lexicon;
        let means = lexicon.method(name);
        if let Head::Local(own) = receiver.head
            && !self.index.methods(own, name).is_empty()
        {
            return None;
        }
        let item = containers::item_of(lexicon, receiver);
        if means.has(Meaning::Collects) {
            let asked = generic.map(|ty| self.peel(self.lower(ty)));
            return match asked {
                Some(asked) if asked.head != Head::Unknown => {
                    Some(containers::completed(lexicon, asked, receiver.clone()))
                }
                _ => item.is_some().then(|| receiver.clone()),
            };
        }
        if means.any(&[Meaning::GivesMapped, Meaning::GivesFlattened]) {
            let made = self.returned(*args.first()?, steps);
            if made.head == Head::Unknown {
                return item.is_some().then(|| containers::list(Type::unknown()));
            }
            if item.is_none() {
                return Some(made);
            }
            let flat = means.has(Meaning::GivesFlattened).then(|| containers::item_of(lexicon, &made)).flatten();
            return Some(containers::list(flat.unwrap_or(made)));
        }
        let item = item?;
        let pair = |first: Type, second: Type| {
            containers::list(Type { head: Head::Outside("()".to_owned()), args: vec![first, second] })
        };
        if means.has(Meaning::Enumerates) {
            return Some(pair(Type::unknown(), item));
        }
        if means.has(Meaning::Zips) {
            let other = self.expr(*args.first()?, steps);
            return Some(pair(item, containers::item_of(lexicon, &other).unwrap_or_else(Type::unknown)));
        }
        means.has(Meaning::GivesChunks).then(|| containers::list(containers::list(item)))
    }

    /// What a function or closure that is handed over returns, peeled.
    fn returned(&self, function: ExprId, steps: Steps<'_>) -> Type {
        match self.body.kind(self.body.peeled(function)) {
            Kind::Closure { body } => self.expr(*body, steps),
            Kind::Path { path, .. } => match self.resolve(path) {
                Res::Fn(id) => self.returns(id),
                Res::Type(id) => Type { head: Head::Local(id), args: Vec::new() },
                _ => Type::unknown(),
            },
            _ => Type::unknown(),
        }
    }
}
