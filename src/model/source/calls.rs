//! Calls that reach outside the process, the clients they go through and the environment they read.

use super::fact::facts;
use super::{Fact, Site};
use crate::model::Verdict;
use crate::text::Span;

facts!(ClientBuild, EnvSet, HttpCall, QueryCall, SdkCall, TimeLimit);

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

/// A variable of its own environment that a program sets while it runs.
#[derive(Debug, Clone)]
pub struct EnvSet {
    /// The key; none if it is not literal: any variable may be set there.
    pub key: Option<String>,
    /// Where.
    pub site: Site,
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
    /// Whether it is given headers to send with every request that hold an answer: a token, which expires.
    pub carries: bool,
    /// The configuration it is made from, if an invocation makes that too: the expression, or the client itself when it
    /// is made of nothing.
    pub config: Option<Span>,
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
    /// Whether nothing but a limit of the library's own ends it.
    pub by_default: bool,
    /// Whether it carries a header with which it may be repeated.
    pub guarded: bool,
    /// Where its client is built, when that is known.
    pub client: Option<Span>,
    /// The literal limit of one attempt that its client was built with.
    pub limit: Option<Limit>,
    /// The loop that repeats it until it succeeds.
    pub attempts: Option<Attempts>,
    /// The client it goes through, where that keeps idle connections between invocations and nothing sends the request
    /// again that one of them fails; only of requests that do more when they are sent twice.
    pub pooled: Option<Span>,
}

/// A statement or command that is sent to a database, cache or broker.
#[derive(Debug, Clone)]
pub struct QueryCall {
    /// The canonical path that was called, for example `sqlx::query::execute`.
    pub path: String,
    /// The collection for each element of which it is sent, where one could carry them all.
    pub over: Option<Span>,
    /// Where.
    pub site: Site,
}

/// A literal limit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Milliseconds.
    pub millis: i64,
    /// Where it is set.
    pub span: Span,
}

/// A loop around a call that is left when the call succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How often it goes around at most.
    pub count: i64,
    /// Milliseconds of the literal sleeps in each round; 0 if none is literal.
    pub pause_millis: i64,
    /// The head of the loop.
    pub span: Span,
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

/// A method called on a request.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its name.
    pub setter: String,
    /// What it is given.
    pub value: Operand,
    /// The variant of an enum it is given, or the word that names one.
    pub variant: Option<String>,
}

/// A loop or an adapter over a collection around a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iteration {
    /// The collection.
    pub span: Span,
    /// Whether it is the batch the platform delivered, which has a size limit.
    pub is_batch: bool,
    /// Whether the call is made for some of the elements only.
    pub conditional: bool,
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
    /// Every method called on the request with what it is given, such as `limit`, `key` or `into_paginator`;
    /// then what tells the entries of a batch request apart, where data says so.
    pub arguments: Vec<Argument>,
    /// Whether what it acts on is the bucket of a record of the event.
    pub on_bucket_of_record: bool,
    /// What is done with its output.
    pub output: OutputUse,
    /// Whether the key it writes or the resource it names comes from the event.
    pub target_from_event: Verdict,
    /// What is iterated, if it runs once for each element of a collection.
    pub per_element: Option<Iteration>,
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
    /// The names of the methods called on the request.
    pub fn setters(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|argument| argument.setter.as_str())
    }

    /// Whether a method is called on the request.
    pub fn sets(&self, setter: &str) -> bool {
        self.setters().any(|known| known == setter)
    }

    /// What a setter, or the one that takes an option, is given.
    pub fn argument(&self, setter: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| {
            let known = argument.setter.as_str();
            known == setter || known.strip_prefix("set_") == Some(setter)
        })
    }

    /// The same as a value; unknown if it is not set.
    pub fn operand(&self, setter: &str) -> &Operand {
        self.argument(setter).map_or(&Operand::Unknown, |argument| &argument.value)
    }

    /// How an invocation of a Lambda function waits.
    pub fn invocation(&self) -> InvocationType {
        let Some(argument) = self.argument("invocation_type") else { return InvocationType::RequestResponse };
        match argument.variant.as_deref() {
            Some("RequestResponse") => InvocationType::RequestResponse,
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            _ => InvocationType::Unknown,
        }
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
