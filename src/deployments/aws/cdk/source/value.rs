//! What expressions of a construct program evaluate to without running it: values, constructs, or unknown.

use super::syntax::{Class, Function, Word};
use crate::text::Span;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// A name or a text.
pub(crate) type Text = Rc<str>;

/// Lists longer than this are not followed.
pub(crate) const MAX_ITEMS: usize = 4_000;
/// Texts longer than this are not followed.
pub(crate) const MAX_TEXT: usize = 64 << 10;
/// Alternatives kept for one value.
const MAX_ARMS: usize = 8;

/// A value and where it is written.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// What a value is.
#[derive(Clone)]
pub(crate) enum Kind {
    /// `undefined`, `null`, `None`.
    Null,
    Bool(bool),
    Number(f64),
    Text(Text),
    /// Text with references in it.
    Parts(Rc<Vec<Value>>),
    List(Rc<RefCell<Vec<Value>>>),
    Map(Rc<RefCell<Map>>),
    /// A module, class, constant or function of a library, by its path: `lambda.Runtime.PROVIDED_AL2023`.
    Library(Text),
    /// What a class or function of a library made that is no construct: `Duration.seconds(5)`.
    Made(Rc<Made>),
    /// A member of something the program does not define: a method to call, or an attribute.
    Member(Rc<Value>, Text),
    Construct(ConstructId),
    /// An attribute of a construct's resource that the deployment knows.
    Attribute(ConstructId, Text),
    Closure(Rc<Closure>),
    Class(Rc<ClassValue>),
    Instance(Rc<Instance>),
    /// A module of the project, by its scope.
    Module(Rc<Scope>),
    /// One of several, decided by a condition no file decides.
    Either(Rc<Vec<Value>>),
    /// Something outside the program, by a symbol that is the same wherever it is meant.
    External(Text),
    /// Something no file decides: why.
    Opaque(Text),
}

/// A construct of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ConstructId(pub(crate) usize);

/// What a library made.
pub(crate) struct Made {
    pub(crate) path: Text,
    pub(crate) args: Args,
}

/// Arguments of a call.
#[derive(Clone, Default)]
pub(crate) struct Args {
    pub(crate) items: Vec<Value>,
    /// Python's `name=value`.
    pub(crate) named: Map,
}

/// An object, in source order.
#[derive(Clone, Default)]
pub(crate) struct Map {
    pub(crate) entries: Vec<Entry>,
    /// Why there may be more keys than these, if so.
    pub(crate) open: Option<Text>,
}

/// A key and its value.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: Text,
    pub(crate) key_span: Span,
    pub(crate) value: Value,
}

/// A function with the scope it sees.
pub(crate) struct Closure {
    pub(crate) function: std::sync::Arc<Function>,
    pub(crate) scope: Rc<Scope>,
    /// What `this` is in it.
    pub(crate) this: Option<Value>,
    /// The class that has it, for `super`.
    pub(crate) class: Option<Rc<ClassValue>>,
}

/// A class of the project.
pub(crate) struct ClassValue {
    pub(crate) class: std::sync::Arc<Class>,
    pub(crate) scope: Rc<Scope>,
    pub(crate) base: Option<Value>,
    pub(crate) statics: RefCell<HashMap<Word, Value>>,
    /// Whether anything makes instances of it.
    pub(crate) used: Cell<bool>,
}

/// An instance of a class of the project.
pub(crate) struct Instance {
    pub(crate) class: Rc<ClassValue>,
    pub(crate) fields: RefCell<HashMap<Word, Value>>,
    /// The construct a class of the library made of it.
    pub(crate) made: RefCell<Option<Value>>,
}

/// Names and what they are bound to.
#[derive(Default)]
pub(crate) struct Scope {
    pub(crate) names: RefCell<HashMap<Word, Value>>,
    pub(crate) outer: Option<Rc<Self>>,
    /// The file, for a module's own scope.
    pub(crate) file: OptionalText,
}

/// A text that may be missing.
pub(crate) type OptionalText = Option<Text>;

impl Scope {
    pub(crate) fn inside(outer: &Rc<Self>) -> Rc<Self> {
        Rc::new(Self { outer: Some(Rc::clone(outer)), ..Self::default() })
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        if let Some(found) = self.names.borrow().get(name) {
            return Some(found.clone());
        }
        let mut next = self.outer.clone();
        while let Some(scope) = next {
            if let Some(found) = scope.names.borrow().get(name) {
                return Some(found.clone());
            }
            next = scope.outer.clone();
        }
        None
    }

    pub(crate) fn set(&self, name: Word, value: Value) {
        self.names.borrow_mut().insert(name, value);
    }

    /// The file of the module around.
    pub(crate) fn path(&self) -> Text {
        let mut found = self.file.clone();
        let mut next = self.outer.clone();
        while let (None, Some(scope)) = (&found, next) {
            found = scope.file.clone();
            next = scope.outer.clone();
        }
        found.unwrap_or_else(|| "".into())
    }
}

