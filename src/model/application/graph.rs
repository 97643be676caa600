//! The application as a graph: what invokes, calls and delivers to what, and the patterns in it.

use super::unit::Mode;
use crate::finding::Confidence;
use crate::model::deployments::{FunctionId, ResourceId, StackId, TriggerKind};
use crate::text::Span;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// A deployed function.
    Function,
    /// An SQS queue.
    Queue,
    /// An SNS topic.
    Topic,
    /// An event bus.
    Bus,
    /// A schedule.
    Schedule,
    /// A bucket.
    Bucket,
    /// A table.
    Table,
    /// A stream.
    Stream,
    /// An API, function URL or load balancer.
    Api,
    /// A state machine.
    StateMachine,
    /// Any other resource of the project.
    Resource,
    /// Something outside the project.
    External,
    /// What a call acts on, when nothing tells.
    Unknown,
}

impl NodeKind {
    /// The word people see.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Queue => "queue",
            Self::Topic => "topic",
            Self::Bus => "event bus",
            Self::Schedule => "schedule",
            Self::Bucket => "bucket",
            Self::Table => "table",
            Self::Stream => "stream",
            Self::Api => "API",
            Self::StateMachine => "state machine",
            Self::Resource => "resource",
            Self::External => "external",
            Self::Unknown => "unresolved",
        }
    }
}

/// What a node stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeId {
    /// A deployed function.
    Function(FunctionId),
    /// Any other resource.
    Resource(ResourceId),
    /// The API that a template makes for the HTTP events that name none; one for each kind.
    Api(StackId, TriggerKind),
    /// What invokes a function and has no name: its schedule, its URL.
    Source(FunctionId, TriggerKind),
    /// What only the templates of one stack call so: a parameter, what a call acts on that nothing tells.
    Local(StackId, String),
    /// What everybody calls so: a host, an ARN, the default event bus.
    Named(String),
}

/// A part of the application.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it stands for.
    pub id: NodeId,
    /// What it is.
    pub kind: NodeKind,
    /// What people call it.
    pub label: String,
    /// Where it is declared.
    pub span: Option<Span>,
}

/// Why an edge is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// Config lets one invoke the other.
    Trigger,
    /// Source calls it.
    Call,
    /// One service delivers to another.
    Delivery,
    /// Where failures go.
    Failure,
}

/// Something that goes from one node to another.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Index of the node it starts at.
    pub from: usize,
    /// Index of the node it ends at.
    pub to: usize,
    /// Why it is there.
    pub kind: EdgeKind,
    /// How it flows.
    pub mode: Mode,
    /// What people read along it: the operation, the route, the kind of trigger.
    pub label: String,
    /// The place that makes it.
    pub span: Span,
    /// The places that resolved its target.
    pub proof: Vec<Span>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether its target could be told.
    pub resolved: bool,
}

/// A shape that architects have a name for, and what it lacks.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// `fan-out`, `fan-in`, `api-composition`, `event-processing`, `saga`, `monolith`.
    pub name: &'static str,
    /// The nodes that make it; the first is its centre.
    pub nodes: Vec<usize>,
    /// What is missing, a phrase each.
    pub missing: Vec<String>,
}

/// The application.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Parts.
    pub nodes: Vec<Node>,
    /// What goes between them.
    pub edges: Vec<Edge>,
    /// Shapes in it.
    pub patterns: Vec<Pattern>,
}

impl Graph {
    /// The part of the graph that a test of nodes keeps, with the neighbours of kept nodes if asked.
    #[must_use]
    pub fn around(&self, keep: impl Fn(usize) -> bool, neighbours: bool) -> Self {
        let mut kept: Vec<bool> = (0..self.nodes.len()).map(&keep).collect();
        if neighbours {
            for edge in self.edges.iter().filter(|edge| keep(edge.from) || keep(edge.to)) {
                kept[edge.from] = true;
                kept[edge.to] = true;
            }
        }
        let mut index = vec![usize::MAX; self.nodes.len()];
        let mut nodes = Vec::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(at, _)| kept[*at]) {
            index[at] = nodes.len();
            nodes.push(node.clone());
        }
        let inside =
            |edge: &&Edge| kept[edge.from] && kept[edge.to] && (!neighbours || keep(edge.from) || keep(edge.to));
        let edges = self.edges.iter().filter(inside).map(|edge| Edge {
            from: index[edge.from],
            to: index[edge.to],
            ..edge.clone()
        });
        let whole = |pattern: &&Pattern| pattern.nodes.iter().all(|&node| kept[node]);
        let patterns = self.patterns.iter().filter(whole).map(|pattern| Pattern {
            nodes: pattern.nodes.iter().map(|&node| index[node]).collect(),
            ..pattern.clone()
        });
        Self { nodes, edges: edges.collect(), patterns: patterns.collect() }
    }
}
