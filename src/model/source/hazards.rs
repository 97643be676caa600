//! Patterns in code that rules judge: waiting, spawning, dropped errors, panics, logs, files and the like.

use super::fact::facts;
use super::{Operand, Site};
use crate::model::Verdict;
use crate::text::Span;

facts!(
    ApiCall,
    Wait,
    Spawn,
    ErrorDrop,
    Panic,
    LogCall,
    RecordedArguments,
    TextLog,
    FileWrite,
    RecordUse,
    HeldGuard,
    FanOut,
    AwaitSequence,
    RetryLoop,
    Discard,
    PoolSize,
    PoolUse,
    KeyUse,
    RecordedFailure,
    ConditionalResource,
    Orchestration,
    InitWait,
    SubscriberSetup,
    FileRemoval,
    ChangeTest,
    KeyTest,
    OutsideWork,
    DeadlineRead,
    CodeRoute,
    RouteScope
);

/// What a library call means for a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiClass {
    /// Ends the process.
    ProcessExit,
    /// Installs a global log subscriber; panics when there is one already.
    SubscriberInit,
    /// The same, returning an error instead.
    SubscriberTryInit,
    /// Panics when called from asynchronous code.
    BlockingPanics,
    /// Panics there in builds with debug assertions, and blocks the thread in others.
    PanicsInDebugBuilds,
    /// Blocks the thread for as long as a sleep, process or query takes.
    Blocking,
    /// Builds a value that is costly and always the same.
    Expensive,
}

/// A call of a library function that matters by itself.
#[derive(Debug, Clone)]
pub struct ApiCall {
    /// What it means.
    pub class: ApiClass,
    /// Canonical path.
    pub path: String,
    /// Where.
    pub site: Site,
    /// Whether other futures of the same invocation wait for the thread.
    pub beside_others: bool,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitKind {
    /// A sleep.
    Sleep,
    /// A sleep between looks at the state of something remote.
    Poll,
    /// A waiter of the AWS SDK.
    Waiter,
    /// Long polling of a queue.
    LongPoll,
}

/// Waiting during an invocation.
#[derive(Debug, Clone)]
pub struct Wait {
    /// What for.
    pub kind: WaitKind,
    /// Milliseconds of one wait, when literal.
    pub millis: Option<i64>,
    /// The operation polled, waited for or received from.
    pub operation: Option<String>,
    /// Where.
    pub site: Site,
}

/// A task or thread whose handle nobody keeps.
#[derive(Debug, Clone)]
pub struct Spawn {
    /// Canonical path of the call.
    pub path: String,
    /// Whether it talks to something remote.
    pub remote: bool,
    /// Whether the handle lies in something older than the invocation, which does not wait for it.
    pub parked: bool,
    /// Where.
    pub site: Site,
}

/// How an error disappears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorDropKind {
    /// The error branch only logs.
    Logged,
    /// Only counted, or added to a list that nothing but the successful answer shows.
    Counted,
    /// There is no error branch.
    Ignored,
    /// Results of joined tasks are not looked at.
    Joined,
    /// Turned into the successful result of the handler.
    TurnedIntoSuccess,
}

/// An error of work on the event that reaches neither the caller nor a list of failures.
#[derive(Debug, Clone)]
pub struct ErrorDrop {
    /// How.
    pub kind: ErrorDropKind,
    /// Whether the handler answers its caller with something other than nothing.
    pub answers: bool,
    /// The call that can fail.
    pub work: String,
    /// Whether it talks to something remote.
    pub remote: bool,
    /// Whether it runs for each record.
    pub per_element: bool,
    /// Whether other work on the same event was done before, whose outcome is looked at: this is one part of it.
    pub aside: bool,
    /// Whether it is a look at something remote, and what follows is done without it.
    pub looks: bool,
    /// Whether it only reads what was sent, so that a malformed record is all that can be dropped.
    pub parses: bool,
    /// Where the error is dropped.
    pub site: Site,
}

