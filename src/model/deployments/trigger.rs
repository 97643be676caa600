//! What invokes functions: kinds of event source, routes, mappings, filters.

use super::{FunctionId, ResourceId, Target};
use crate::model::value::{Known, Setting};
use crate::text::Span;

/// What invokes a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TriggerKind {
    /// API Gateway REST API.
    HttpRest,
    /// API Gateway HTTP API.
    HttpV2,
    /// API Gateway WebSocket API.
    WebSocket,
    /// Application Load Balancer.
    Alb,
    /// Function URL.
    Url,
    /// SQS queue.
    Sqs,
    /// Kinesis stream.
    Kinesis,
    /// DynamoDB stream.
    DynamoDbStream,
    /// Kafka, managed or not.
    Kafka,
    /// Amazon MQ.
    Mq,
    /// DocumentDB change stream.
    DocumentDb,
    /// S3 notification.
    S3,
    /// SNS topic.
    Sns,
    /// EventBridge rule with a pattern.
    EventBridgeRule,
    /// EventBridge rule with a schedule.
    Schedule,
    /// EventBridge Scheduler.
    SchedulerV2,
    /// CloudWatch Logs subscription.
    Logs,
    /// IoT rule.
    Iot,
    /// Cognito user pool trigger.
    Cognito,
    /// Alexa skill.
    Alexa,
    /// AppSync data source.
    AppSync,
    /// A task of a Step Functions state machine.
    StepFunctions,
    /// A permission whose principal is the only evidence.
    Other,
}

impl TriggerKind {
    /// The name its users know.
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpRest => "REST API",
            Self::HttpV2 => "HTTP API",
            Self::WebSocket => "WebSocket API",
            Self::Alb => "load balancer",
            Self::Url => "function URL",
            Self::Sqs => "SQS queue",
            Self::Kinesis => "Kinesis stream",
            Self::DynamoDbStream => "DynamoDB stream",
            Self::Kafka => "Kafka topic",
            Self::Mq => "Amazon MQ broker",
            Self::DocumentDb => "DocumentDB change stream",
            Self::S3 => "S3 notification",
            Self::Sns => "SNS topic",
            Self::EventBridgeRule => "EventBridge rule",
            Self::Schedule => "schedule",
            Self::SchedulerV2 => "EventBridge Scheduler schedule",
            Self::Logs => "CloudWatch Logs subscription",
            Self::Iot => "IoT rule",
            Self::Cognito => "Cognito trigger",
            Self::Alexa => "Alexa skill",
            Self::AppSync => "AppSync data source",
            Self::StepFunctions => "Step Functions task",
            Self::Other => "permission",
        }
    }

    /// The word rule data uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::HttpRest => "rest",
            Self::HttpV2 => "http",
            Self::WebSocket => "websocket",
            Self::Alb => "alb",
            Self::Url => "url",
            Self::Sqs => "sqs",
            Self::Kinesis => "kinesis",
            Self::DynamoDbStream => "dynamodb",
            Self::Kafka => "kafka",
            Self::Mq => "mq",
            Self::DocumentDb => "documentdb",
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::EventBridgeRule => "rule",
            Self::Schedule | Self::SchedulerV2 => "schedule",
            Self::Logs => "logs",
            Self::Iot => "iot",
            Self::Cognito => "cognito",
            Self::Alexa => "alexa",
            Self::AppSync => "appsync",
            // Whatever the state passes.
            Self::StepFunctions | Self::Other => "",
        }
    }

    /// The kind a word of rule data stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        const ALL: &[TriggerKind] = &[
            TriggerKind::HttpRest,
            TriggerKind::HttpV2,
            TriggerKind::WebSocket,
            TriggerKind::Alb,
            TriggerKind::Url,
            TriggerKind::Sqs,
            TriggerKind::Kinesis,
            TriggerKind::DynamoDbStream,
            TriggerKind::Kafka,
            TriggerKind::Mq,
            TriggerKind::DocumentDb,
            TriggerKind::S3,
            TriggerKind::Sns,
            TriggerKind::EventBridgeRule,
            TriggerKind::Schedule,
            TriggerKind::Logs,
            TriggerKind::Iot,
            TriggerKind::Cognito,
            TriggerKind::Alexa,
            TriggerKind::AppSync,
        ];
        ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// How the platform invokes the function for it (AWS Lambda developer guide, "Invoking functions").
    pub fn invocation(self) -> Invocation {
        match self {
            Self::HttpRest
            | Self::HttpV2
            | Self::WebSocket
            | Self::Alb
            | Self::Url
            | Self::Cognito
            | Self::Alexa
            | Self::AppSync
            | Self::StepFunctions => Invocation::Sync,
            Self::Sqs | Self::Kinesis | Self::DynamoDbStream | Self::Kafka | Self::Mq | Self::DocumentDb => {
                Invocation::Poll
            }
            Self::S3
            | Self::Sns
            | Self::EventBridgeRule
            | Self::Schedule
            | Self::SchedulerV2
            | Self::Logs
            | Self::Iot => Invocation::Async,
            Self::Other => Invocation::Unknown,
        }
    }
}

