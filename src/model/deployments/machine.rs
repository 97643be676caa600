//! Step Functions state machines: states, what they call, and where their errors go.

use super::{ResourceId, Target};
use crate::model::value::{Known, Setting};
use crate::text::Span;

/// A state machine.
#[derive(Debug, Clone)]
pub struct StateMachine {
    /// Its resource; none for a definition that no config of the project names.
    pub resource: Option<ResourceId>,
    /// Its logical id, or the file of its definition.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// `STANDARD` or `EXPRESS`.
    pub kind: Setting<String>,
    /// Seconds an execution may take (`TimeoutSeconds` of the definition); where it is set.
    pub timeout: Option<Span>,
    /// The first state.
    pub start: Option<usize>,
    /// All states, those of branches and maps included.
    pub states: Vec<State>,
}

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// Calls something.
    Task,
    /// Runs branches at once.
    Parallel,
    /// Runs its states for each item.
    Map,
    /// Chooses the next state.
    Choice,
    /// Waits.
    Wait,
    /// Ends with a failure.
    Fail,
    /// `Pass`, `Succeed`.
    Other,
}

/// One state.
#[derive(Debug, Clone)]
pub struct State {
    /// Its name.
    pub name: String,
    /// The name in the definition.
    pub span: Span,
    /// What it is.
    pub kind: StateKind,
    /// The `Parallel` or `Map` state it belongs to.
    pub parent: Option<usize>,
    /// What a task calls.
    pub task: Option<Task>,
    /// Retriers, in order.
    pub retry: Vec<Handled>,
    /// Catchers, in order.
    pub catch: Vec<Handled>,
    /// States that may follow on success: `Next`, and the choices of a `Choice`.
    pub next: Vec<usize>,
    /// First states of the branches of a `Parallel` or `Map`.
    pub branches: Vec<usize>,
    /// Where `TimeoutSeconds` or `TimeoutSecondsPath` is set.
    pub timeout: Option<Span>,
    /// Where `HeartbeatSeconds` or `HeartbeatSecondsPath` is set.
    pub heartbeat: Option<Span>,
    /// `TimeoutSeconds`.
    pub timeout_s: Known<i64>,
    /// `HeartbeatSeconds`.
    pub heartbeat_s: Known<i64>,
    /// `MaxConcurrency` of a `Map`; absent means as many as the service allows.
    pub max_concurrency: Known<i64>,
    /// Whether it is a distributed map.
    pub distributed: bool,
    /// `Comment`.
    pub comment: Option<String>,
}

/// A retrier or a catcher.
#[derive(Debug, Clone)]
pub struct Handled {
    /// Where it is written.
    pub span: Span,
    /// `ErrorEquals`.
    pub errors: Vec<String>,
    /// The state a catcher leads to.
    pub next: Option<usize>,
}

impl Handled {
    /// Whether it covers any error.
    pub fn is_general(&self) -> bool {
        self.errors.iter().any(|error| error == "States.ALL" || error == "States.TaskFailed")
    }
}

/// How a task waits for what it calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// For the response of the call.
    RequestResponse,
    /// For the end of the job it starts (`.sync`).
    Sync,
    /// For someone to send the token back (`.waitForTaskToken`).
    TaskToken,
}

/// What a task calls.
#[derive(Debug, Clone, PartialEq)]
pub enum Service {
    /// A Lambda function.
    Lambda(Known<Target>),
    /// An activity, which a worker polls.
    Activity,
    /// Any other integration: the service and the action, for example `dynamodb` and `putItem`.
    Other(String, String),
    /// An ARN that cannot be told.
    Unknown,
}

/// A call of a task.
#[derive(Debug, Clone)]
pub struct Task {
    /// What it calls.
    pub service: Service,
    /// How it waits.
    pub pattern: Pattern,
    /// `Resource`, where it is written.
    pub span: Span,
    /// The state machine it starts, if it is one of the project.
    pub starts: Option<ResourceId>,
    /// What it writes, as the definition names it: a table and the key of an item.
    pub item: Option<String>,
    /// Whether what it writes is named after the execution: a record of its progress.
    pub of_execution: bool,
}

impl StateMachine {
    /// Whether executions are bounded by five minutes and run at least once.
    pub fn is_express(&self) -> bool {
        self.kind.one().is_some_and(|kind| kind.eq_ignore_ascii_case("EXPRESS"))
    }

    /// Every `Parallel` or `Map` a state lies in, from the inside out.
    pub fn enclosing(&self, state: usize) -> impl Iterator<Item = &State> {
        std::iter::successors(self.states[state].parent, |&parent| self.states[parent].parent)
            .take(64)
            .map(|index| &self.states[index])
    }
}
