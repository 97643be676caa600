//! What the Rust source of one binary does, as plain facts with places.
//! A fact exists only for code that the binary's `main` or handler reaches.

use super::crates::TargetId;
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
}

impl Platform {
    /// The id used in rule files.
    pub fn id(self) -> &'static str {
        match self {
            Self::AwsLambda => "aws-lambda",
            Self::CloudflareWorkers => "cloudflare-workers",
            Self::Spin => "spin",
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
    /// Whether the response carries `batchItemFailures`.
    pub returns_batch_response: Verdict,
    /// Whether code under it reads the invocation deadline.
    pub reads_deadline: bool,
}

/// A read of an environment variable with a literal key.
#[derive(Debug, Clone)]
pub struct EnvRead {
    /// The key.
    pub key: String,
    /// Where.
    pub site: Site,
    /// Whether the program fails without it: unwrapped or propagated, with no fallback.
    pub required: bool,
}

/// What a construction makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// AWS configuration: credentials, region, HTTP stack.
    SdkConfig,
    /// An AWS service client made from a configuration.
    SdkClient,
    /// An HTTP client with its own connection pool.
    HttpClient,
    /// A database, cache or broker connection or pool.
    Connection,
}

/// A construction of a client, pool or configuration.
#[derive(Debug, Clone)]
pub struct ClientBuild {
    /// What it makes.
    pub kind: ClientKind,
    /// The canonical path that was called.
    pub path: String,
    /// Where.
    pub site: Site,
    /// Whether its inputs come from the event, so that it cannot be shared.
    pub from_event: Verdict,
    /// Whether it is made from a configuration of the same phase that is reported itself.
    pub config_is_local: bool,
}

/// A value as far as the source tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A literal or constant; for a formatted string, its literal prefix.
    Literal(String),
    /// The value of an environment variable.
    Env(String),
    /// Cannot be told.
    Unknown,
}

/// A request through an HTTP client library.
#[derive(Debug, Clone)]
pub struct HttpCall {
    /// The canonical path that was called, for example `reqwest::Client::get`.
    pub path: String,
    /// The URL.
    pub url: Operand,
    /// Where.
    pub site: Site,
    /// Whether any timeout bounds it.
    pub bounded: Verdict,
    /// Where its client is built, when that is known.
    pub client: Option<Span>,
}

/// How a Lambda invocation call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvocationType {
    /// The caller waits for the result; the default.
    RequestResponse,
    /// Queued.
    Event,
    /// Permission check only.
    DryRun,
    /// Set to something that cannot be told.
    Unknown,
}

/// A call of an AWS service operation.
#[derive(Debug, Clone)]
pub struct SdkCall {
    /// The service as its crate names it, for example `dynamodb`.
    pub service: String,
    /// The operation, for example `put_item`.
    pub operation: String,
    /// Where.
    pub site: Site,
    /// What it acts on: function name, queue URL, table name, …
    pub target: Operand,
    /// Where the target is written or read.
    pub target_span: Option<Span>,
    /// Only for Lambda `invoke`.
    pub invocation_type: InvocationType,
}

/// How process-wide state changes during invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// Grows or changes with every event.
    Accumulator,
    /// Remembers a value under a key that does not come from the event.
    Cache,
    /// An atomic counter or flag.
    Atomic,
    /// A `static mut`.
    StaticMut,
    /// The environment, the working directory or a hook of the whole process.
    Process,
}

/// A write to process-wide state.
#[derive(Debug, Clone)]
pub struct StateWrite {
    /// Name of the static, or of the process-wide function.
    pub name: String,
    /// Kind of change.
    pub kind: StateKind,
    /// Whether what is written comes from the event.
    pub event_data: bool,
    /// Whether entries can leave it again (expiry, eviction, overwrite).
    pub expires: bool,
    /// Where it is declared.
    pub declared: Option<Span>,
    /// Where it is written.
    pub site: Site,
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
    /// AWS SDK calls.
    pub sdk_calls: Vec<SdkCall>,
    /// Writes to process-wide state.
    pub state: Vec<StateWrite>,
    /// Routes of routers.
    pub routes: Vec<CodeRoute>,
}

impl Program {
    /// The platform its handlers are written for.
    pub fn platform(&self) -> Option<Platform> {
        self.handlers.first().map(|handler| handler.platform)
    }

    /// Whether it is an AWS Lambda function.
    pub fn is_lambda(&self) -> bool {
        self.platform() == Some(Platform::AwsLambda)
    }
}
