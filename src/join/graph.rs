//! The graph of an application from its flows, its failure destinations and its calls to other hosts.

use super::flows::{mode, resolve};
use crate::finding::Confidence;
use crate::knowledge::dialect;
use crate::model::application::graph::{Edge, EdgeKind, Graph, Node, NodeId, NodeKind};
use crate::model::deployments::{
    Deploy, FunctionId, ResourceId, ResourceKind, StackId, Target, Text, Trigger, TriggerKind,
};
use crate::model::source::{HttpCall, Operand, Phase, SdkCall};
use crate::model::{Cause, FlowEnd, Known, Mode, Project};
use crate::text::Span;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Fills `project.graph`.
pub fn graph(project: &mut Project) {
    let apis = project.deploy.triggers.iter().filter_map(|trigger| implicit_api(&project.deploy, trigger)).collect();
    let mut builder = Builder { project, graph: Graph::default(), index: HashMap::new(), seen: HashSet::new(), apis };
    for id in project.deploy.function_ids() {
        builder.node(NodeId::Function(id));
    }
    builder.flows();
    builder.lone_triggers();
    builder.failures();
    builder.unresolved_calls();
    builder.hosts();
    let mut graph = builder.graph;
    graph.patterns = super::patterns::find(project, &graph);
    project.graph = graph;
}

struct Builder<'p> {
    project: &'p Project,
    graph: Graph,
    index: HashMap<NodeId, usize>,
    /// Edges of the same ends and meaning are drawn once.
    seen: HashSet<(usize, usize, EdgeKind, String)>,
    /// APIs that templates make for HTTP events that name none.
    apis: BTreeSet<(StackId, TriggerKind)>,
}

