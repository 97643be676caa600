//! Objects and dictionaries: JavaScript's `Map`, Python's `dict`, and what is passed on as `**kwargs`.

use super::machine::Machine;
use super::python::camel;
use super::value::{Args, Entry, Kind, MAX_ITEMS, Map, Text, Value};
use crate::text::Span;
use std::cell::RefCell;
use std::rc::Rc;

/// Methods objects are asked for by, where they have no key of that name.
const METHODS: &[&str] = &[
    "get",
    "set",
    "has",
    "delete",
    "items",
    "keys",
    "values",
    "entries",
    "copy",
    "update",
    "pop",
    "setdefault",
    "forEach",
    "map",
    "filter",
    "flatMap",
];

/// Whether a name is a method of an object that has no key of that name.
pub(crate) fn is_method(name: &str) -> bool {
    METHODS.contains(&name)
}

impl Map {
    /// Sets what a dotted path leads to.
    pub(crate) fn set_path(&mut self, path: &str, key_span: Span, value: Value) {
        let Some((first, rest)) = path.split_once('.') else {
            return self.set(Entry { key: path.into(), key_span, value });
        };
        let mut inner = match self.get(first).map(|entry| &entry.value.kind) {
            Some(Kind::Map(inner)) => inner.borrow().clone(),
            _ => Self::default(),
        };
        let span = value.span;
        inner.set_path(rest, key_span, value);
        self.set(Entry { key: first.into(), key_span, value: Value::map(inner, span) });
    }

    /// What a dotted path leads to.
    pub(crate) fn at(&self, path: &str) -> Option<Value> {
        match path.split_once('.') {
            None => self.get(path).map(|entry| entry.value.clone()),
            Some((first, rest)) => match &self.get(first)?.value.kind {
                Kind::Map(inner) => inner.borrow().at(rest),
                _ => None,
            },
        }
    }

    /// Adds an item to the list at a dotted path.
    pub(crate) fn append(&mut self, path: &str, span: Span, value: Value) {
        match self.at(path).map(|list| list.kind) {
            Some(Kind::List(items)) if items.borrow().len() < MAX_ITEMS => items.borrow_mut().push(value),
            _ => self.set_path(path, span, Value::list(vec![value], span)),
        }
    }

    /// The key a text means: itself, or the name of a parameter that Python spells with underscores.
    pub(crate) fn slot(&self, key: &str) -> Option<Text> {
        let exact = self.get(key).map(|entry| Rc::clone(&entry.key));
        exact.or_else(|| self.get(&camel(key)).map(|entry| Rc::clone(&entry.key)))
    }

    /// What a key leads to; unknown if there may be more keys than are known.
    pub(crate) fn lookup(&self, key: &str, span: Span) -> Option<Value> {
        match (self.slot(key).and_then(|key| self.get(&key).cloned()), &self.open) {
            (Some(entry), _) => Some(entry.value),
            (None, Some(reason)) => Some(Value::opaque(Rc::clone(reason), span)),
            (None, None) => None,
        }
    }
}

impl Machine<'_, '_> {
    /// What is made of each key and value.
    pub(crate) fn pairs(&mut self, map: &Value, each: impl Fn(Value, Value) -> Value, span: Span) -> Option<Value> {
        let Kind::Map(map) = &map.kind else { return None };
        let map = map.borrow();
        if map.open.is_some() {
            return None;
        }
        let entries = map.entries.iter();
        let made = entries.map(|entry| each(Value::text(Rc::clone(&entry.key), entry.key_span), entry.value.clone()));
        Some(Value::list(made.collect(), span))
    }

    /// What a loop over an object goes through: keys in Python, keys with values of JavaScript's `Map`.
    pub(crate) fn passes_of(&mut self, map: &Value, python: bool) -> Option<Vec<Value>> {
        let span = map.span;
        let pair = |key, value| Value::list(vec![key, value], span);
        let list = if python { self.pairs(map, |key, _| key, span) } else { self.pairs(map, pair, span) };
        list?.items()
    }

