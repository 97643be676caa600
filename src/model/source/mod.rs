//! What the Rust source of one binary does, as plain facts with places.
//! A fact exists only for code that the binary's `main` or handler reaches.

mod calls;
mod contracts;
mod coverage;
mod demands;
mod fact;
mod hazards;
mod state;

pub use self::calls::{
    Argument, Attempts, ClientBuild, ClientKind, EnvRead, EnvSet, HttpCall, InvocationType, Iteration, Limit, Operand,
    OutputUse, QueryCall, SdkCall, TimeLimit, TimeLimitKind,
};
pub use self::contracts::{
    AnswerPanic, BinaryBody, EnvelopeRead, ExtensionRun, FailureIdentifier, FlushTime, HiddenFailure, Identifier,
    MessageParse, SecretKind, SecretLog, TelemetryBatch, TelemetryFlush,
};
pub use self::coverage::{Coverage, LostCall, Unfollowed};
pub use self::demands::{ComputeCall, ServerStart, StateLookup};
pub use self::fact::{Fact, Facts};
pub use self::hazards::{
    ApiCall, ApiClass, AwaitSequence, ChangeTest, CodeRoute, ConditionalResource, DeadlineRead, Discard, ErrorDrop,
    ErrorDropKind, FanOut, FileRemoval, FileWrite, HeldGuard, InitWait, KeyTest, KeyUse, KeyUseKind, LogCall,
    Orchestration, OutsideWork, Panic, Payload, PoolSize, PoolUse, RecordUse, RecordedArguments, RecordedFailure,
    RetryLoop, RouteScope, Spawn, SubscriberSetup, TextLog, Wait, WaitKind,
};
pub use self::state::{StateKind, StateWrite};
pub use crate::model::platform::Platform;

use super::crates::TargetId;
use super::deployments::trigger::TriggerKind;
use super::value::Verdict;
use crate::finding::Confidence;
use crate::text::Span;

/// When a piece of code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// From `main`, before the runtime loop: once per execution environment.
    Init,
    /// Inside a `OnceLock`, `LazyLock` or similar: at most once per execution environment.
    Once,
    /// From the handler: on every invocation.
    Invoke,
}

impl Phase {
    /// A word for messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Once => "once",
            Self::Invoke => "invoke",
        }
    }
}

/// Where and when something happens.
#[derive(Debug, Clone)]
pub struct Site {
    /// The expression.
    pub span: Span,
    /// When it runs.
    pub phase: Phase,
    /// How sure the call path is.
    pub confidence: Confidence,
    /// Whether it lies in a loop of its function.
    pub in_loop: bool,
    /// Whether a condition on the way from the entry point decides that it runs.
    pub conditional: bool,
    /// Function names from the entry point to the place.
    pub trail: Vec<String>,
    /// The call that leads there from the handler's own code, when it is elsewhere.
    pub entered_at: Option<Span>,
}

/// A handler that a runtime calls.
#[derive(Debug, Clone)]
pub struct Handler {
    /// The function's name, or `closure`.
    pub name: String,
    /// The function name or closure.
    pub span: Span,
    /// The platform.
    pub platform: Platform,
    /// The runtime call that registers it, for example `lambda_runtime::run`.
    pub entry: String,
    /// Whether it is a web server that the Lambda Web Adapter hands requests to: it sees no event, and its responses
    /// are those of HTTP.
    pub served: bool,
    /// Whether one environment serves several requests at once (`run_concurrent`).
    pub concurrent: bool,
    /// Canonical event type; empty if it is not written.
    pub event: String,
    /// Canonical type inside `Ok(…)`; empty if it is not written.
    pub response: String,
    /// The trigger its untyped or home-made event is read like: `Records` with a `body` are messages of a queue.
    pub reads_like: Option<TriggerKind>,
    /// Whether its event is a struct of the workspace with nothing in it but keys, identifiers and numbers.
    pub only_references: bool,
    /// Whether the response carries `batchItemFailures`.
    pub returns_batch_response: Verdict,
    /// A field of the response that is named like the list of failures and written under another name.
    pub misnamed_failures: Option<String>,
    /// Whether some path ends in an error.
    pub fails: Verdict,
}

/// Everything one binary does.
#[derive(Debug, Clone)]
pub struct Program {
    /// The binary.
    pub target: TargetId,
    /// Its handlers; empty if it has no known entry point.
    pub handlers: Vec<Handler>,
    /// How much of its code was followed.
    pub coverage: Coverage,
    /// What its code does, by kind.
    pub facts: Facts,
}

impl Program {
    /// The facts of a kind, in the order of the source.
    pub fn facts<F: Fact>(&self) -> &[F] {
        self.facts.of()
    }

    /// Whether there is a fact of a kind.
    pub fn has<F: Fact>(&self) -> bool {
        !self.facts::<F>().is_empty()
    }

    /// The platform its handlers are written for.
    pub fn platform(&self) -> Option<Platform> {
        self.handlers.first().map(|handler| handler.platform)
    }
}