impl Builder<'_> {
    fn node(&mut self, id: NodeId) -> usize {
        if let Some(&known) = self.index.get(&id) {
            return known;
        }
        let deploy = &self.project.deploy;
        let (kind, label, span) = match &id {
            NodeId::Function(function) => {
                (NodeKind::Function, deploy.function_label(*function), Some(deploy.function_span(*function)))
            }
            NodeId::Resource(resource) => {
                let known = deploy.resource(*resource);
                (kind_of(known.kind), deploy.resource_label(*resource), Some(known.span))
            }
            NodeId::Api(stack, kind) => {
                let template = &deploy.stack(*stack).path;
                let shared = self.apis.iter().filter(|(_, known)| known == kind).count() > 1;
                let label = if shared { format!("{} ({template})", kind.name()) } else { kind.name().to_owned() };
                (NodeKind::Api, label, None)
            }
            NodeId::Source(function, kind) => {
                let label = match kind {
                    TriggerKind::Url => format!("URL of {}", deploy.function_label(*function)),
                    kind => format!("{} of {}", kind.name(), deploy.function_label(*function)),
                };
                (kind_of_trigger(*kind), label, None)
            }
            NodeId::Local(_, name) | NodeId::Named(name) => {
                (named_kind(name), name.trim_start_matches("is set by ").to_owned(), None)
            }
        };
        self.graph.nodes.push(Node { id: id.clone(), kind, label, span });
        self.index.insert(id, self.graph.nodes.len() - 1);
        self.graph.nodes.len() - 1
    }

    fn edge(&mut self, edge: Edge) {
        if self.seen.insert((edge.from, edge.to, edge.kind, edge.label.clone())) {
            self.graph.edges.push(edge);
        }
    }

    /// The node of an end of a flow; what is outside is seen from the other end.
    fn end(&mut self, end: &FlowEnd, other: &FlowEnd) -> usize {
        let deploy = &self.project.deploy;
        let id = match end {
            FlowEnd::Function(id) => NodeId::Function(*id),
            FlowEnd::Resource(id) => NodeId::Resource(*id),
            FlowEnd::External(name) => match other {
                FlowEnd::Function(id) => outside(deploy, deploy.function(*id).resource, name),
                FlowEnd::Resource(id) => outside(deploy, *id, name),
                FlowEnd::External(_) => NodeId::Named(name.clone()),
            },
        };
        self.node(id)
    }

    fn flows(&mut self) {
        let project = self.project;
        let calls: HashMap<Span, &SdkCall> = project
            .programs
            .iter()
            .flat_map(|program| program.facts::<SdkCall>())
            .map(|call| (call.site.span, call))
            .collect();
        for flow in &project.flows {
            let call = (flow.cause == Cause::Call).then(|| calls.get(&flow.site)).flatten();
            let (kind, label) = match flow.cause {
                Cause::Call => (EdgeKind::Call, call.map_or_else(String::new, |call| call.operation.clone())),
                Cause::Trigger(index) => (EdgeKind::Trigger, label_of(&project.deploy.triggers[index])),
                Cause::Link(_) => (EdgeKind::Delivery, String::new()),
            };
            let (from, to) = (self.end(&flow.from, &flow.to), self.end(&flow.to, &flow.from));
            // What a call acts on is of the service's kind, even if it is nobody's resource here.
            if let (Some(call), NodeKind::External) = (call, self.graph.nodes[to].kind) {
                self.graph.nodes[to].kind = kind_of_service(&call.service);
            }
            self.edge(Edge {
                from,
                to,
                kind,
                mode: flow.mode,
                label,
                span: flow.site,
                proof: flow.proof.clone(),
                confidence: flow.confidence,
                resolved: true,
            });
        }
    }

    /// Triggers whose source is no resource of the project: schedules, URLs, queues of someone else.
    fn lone_triggers(&mut self) {
        let project = self.project;
        for trigger in &project.deploy.triggers {
            let deploy = &project.deploy;
            let id = match (trigger.source.one(), implicit_api(deploy, trigger)) {
                (Some(Target::Resource(_)), _) => continue,
                (_, Some((stack, kind))) => NodeId::Api(stack, kind),
                (Some(Target::External(name)), _) => outside(deploy, deploy.function(trigger.function).resource, name),
                (None, _)
                    if trigger.kind == TriggerKind::Other
                        || trigger.kind == TriggerKind::EventBridgeRule && matches!(trigger.source, Known::Absent) =>
                {
                    continue;
                }
                (None, _) => NodeId::Source(trigger.function, trigger.kind),
            };
            let from = self.node(id);
            let to = self.node(NodeId::Function(trigger.function));
            let mode = match trigger.invocation() {
                crate::model::deployments::Invocation::Sync => Mode::Sync,
                crate::model::deployments::Invocation::Poll => Mode::Queue,
                _ => Mode::Async,
            };
            self.graph.nodes[from].kind = kind_of_trigger(trigger.kind);
            self.plain(from, to, EdgeKind::Trigger, mode, label_of(trigger), trigger.span);
        }
        for id in project.deploy.function_ids() {
            if let Some(url) = project.deploy.function(id).aws().and_then(|lambda| lambda.url.as_ref()) {
                let from = self.node(NodeId::Source(id, TriggerKind::Url));
                let to = self.node(NodeId::Function(id));
                self.plain(from, to, EdgeKind::Trigger, Mode::Sync, "function URL".to_owned(), url.span);
            }
        }
    }

    fn plain(&mut self, from: usize, to: usize, kind: EdgeKind, mode: Mode, label: String, span: Span) {
        let confidence = Confidence::High;
        self.edge(Edge { from, to, kind, mode, label, span, proof: Vec::new(), confidence, resolved: true });
    }

    /// Dead-letter queues and failure destinations.
    fn failures(&mut self) {
        let project = self.project;
        let deploy = &project.deploy;
        let mut found: Vec<(NodeId, Known<Target>)> = Vec::new();
        for id in deploy.function_ids() {
            let Some(lambda) = deploy.function(id).aws() else { continue };
            let config = &lambda.async_config;
            found.push((NodeId::Function(id), config.on_failure.value.clone()));
            found.push((NodeId::Function(id), config.dead_letter.value.clone()));
        }
        for queue in &deploy.queues {
            found.push((NodeId::Resource(queue.resource), queue.redrive.value.clone()));
        }
        for (trigger, mapping) in deploy.triggers.iter().filter_map(|trigger| Some((trigger, trigger.mapping()?))) {
            found.push((NodeId::Function(trigger.function), mapping.on_failure.value.clone()));
        }
        for (from, target) in found {
            let Known::Is(target) = target else { continue };
            let owner = match from {
                NodeId::Function(id) => deploy.function(id).resource,
                NodeId::Resource(id) => id,
                _ => continue,
            };
            let to = match target.value {
                Target::Resource(id) => node_of(deploy, id),
                Target::External(name) => outside(deploy, owner, &name),
            };
            let (from, to) = (self.node(from), self.node(to));
            self.plain(from, to, EdgeKind::Failure, Mode::Queue, "failures".to_owned(), target.span);
        }
    }

    /// Calls that move something somewhere nobody can tell: drawn, so that they are not taken for absent.
    fn unresolved_calls(&mut self) {
        let project = self.project;
        for unit in &project.units {
            let (Some(id), Some(program)) = (unit.function(), unit.target().and_then(|target| project.program(target)))
            else {
                continue;
            };
            for call in program.facts::<SdkCall>().iter().filter(|call| call.site.phase == Phase::Invoke) {
                let Some(mode) = mode(call) else { continue };
                if resolve(&project.deploy, id, call).is_some() {
                    continue;
                }
                let (from, to) = (self.node(NodeId::Function(id)), self.unknown(id, &call.service));
                self.edge(Edge {
                    from,
                    to,
                    kind: EdgeKind::Call,
                    mode,
                    label: call.operation.clone(),
                    span: call.site.span,
                    proof: Vec::new(),
                    confidence: Confidence::Low,
                    resolved: false,
                });
            }
        }
    }

    /// What calls of a stack's functions act on that nothing tells.
    fn unknown(&mut self, function: FunctionId, what: &str) -> usize {
        let deploy = &self.project.deploy;
        let stack = deploy.resource(deploy.function(function).resource).stack;
        let node = self.node(NodeId::Local(stack, format!("{what} ?")));
        self.graph.nodes[node].kind = NodeKind::Unknown;
        node
    }

    /// HTTP requests, by the host they go to.
    fn hosts(&mut self) {
        let project = self.project;
        for unit in &project.units {
            let (Some(id), Some(program)) = (unit.function(), unit.target().and_then(|target| project.program(target)))
            else {
                continue;
            };
            for call in program.facts::<HttpCall>().iter().filter(|call| call.site.phase == Phase::Invoke) {
                let host = match &call.url {
                    Operand::Literal(url) => host(url),
                    Operand::Env(key) => {
                        match project.deploy.function(id).env.vars.get(key).and_then(|known| known.value.one()) {
                            Some(Text::Literal(url)) => host(url),
                            _ => Some(format!("${key}")),
                        }
                    }
                    Operand::Unknown => None,
                };
                // Extensions on the same host are part of the function.
                if host.as_deref().is_some_and(|host| host.starts_with("localhost") || host.starts_with("127.")) {
                    continue;
                }
                let resolved = host.is_some();
                let from = self.node(NodeId::Function(id));
                let to = match host {
                    Some(host) => self.node(outside(&project.deploy, project.deploy.function(id).resource, &host)),
                    None => self.unknown(id, "HTTP"),
                };
                let confidence = call.site.confidence;
                self.edge(Edge {
                    from,
                    to,
                    kind: EdgeKind::Call,
                    mode: Mode::Sync,
                    label: "HTTP".to_owned(),
                    span: call.site.span,
                    proof: Vec::new(),
                    confidence,
                    resolved,
                });
            }
        }
    }
}

