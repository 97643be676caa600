//! What invokes functions: kinds of event source, routes, mappings, filters.

use super::{FunctionId, ResourceId, Target};
use crate::model::value::{Known, Setting, Verdict};
use crate::text::{Span, Spanned, step};

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
    /// A stream of which no file says whose it is: Kinesis or a DynamoDB table's.
    Stream,
    /// Receipt rule of the mail service.
    Mail,
    /// An API, or IoT, that asks whether a caller may pass.
    Authorizer,
    /// EventBridge pipe that waits for the function, its target or its enrichment.
    Pipe,
    /// EventBridge pipe that does not wait.
    PipeEvent,
    /// A task of a Step Functions state machine.
    StepFunctions,
    /// A custom resource of CloudFormation: once a deployment.
    CustomResource,
    /// A permission whose principal is the only evidence.
    Other,
}

/// Everything that is said of a kind.
struct Row {
    kind: TriggerKind,
    /// The name its users know.
    name: &'static str,
    /// The word rule data uses; none for what passes whatever its caller has.
    word: &'static str,
    /// The value of `mapping.source-kind`; none for what is not polled.
    source: &'static str,
    invocation: Invocation,
}

const fn row(
    kind: TriggerKind,
    name: &'static str,
    word: &'static str,
    source: &'static str,
    invocation: Invocation,
) -> Row {
    Row { kind, name, word, source, invocation }
}

/// A row for each kind, in the order of the kinds.
/// How the platform invokes: AWS Lambda developer guide, "Invoking functions".
#[rustfmt::skip]
const KINDS: [Row; 29] = [
    row(TriggerKind::HttpRest, "REST API", "rest", "", Invocation::Sync),
    row(TriggerKind::HttpV2, "HTTP API", "http", "", Invocation::Sync),
    row(TriggerKind::WebSocket, "WebSocket API", "websocket", "", Invocation::Sync),
    row(TriggerKind::Alb, "load balancer", "alb", "", Invocation::Sync),
    row(TriggerKind::Url, "function URL", "url", "", Invocation::Sync),
    row(TriggerKind::Sqs, "SQS queue", "sqs", "sqs", Invocation::Poll),
    row(TriggerKind::Kinesis, "Kinesis stream", "kinesis", "kinesis", Invocation::Poll),
    row(TriggerKind::DynamoDbStream, "DynamoDB stream", "dynamodb", "dynamodbstream", Invocation::Poll),
    row(TriggerKind::Kafka, "Kafka topic", "kafka", "kafka", Invocation::Poll),
    row(TriggerKind::Mq, "Amazon MQ broker", "mq", "mq", Invocation::Poll),
    row(TriggerKind::DocumentDb, "DocumentDB change stream", "documentdb", "documentdb", Invocation::Poll),
    row(TriggerKind::S3, "S3 notification", "s3", "", Invocation::Async),
    row(TriggerKind::Sns, "SNS topic", "sns", "", Invocation::Async),
    row(TriggerKind::EventBridgeRule, "EventBridge rule", "rule", "", Invocation::Async),
    row(TriggerKind::Schedule, "schedule", "schedule", "", Invocation::Async),
    row(TriggerKind::SchedulerV2, "EventBridge Scheduler schedule", "schedule", "", Invocation::Async),
    row(TriggerKind::Logs, "CloudWatch Logs subscription", "logs", "", Invocation::Async),
    row(TriggerKind::Iot, "IoT rule", "iot", "", Invocation::Async),
    row(TriggerKind::Cognito, "Cognito trigger", "cognito", "", Invocation::Sync),
    row(TriggerKind::Alexa, "Alexa skill", "alexa", "", Invocation::Sync),
    row(TriggerKind::AppSync, "AppSync data source", "appsync", "", Invocation::Sync),
    row(TriggerKind::Stream, "stream", "", "stream", Invocation::Poll),
    row(TriggerKind::Mail, "SES receipt rule", "ses", "", Invocation::Async),
    row(TriggerKind::Authorizer, "authorizer", "", "", Invocation::Sync),
    row(TriggerKind::Pipe, "EventBridge pipe", "", "", Invocation::Sync),
    row(TriggerKind::PipeEvent, "EventBridge pipe", "", "", Invocation::Async),
    row(TriggerKind::StepFunctions, "Step Functions task", "", "", Invocation::Sync),
    row(TriggerKind::CustomResource, "custom resource", "custom", "", Invocation::Unknown),
    row(TriggerKind::Other, "permission", "", "other", Invocation::Unknown),
];

