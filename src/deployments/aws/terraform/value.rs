//! What a Terraform expression evaluates to without a provider: values, references to resources, or unknown.

use crate::model::Origin;
use crate::text::Span;
use std::rc::Rc;

/// A value, its place and who supplied it (none: written where it is used).
#[derive(Debug, Clone)]
pub(crate) struct Val {
    pub(crate) kind: ValKind,
    pub(crate) span: Span,
    pub(crate) origin: Option<Origin>,
    /// Levels of collections inside it.
    nesting: u16,
    /// Values inside it, shared ones counted each time, and text by the kilobyte; saturates.
    bulk: u32,
}

/// Collections nested deeper than this are not followed: dropping and writing a value recurses over them.
const MAX_NESTING: u16 = 200;
/// Values larger than this are not followed; the largest real state machine is a hundredth of it.
const MAX_BULK: u32 = 200_000;

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum ValKind {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    List(Rc<Vec<Val>>),
    Map(Rc<Map>),
    /// Text with references in it.
    Parts(Rc<Vec<Val>>),
    /// An attribute of a resource that only the provider knows: the resource's address and the attribute.
    Attribute(Rc<str>, Rc<str>),
    /// A whole resource or data source: the instances of a block.
    Resource(ResourceRef),
    /// A module call: its outputs.
    Module(ModuleRef),
    /// One of several, decided by a condition no file decides.
    Either(Rc<Vec<Val>>),
    /// Something outside the configuration, by a symbol that is the same wherever it is meant.
    External(Rc<str>),
    /// Something no file decides: why.
    Opaque(Rc<str>),
}

/// A module instance of a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ModuleId(pub(crate) usize);

/// A module call inside a module instance.
#[derive(Debug, Clone)]
pub(crate) struct ModuleRef {
    pub(crate) caller: ModuleId,
    pub(crate) call: Rc<str>,
    pub(crate) key: Option<Rc<str>>,
}

/// A resource block inside a module instance.
#[derive(Debug, Clone)]
pub(crate) struct ResourceRef {
    pub(crate) module: ModuleId,
    pub(crate) data: bool,
    pub(crate) kind: Rc<str>,
    pub(crate) name: Rc<str>,
    pub(crate) key: Option<Rc<str>>,
}

/// An object or map, in source order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Map {
    pub(crate) entries: Vec<MapEntry>,
    /// Why there may be more keys than these, if so.
    pub(crate) open: Option<Rc<str>>,
}

/// A key of a map.
#[derive(Debug, Clone)]
pub(crate) struct MapEntry {
    pub(crate) key: Rc<str>,
    pub(crate) key_span: Span,
    pub(crate) value: Val,
}

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&MapEntry> {
        self.entries.iter().rev().find(|entry| &*entry.key == key)
    }

    /// Sets a key; a later value wins and keeps the later place.
    pub(crate) fn set(&mut self, entry: MapEntry) {
        match self.entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }
}

impl ValKind {
    fn measure(&self) -> (u16, u32) {
        let over = |values: &mut dyn Iterator<Item = &Val>| {
            values.fold((1, 1), |(nesting, bulk): (u16, u32), value| {
                (nesting.max(value.nesting.saturating_add(1)), bulk.saturating_add(value.bulk))
            })
        };
        match self {
            Self::Text(text) => (0, 1 + (text.len() >> 10) as u32),
            Self::List(items) | Self::Parts(items) | Self::Either(items) => over(&mut items.iter()),
            Self::Map(map) => over(&mut map.entries.iter().map(|entry| &entry.value)),
            _ => (0, 1),
        }
    }
}

impl Val {
    /// A value; one that grew out of bounds is unknown.
    pub(crate) fn new(kind: ValKind, span: Span) -> Self {
        let (nesting, bulk) = kind.measure();
        if nesting > MAX_NESTING || bulk > MAX_BULK {
            return Self::opaque("is too large to follow", span);
        }
        Self { kind, span, origin: None, nesting, bulk }
    }

    /// The same place and origin with other content.
    pub(crate) fn with_kind(&self, kind: ValKind) -> Self {
        Self { origin: self.origin.clone(), ..Self::new(kind, self.span) }
    }

