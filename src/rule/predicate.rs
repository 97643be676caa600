//! The closed predicate language of declarative rules: data only; `checks` evaluates it.

use super::params::Literal;
use crate::finding::{Audience, Severity};
use serde::Deserialize;

/// What a declarative rule looks at, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Every deployed function.
    Function,
    /// Every event source mapping.
    Mapping,
    /// Every SQS queue.
    Queue,
    /// Every HTTP route.
    Route,
    /// Every stage of an API.
    Stage,
    /// Every state machine that a config declares.
    StateMachine,
}

impl Subject {
    /// Every kind of subject.
    pub const ALL: [Self; 6] =
        [Self::Function, Self::Mapping, Self::Queue, Self::Route, Self::Stage, Self::StateMachine];

    /// The word rule files use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Mapping => "mapping",
            Self::Queue => "queue",
            Self::Route => "route",
            Self::Stage => "stage",
            Self::StateMachine => "state-machine",
        }
    }
}

/// When a declarative rule fires.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// What it looks at.
    pub each: Subject,
    /// What must hold.
    pub when: Predicate,
}

/// A condition over facts of the subject.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawPredicate")]
pub enum Predicate {
    /// Every part holds.
    All(Vec<Self>),
    /// Some part holds.
    Any(Vec<Self>),
    /// The part does not hold.
    Not(Box<Self>),
    /// A fact compared with a literal or parameter.
    Atom {
        /// The fact's name in the vocabulary.
        fact: String,
        /// How it is compared.
        operator: Operator,
        /// With what.
        operand: Literal,
    },
}

/// How a fact is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Is,
    /// Equal to one of a list.
    In,
    /// Greater than or equal.
    AtLeast,
    /// Less than or equal.
    AtMost,
    /// Whether anything is written or in force at all.
    Set,
    /// Text that begins with.
    StartsWith,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 6] = [Self::Is, Self::In, Self::AtLeast, Self::AtMost, Self::StartsWith, Self::Set];

    /// The word rule files use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::In => "in",
            Self::AtLeast => "at-least",
            Self::AtMost => "at-most",
            Self::Set => "set",
            Self::StartsWith => "starts-with",
        }
    }

    /// What it asks, in a sentence.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Is => "The fact is this.",
            Self::In => "The fact is one of this list.",
            Self::AtLeast => "The number is this or greater.",
            Self::AtMost => "The number is this or less.",
            Self::Set => "Whether anything is written or in force at all.",
            Self::StartsWith => "The text begins with this.",
        }
    }
}

/// The type of a fact, which says what it may be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Truth,
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// One word of a closed list.
    Word(&'static [&'static str]),
}

impl Kind {
    /// The type's name for messages.
    pub fn describe(self) -> String {
        match self {
            Self::Truth => "true or false".to_owned(),
            Self::Number => "a whole number".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// Whether a fact of this type can be compared so.
    ///
    /// # Errors
    /// What the operator or the fact takes instead.
    pub fn accepts(self, operator: Operator, operand: &Literal) -> Result<(), String> {
        let word = operator.word();
        let misfit = |wanted: &str| Err(format!("`{word}` takes {wanted} here, not {}", operand.kind()));
        let listed = |text: &str| match self {
            Self::Word(words) if !words.contains(&text) => {
                Err(format!("it is never `{text}`, but {}", self.describe()))
            }
            _ => Ok(()),
        };
        match (operator, self, operand) {
            (Operator::Set, _, Literal::Bool(_)) => Ok(()),
            (Operator::Set, ..) => misfit("true or false"),
            (Operator::AtLeast | Operator::AtMost, Self::Number, Literal::Int(_)) => Ok(()),
            (Operator::AtLeast | Operator::AtMost, Self::Number, _) => misfit("a whole number"),
            (Operator::StartsWith, Self::Text | Self::Word(_), Literal::Text(_)) => Ok(()),
            (Operator::StartsWith, Self::Text | Self::Word(_), _) => misfit("text"),
            (Operator::In, Self::Text | Self::Word(_), Literal::List(items)) => {
                items.iter().try_for_each(|item| listed(item))
            }
            (Operator::In, Self::Text | Self::Word(_), _) => misfit("a list of texts"),
            (Operator::Is, Self::Truth, Literal::Bool(_)) | (Operator::Is, Self::Number, Literal::Int(_)) => Ok(()),
            (Operator::Is, Self::Text | Self::Word(_), Literal::Text(text)) => listed(text),
            (Operator::Is, Self::Truth, _) => misfit("true or false"),
            (Operator::Is, Self::Number, _) => misfit("a whole number"),
            (Operator::Is, ..) => misfit("text"),
            _ => Err(format!("`{word}` cannot compare it: it is {}", self.describe())),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawPredicate {
    all: Option<Vec<Predicate>>,
    any: Option<Vec<Predicate>>,
    not: Option<Box<Predicate>>,
    fact: Option<String>,
    is: Option<Literal>,
    r#in: Option<Literal>,
    at_least: Option<Literal>,
    at_most: Option<Literal>,
    set: Option<Literal>,
    starts_with: Option<Literal>,
}

impl TryFrom<RawPredicate> for Predicate {
    type Error = String;

    fn try_from(raw: RawPredicate) -> Result<Self, String> {
        let comparisons = [
            (Operator::Is, raw.is),
            (Operator::In, raw.r#in),
            (Operator::AtLeast, raw.at_least),
            (Operator::AtMost, raw.at_most),
            (Operator::Set, raw.set),
            (Operator::StartsWith, raw.starts_with),
        ];
        let mut comparisons = comparisons.into_iter().filter_map(|(operator, operand)| Some((operator, operand?)));
        let comparison = comparisons.next();
        if comparisons.next().is_some() {
            return Err("an atom compares once; use `all` for several comparisons".to_owned());
        }
        match (raw.all, raw.any, raw.not, raw.fact, comparison) {
            (Some(parts), None, None, None, None) => Ok(Self::All(parts)),
            (None, Some(parts), None, None, None) => Ok(Self::Any(parts)),
            (None, None, Some(part), None, None) => Ok(Self::Not(part)),
            (None, None, None, Some(fact), Some((operator, operand))) => Ok(Self::Atom { fact, operator, operand }),
            _ => Err("expected one of `all`, `any`, `not`, or `fact` with one operator".to_owned()),
        }
    }
}

/// Where a declarative rule points and what it says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The fact whose place is the primary label.
    pub primary: String,
    /// Facts whose places are shown with it.
    #[serde(default)]
    pub related: Vec<String>,
    /// The message; `{fact}` is replaced by the fact's value.
    pub message: String,
    /// The note of the primary label, with the same replacements.
    #[serde(default)]
    pub note: String,
    /// The edit that mends it: a name of the vocabulary.
    pub fix: Option<String>,
    /// Severities for special cases; the first that holds wins.
    #[serde(default)]
    pub raise: Vec<Raise>,
    /// What the findings have in common that are one in the end; none if each stands alone.
    #[serde(default)]
    pub once: Option<Once>,
}

/// What findings of a rule have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Once {
    /// The template, app, service or root directory that declares what they are about.
    Stack,
}

/// A special case of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// What must hold.
    pub when: Predicate,
    /// The severity then.
    pub severity: Severity,
    /// The audience then, if it is a narrower one than the rule's.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// What is added to the message.
    #[serde(default)]
    pub because: String,
}