impl TriggerKind {
    fn row(self) -> &'static Row {
        &KINDS[self as usize]
    }

    /// The name its users know.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The word rule data uses.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// The word rules use for the source of an event source mapping.
    pub fn source_kind(self) -> &'static str {
        self.row().source
    }

    /// The kind a word of rule data stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.word == word && !word.is_empty()).map(|row| row.kind)
    }

    /// How the platform invokes the function for it.
    pub fn invocation(self) -> Invocation {
        self.row().invocation
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
    /// Whether its API is told of types of media that are no text; REST APIs only.
    pub binary: Verdict,
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
    /// Settings that only streams have, as they are written.
    pub of_streams: Vec<Spanned<&'static str>>,
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
    /// The service that needs a permission of its own to invoke the function, by the first part of its name; none
    /// where the tool that deploys writes it, or where none is needed.
    pub principal: Option<&'static str>,
    /// Where goes what cannot be delivered; of kinds that take one.
    pub dead_letter: Setting<Target>,
    /// The kind of source.
    pub kind: TriggerKind,
    /// The declaration: the event's name, or the resource's logical id.
    pub span: Span,
    /// The source, when it is a resource or a known name.
    pub source: Known<Target>,
    /// Whether a declaration of the source names the function; a permission alone only allows it.
    pub proved: bool,
    /// Whether the declaration switches a rule off; schedules and mappings say it in their details.
    pub off: bool,
    /// Keys of the constant that the function gets instead of an event, where it is written out.
    pub constant: Option<Vec<String>>,
    /// Whether the payload is rewritten on the way (`Input`, `InputPath`, `InputTransformer`, mapping templates).
    pub transformed: bool,
    /// What only its kind of source has.
    pub details: Details,
}

/// What a declaration says that only its kind of source has.
#[derive(Debug, Clone)]
pub enum Details {
    /// Nothing.
    None,
    /// Of an API: the route that leads to the function.
    Route(Box<Route>),
    /// Of what is polled: the event source mapping.
    Mapping(Box<Mapping>),
    /// Of a bucket: which objects it is about; none if that cannot be told.
    Objects(Option<ObjectFilter>),
    /// Of a topic.
    Messages {
        /// Whether a filter policy decides which messages arrive.
        filtered: bool,
    },
    /// Of an event bus: what the rule lets through; none if it has no pattern.
    Events(Option<EventPattern>),
    /// Of a schedule: when it fires.
    Schedule(Box<Schedule>),
}

/// When a schedule fires.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// `rate(5 minutes)`, `cron(0 3 * * ? *)`, `at(…)`.
    pub expression: Setting<String>,
    /// Whether it is on.
    pub enabled: Known<bool>,
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
            principal: None,
            dead_letter: Setting::absent(),
            kind,
            span,
            source,
            proved: true,
            off: false,
            constant: None,
            transformed: false,
            details: Details::None,
        }
    }

    /// The route, of an HTTP trigger whose route is declared.
    pub fn route(&self) -> Option<&Route> {
        if let Details::Route(route) = &self.details { Some(route) } else { None }
    }

    /// The event source mapping, of a trigger that is polled.
    pub fn mapping(&self) -> Option<&Mapping> {
        step();
        if let Details::Mapping(mapping) = &self.details { Some(mapping) } else { None }
    }

    /// Which objects of a bucket it is about.
    pub fn objects(&self) -> Option<&ObjectFilter> {
        if let Details::Objects(Some(objects)) = &self.details { Some(objects) } else { None }
    }

    /// What an EventBridge rule lets through.
    pub fn pattern(&self) -> Option<&EventPattern> {
        if let Details::Events(Some(pattern)) = &self.details { Some(pattern) } else { None }
    }

    /// When it fires, of a schedule that says so.
    pub fn schedule(&self) -> Option<&Schedule> {
        if let Details::Schedule(schedule) = &self.details { Some(schedule) } else { None }
    }

    /// Whether it invokes nothing because its declaration switches it off.
    pub fn is_off(&self) -> bool {
        let off = |enabled: &Known<bool>| enabled.one() == Some(&false);
        let mapping = self.mapping().is_some_and(|mapping| off(&mapping.enabled.value));
        self.off || mapping || self.schedule().is_some_and(|schedule| off(&schedule.enabled))
    }

    /// Whether a filter decides which messages or records arrive.
    pub fn filters(&self) -> Verdict {
        match &self.details {
            Details::Mapping(mapping) => mapping.filters.value.holds(|on| *on),
            Details::Messages { filtered } => (*filtered).into(),
            _ => Verdict::No,
        }
    }

    /// How the platform invokes the function for this event.
    pub fn invocation(&self) -> Invocation {
        match self.route() {
            Some(route) if route.asynchronous.one() == Some(&true) => Invocation::Async,
            _ => self.kind.invocation(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, TriggerKind};

    #[test]
    fn the_table_is_in_the_order_of_the_kinds() {
        for (at, row) in KINDS.iter().enumerate() {
            assert_eq!(row.kind as usize, at, "{:?}", row.kind);
            assert!(!row.name.is_empty());
        }
        assert_eq!(KINDS.last().map(|row| row.kind), Some(TriggerKind::Other));
    }

    #[test]
    fn words_lead_back_to_their_kinds() {
        for row in KINDS.iter().filter(|row| !row.word.is_empty()) {
            assert_eq!(TriggerKind::of_word(row.word).map(TriggerKind::word), Some(row.word));
        }
        assert_eq!(TriggerKind::of_word(""), None);
    }
}
