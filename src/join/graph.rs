//! The graph of an application from its flows, its failure destinations and its calls to other hosts.

use super::flows::{mode, resolve};
use crate::finding::Confidence;
use crate::model::application::graph::{Edge, EdgeKind, Graph, Node, NodeId, NodeKind};
use crate::model::deployments::{Deploy, ResourceId, Target, Text, Trigger, TriggerKind};
use crate::model::source::{Operand, Phase, SdkCall};
use crate::model::{FlowEnd, Known, Mode, Project};
use crate::text::Span;
use std::collections::{HashMap, HashSet};

/// Fills `project.graph`.
pub fn graph(project: &mut Project) {
    let mut builder = Builder { project, graph: Graph::default(), index: HashMap::new(), seen: HashSet::new() };
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
}

impl Builder<'_> {
    fn node(&mut self, id: NodeId) -> usize {
        if let Some(&known) = self.index.get(&id) {
            return known;
        }
        let deploy = &self.project.deploy;
        let (kind, label, span) = match &id {
            NodeId::Function(function) => {
                (NodeKind::Function, deploy.function_name(*function).to_owned(), Some(deploy.function_span(*function)))
            }
            NodeId::Resource(resource) => {
                let known = deploy.resource(*resource);
                (kind_of(&known.type_name), known.logical_id.clone(), Some(known.span))
            }
            NodeId::Named(name) => (named_kind(name), name.trim_start_matches("is set by ").to_owned(), None),
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

    fn end(&mut self, end: &FlowEnd) -> usize {
        self.node(match end {
            FlowEnd::Function(id) => NodeId::Function(*id),
            FlowEnd::Resource(id) => NodeId::Resource(*id),
            FlowEnd::External(name) => NodeId::Named(name.clone()),
        })
    }

    fn flows(&mut self) {
        let project = self.project;
        let by_site: HashMap<Span, &Trigger> =
            project.deploy.triggers.iter().map(|trigger| (trigger.span, trigger)).collect();
        let calls: HashMap<Span, &SdkCall> =
            project.programs.iter().flat_map(|program| &program.sdk_calls).map(|call| (call.site.span, call)).collect();
        for flow in &project.flows {
            let (kind, label) = match (&flow.from, calls.get(&flow.site), by_site.get(&flow.site)) {
                (FlowEnd::Function(_), Some(call), _) => (EdgeKind::Call, call.operation.clone()),
                (_, _, Some(trigger)) => (EdgeKind::Trigger, label_of(trigger)),
                _ => (EdgeKind::Delivery, String::new()),
            };
            let (from, to) = (self.end(&flow.from), self.end(&flow.to));
            // What a call acts on is of the service's kind, even if it is nobody's resource here.
            if let (EdgeKind::Call, Some(call), NodeKind::External) =
                (kind, calls.get(&flow.site), self.graph.nodes[to].kind)
            {
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
            let name = match trigger.source.one() {
                Some(Target::Resource(_)) => continue,
                Some(Target::External(name)) => name.clone(),
                None if trigger.kind == TriggerKind::EventBridgeRule && matches!(trigger.source, Known::Absent) => {
                    continue;
                }
                None => match trigger.kind {
                    TriggerKind::Other => continue,
                    kind => format!("{} of {}", kind.name(), project.deploy.function_name(trigger.function)),
                },
            };
            let from = self.node(NodeId::Named(name));
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
            if let Some(url) = &project.deploy.function(id).url {
                let from = self.node(NodeId::Named(format!("URL of {}", project.deploy.function_name(id))));
                self.graph.nodes[from].kind = NodeKind::Api;
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
            let config = &deploy.function(id).async_config;
            found.push((NodeId::Function(id), config.on_failure.value.clone()));
            found.push((NodeId::Function(id), config.dead_letter.value.clone()));
        }
        for queue in &deploy.queues {
            found.push((NodeId::Resource(queue.resource), queue.redrive.value.clone()));
        }
        for (trigger, mapping) in
            deploy.triggers.iter().filter_map(|trigger| Some((trigger, trigger.mapping.as_ref()?)))
        {
            found.push((NodeId::Function(trigger.function), mapping.on_failure.value.clone()));
        }
        for (from, target) in found {
            let Known::Is(target) = target else { continue };
            let to = match target.value {
                Target::Resource(id) => node_of(deploy, id),
                Target::External(name) => NodeId::Named(name),
            };
            let (from, to) = (self.node(from), self.node(to));
            self.plain(from, to, EdgeKind::Failure, Mode::Queue, "failures".to_owned(), target.span);
        }
    }

    /// Calls that move something somewhere nobody can tell: drawn, so that they are not taken for absent.
    fn unresolved_calls(&mut self) {
        let project = self.project;
        for unit in &project.units {
            let (Some(id), Some(program)) = (unit.function, unit.target.and_then(|target| project.program(target)))
            else {
                continue;
            };
            for call in program.sdk_calls.iter().filter(|call| call.site.phase == Phase::Invoke) {
                let Some(mode) = mode(call) else { continue };
                if resolve(&project.deploy, id, call).is_some() {
                    continue;
                }
                let (from, to) =
                    (self.node(NodeId::Function(id)), self.node(NodeId::Named(format!("{} ?", call.service))));
                self.graph.nodes[to].kind = NodeKind::Unknown;
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

    /// HTTP requests, by the host they go to.
    fn hosts(&mut self) {
        let project = self.project;
        for unit in &project.units {
            let (Some(id), Some(program)) = (unit.function, unit.target.and_then(|target| project.program(target)))
            else {
                continue;
            };
            for call in program.http_calls.iter().filter(|call| call.site.phase == Phase::Invoke) {
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
                let to = self.node(NodeId::Named(host.unwrap_or_else(|| "HTTP ?".to_owned())));
                if !resolved {
                    self.graph.nodes[to].kind = NodeKind::Unknown;
                }
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

fn node_of(deploy: &Deploy, id: ResourceId) -> NodeId {
    deploy.function_of(id).map_or(NodeId::Resource(id), NodeId::Function)
}

fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    (!host.is_empty() && !host.contains(['{', '…'])).then(|| host.to_owned())
}

fn label_of(trigger: &Trigger) -> String {
    match &trigger.route {
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

fn kind_of(type_name: &str) -> NodeKind {
    match type_name {
        "AWS::Lambda::Function" | "AWS::Serverless::Function" => NodeKind::Function,
        "AWS::SQS::Queue" => NodeKind::Queue,
        "AWS::SNS::Topic" => NodeKind::Topic,
        "AWS::Events::EventBus" | "AWS::Events::Rule" => NodeKind::Bus,
        "AWS::Scheduler::Schedule" => NodeKind::Schedule,
        "AWS::S3::Bucket" => NodeKind::Bucket,
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable" => NodeKind::Table,
        "AWS::Kinesis::Stream"
        | "AWS::Kinesis::StreamConsumer"
        | "AWS::KinesisFirehose::DeliveryStream"
        | "AWS::MSK::Cluster" => NodeKind::Stream,
        "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" | "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => {
            NodeKind::Api
        }
        "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine" => NodeKind::StateMachine,
        _ => NodeKind::Resource,
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
