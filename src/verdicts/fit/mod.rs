//! Whether each function is work for a serverless platform: evidence for and against, each with its place, and a word
//! for all of it. No word without evidence; what is not known counts for nothing.

mod config;
mod hints;
mod source;
mod traffic;

pub use self::traffic::{Steady, steady};

use crate::finding::Confidence;
use crate::model::deployments::{Function, FunctionId};
use crate::model::source::Program;
use crate::model::{Evidence, Platform, Project, Unit};
use crate::text::Span;
use crate::verdicts::cost::Traffic;

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
    fn new(row: Row, class: Class, strength: Strength, text: impl Into<String>, place: Span) -> Self {
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

    fn supports(row: Row, class: Class, text: impl Into<String>, place: Span) -> Self {
        Self { speaks_for: true, ..Self::new(row, class, Strength::Strong, text, place) }
    }

    fn also(mut self, place: Option<Span>) -> Self {
        self.places.extend(place.filter(|place| !self.places.contains(place)));
        self
    }

    fn cured_by(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    fn belongs_to(mut self, instead: impl Into<String>) -> Self {
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

/// Judges every function of a project.
pub fn judge(project: &Project, traffic: &Traffic, wanted: &Wanted) -> Vec<Fit> {
    project.units.iter().filter_map(|unit| one(project, unit, traffic, wanted)).collect()
}

/// Judges what the join made of one function.
pub fn one(project: &Project, unit: &Unit, traffic: &Traffic, wanted: &Wanted) -> Option<Fit> {
    let program = unit.target().and_then(|target| project.program(target));
    let Some(id) = unit.function() else { return undeployed(project, unit, program?) };
    let function = project.deploy.function(id);
    let platform = program.and_then(Program::platform).unwrap_or(function.platform);
    let mut fit = Fit {
        function: Some(id),
        name: project.deploy.function_label(id),
        platform: Some(platform),
        declared: project.deploy.function_span(id),
        verdict: Verdict::NotJudged,
        because: String::new(),
        items: Vec::new(),
        unknown: Vec::new(),
        hints: Vec::new(),
    };
    let subject = Subject { project, unit, id, function, program };
    config::evidence(&subject, &mut fit);
    if program.is_none() {
        fit.because = "no Rust source was found for it".to_owned();
        return Some(fit);
    }
    source::evidence(&subject, &mut fit);
    traffic::evidence(&subject, traffic, wanted, &mut fit);
    hints::hints(&subject, &mut fit);
    let ceiling = unit.evidence().map_or(Confidence::High, Evidence::ceiling);
    for item in &mut fit.items {
        item.confidence = item.confidence.min(ceiling);
        item.places.dedup();
    }
    decide(&mut fit, &wanted.allow);
    Some(fit)
}

/// A binary that no config deploys: its source says what it is, its settings nobody knows.
fn undeployed(project: &Project, unit: &Unit, program: &Program) -> Option<Fit> {
    let handler = program.handlers.first()?;
    let target = project.cargo.target(unit.target()?);
    let mut fit = Fit {
        function: None,
        name: project.label(crate::finding::Subject::Binary(unit.target()?)),
        platform: program.platform(),
        declared: handler.span,
        verdict: Verdict::NotJudged,
        because: "no config that was read deploys it".to_owned(),
        items: Vec::new(),
        unknown: Vec::new(),
        hints: Vec::new(),
    };
    debug_assert!(!target.name.is_empty());
    if program.platform() == Some(Platform::CloudflareWorkers) {
        source::of_worker(program, &mut fit);
        fit.because.clear();
        decide(&mut fit, &[]);
    }
    Some(fit)
}

/// One word for all evidence.
fn decide(fit: &mut Fit, allowed: &[String]) {
    // Who hands work over does not do it itself.
    if fit.supporting().any(|item| item.row == Row::ControlPlane) {
        for item in fit.items.iter_mut().filter(|item| !item.speaks_for && item.row == Row::LongRunning) {
            if item.strength == Strength::Strong {
                item.strength = Strength::Note;
            }
        }
    }
    for item in &mut fit.items {
        if !item.speaks_for && allowed.iter().any(|row| row == item.row.as_str()) {
            item.strength = Strength::Note;
        }
    }
    fit.items.sort_by_key(|item| (item.speaks_for, std::cmp::Reverse(item.strength), item.row));
    let strong: Vec<&Item> = fit.against().filter(|item| item.strength == Strength::Strong).collect();
    let lasting: Vec<&&Item> = strong.iter().filter(|item| item.cure.is_none()).collect();
    let classes = |row: Row| {
        let mut classes: Vec<Class> = lasting.iter().filter(|item| item.row == row).map(|item| item.class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes.len()
    };
    let mut rows: Vec<Row> = lasting.iter().map(|item| item.row).collect();
    rows.sort_unstable();
    rows.dedup();
    let poor = rows.len() > 1 || rows.iter().any(|row| classes(*row) > 1);
    let strongest = |fit: &Fit| fit.against().next().map(|item| item.text.clone()).unwrap_or_default();
    let contradicts = fit.against().any(|item| item.strength == Strength::Contradiction);
    let (verdict, because) = if contradicts || poor {
        (Verdict::PoorFit, strongest(fit))
    } else if !strong.is_empty() {
        (Verdict::FitsWithChange, strongest(fit))
    } else if fit.against().any(|item| item.strength == Strength::Weak) {
        (Verdict::Watch, strongest(fit))
    } else if let Some(first) = fit.supporting().next() {
        (Verdict::Fits, first.text.clone())
    } else {
        (Verdict::NotJudged, "nothing in its config says what it is for".to_owned())
    };
    fit.verdict = verdict;
    fit.because = because;
}