/// A place that panics on some inputs.
#[derive(Debug, Clone)]
pub struct Panic {
    /// `unwrap`, `expect`, `panic!` or `index`.
    pub how: String,
    /// Whether the service sends what is unwrapped with every event, so that only one made by hand lacks it.
    pub sent: bool,
    /// Where.
    pub site: Site,
}

/// What is whole in a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// The event, a request, a record or a message.
    Event,
    /// A list of records that the event carries.
    List,
    /// What a service answered: items of a table, messages of a queue.
    Answer,
}

/// A log line or print.
#[derive(Debug, Clone)]
pub struct LogCall {
    /// The macro, for example `tracing::info`.
    pub path: String,
    /// Whether it prints text past any subscriber.
    pub prints: bool,
    /// What it writes as a whole, at a level that is on by default.
    pub payload: Option<Payload>,
    /// Where.
    pub site: Site,
}

/// A subscriber or logger that writes text and is not told another format.
#[derive(Debug, Clone)]
pub struct TextLog {
    /// The call that makes it, behind which a setting can be written; none if it takes none.
    pub settings: Option<Span>,
    /// Whether it writes colours, as nothing says that it should not.
    pub colours: bool,
    /// Where it is made.
    pub site: Site,
}

/// An attribute that writes the arguments of its function, the whole event among them, beside every line inside.
#[derive(Debug, Clone)]
pub struct RecordedArguments {
    /// The attribute, for example `tracing::instrument`.
    pub path: String,
    /// The level its lines have.
    pub level: String,
    /// The parameter.
    pub parameter: String,
    /// The attribute.
    pub site: Site,
}

/// A file created or written.
#[derive(Debug, Clone)]
pub struct FileWrite {
    /// The path, as far as it is literal.
    pub path: Operand,
    /// Whether the name comes from the event.
    pub unique: Verdict,
    /// Whether a `match` on the variant of `self` decides that it happens.
    pub by_variant: bool,
    /// Whether its result is thrown away: `let _ = write(…)`.
    pub dropped: bool,
    /// Where.
    pub site: Site,
}

/// A use of the records of a batch; asking how many there are is none.
#[derive(Debug, Clone)]
pub struct RecordUse {
    /// Whether it takes one record only: `records[0]`, `records.first()`.
    pub one: bool,
    /// Where.
    pub site: Site,
}

/// A synchronous lock guard alive across an `.await`.
#[derive(Debug, Clone)]
pub struct HeldGuard {
    /// What is locked.
    pub name: String,
    /// The `.await`.
    pub awaited: Span,
    /// Where the guard is taken.
    pub site: Site,
}

/// A remote call for each element of a collection, all at once.
#[derive(Debug, Clone)]
pub struct FanOut {
    /// The call that starts them all.
    pub path: String,
    /// Whether the collection is the batch the platform delivered, which has a size limit.
    pub is_batch: bool,
    /// Where.
    pub site: Site,
}

/// Remote reads awaited one after the other although none needs another's result.
#[derive(Debug, Clone)]
pub struct AwaitSequence {
    /// The reads, in order.
    pub steps: Vec<Span>,
    /// Whether each of them ends the function when it fails: `?`.
    pub fails: bool,
    /// The second of them.
    pub site: Site,
}

/// A loop that repeats a remote call until it succeeds, with nothing that ends it.
#[derive(Debug, Clone)]
pub struct RetryLoop {
    /// Whether it pauses between attempts.
    pub pauses: bool,
    /// The call.
    pub call: Span,
    /// The loop.
    pub site: Site,
}

/// Events or records thrown away for what one of their fields says.
#[derive(Debug, Clone)]
pub struct Discard {
    /// The field.
    pub field: String,
    /// The condition.
    pub site: Site,
}

