//! Resources: what templates declare, and what delivers to what without a function in between.

use crate::model::value::{Known, Verdict};
use crate::text::{ResourceId, Span, StackId};

/// What a resource is, whatever its dialect calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A function.
    Function,
    /// A queue.
    Queue,
    /// A topic that pushes to subscribers.
    Topic,
    /// An event bus.
    Bus,
    /// A rule of an event bus.
    Rule,
    /// A schedule of its own.
    Schedule,
    /// A bucket of objects.
    Bucket,
    /// A table.
    Table,
    /// A stream of records.
    Stream,
    /// An API with routes.
    Api,
    /// The URL of a function.
    FunctionUrl,
    /// A state machine.
    StateMachine,
    /// A proxy that pools connections in front of a database.
    DatabaseProxy,
    /// Anything else.
    Other,
}

/// A resource as the template declares it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The template.
    pub stack: StackId,
    /// Its name inside the template; for what the CDK synthesised, the path of its construct below the stack.
    pub logical_id: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The type as its users know it, for example `AWS::SQS::Queue`.
    pub type_name: String,
    /// The logical id in the file.
    pub span: Span,
    /// The line of the helper that makes it and gets its name from its caller.
    pub made: Option<Span>,
    /// The id of the CDK construct it belongs to.
    pub construct: Option<String>,
    /// The physical name, when the template fixes one.
    pub name: Known<String>,
}

/// A construct of a CDK app, as its source has it.
#[derive(Debug, Clone)]
pub struct Construct {
    /// Its class, for example `RustFunction`.
    pub kind: String,
    /// Its id in its scope.
    pub id: String,
    /// The id in the source.
    pub span: Span,
    /// Its arguments after the id.
    pub arguments: Span,
    /// The directory of its source file.
    pub dir: String,
    /// `manifestPath`, relative to that directory or to the app's.
    pub manifest: Option<String>,
    /// `binaryName`.
    pub binary: Option<String>,
    /// The path of an asset it takes its code from.
    pub asset: Option<String>,
}

/// A delivery from one resource to another that is no function: a topic to a queue, a bucket to a topic.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// What delivers.
    pub from: ResourceId,
    /// What receives.
    pub to: ResourceId,
    /// The declaration.
    pub span: Span,
    /// Whether a filter decides what is delivered.
    pub filtered: bool,
    /// Whether a topic delivers messages as they were published, without an envelope around them.
    pub raw: Verdict,
}
