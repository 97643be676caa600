//! What the collections of the standard library hold, and what their methods hand out.

use crate::knowledge::{Lexicon, Meaning};
use crate::source::names::kinds::{Head, Type};

fn is(lexicon: &Lexicon, ty: &Type, meaning: Meaning) -> bool {
    ty.path().is_some_and(|path| lexicon.means(path, meaning))
}

/// A list.
pub(super) fn list(of: Type) -> Type {
    Type { head: Head::Outside("Vec".to_owned()), args: vec![of] }
}

/// A tuple.
pub(super) fn tuple(of: Vec<Type>) -> Type {
    Type { head: Head::Outside("()".to_owned()), args: of }
}

/// What a loop over a collection binds: the items of a list, pairs of a map.
pub(crate) fn item_of(lexicon: &Lexicon, ty: &Type) -> Option<Type> {
    if is(lexicon, ty, Meaning::List) {
        return ty.args.first().cloned();
    }
    let pairs = is(lexicon, ty, Meaning::Map) && ty.args.len() == 2;
    pairs.then(|| Type { head: Head::Outside("()".to_owned()), args: ty.args.clone() })
}

/// What an index into a collection names.
pub(super) fn element(lexicon: &Lexicon, ty: &Type) -> Option<Type> {
    match is(lexicon, ty, Meaning::Map) {
        true => ty.args.get(1).cloned(),
        false => item_of(lexicon, ty),
    }
}

/// A declared collection whose elements were left open, with those of what it is made of.
pub(super) fn completed(lexicon: &Lexicon, declared: Type, made: Type) -> Type {
    let Some(item) = item_of(lexicon, &made) else { return declared };
    match (is(lexicon, &declared, Meaning::Map), item.path() == Some("()")) {
        (true, true) => Type { head: declared.head, args: item.args },
        (false, _) if is(lexicon, &declared, Meaning::List) => Type { head: declared.head, args: vec![item] },
        _ => declared,
    }
}

/// What a method of a collection returns, without the `Option` around it; none for methods that say nothing.
pub(crate) fn method(lexicon: &Lexicon, receiver: &Type, name: &str) -> Option<Type> {
    let means = lexicon.method(name);
    if is(lexicon, receiver, Meaning::List) {
        if means.has(Meaning::GivesItem) {
            return receiver.args.first().cloned();
        }
        return means.has(Meaning::GivesList).then(|| receiver.clone());
    }
    if !is(lexicon, receiver, Meaning::Map) {
        return None;
    }
    let [key, value] = receiver.args.as_slice() else { return None };
    if means.has(Meaning::GivesValue) {
        return Some(value.clone());
    }
    let all = if means.has(Meaning::GivesValues) { Some(value) } else { None };
    let all = if means.has(Meaning::GivesKeys) { Some(key) } else { all };
    all.cloned().map(list)
}
