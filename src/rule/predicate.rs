//! The closed predicate language of declarative rules: data only; `checks` evaluates it.

use super::params::Literal;
use crate::finding::Severity;
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
}

/// A special case of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// What must hold.
    pub when: Predicate,
    /// The severity then.
    pub severity: Severity,
    /// What is added to the message.
    #[serde(default)]
    pub because: String,
}
