//! The join: a deployed function, the binary it runs, and the evidence that ties them.

use crate::finding::Confidence;
use crate::model::crates::TargetId;
use crate::model::deployments::{FunctionId, ResourceId};
use crate::text::{Span, step};

/// Why a function and a binary belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The config names the binary, or its package has only one.
    Declared(Span),
    /// A build artifact or recipe names it.
    Artifact(Span),
    /// The names are alike.
    SameName,
}

impl Evidence {
    /// The most a finding that rests on the join may claim.
    pub fn ceiling(self) -> Confidence {
        match self {
            Self::Declared(_) => Confidence::High,
            Self::Artifact(_) => Confidence::Medium,
            Self::SameName => Confidence::Low,
        }
    }

    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared(_) => "declared",
            Self::Artifact(_) => "artifact",
            Self::SameName => "same-name",
        }
    }
}

/// What the join made of a deployed function or of a binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A function with the binary it runs.
    Joined {
        /// The deployed function.
        function: FunctionId,
        /// The binary.
        target: TargetId,
        /// What ties them.
        evidence: Evidence,
    },
    /// A function that no binary was found for.
    Unjoined(FunctionId),
    /// A binary with a handler that no config deploys.
    Undeployed(TargetId),
}

impl Unit {
    /// The deployed function.
    pub fn function(&self) -> Option<FunctionId> {
        step();
        match *self {
            Self::Joined { function, .. } | Self::Unjoined(function) => Some(function),
            Self::Undeployed(_) => None,
        }
    }

    /// The binary.
    pub fn target(&self) -> Option<TargetId> {
        match *self {
            Self::Joined { target, .. } | Self::Undeployed(target) => Some(target),
            Self::Unjoined(_) => None,
        }
    }

    /// What ties the two.
    pub fn evidence(&self) -> Option<Evidence> {
        match *self {
            Self::Joined { evidence, .. } => Some(evidence),
            Self::Unjoined(_) | Self::Undeployed(_) => None,
        }
    }
}

/// One end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlowEnd {
    /// A deployed function.
    Function(FunctionId),
    /// Any other resource.
    Resource(ResourceId),
    /// A host or service outside the project.
    External(String),
}

/// How something flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The caller waits.
    Sync,
    /// Fire and forget.
    Async,
    /// Through a queue.
    Queue,
    /// Through a stream.
    Stream,
    /// Reads.
    Read,
    /// Writes.
    Write,
}

/// What makes a flow. Places do not tell: one `for_each` makes several triggers at one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The trigger of an index.
    Trigger(usize),
    /// The delivery of an index.
    Link(usize),
    /// A call in source.
    Call,
}

/// An edge of the application: from a trigger or from a call in source.
#[derive(Debug, Clone)]
pub struct Flow {
    /// From.
    pub from: FlowEnd,
    /// To.
    pub to: FlowEnd,
    /// How.
    pub mode: Mode,
    /// What makes it.
    pub cause: Cause,
    /// The place that makes it.
    pub site: Span,
    /// The places that resolved its target: environment variable, permission.
    pub proof: Vec<Span>,
    /// How sure it is.
    pub confidence: Confidence,
}
