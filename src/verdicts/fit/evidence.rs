//! Evidence for and against, and the words for all of it.

use crate::finding::Confidence;
use crate::model::deployments::{Function, FunctionId};
use crate::model::source::Program;
use crate::model::{Platform, Project, Unit};
use crate::text::Span;

/// What a function is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// Events start it.
    EventDriven,
    /// A schedule starts it.
    Scheduled,
    /// It moves data from a source to a sink.
    Pipeline,
    /// It starts work elsewhere.
    ControlPlane,
    /// It answers requests.
    Requests,
    /// It is invoked seldom, or unevenly.
    LowTraffic,
    /// It runs for long.
    LongRunning,
    /// It is busy all the time.
    Steady,
    /// Somebody waits for an answer in milliseconds.
    Latency,
    /// It keeps state for somebody.
    Stateful,
    /// It computes for long.
    Compute,
}

impl Row {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::EventDriven,
        Self::Scheduled,
        Self::Pipeline,
        Self::ControlPlane,
        Self::Requests,
        Self::LowTraffic,
        Self::LongRunning,
        Self::Steady,
        Self::Latency,
        Self::Stateful,
        Self::Compute,
    ];

    /// The word in data and in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventDriven => "event-driven",
            Self::Scheduled => "scheduled",
            Self::Pipeline => "pipeline",
            Self::ControlPlane => "control-plane",
            Self::Requests => "requests",
            Self::LowTraffic => "low-traffic",
            Self::LongRunning => "long-running",
            Self::Steady => "steady-load",
            Self::Latency => "latency",
            Self::Stateful => "stateful",
            Self::Compute => "heavy-compute",
        }
    }
}

/// Where a piece of evidence is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The deployment.
    Config,
    /// The source.
    Code,
    /// The dependency tree.
    Dependency,
    /// The traffic file.
    Traffic,
    /// A price.
    Price,
}

impl Class {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Code => "code",
            Self::Dependency => "dependency",
            Self::Traffic => "traffic",
            Self::Price => "price",
        }
    }
}

/// How much a piece of evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Worth knowing; decides nothing.
    Note,
    /// A permission, or a tool that is there.
    Weak,
    /// Facts that belong together.
    Strong,
    /// The platform cannot do it.
    Contradiction,
}

impl Strength {
    /// The word people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Weak => "weak",
            Self::Strong => "strong",
            Self::Contradiction => "contradiction",
        }
    }
}

/// A piece of evidence.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is about.
    pub row: Row,
    /// Whether it speaks for the function.
    pub speaks_for: bool,
    /// Where it is from.
    pub class: Class,
    /// How much it says.
    pub strength: Strength,
    /// What it says, without the name of the function.
    pub text: String,
    /// The places that say so, the first one first.
    pub places: Vec<Span>,
    /// What would cure it: a setting, or another way to do the same.
    pub cure: Option<String>,
    /// Where such work belongs.
    pub instead: Option<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether another rule says the same of the same line.
    pub said_elsewhere: bool,
}

impl Item {
    pub(super) fn new(row: Row, class: Class, strength: Strength, text: impl Into<String>, place: Span) -> Self {
        Self {
            row,
            speaks_for: false,
            class,
            strength,
            text: text.into(),
            places: vec![place],
            cure: None,
            instead: None,
            confidence: Confidence::High,
            said_elsewhere: false,
        }
    }

    pub(super) fn supports(row: Row, class: Class, text: impl Into<String>, place: Span) -> Self {
        Self { speaks_for: true, ..Self::new(row, class, Strength::Strong, text, place) }
    }

    pub(super) fn also(mut self, place: Option<Span>) -> Self {
        self.places.extend(place.filter(|place| !self.places.contains(place)));
        self
    }

    pub(super) fn cured_by(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    pub(super) fn belongs_to(mut self, instead: impl Into<String>) -> Self {
        self.instead = Some(instead.into());
        self
    }
}

/// The word for all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is work for the platform.
    Fits,
    /// It cannot be told.
    NotJudged,
    /// Something may grow out of it.
    Watch,
    /// It is, if something changes.
    FitsWithChange,
    /// It is not.
    PoorFit,
}

impl Verdict {
    /// Every word, the best one first.
    pub const ALL: [Self; 5] = [Self::Fits, Self::NotJudged, Self::Watch, Self::FitsWithChange, Self::PoorFit];

    /// The words people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::NotJudged => "not judged",
            Self::Watch => "watch",
            Self::FitsWithChange => "fits with change",
            Self::PoorFit => "poor fit",
        }
    }

    /// The verdict of a word, with hyphens or without.
    pub fn of_word(word: &str) -> Option<Self> {
        let same = |verdict: &Self| verdict.as_str().eq_ignore_ascii_case(&word.replace('-', " "));
        Self::ALL.into_iter().find(same)
    }
}

/// What is known of a function.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The deployed function; none if no config deploys the binary.
    pub function: Option<FunctionId>,
    /// What people call it.
    pub name: String,
    /// Where it runs.
    pub platform: Option<Platform>,
    /// Where it is declared.
    pub declared: Span,
    /// The word.
    pub verdict: Verdict,
    /// Why there is no other word, or what decided.
    pub because: String,
    /// Evidence, what speaks against it first.
    pub items: Vec<Item>,
    /// Rows that nobody can judge, and why.
    pub unknown: Vec<(Row, String)>,
    /// What would do better with the same work.
    pub hints: Vec<Item>,
}

impl Fit {
    /// What would cure what speaks against it.
    pub fn changes(&self) -> impl Iterator<Item = &str> {
        self.against().filter_map(|item| item.cure.as_deref().or(item.instead.as_deref()))
    }

    /// What speaks against it, the strongest first.
    pub fn against(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.speaks_for)
    }

    /// What speaks for it.
    pub fn supporting(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.speaks_for)
    }
}

/// What the user wants to hear.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Milliseconds in which callers want their answers, where the traffic file says nothing.
    pub latency_ms: Option<u64>,
    /// Rows that are accepted as they are.
    pub allow: Vec<String>,
}

/// A function under judgement.
pub(crate) struct Subject<'p> {
    pub(crate) project: &'p Project,
    pub(crate) unit: &'p Unit,
    pub(crate) id: FunctionId,
    pub(crate) function: &'p Function,
    pub(crate) program: Option<&'p Program>,
}