    /// A method of an object.
    pub(crate) fn map_method(
        &mut self,
        object: &Value,
        map: &Rc<RefCell<Map>>,
        name: &str,
        args: Args,
        span: Span,
    ) -> Value {
        let key = args.items.first().and_then(Value::as_text);
        let doubtful = !self.branches.is_empty();
        let many = |list: Option<Value>| list.unwrap_or_else(|| Value::opaque("has unknown keys", span));
        match (name, key) {
            ("get", Some(key)) => {
                let found = map.borrow().lookup(&key, span);
                found.unwrap_or_else(|| args.items.get(1).cloned().unwrap_or_else(|| Value::null(span)))
            }
            ("pop", Some(key)) => {
                let found = map.borrow().lookup(&key, span);
                let taken = map.borrow().slot(&key);
                if let (Some(taken), Some(value)) = (taken, &found) {
                    let entry = |key| Entry { key, key_span: span, value: Value::null(span) };
                    if doubtful {
                        let value = Value::either(vec![Value::null(span), value.clone()], span);
                        map.borrow_mut().set(Entry { value, ..entry(taken) });
                    } else {
                        map.borrow_mut().entries.retain(|entry| entry.key != taken);
                    }
                }
                found.unwrap_or_else(|| args.items.get(1).cloned().unwrap_or_else(|| Value::null(span)))
            }
            ("setdefault", Some(key)) => {
                let found = map.borrow().lookup(&key, span);
                let value = found.or_else(|| args.items.get(1).cloned()).unwrap_or_else(|| Value::null(span));
                let place = map.borrow().slot(&key).unwrap_or(key);
                map.borrow_mut().set(Entry { key: place, key_span: span, value: value.clone() });
                value
            }
            ("set", Some(key)) => {
                let value = args.items.get(1).cloned().unwrap_or_else(|| Value::null(span));
                let before = map.borrow().get(&key).map(|entry| entry.value.clone());
                let value = match before {
                    Some(before) if doubtful => Value::either(vec![before, value], span),
                    _ => value,
                };
                map.borrow_mut().set(Entry { key, key_span: span, value });
                object.clone()
            }
            ("has", Some(key)) => match map.borrow().lookup(&key, span) {
                Some(value) if value.is_unknown() => Value::opaque(value.reason(), span),
                found => Value::truth(found.is_some(), span),
            },
            ("delete", Some(key)) if !doubtful => {
                map.borrow_mut().entries.retain(|entry| entry.key != key);
                Value::null(span)
            }
            ("items" | "entries", _) => {
                many(self.pairs(object, |key, value| Value::list(vec![key, value], span), span))
            }
            ("keys", _) => many(self.pairs(object, |key, _| key, span)),
            ("values", _) => many(self.pairs(object, |_, value| value, span)),
            ("copy", _) => Value::map(map.borrow().clone(), span),
            ("update", _) => {
                match args.items.first().map(|more| &more.kind) {
                    Some(Kind::Map(more)) => {
                        let more = more.borrow().clone();
                        map.borrow_mut().extend(&more);
                    }
                    None => {}
                    _ => map.borrow_mut().open = Some("is updated when the program runs".into()),
                }
                map.borrow_mut().extend(&args.named);
                Value::null(span)
            }
            ("forEach", None) => {
                let (Some(each), Some(list)) = (args.items.first().cloned(), self.passes_of(object, false)) else {
                    self.unfollowed(&args, span);
                    return Value::null(span);
                };
                for pair in list.into_iter().filter_map(|pair| pair.items()) {
                    let items = pair.into_iter().rev().collect();
                    self.call(&each, Args { items, ..Args::default() }, span);
                }
                Value::null(span)
            }
            // Comprehensions of Python go through the keys.
            ("map" | "filter" | "flatMap", _) => match self.pairs(object, |key, _| key, span) {
                Some(keys) => self.call_member(&keys, &name.into(), args, span),
                None => {
                    self.unfollowed(&args, span);
                    Value::opaque("has unknown keys", span)
                }
            },
            ("set" | "setdefault" | "pop" | "delete", _) => {
                map.borrow_mut().open = Some("has keys that are decided when the program runs".into());
                Value::opaque("is decided when the program runs", span)
            }
            _ => Value::opaque("is computed when the program runs", span),
        }
    }
}