    pub(crate) fn null(span: Span) -> Self {
        Self::new(ValKind::Null, span)
    }

    pub(crate) fn text(text: impl Into<Rc<str>>, span: Span) -> Self {
        Self::new(ValKind::Text(text.into()), span)
    }

    pub(crate) fn number(number: f64, span: Span) -> Self {
        Self::new(ValKind::Number(number), span)
    }

    pub(crate) fn truth(truth: bool, span: Span) -> Self {
        Self::new(ValKind::Bool(truth), span)
    }

    pub(crate) fn list(items: Vec<Self>, span: Span) -> Self {
        Self::new(ValKind::List(Rc::new(items)), span)
    }

    pub(crate) fn map(map: Map, span: Span) -> Self {
        Self::new(ValKind::Map(Rc::new(map)), span)
    }

    pub(crate) fn opaque(reason: impl Into<Rc<str>>, span: Span) -> Self {
        Self::new(ValKind::Opaque(reason.into()), span)
    }

    /// The same value as seen from another place.
    pub(crate) fn seen_at(mut self, span: Span, origin: Option<Origin>) -> Self {
        self.span = span;
        if let Some(origin) = origin {
            self.origin.get_or_insert(origin);
        }
        self
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.kind, ValKind::Null)
    }

    /// Whether every part of it is known.
    pub(crate) fn is_known(&self) -> bool {
        match &self.kind {
            ValKind::Null | ValKind::Bool(_) | ValKind::Number(_) | ValKind::Text(_) => true,
            ValKind::List(items) => items.iter().all(Self::is_known),
            ValKind::Map(map) => map.open.is_none() && map.entries.iter().all(|entry| entry.value.is_known()),
            _ => false,
        }
    }

    /// A scalar in the spelling Terraform converts it to.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.kind {
            ValKind::Bool(truth) => Some(truth.to_string()),
            ValKind::Number(number) => Some(spell(*number)),
            ValKind::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// A truth value, or a text that converts to one.
    pub(crate) fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            ValKind::Bool(truth) => Some(*truth),
            ValKind::Text(text) if &**text == "true" => Some(true),
            ValKind::Text(text) if &**text == "false" => Some(false),
            _ => None,
        }
    }

    /// A number, or a text that converts to one.
    pub(crate) fn as_number(&self) -> Option<f64> {
        match &self.kind {
            ValKind::Number(number) => Some(*number),
            ValKind::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The items of a list, or the values of a map, when all are there.
    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        match &self.kind {
            ValKind::List(items) => Some(items.to_vec()),
            ValKind::Map(map) if map.open.is_none() => {
                Some(map.entries.iter().map(|entry| entry.value.clone()).collect())
            }
            _ => None,
        }
    }

    /// The object a value is: itself, or the only block of a list.
    pub(crate) fn object(&self) -> Option<&Map> {
        match &self.kind {
            ValKind::Map(map) => Some(map),
            ValKind::List(items) => match items.as_slice() {
                [only] => only.object(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether two known values are the same; none if that cannot be told.
    pub(crate) fn same(&self, other: &Self) -> Option<bool> {
        match (&self.kind, &other.kind) {
            (ValKind::Null, ValKind::Null) => Some(true),
            (ValKind::Attribute(a, x), ValKind::Attribute(b, y)) if a == b && x == y => Some(true),
            // A computed attribute is never null once it exists.
            (ValKind::Null, other) | (other, ValKind::Null)
                if !matches!(
                    other,
                    ValKind::Either(_) | ValKind::External(_) | ValKind::Opaque(_) | ValKind::Module(_)
                ) =>
            {
                Some(false)
            }
            (ValKind::List(a), ValKind::List(b)) if a.len() != b.len() => Some(false),
            (ValKind::List(a), ValKind::List(b)) => {
                a.iter().zip(b.iter()).map(|(a, b)| a.same(b)).try_fold(true, |all, one| one.map(|one| all && one))
            }
            _ if self.is_known() && other.is_known() => Some(match (self.scalar(), other.scalar()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            }),
            _ => None,
        }
    }
}

/// A number as Terraform writes it.
pub(crate) fn spell(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{}", number as i64) } else { number.to_string() }
}