/// The scope that has a name, from the innermost out.
pub(crate) fn owner(scope: &Rc<Scope>, name: &str) -> Option<Rc<Scope>> {
    let mut next = Some(Rc::clone(scope));
    while let Some(scope) = next {
        if scope.names.borrow().contains_key(name) {
            return Some(scope);
        }
        next = scope.outer.clone();
    }
    None
}

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| &*entry.key == key)
    }

    /// Sets a key; a later value wins and keeps the later place.
    pub(crate) fn set(&mut self, entry: Entry) {
        match self.entries.iter().position(|known| known.key == entry.key) {
            Some(at) => self.entries[at] = entry,
            None if self.entries.len() < MAX_ITEMS => self.entries.push(entry),
            None => self.open = Some("has too many keys to follow".into()),
        }
    }

    pub(crate) fn with(mut self, key: &str, key_span: Span, value: Value) -> Self {
        self.set(Entry { key: key.into(), key_span, value });
        self
    }

    /// Takes the entries of another over.
    pub(crate) fn extend(&mut self, other: &Self) {
        for entry in &other.entries {
            self.set(entry.clone());
        }
        if self.open.is_none() {
            self.open.clone_from(&other.open);
        }
    }
}

impl Value {
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span }
    }

    pub(crate) fn null(span: Span) -> Self {
        Self::new(Kind::Null, span)
    }

    pub(crate) fn text(text: impl Into<Text>, span: Span) -> Self {
        let text = text.into();
        if text.len() > MAX_TEXT {
            return Self::opaque("is too long to follow", span);
        }
        Self::new(Kind::Text(text), span)
    }

    pub(crate) fn number(number: f64, span: Span) -> Self {
        Self::new(Kind::Number(number), span)
    }

    pub(crate) fn truth(truth: bool, span: Span) -> Self {
        Self::new(Kind::Bool(truth), span)
    }

    pub(crate) fn list(items: Vec<Self>, span: Span) -> Self {
        if items.len() > MAX_ITEMS {
            return Self::opaque("has too many items to follow", span);
        }
        Self::new(Kind::List(Rc::new(RefCell::new(items))), span)
    }

    pub(crate) fn map(map: Map, span: Span) -> Self {
        Self::new(Kind::Map(Rc::new(RefCell::new(map))), span)
    }

    pub(crate) fn opaque(reason: impl Into<Text>, span: Span) -> Self {
        Self::new(Kind::Opaque(reason.into()), span)
    }

    pub(crate) fn library(path: impl Into<Text>, span: Span) -> Self {
        Self::new(Kind::Library(path.into()), span)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Whether nothing is known of it.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Opaque(_) | Kind::External(_) | Kind::Either(_))
    }

    pub(crate) fn as_text(&self) -> Option<Text> {
        match &self.kind {
            Kind::Text(text) => Some(Rc::clone(text)),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        match &self.kind {
            Kind::List(items) => Some(items.borrow().clone()),
            _ => None,
        }
    }

    /// A property of an object; nothing for what is no object.
    pub(crate) fn property(&self, key: &str) -> Option<Self> {
        match &self.kind {
            Kind::Map(map) => {
                let map = map.borrow();
                match (map.get(key), &map.open) {
                    (Some(entry), _) => Some(entry.value.clone()),
                    (None, Some(reason)) => Some(Self::opaque(Rc::clone(reason), self.span)),
                    (None, None) => None,
                }
            }
            Kind::Either(arms) => {
                let absent = || Self::null(self.span);
                let each = arms.iter().map(|arm| arm.property(key).unwrap_or_else(absent)).collect();
                Some(Self::either(each, self.span))
            }
            Kind::Opaque(_) | Kind::External(_) => Some(Self::opaque(self.reason(), self.span)),
            // Python writes objects of options as classes.
            Kind::Made(made) if made.args.items.is_empty() => {
                let named = &made.args.named;
                let open = || named.open.clone().map(|reason| Self::opaque(reason, self.span));
                named.get(key).map(|entry| entry.value.clone()).or_else(open)
            }
            _ => None,
        }
        .filter(|value| !value.is_null())
    }

    /// Why it is not known.
    pub(crate) fn reason(&self) -> Text {
        match &self.kind {
            Kind::Opaque(reason) => Rc::clone(reason),
            Kind::External(symbol) => format!("is set by {symbol}").into(),
            Kind::Either(_) => "depends on a condition".into(),
            _ => "is decided when the program runs".into(),
        }
    }

    /// The construct a value is: itself, or what its class made of it.
    pub(crate) fn construct(&self) -> Option<ConstructId> {
        match &self.kind {
            Kind::Construct(id) => Some(*id),
            Kind::Instance(instance) => match &*instance.made.borrow() {
                Some(Self { kind: Kind::Construct(id), .. }) => Some(*id),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether JavaScript and Python both take it for true, or both for false.
    pub(crate) fn truthy(&self) -> Option<bool> {
        match &self.kind {
            Kind::Null => Some(false),
            Kind::Bool(truth) => Some(*truth),
            Kind::Number(number) => Some(*number != 0.0),
            Kind::Text(text) => Some(!text.is_empty()),
            Kind::List(items) => Some(true).filter(|_| !items.borrow().is_empty()),
            Kind::Map(map) => Some(true).filter(|_| !map.borrow().entries.is_empty()),
            Kind::Either(arms) => {
                let first = arms.first().and_then(Self::truthy);
                first.filter(|_| arms.iter().all(|arm| arm.truthy() == first))
            }
            Kind::External(_) | Kind::Opaque(_) | Kind::Member(..) => None,
            Kind::Parts(_)
            | Kind::Library(_)
            | Kind::Made(_)
            | Kind::Construct(_)
            | Kind::Attribute(..)
            | Kind::Closure(_)
            | Kind::Class(_)
            | Kind::Instance(_)
            | Kind::Module(_) => Some(true),
        }
    }

    /// Whether two values are the same; none if that cannot be told.
    pub(crate) fn same(&self, other: &Self) -> Option<bool> {
        match (&self.kind, &other.kind) {
            (Kind::Null, Kind::Null) => Some(true),
            (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
            (Kind::Number(a), Kind::Number(b)) => Some(a == b),
            (Kind::Text(a), Kind::Text(b)) => Some(a == b),
            (Kind::Library(a), Kind::Library(b)) => Some(a == b),
            (Kind::Construct(a), Kind::Construct(b)) => Some(a == b),
            (a, b) if matches!(a, Kind::Null) || matches!(b, Kind::Null) => {
                let other = if matches!(a, Kind::Null) { other } else { self };
                (!other.is_unknown() && !matches!(other.kind, Kind::Member(..))).then_some(false)
            }
            _ => None,
        }
    }

    /// One of several values; equal ones collapse.
    pub(crate) fn either(values: Vec<Self>, span: Span) -> Self {
        let mut arms: Vec<Self> = Vec::new();
        for value in values {
            let parts = match &value.kind {
                Kind::Either(parts) => parts.to_vec(),
                _ => vec![value],
            };
            for part in parts {
                if let Kind::Opaque(_) = part.kind {
                    return part;
                }
                if !arms.iter().any(|arm| arm.same(&part) == Some(true)) {
                    arms.push(part);
                }
            }
        }
        match arms.len() {
            0 => Self::null(span),
            1 => arms.remove(0),
            n if n > MAX_ARMS => Self::opaque("has too many alternatives", span),
            _ => Self::new(Kind::Either(Rc::new(arms)), span),
        }
    }

    /// Texts and values that become text, joined.
    pub(crate) fn joined(parts: Vec<Self>, span: Span) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        let mut length = 0;
        for part in parts {
            let more = match &part.kind {
                Kind::Parts(inner) => inner.to_vec(),
                _ => vec![part],
            };
            for part in more {
                let text: Option<Text> = match &part.kind {
                    Kind::Text(text) => Some(Rc::clone(text)),
                    Kind::Number(number) => Some(spell(*number).into()),
                    Kind::Bool(truth) => Some(truth.to_string().into()),
                    _ => None,
                };
                let last = flat.last_mut().map(|last| &mut last.kind);
                match (text, last) {
                    (Some(text), Some(Kind::Text(before))) => {
                        length += text.len();
                        *before = format!("{before}{text}").into();
                    }
                    (Some(text), _) => {
                        length += text.len();
                        flat.push(Self::new(Kind::Text(text), part.span));
                    }
                    (None, _) => flat.push(part),
                }
                if length > MAX_TEXT || flat.len() > MAX_ITEMS {
                    return Self::opaque("is too long to follow", span);
                }
            }
        }
        match flat.as_slice() {
            [] => Self::text("", span),
            [Self { kind: Kind::Text(text), .. }] => Self::new(Kind::Text(Rc::clone(text)), span),
            _ => Self::new(Kind::Parts(Rc::new(flat)), span),
        }
    }
}

impl Args {
    /// An argument by its position, or by its name.
    pub(crate) fn at(&self, index: usize, name: &str) -> Option<Value> {
        let found = self.items.get(index).cloned().or_else(|| self.named.get(name).map(|entry| entry.value.clone()));
        found.filter(|value| !value.is_null())
    }

    /// The object of options at a position, with what is passed by name.
    pub(crate) fn props(&self, index: usize, span: Span) -> Value {
        match self.items.get(index) {
            Some(props) if self.named.entries.is_empty() && self.named.open.is_none() => props.clone(),
            Some(Value { kind: Kind::Map(map), span }) => {
                let mut all = map.borrow().clone();
                all.extend(&self.named);
                Value::map(all, *span)
            }
            Some(unknown) if unknown.is_unknown() => unknown.clone(),
            _ => Value::map(self.named.clone(), span),
        }
    }
}

/// A number as programs print it.
pub(crate) fn spell(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{}", number as i64) } else { number.to_string() }
}
