//! What a rule file says. Data only: no check lives here.

pub(crate) mod catalog;
mod examples;
pub(crate) mod link;
pub(crate) mod params;
mod peer;
mod peers;
pub(crate) mod place;
pub(crate) mod predicate;

pub use catalog::{SpecError, embedded, parse};
pub use examples::{Example, Examples, Shown};
pub use link::Link;
pub use params::{Literal, ParamSpec, Params};
pub use peer::Peer;
pub use peers::{PeerCheck, PeerTool, Peers, peers};
pub(crate) use place::place;
pub use predicate::{Kind, Match, Once, Operator, Placement, Predicate, Raise, Subject};

use crate::finding::{Audience, Confidence, RuleId, Severity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Category {
    ColdStart,
    Timeouts,
    FailureHandling,
    State,
    Coupling,
    Correctness,
    Cost,
    Observability,
    Security,
    Fit,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 10] = [
        Self::ColdStart,
        Self::Timeouts,
        Self::FailureHandling,
        Self::State,
        Self::Coupling,
        Self::Correctness,
        Self::Cost,
        Self::Observability,
        Self::Security,
        Self::Fit,
    ];

    /// The word used in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ColdStart => "cold-start",
            Self::Timeouts => "timeouts",
            Self::FailureHandling => "failure-handling",
            Self::State => "state",
            Self::Coupling => "coupling",
            Self::Correctness => "correctness",
            Self::Cost => "cost",
            Self::Observability => "observability",
            Self::Security => "security",
            Self::Fit => "fit",
        }
    }
}

/// How settled a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// New; may change.
    Preview,
    /// Settled.
    Stable,
    /// Kept so that its id still means something.
    Deprecated,
}

/// What the edits of a rule keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edits {
    /// The behaviour apart from the defect.
    Safe,
    /// Not all of the behaviour, or only some of the edits do.
    Unsafe,
}

/// A world a rule needs to be present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// Rust source.
    Source,
    /// Manifests, lock files, resolved graphs.
    Crates,
    /// Deployment configs.
    Deploy,
    /// What builds left of the binaries; a rule that needs it works without, and knows less.
    Binaries,
}

/// Exactly what a rule file may say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Kebab-case; equal to the file's stem.
    pub id: RuleId,
    /// One line that names the defect.
    pub title: String,
    /// What it is about.
    pub category: Category,
    /// How settled it is.
    pub status: Status,
    /// How bad it is if it is true.
    pub severity: Severity,
    /// The most a finding may claim.
    pub confidence: Confidence,
    /// Who wants to hear it.
    pub audience: Audience,
    /// Platforms it applies to.
    pub platforms: Vec<String>,
    /// Worlds it needs.
    pub needs: BTreeSet<World>,
    /// What is wrong.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Whether it can mend what it finds; none if nothing can be written.
    #[serde(default)]
    pub edits: Option<Edits>,
    /// The primary source of every fact in the rule.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Checks of other tools that look for the same.
    #[serde(default)]
    pub peers: Vec<Peer>,
    /// Parameters.
    #[serde(default)]
    pub params: BTreeMap<String, ParamSpec>,
    /// When it fires, for declarative rules.
    #[serde(default, rename = "match")]
    pub matches: Option<Match>,
    /// What it says, for declarative rules.
    #[serde(default)]
    pub report: Option<Placement>,
    /// The built-in check, for the others.
    #[serde(default)]
    pub builtin: Option<String>,
    /// Tests and docs.
    #[serde(default)]
    pub examples: Shown,
}
