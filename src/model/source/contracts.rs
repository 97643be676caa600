//! What a program owes to the services around it: identifiers of failed records, bodies in a form that arrives, answers
//! that are looked at, telemetry that is sent, extensions that are registered.

use super::Site;
use super::fact::facts;
use super::hazards::ErrorDropKind;
use crate::text::Span;

facts!(
    AnswerPanic,
    BinaryBody,
    EnvelopeRead,
    ExtensionRun,
    FailureIdentifier,
    HiddenFailure,
    MessageParse,
    SecretLog,
    TelemetryBatch,
    TelemetryFlush,
);

/// A failure of remote work that is not about the event, after which the handler answers as if there were none.
#[derive(Debug, Clone)]
pub struct HiddenFailure {
    /// How the error disappears.
    pub kind: ErrorDropKind,
    /// The call that fails.
    pub work: String,
    /// Whether the call runs for each element of what a service answered.
    pub per_element: bool,
    /// Where the error ends.
    pub site: Site,
}

/// Something that gathers spans, log records or metrics and sends them later.
#[derive(Debug, Clone)]
pub struct TelemetryBatch {
    /// The call that makes it.
    pub path: String,
    /// Where.
    pub site: Site,
}

/// When telemetry is sent that was gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlushTime {
    /// With invocations: by the handler, a layer around it or an extension.
    Invocation,
    /// When the environment is shut down.
    Shutdown,
    /// Behind the runtime loop, which does not end.
    Never,
}

/// A call that sends what telemetry was gathered.
#[derive(Debug, Clone)]
pub struct TelemetryFlush {
    /// The call.
    pub path: String,
    /// When it runs.
    pub time: FlushTime,
    /// Where.
    pub site: Site,
}

/// An extension inside the function's own process that is started beside the runtime without having been registered.
#[derive(Debug, Clone)]
pub struct ExtensionRun {
    /// Where it is made, if elsewhere.
    pub made: Option<Span>,
    /// Where it is started.
    pub site: Site,
}

/// What a failed record is named by in a partial batch response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// The sequence number of a stream record.
    SequenceNumber,
    /// The id of a queue's message.
    Message,
    /// Another field of the record.
    Other(String),
    /// A field of what the record carries.
    Carried(String),
    /// The same text for every record.
    Constant,
    /// Made for the purpose.
    Generated,
}

/// The identifier of a failed record.
#[derive(Debug, Clone)]
pub struct FailureIdentifier {
    /// What it is.
    pub identifier: Identifier,
    /// Whether it is an empty text when the record has none.
    pub or_empty: bool,
    /// The field of a record of the library's type that it is read from.
    pub field: Option<Span>,
    /// Where it is given.
    pub site: Site,
}

/// What a body of a message is read as.
#[derive(Debug, Clone)]
pub struct MessageParse {
    /// The type.
    pub of: String,
    /// Whether it is the notification of a bucket.
    pub notification: bool,
    /// Whether the envelope of a topic cannot be read as it.
    pub needs_more: bool,
    /// Whether an error ends the invocation, or the work on the record.
    pub fails: bool,
    /// Where.
    pub site: Site,
}

/// A look at the envelope of a topic, or at what a bucket sends as a test.
#[derive(Debug, Clone)]
pub struct EnvelopeRead {
    /// Whether it is the test.
    pub test: bool,
    /// Where.
    pub site: Site,
}

/// A response whose body is not text.
#[derive(Debug, Clone)]
pub struct BinaryBody {
    /// What says so: a type of media, a constructor, a field.
    pub says: String,
    /// Where.
    pub site: Site,
}

/// What kind of secret is written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// Fetched from where secrets are kept, or decrypted.
    Fetched,
    /// Sent by the caller.
    Caller,
    /// From the environment.
    Environment,
}

/// A secret in a log line.
#[derive(Debug, Clone)]
pub struct SecretLog {
    /// The macro.
    pub path: String,
    /// Whether it prints past any subscriber.
    pub prints: bool,
    /// What kind.
    pub kind: SecretKind,
    /// What it is called.
    pub name: String,
    /// Where it comes from.
    pub from: Option<Span>,
    /// Where it is written.
    pub site: Site,
}

/// A place that panics when a service answers something else than is expected.
#[derive(Debug, Clone)]
pub struct AnswerPanic {
    /// The method, or `index`.
    pub how: String,
    /// The service.
    pub service: String,
    /// Whether it is the outcome of the call itself that is unwrapped.
    pub outcome: bool,
    /// Whether the call goes to something that is no service of the provider.
    pub external: bool,
    /// Where.
    pub site: Site,
}