/// The API that SAM and the Serverless Framework make for all HTTP events of a template that name none.
fn implicit_api(deploy: &Deploy, trigger: &Trigger) -> Option<(StackId, TriggerKind)> {
    let stack = deploy.resource(deploy.function(trigger.function).resource).stack;
    let makes = dialect(deploy.stack(stack).dialect.0).is_some_and(|known| known.implicit_apis);
    let http = matches!(trigger.kind, TriggerKind::HttpRest | TriggerKind::HttpV2 | TriggerKind::WebSocket);
    let names_none = match &trigger.source {
        Known::Absent => true,
        // `!Ref ServerlessRestApi` is the same API, by the name it gets.
        source => matches!(source.one(), Some(Target::External(name)) if name.ends_with("generated by SAM")),
    };
    (makes && http && names_none && trigger.route().is_some()).then_some((stack, trigger.kind))
}

/// What is outside the project, as a resource of it sees it.
fn outside(deploy: &Deploy, from: ResourceId, name: &str) -> NodeId {
    match is_local(name) {
        true => NodeId::Local(deploy.resource(from).stack, name.to_owned()),
        false => NodeId::Named(name.to_owned()),
    }
}

/// Whether a symbol means something else in every stack: a parameter, a variable, a value of another configuration.
/// Physical names, ARNs, hosts and exports mean the same everywhere.
fn is_local(symbol: &str) -> bool {
    let exported = symbol.starts_with("import ") || symbol.starts_with("is set by import ");
    // Region and account are the same for all that is deployed together.
    let rest = symbol.replace("${AWS::", "{AWS::");
    let written = !rest.contains([' ', '`', '$', '[']) && !is_address(symbol);
    !exported && !written && symbol != super::flows::DEFAULT_BUS
}