/// A connection pool.
#[derive(Debug, Clone)]
pub struct PoolSize {
    /// Most connections it opens.
    pub max: i64,
    /// Connections it opens at once and keeps, where that is set.
    pub min: Option<i64>,
    /// Whether that is the library's default.
    pub default: bool,
    /// Whether it opens all of them when it is built.
    pub eager: bool,
    /// Canonical path of the constructor.
    pub path: String,
    /// Where the size is set, or the pool built.
    pub site: Site,
}

/// Queries of one invocation that run side by side, each on a connection of its own.
#[derive(Debug, Clone)]
pub struct PoolUse {
    /// What starts them.
    pub site: Site,
}

/// What happens to the object key of an S3 notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyUseKind {
    /// It reaches a call to S3 as it came.
    Encoded,
    /// Plus signs are replaced, and percent escapes stay.
    EscapesKept,
    /// Percent escapes are decoded, and plus signs stay.
    PlusKept,
    /// A field for the decoded key is relied on, which the event does not have.
    NeverFilled,
    /// The program itself fills the field for the decoded key.
    Fills,
}

/// An object key of an S3 notification.
#[derive(Debug, Clone)]
pub struct KeyUse {
    /// What happens to it.
    pub kind: KeyUseKind,
    /// Where the key is read from the event.
    pub read: Span,
    /// The call it reaches, or the place that reads, decodes or fills it.
    pub site: Site,
}

/// A failure added to a partial batch response.
#[derive(Debug, Clone)]
pub struct RecordedFailure {
    /// Whether later records are still processed after it.
    pub continues: bool,
    /// Where.
    pub site: Site,
}

/// A resource opened in init that invocations use only under a condition.
#[derive(Debug, Clone)]
pub struct ConditionalResource {
    /// What is opened, as a canonical path.
    pub path: String,
    /// Where it is opened.
    pub site: Site,
    /// The conditional uses.
    pub uses: Vec<Span>,
}

/// A function that makes several changes in different places and undoes them on error.
#[derive(Debug, Clone)]
pub struct Orchestration {
    /// The changes, in order.
    pub steps: Vec<Span>,
    /// The name of the first undoing call.
    pub undo: String,
    /// That call.
    pub site: Site,
}

/// Something awaited in init that may be remote.
#[derive(Debug, Clone)]
pub struct InitWait {
    /// What is awaited.
    pub site: Site,
}

/// A call that looks like it installs a log subscriber, however it is called, or decides what one writes.
#[derive(Debug, Clone)]
pub struct SubscriberSetup {
    /// Whether it makes lines of the beginnings or ends of spans.
    pub shows_spans: bool,
    /// The call.
    pub site: Site,
}

/// A file that is removed, or left to a `tempfile` type to remove.
#[derive(Debug, Clone)]
pub struct FileRemoval {
    /// The call.
    pub site: Site,
}

/// A look at whether an item was inserted, modified or removed.
#[derive(Debug, Clone)]
pub struct ChangeTest {
    /// The word that is looked for, or the `match` that does.
    pub site: Site,
}

/// A look at what text of the event begins or ends with, or holds: a key under which results are put may be told from
/// others.
#[derive(Debug, Clone)]
pub struct KeyTest {
    /// The call.
    pub site: Site,
}

/// Work of an invocation that may take its time outside the program: the first of it that was seen.
#[derive(Debug, Clone)]
pub struct OutsideWork {
    /// Where.
    pub site: Site,
}

/// A read of the invocation deadline.
#[derive(Debug, Clone)]
pub struct DeadlineRead {
    /// Where.
    pub site: Site,
}

/// A route of a router inside the program.
#[derive(Debug, Clone)]
pub struct CodeRoute {
    /// Path as written.
    pub path: String,
    /// The path.
    pub site: Site,
}

/// What a router does with whole groups of paths.
#[derive(Debug, Clone)]
pub struct RouteScope {
    /// The path it puts before others; none if it takes any, or if that cannot be told.
    pub path: Option<String>,
    /// Where.
    pub site: Site,
}
