//! Values with provenance and the three-valued logic over them.
//! Unknown is not absent: an opaque value never makes a predicate true.

use crate::finding::Confidence;
use crate::text::{Span, Spanned, step};

/// The outcome of a predicate. Only [`Verdict::Yes`] becomes a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// False whatever the unknown parts are.
    No,
    /// Depends on something that could not be resolved.
    Unknown,
    /// True whatever the unknown parts are.
    Yes,
}

impl Verdict {
    /// True in all: the minimum.
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().min().unwrap_or(Self::Yes)
    }

    /// True in any: the maximum.
    pub fn any(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().max().unwrap_or(Self::No)
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Verdict {
    fn from(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Known<T> {
    /// Not set anywhere, and no default applies.
    Absent,
    /// One value.
    Is(Spanned<T>),
    /// One of several, decided at deploy time (`Fn::If` whose arms differ).
    Either(Vec<Spanned<T>>),
    /// Set, but not resolvable from the files: where, and why not.
    Opaque(Span, String),
}

impl<T> Known<T> {
    /// The value, if there is exactly one.
    pub fn one(&self) -> Option<&T> {
        step();
        match self {
            Self::Is(spanned) => Some(&spanned.value),
            _ => None,
        }
    }

    /// Every value it may have; empty when absent or opaque.
    pub fn candidates(&self) -> impl Iterator<Item = &Spanned<T>> {
        let slice = match self {
            Self::Is(spanned) => std::slice::from_ref(spanned),
            Self::Either(all) => all.as_slice(),
            Self::Absent | Self::Opaque(..) => &[],
        };
        slice.iter()
    }

    /// Whether a test holds for every value it may have; absent gives `No`.
    pub fn holds(&self, test: impl Fn(&T) -> bool) -> Verdict {
        match self {
            Self::Absent => Verdict::No,
            Self::Opaque(..) => Verdict::Unknown,
            Self::Is(spanned) => test(&spanned.value).into(),
            Self::Either(all) => {
                let yes = all.iter().filter(|spanned| test(&spanned.value)).count();
                match yes {
                    0 => Verdict::No,
                    n if n == all.len() => Verdict::Yes,
                    _ => Verdict::Unknown,
                }
            }
        }
    }

    /// Whether it is set; opaque counts as unknown because it may resolve to nothing.
    pub fn is_set(&self) -> Verdict {
        match self {
            Self::Absent => Verdict::No,
            Self::Opaque(..) => Verdict::Unknown,
            Self::Is(_) | Self::Either(_) => Verdict::Yes,
        }
    }

    /// Where it is written.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Absent => None,
            Self::Is(spanned) => Some(spanned.span),
            Self::Either(all) => all.first().map(|spanned| spanned.span),
            Self::Opaque(span, _) => Some(*span),
        }
    }

    /// The same knowledge of a derived value; values that cannot be derived make it opaque.
    pub fn and_then<U>(self, derive: impl Fn(T) -> Result<U, String>) -> Known<U> {
        let one = |spanned: Spanned<T>| match derive(spanned.value) {
            Ok(value) => Ok(Spanned::new(value, spanned.span)),
            Err(reason) => Err((spanned.span, reason)),
        };
        match self {
            Self::Absent => Known::Absent,
            Self::Opaque(span, reason) => Known::Opaque(span, reason),
            Self::Is(spanned) => match one(spanned) {
                Ok(value) => Known::Is(value),
                Err((span, reason)) => Known::Opaque(span, reason),
            },
            Self::Either(all) => match all.into_iter().map(one).collect::<Result<Vec<_>, _>>() {
                Ok(values) => Known::Either(values),
                Err((span, reason)) => Known::Opaque(span, reason),
            },
        }
    }
}

/// Who supplied a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Written at the resource.
    Explicit,
    /// Written in a wider scope (SAM `Globals`, a provider block, the inputs of a module): which, and where.
    Inherited(String, Span),
    /// The default of a parameter or variable (named with its kind), which a deployment may override; the span is
    /// the default.
    ParameterDefault(String, Span),
    /// What the deployment tool writes when the key is absent.
    ToolDefault(String),
    /// What the cloud uses when the key is absent.
    PlatformDefault,
}

impl Origin {
    /// The most a finding that rests on the value may claim.
    pub fn ceiling(&self) -> Confidence {
        match self {
            Self::ParameterDefault(..) => Confidence::Medium,
            _ => Confidence::High,
        }
    }

    /// Whether nobody chose the value.
    pub fn is_default(&self) -> bool {
        matches!(self, Self::ToolDefault(_) | Self::PlatformDefault)
    }

    /// A short phrase for messages and for `model`.
    pub fn describe(&self) -> String {
        match self {
            Self::Explicit => "set here".to_owned(),
            Self::Inherited(scope, _) => format!("inherited from {scope}"),
            Self::ParameterDefault(name, _) => format!("default of {name}"),
            Self::ToolDefault(tool) => format!("default of {tool}"),
            Self::PlatformDefault => "platform default".to_owned(),
        }
    }
}

/// An effective setting: the value the platform will use and who supplied it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting<T> {
    /// The value.
    pub value: Known<T>,
    /// Who supplied it.
    pub origin: Origin,
    /// The key it is written under, when it is written.
    pub key: Option<Span>,
}

impl<T> Setting<T> {
    /// Nothing set and no default.
    pub fn absent() -> Self {
        Self { value: Known::Absent, origin: Origin::PlatformDefault, key: None }
    }

    /// The cloud's default, shown at the place where it could be set.
    pub fn platform_default(value: T, place: Span) -> Self {
        let value = Known::Is(Spanned::new(value, place));
        Self { value, origin: Origin::PlatformDefault, key: None }
    }

    /// The value, if there is exactly one.
    pub fn one(&self) -> Option<&T> {
        self.value.one()
    }

    /// Where to point: the whole `key: value` if it is written, else the place of the default.
    pub fn place(&self) -> Option<Span> {
        match (self.key, self.value.span()) {
            (Some(key), Some(value)) => Some(key.to(value)),
            (Some(key), None) => Some(key),
            (None, value) => value,
        }
    }

    /// This setting, or the platform's default where nothing is written.
    #[must_use]
    pub fn or_default(self, value: T, place: Span) -> Self {
        match self.value {
            Known::Absent => Self::platform_default(value, place),
            _ => self,
        }
    }
}
