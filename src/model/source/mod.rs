//! What the Rust source of one binary does, as plain facts with places.
//! A fact exists only for code that the binary's `main` or handler reaches.

mod calls;
mod hazards;
mod state;

pub use self::calls::{
    ClientBuild, ClientKind, EnvRead, HttpCall, InvocationType, Operand, OutputUse, SdkCall, TimeLimit, TimeLimitKind,
};
pub use self::hazards::{
    ApiCall, ApiClass, AwaitSequence, ConditionalResource, Discard, ErrorDrop, ErrorDropKind, FanOut, FileWrite,
    HeldGuard, KeyUse, LogCall, Orchestration, Panic, PoolSize, RecordUse, RecordedFailure, RetryLoop, Spawn, Wait,
    WaitKind,
};
pub use self::state::{StateKind, StateWrite};

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
    /// Function names from the entry point to the place.
    pub trail: Vec<String>,
    /// The call that leads there from the handler's own code, when it is elsewhere.
    pub entered_at: Option<Span>,
}

/// The serverless platform a program is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// AWS Lambda.
    AwsLambda,
    /// Cloudflare Workers.
    CloudflareWorkers,
    /// Fermyon Spin.
    Spin,
    /// An Azure Functions custom handler.
    AzureFunctions,
}

impl Platform {
    /// The platform of an id.
    pub fn of_id(id: &str) -> Option<Self> {
        let all = [Self::AwsLambda, Self::CloudflareWorkers, Self::Spin, Self::AzureFunctions];
        all.into_iter().find(|platform| platform.id() == id)
    }

    /// The id used in rule files.
    pub fn id(self) -> &'static str {
        match self {
            Self::AwsLambda => "aws-lambda",
            Self::CloudflareWorkers => "cloudflare-workers",
            Self::Spin => "spin",
            Self::AzureFunctions => "azure-functions",
        }
    }
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
    /// Whether one environment serves several requests at once (`run_concurrent`).
    pub concurrent: bool,
    /// Canonical event type; empty if it is not written.
    pub event: String,
    /// Canonical type inside `Ok(…)`; empty if it is not written.
    pub response: String,
    /// The trigger its untyped or home-made event is read like: `Records` with a `body` are messages of a queue.
    pub reads_like: Option<TriggerKind>,
    /// Whether the response carries `batchItemFailures`.
    pub returns_batch_response: Verdict,
    /// Whether code under it reads the invocation deadline.
    pub reads_deadline: bool,
}

/// A route of a router inside the program.
#[derive(Debug, Clone)]
pub struct CodeRoute {
    /// Path as written.
    pub path: String,
    /// Where.
    pub span: Span,
}

/// Everything one binary does.
#[derive(Debug, Clone)]
pub struct Program {
    /// The binary.
    pub target: TargetId,
    /// Its handlers; empty if it has no known entry point.
    pub handlers: Vec<Handler>,
    /// Environment reads.
    pub env_reads: Vec<EnvRead>,
    /// Client constructions.
    pub clients: Vec<ClientBuild>,
    /// HTTP requests.
    pub http_calls: Vec<HttpCall>,
    /// Whether anything looks like it installs a log subscriber, however it is called.
    pub subscriber_seen: bool,
    /// Events and records thrown away unseen.
    pub discards: Vec<Discard>,
    /// AWS SDK calls.
    pub sdk_calls: Vec<SdkCall>,
    /// Writes to process-wide state.
    pub state: Vec<StateWrite>,
    /// Routes of routers.
    pub routes: Vec<CodeRoute>,
    /// Calls of library functions that matter by themselves.
    pub api_calls: Vec<ApiCall>,
    /// Time limits set on clients, requests and futures.
    pub time_limits: Vec<TimeLimit>,
    /// Waiting that is billed.
    pub waits: Vec<Wait>,
    /// Tasks and threads that are started.
    pub spawns: Vec<Spawn>,
    /// Errors of event work that nobody sees.
    pub error_drops: Vec<ErrorDrop>,
    /// Places that panic on input.
    pub panics: Vec<Panic>,
    /// Log lines.
    pub logs: Vec<LogCall>,
    /// Whether it asks whether an item was inserted, modified or removed.
    pub tells_changes_apart: bool,
    /// Files created or written.
    pub file_writes: Vec<FileWrite>,
    /// Whether it removes files, or leaves that to a `tempfile` type.
    pub removes_files: bool,
    /// Uses of the records of a batch.
    pub record_uses: Vec<RecordUse>,
    /// Lock guards alive across an `.await`.
    pub held_guards: Vec<HeldGuard>,
    /// Fan-outs whose width the code does not bound.
    pub fan_outs: Vec<FanOut>,
    /// Reads awaited one after the other without need.
    pub sequences: Vec<AwaitSequence>,
    /// Loops that repeat a remote call until it succeeds.
    pub retry_loops: Vec<RetryLoop>,
    /// Connection pools with their size.
    pub pools: Vec<PoolSize>,
    /// Object keys of S3 notifications that reach a call undecoded.
    pub key_uses: Vec<KeyUse>,
    /// Failures recorded for a partial batch response.
    pub recorded_failures: Vec<RecordedFailure>,
    /// What init waits for that may be remote.
    pub init_waits: Vec<Site>,
    /// Resources opened in init that only some invocations use.
    pub conditional: Vec<ConditionalResource>,
    /// Handlers that run several steps and undo them.
    pub orchestrations: Vec<Orchestration>,
}

impl Program {
    /// A binary nothing is known of yet.
    pub fn new(target: TargetId) -> Self {
        Self {
            target,
            handlers: Vec::new(),
            env_reads: Vec::new(),
            clients: Vec::new(),
            http_calls: Vec::new(),
            subscriber_seen: false,
            discards: Vec::new(),
            sdk_calls: Vec::new(),
            state: Vec::new(),
            routes: Vec::new(),
            api_calls: Vec::new(),
            time_limits: Vec::new(),
            waits: Vec::new(),
            spawns: Vec::new(),
            error_drops: Vec::new(),
            panics: Vec::new(),
            logs: Vec::new(),
            tells_changes_apart: false,
            file_writes: Vec::new(),
            removes_files: false,
            record_uses: Vec::new(),
            held_guards: Vec::new(),
            fan_outs: Vec::new(),
            sequences: Vec::new(),
            retry_loops: Vec::new(),
            pools: Vec::new(),
            key_uses: Vec::new(),
            recorded_failures: Vec::new(),
            init_waits: Vec::new(),
            conditional: Vec::new(),
            orchestrations: Vec::new(),
        }
    }

    /// The platform its handlers are written for.
    pub fn platform(&self) -> Option<Platform> {
        self.handlers.first().map(|handler| handler.platform)
    }

    /// Whether it is an AWS Lambda function.
    pub fn is_lambda(&self) -> bool {
        self.platform() == Some(Platform::AwsLambda)
    }
}
