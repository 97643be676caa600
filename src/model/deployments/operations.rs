//! What people see of a running deployment and how they bound it: stages of APIs with their logs and limits, services
//! that are traced, alarms, and the services that may invoke a function.

use super::{FunctionId, ResourceId, Target};
use crate::model::value::{Known, Setting};
use crate::text::Span;

/// Which kind of API a stage belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageKind {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http,
    /// A WebSocket API.
    WebSocket,
}

impl StageKind {
    /// The word rule files use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Http => "http",
            Self::WebSocket => "websocket",
        }
    }
}

/// What an API is served under.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The resource that says what it has: the stage, the API that makes it, or the function whose event makes the API.
    pub resource: ResourceId,
    /// Where that is declared.
    pub span: Span,
    /// What people call it.
    pub name: String,
    /// The kind of its API.
    pub kind: StageKind,
    /// Whether only a VPC reaches it.
    pub private: Known<bool>,
    /// Where its access log goes.
    pub access_log: Setting<Target>,
    /// The format of an entry of that log.
    pub log_format: Setting<String>,
    /// Whether every route has a limit of its rate and of its bursts.
    pub throttled: Setting<bool>,
}

/// A service beside functions whose requests may be traced.
#[derive(Debug, Clone)]
pub struct Traced {
    /// Its resource.
    pub resource: ResourceId,
    /// Where it is declared.
    pub span: Span,
    /// What it is, in words.
    pub kind: &'static str,
    /// What people call it.
    pub name: String,
    /// Whether it traces.
    pub on: Setting<bool>,
}

/// What a state machine logs.
#[derive(Debug, Clone)]
pub struct MachineLog {
    /// Its resource.
    pub resource: ResourceId,
    /// Where it is declared.
    pub span: Span,
    /// `STANDARD` or `EXPRESS`.
    pub kind: Setting<String>,
    /// `ALL`, `ERROR`, `FATAL` or `OFF`.
    pub level: Setting<String>,
}

/// An alarm on a metric of CloudWatch.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// Where it is declared.
    pub span: Span,
    /// The metrics it watches; none if they cannot be told.
    pub metrics: Option<Vec<String>>,
    /// What it watches; none if that cannot be told, or is everything.
    pub watches: Option<Vec<Target>>,
}

/// A service that may invoke a function.
#[derive(Debug, Clone)]
pub struct Invoker {
    /// The function.
    pub function: FunctionId,
    /// The service, by the first word of its principal.
    pub service: String,
    /// Where the permission is declared.
    pub span: Span,
}