/// How a function is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Invocation {
    /// The caller waits.
    Sync,
    /// The platform queues the event and retries.
    Async,
    /// The platform polls a source and invokes with batches.
    Poll,
    /// Cannot be told.
    Unknown,
}

/// An HTTP route that leads to a function.
#[derive(Debug, Clone)]
pub struct Route {
    /// The API, when the template declares it.
    pub api: Option<ResourceId>,
    /// Upper-case method; `ANY` for all.
    pub method: Known<String>,
    /// Path; `$default` for the catch-all of an HTTP API.
    pub path: Known<String>,
    /// Milliseconds until the gateway gives up.
    pub integration_timeout_ms: Setting<i64>,
    /// Whether the response is streamed, which lifts the buffered limit.
    pub streaming: Known<bool>,
    /// Whether the gateway invokes the function asynchronously.
    pub asynchronous: Known<bool>,
    /// `1.0` or `2.0`; HTTP APIs only.
    pub payload_version: Setting<String>,
}

/// Settings of an event source mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// What is polled.
    pub source: Setting<Target>,
    /// Records in one batch.
    pub batch_size: Setting<i64>,
    /// Seconds to gather a batch.
    pub batch_window_s: Setting<i64>,
    /// Retries of a failed batch; -1 until the record expires. Streams only.
    pub max_retries: Setting<i64>,
    /// Seconds a record may age; -1 for no limit. Streams only.
    pub max_record_age_s: Setting<i64>,
    /// Whether a failed batch is split. Streams only.
    pub bisect: Setting<bool>,
    /// `ReportBatchItemFailures` is on.
    pub partial_batch: Setting<bool>,
    /// Where failed records go.
    pub on_failure: Setting<Target>,
    /// Whether a filter is set.
    pub filters: Setting<bool>,
    /// Upper limit of concurrent invocations. SQS only.
    pub max_concurrency: Setting<i64>,
    /// Whether the mapping is on.
    pub enabled: Setting<bool>,
}

/// One event that invokes one function.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The function.
    pub function: FunctionId,
    /// What of it the declaration names.
    pub qualifier: Qualifier,
    /// The kind of source.
    pub kind: TriggerKind,
    /// The declaration: the event's name, or the resource's logical id.
    pub span: Span,
    /// The source, when it is a resource or a known name.
    pub source: Known<Target>,
    /// Whether the payload is rewritten on the way (`Input`, `InputPath`, `InputTransformer`, mapping templates).
    pub transformed: bool,
    /// Whether a filter policy decides which messages of a topic arrive.
    pub filtered: bool,
    /// Which objects of a bucket it is about; none if that cannot be told.
    pub objects: Option<ObjectFilter>,
    /// What an EventBridge rule lets through.
    pub pattern: Option<EventPattern>,
    /// HTTP facts.
    pub route: Option<Route>,
    /// Poll facts.
    pub mapping: Option<Mapping>,
}

/// What of a function a trigger names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// The function itself, and so its newest code.
    Unqualified,
    /// An alias or version of it.
    Of(ResourceId),
    /// It cannot be told, or the tool that deploys it decides.
    Unknown,
}

/// The pattern of an EventBridge rule, as far as checks ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern {
    /// The key in the config.
    pub span: Span,
    /// `source`.
    pub sources: Names,
    /// `detail-type`.
    pub detail_types: Names,
    /// Whether it constrains anything else: `detail`, `resources`, `account`.
    pub detail: bool,
}

/// The values a pattern lets through for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// All: the field is not constrained.
    Any,
    /// These.
    Of(Vec<String>),
    /// A content filter, or a value decided at deploy time.
    Unknown,
}

/// Which objects an S3 notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectFilter {
    /// Whether creating an object notifies, not only removing one.
    pub created: bool,
    /// Beginning of the key.
    pub prefix: Option<String>,
    /// End of the key.
    pub suffix: Option<String>,
}

impl Trigger {
    /// A trigger of which nothing more is known.
    pub fn new(function: FunctionId, kind: TriggerKind, span: Span, source: Known<Target>) -> Self {
        Self {
            function,
            qualifier: Qualifier::Unknown,
            kind,
            span,
            source,
            transformed: false,
            filtered: false,
            objects: None,
            pattern: None,
            route: None,
            mapping: None,
        }
    }

    /// How the platform invokes the function for this event.
    pub fn invocation(&self) -> Invocation {
        match &self.route {
            Some(route) if route.asynchronous.one() == Some(&true) => Invocation::Async,
            _ => self.kind.invocation(),
        }
    }
}
