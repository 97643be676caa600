//! Calls that reach outside the process, the clients they go through and the environment they read.

use super::fact::facts;
use super::{Fact, Site};
use crate::model::Verdict;
use crate::text::Span;

facts!(ClientBuild, HttpCall, SdkCall, TimeLimit);

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

impl Fact for EnvRead {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    /// One place may read several variables: a struct that is filled from the environment.
    fn key(&self) -> &str {
        &self.key
    }
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
    /// Every method called on the request, such as `limit`, `condition_expression` or `into_paginator`.
    pub setters: Vec<String>,
    /// What is done with its output.
    pub output: OutputUse,
    /// Whether the key it writes or the resource it names comes from the event.
    pub target_from_event: Verdict,
    /// Whether it runs once for each element of a collection.
    pub per_element: bool,
    /// The key condition of a query, when it is literal.
    pub key_condition: Operand,
    /// Literal prefix of the object key it writes, for S3.
    pub key: Operand,
    /// `source` and `detail_type` of the entries it puts on a bus, for EventBridge.
    pub event: (Operand, Operand),
    /// Whether it sends a fresh identifier, different on every run.
    pub generated: bool,
    /// Whether the value it fetches is kept: stored in process-wide state or guarded by an age.
    pub remembered: bool,
}

impl SdkCall {
    /// `service.operation`, the key of `rules/data/sdk-operations.yaml`.
    pub fn data_key(&self) -> String {
        format!("{}.{}", self.service, self.operation)
    }
}

/// What becomes of the output of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutputUse {
    /// Accessors and fields read on it.
    pub reads: Vec<String>,
    /// Whether it is returned, stored or handed on, so that others may read it.
    pub escapes: bool,
}

/// What a time limit bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimitKind {
    /// One attempt of an AWS SDK operation; the SDK retries.
    SdkAttempt,
    /// An AWS SDK operation with its retries.
    SdkOperation,
    /// A request, connection or pool checkout.
    Request,
    /// Any future.
    Future,
}

/// A time limit with a literal duration.
#[derive(Debug, Clone)]
pub struct TimeLimit {
    /// What it bounds.
    pub kind: TimeLimitKind,
    /// Milliseconds.
    pub millis: i64,
    /// Where.
    pub site: Site,
}