/// Whether a symbol is an address of Terraform, which every root has its own of.
fn is_address(symbol: &str) -> bool {
    ["var.", "local.", "data.", "module.", "each.", "aws_"].iter().any(|start| symbol.starts_with(start))
}

fn node_of(deploy: &Deploy, id: ResourceId) -> NodeId {
    deploy.function_of(id).map_or(NodeId::Resource(id), NodeId::Function)
}

fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    (!host.is_empty() && !host.contains(['{', '…'])).then(|| host.to_owned())
}

fn label_of(trigger: &Trigger) -> String {
    match trigger.route() {
        Some(route) => match (route.method.one(), route.path.one()) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            _ => trigger.kind.name().to_owned(),
        },
        None => match trigger.kind {
            TriggerKind::Sqs | TriggerKind::Kinesis | TriggerKind::DynamoDbStream | TriggerKind::Kafka => {
                "polls".to_owned()
            }
            TriggerKind::S3 => "objects".to_owned(),
            TriggerKind::Sns => "messages".to_owned(),
            TriggerKind::EventBridgeRule => "rule".to_owned(),
            TriggerKind::Schedule | TriggerKind::SchedulerV2 => "schedule".to_owned(),
            TriggerKind::StepFunctions => "task".to_owned(),
            kind => kind.name().to_owned(),
        },
    }
}

fn kind_of_trigger(kind: TriggerKind) -> NodeKind {
    match kind {
        TriggerKind::HttpRest | TriggerKind::HttpV2 | TriggerKind::WebSocket | TriggerKind::Alb | TriggerKind::Url => {
            NodeKind::Api
        }
        TriggerKind::Sqs | TriggerKind::Mq => NodeKind::Queue,
        TriggerKind::Kinesis | TriggerKind::DynamoDbStream | TriggerKind::Kafka | TriggerKind::DocumentDb => {
            NodeKind::Stream
        }
        TriggerKind::S3 => NodeKind::Bucket,
        TriggerKind::Sns => NodeKind::Topic,
        TriggerKind::EventBridgeRule => NodeKind::Bus,
        TriggerKind::Schedule | TriggerKind::SchedulerV2 => NodeKind::Schedule,
        TriggerKind::StepFunctions => NodeKind::StateMachine,
        _ => NodeKind::External,
    }
}

fn kind_of(kind: ResourceKind) -> NodeKind {
    match kind {
        ResourceKind::Function => NodeKind::Function,
        ResourceKind::Queue => NodeKind::Queue,
        ResourceKind::Topic => NodeKind::Topic,
        ResourceKind::Bus | ResourceKind::Rule => NodeKind::Bus,
        ResourceKind::Schedule => NodeKind::Schedule,
        ResourceKind::Bucket => NodeKind::Bucket,
        ResourceKind::Table => NodeKind::Table,
        ResourceKind::Stream => NodeKind::Stream,
        ResourceKind::Api => NodeKind::Api,
        ResourceKind::StateMachine => NodeKind::StateMachine,
        ResourceKind::FunctionUrl | ResourceKind::DatabaseProxy | ResourceKind::Other => NodeKind::Resource,
    }
}

fn kind_of_service(service: &str) -> NodeKind {
    match service {
        "dynamodb" => NodeKind::Table,
        "s3" => NodeKind::Bucket,
        "sqs" => NodeKind::Queue,
        "sns" => NodeKind::Topic,
        "eventbridge" => NodeKind::Bus,
        "kinesis" | "firehose" => NodeKind::Stream,
        "lambda" => NodeKind::Function,
        "sfn" => NodeKind::StateMachine,
        _ => NodeKind::External,
    }
}

fn named_kind(name: &str) -> NodeKind {
    match name {
        super::flows::DEFAULT_BUS => NodeKind::Bus,
        _ => match name.split(':').nth(2) {
            Some("sqs") => NodeKind::Queue,
            Some("sns") => NodeKind::Topic,
            Some("kinesis") => NodeKind::Stream,
            Some("lambda") => NodeKind::Function,
            _ => NodeKind::External,
        },
    }
}
