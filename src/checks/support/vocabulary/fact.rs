//! What is known of a fact: its values, the places that prove them, and the most it allows to claim.

use crate::finding::Confidence;
use crate::model::{Known, Origin, Setting, Verdict};
use crate::rule::Literal;
use crate::text::Span;

/// The values of a fact.
pub(crate) enum Datum<T> {
    /// Nothing is written and nothing is in force.
    Absent,
    /// Something is, and no file says what.
    Unknown,
    /// What it is, or each of what it may be.
    Values(Vec<T>),
}

/// A fact with its places. Its type is a Rust type until the predicate compares it.
pub(crate) struct Fact<T = Literal> {
    pub(crate) datum: Datum<T>,
    pub(crate) places: Vec<(Span, String)>,
    pub(crate) ceiling: Confidence,
}

impl<T> Fact<T> {
    fn of(datum: Datum<T>) -> Self {
        Self { datum, places: Vec::new(), ceiling: Confidence::High }
    }

    pub(super) fn absent() -> Self {
        Self::of(Datum::Absent)
    }

    pub(crate) fn unknown() -> Self {
        Self::of(Datum::Unknown)
    }

    pub(super) fn value(value: T) -> Self {
        Self::of(Datum::Values(vec![value]))
    }

    pub(super) fn at(mut self, span: Option<Span>, note: impl Into<String>) -> Self {
        self.places.extend(span.map(|span| (span, note.into())));
        self
    }

    pub(super) fn capped(mut self, ceiling: Confidence) -> Self {
        self.ceiling = ceiling;
        self
    }

    /// A setting, with the places of its key and of the value that is used.
    pub(super) fn setting<V: Clone>(setting: &Setting<V>, name: &str, read: impl Fn(&V) -> T) -> Self {
        let note = format!("{name}, {}", setting.origin.describe());
        let mut fact = Self::known(&setting.value, read).at(setting.place(), note).capped(setting.origin.ceiling());
        match &setting.origin {
            Origin::ParameterDefault(_, span) => fact = fact.at(Some(*span), "the default used here"),
            Origin::Inherited(_, span) if Some(*span) != setting.key => {
                fact = fact.at(Some(*span), "the value used here")
            }
            _ => {}
        }
        fact
    }

    pub(super) fn known<V: Clone>(known: &Known<V>, read: impl Fn(&V) -> T) -> Self {
        Self::of(match known {
            Known::Absent => Datum::Absent,
            Known::Opaque(..) => Datum::Unknown,
            known => Datum::Values(known.candidates().map(|value| read(&value.value)).collect()),
        })
    }

    /// The same fact as rule files write it.
    pub(super) fn literal(self, write: impl Fn(T) -> Literal) -> Fact {
        let datum = match self.datum {
            Datum::Absent => Datum::Absent,
            Datum::Unknown => Datum::Unknown,
            Datum::Values(values) => Datum::Values(values.into_iter().map(write).collect()),
        };
        Fact { datum, places: self.places, ceiling: self.ceiling }
    }
}

impl Fact<bool> {
    pub(super) fn verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Unknown => Self::unknown(),
            known => Self::value(known == Verdict::Yes),
        }
    }
}

impl Fact {
    /// The value for messages.
    pub(crate) fn text(&self) -> String {
        match &self.datum {
            Datum::Absent => "none".to_owned(),
            Datum::Unknown => "unknown".to_owned(),
            Datum::Values(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
        }
    }
}
