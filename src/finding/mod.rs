//! What we say: owned findings with places in several files. Knows no rule and no renderer.

mod fix;
mod level;
mod subject;

pub use self::fix::{Fix, Write};
pub use self::level::{Audience, Confidence, Severity};
pub use self::subject::Subject;
pub use crate::text::{Edit, Value};

use crate::text::{FunctionId, Span};

/// The id of a rule: kebab-case, equal to the stem of its file.
pub type RuleId = String;

/// A place and what it shows; an empty note lets the place speak for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there, as a short phrase.
    pub note: String,
}

impl Label {
    /// A place with a note.
    pub fn new(span: Span, note: impl Into<String>) -> Self {
        Self { span, note: note.into() }
    }
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// What the rule says.
    OfRule,
    /// What fits this occurrence better than the rule's advice.
    Own(String),
    /// The line to write or the command to run: a clause that belongs to the message where it stands alone.
    Step(String),
    /// Nothing: it can only be known.
    None,
}

/// One occurrence of an anti-pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: RuleId,
    /// How bad it is if it is true.
    pub severity: Severity,
    /// How likely it is to be true: the minimum over everything the finding rests on.
    pub confidence: Confidence,
    /// Who wants to hear of it: the rule's audience, or a narrower one.
    pub audience: Audience,
    /// What to do about it.
    pub advice: Advice,
    /// What is wrong here, with the effective values; lower case, no full stop.
    pub message: String,
    /// What else is to be known: numbers, who waits, who else; clauses.
    pub notes: Vec<String>,
    /// What it is about; none if it is about no single part of the application.
    pub subject: Option<Subject>,
    /// The line a reader would edit.
    pub primary: Label,
    /// The other places that prove it, possibly in another world.
    pub related: Vec<Label>,
    /// How one gets from the function to the place: call path or dependency path.
    pub trail: Vec<String>,
    /// Edits that mend it.
    pub fixes: Vec<Fix>,
    /// Its identity across edits elsewhere; empty until the run is over.
    pub fingerprint: String,
    /// What it has in common with other findings of its rule: those with one cause are one finding in the end.
    pub cause: Option<String>,
    /// What else the same holds for.
    pub others: Vec<Subject>,
    /// The findings it stands for beside itself.
    pub repeats: Vec<Repeat>,
}

/// A finding that another one of the same cause stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Where it was.
    pub span: Span,
    /// Its identity.
    pub fingerprint: String,
}

impl Finding {
    /// The deployed function it is about.
    pub fn function(&self) -> Option<FunctionId> {
        self.subject.and_then(Subject::function)
    }

    /// All that is said of it in one line.
    pub fn text(&self) -> String {
        let step = match &self.advice {
            Advice::Step(step) => Some(step),
            _ => None,
        };
        std::iter::once(&self.message).chain(&self.notes).chain(step).cloned().collect::<Vec<_>>().join("; ")
    }

    /// Adds something to be known beside the message.
    pub fn note(&mut self, clause: impl Into<String>) -> &mut Self {
        self.notes.push(clause.into());
        self
    }

    /// How much it matters beside others.
    pub fn weight(&self) -> (Severity, Confidence) {
        (self.severity, self.confidence)
    }

    /// The fix that `--fix` makes: the first that is safe, or the first at all.
    pub fn fix_to_apply(&self, unsafe_too: bool) -> Option<&Fix> {
        self.fixes.iter().find(|fix| fix.safe || unsafe_too)
    }
}
