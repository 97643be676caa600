//! SAM events: what `Events` of a function expands to.

use super::links;
use super::media;
use super::setting::{Found, Properties};
use super::template::Registry;
use crate::knowledge::{AwsLambda, Platforms};
use crate::model::deployments::{
    Details, EdgeAssociation, FunctionId, Mapping, ObjectFilter, ResourceId, Route, Schedule, Target, Text, Trigger,
    TriggerKind,
};
use crate::model::{Known, Setting, Verdict};
use crate::text::{Span, Spanned};

/// The triggers of one SAM function.
pub(crate) fn read(registry: &Registry, id: ResourceId, function: FunctionId, limits: &Platforms) -> Vec<Trigger> {
    let declaration = registry.declaration(id);
    let place = registry.resource(id).span;
    let properties = Properties::of(registry, declaration, place);
    let Found::At { place: events, .. } = properties.find(&["Events"]) else {
        return Vec::new();
    };
    let entries = registry.doc(events).entries(events.node);
    entries
        .iter()
        .filter_map(|entry| {
            let declared = events.to(entry.value);
            let kind = registry.get(declared, "Type").and_then(|kind| registry.plain(kind))?;
            let event = Properties::at(registry, registry.get(declared, "Properties"), entry.key_span);
            expand(kind, &event, function, entry.key_span, &limits.aws_lambda)
        })
        .collect()
}

/// What runs one function at the edge: an event of the Serverless Framework, which publishes a version for it.
pub(crate) fn edges(registry: &Registry, id: ResourceId, function: FunctionId) -> Vec<EdgeAssociation> {
    let properties = Properties::of(registry, registry.declaration(id), registry.resource(id).span);
    let Found::At { place: events, .. } = properties.find(&["Events"]) else { return Vec::new() };
    let entries = registry.doc(events).entries(events.node).iter().filter_map(|entry| {
        let declared = events.to(entry.value);
        let kind = registry.get(declared, "Type").and_then(|kind| registry.plain(kind))?;
        let event = Properties::at(registry, registry.get(declared, "Properties"), entry.key_span);
        (kind == "CloudFront").then(|| EdgeAssociation {
            span: entry.key_span,
            function,
            unversioned: Verdict::No,
            event: event.text(&["EventType"], None).value,
        })
    });
    entries.collect()
}

fn expand(kind: &str, event: &Properties<'_>, function: FunctionId, span: Span, limits: &AwsLambda) -> Option<Trigger> {
    let plain = |kind: TriggerKind, source: Known<Target>| Trigger::new(function, kind, span, source);
    let source = |key: &str| event.target(&[key]).value;
    Some(match kind {
        "Api" => Trigger {
            // The Serverless Framework's integration without the proxy makes the payload from a template.
            transformed: matches!(
                event.text(&["Integration"], None).one().map(|kind| kind.to_lowercase()).as_deref(),
                Some("lambda" | "aws")
            ),
            details: Details::Route(Box::new(route(event, "RestApiId", limits.rest_integration_ms.default, None))),
            ..plain(TriggerKind::HttpRest, source("RestApiId"))
        },
        "HttpApi" => {
            let mut route =
                route(event, "ApiId", limits.http_integration_ms.default, Some(&limits.http_payload_version.value));
            // Without a path the event is the API's catch-all (SAM reference, HttpApi event).
            if matches!(route.path, Known::Absent) {
                route.path = Known::Is(Spanned::new("$default".to_owned(), span));
            }
            Trigger { details: Details::Route(Box::new(route)), ..plain(TriggerKind::HttpV2, source("ApiId")) }
        }
        "SQS" => Trigger {
            details: Details::Mapping(Box::new(mapping(event, "Queue", TriggerKind::Sqs, limits))),
            ..plain(TriggerKind::Sqs, source("Queue"))
        },
        "Kinesis" => Trigger {
            details: Details::Mapping(Box::new(mapping(event, "Stream", TriggerKind::Kinesis, limits))),
            ..plain(TriggerKind::Kinesis, source("Stream"))
        },
        // Of the Serverless Framework, where neither type nor ARN says whose stream it is.
        "Stream" => Trigger {
            details: Details::Mapping(Box::new(mapping(event, "Stream", TriggerKind::Stream, limits))),
            ..plain(TriggerKind::Stream, source("Stream"))
        },
        "DynamoDB" => Trigger {
            details: Details::Mapping(Box::new(mapping(event, "Stream", TriggerKind::DynamoDbStream, limits))),
            ..plain(TriggerKind::DynamoDbStream, source("Stream"))
        },
        "MSK" | "SelfManagedKafka" => Trigger {
            details: Details::Mapping(Box::new(mapping(event, "Stream", TriggerKind::Kafka, limits))),
            ..plain(TriggerKind::Kafka, source("Stream"))
        },
        "MQ" => Trigger {
            details: Details::Mapping(Box::new(mapping(event, "Broker", TriggerKind::Mq, limits))),
            ..plain(TriggerKind::Mq, source("Broker"))
        },
        "DocumentDB" => Trigger {
            details: Details::Mapping(Box::new(mapping(event, "Cluster", TriggerKind::DocumentDb, limits))),
            ..plain(TriggerKind::DocumentDb, source("Cluster"))
        },
        // `SqsSubscription` puts a queue between topic and function, which makes it a poll.
        "SNS" => match event.value(&["SqsSubscription"]) {
            Some((value, _)) if !is_false(&value) => {
                let body = match event.find(&["SqsSubscription"]) {
                    Found::At { place, .. } => Some(place),
                    _ => None,
                };
                let inner = Properties::at(event.registry, body, span);
                let queue = inner.target(&["QueueArn"]);
                let queue = match queue.value {
                    Known::Absent => Known::Opaque(span, "is a queue created by SAM".to_owned()),
                    known => known,
                };
                let mut mapping = mapping(&inner, "QueueArn", TriggerKind::Sqs, limits);
                mapping.source.value = queue.clone();
                Trigger { details: Details::Mapping(Box::new(mapping)), ..plain(TriggerKind::Sqs, queue) }
            }
            _ => Trigger {
                details: Details::Messages { filtered: event.presence(&["FilterPolicy"]).is_some() },
                dead_letter: event.target(&["RedrivePolicy", "deadLetterTargetArn"]),
                ..plain(TriggerKind::Sns, source("Topic"))
            },
        },
        "S3" => Trigger {
            details: Details::Objects(objects(event, "Events", &["Filter", "S3Key", "Rules"])),
            ..plain(TriggerKind::S3, source("Bucket"))
        },
        "EventBridgeRule" | "CloudWatchEvent" => {
            let details = Details::Events(links::pattern(event, "Pattern"));
            Trigger {
                off: is_off(event),
                transformed: transformed(event),
                constant: constant(event),
                details,
                dead_letter: dead_letter(event),
                ..plain(TriggerKind::EventBridgeRule, links::bus(event))
            }
        }
        "Schedule" | "ScheduleV2" => {
            let kind = if kind == "Schedule" { TriggerKind::Schedule } else { TriggerKind::SchedulerV2 };
            // The Serverless Framework writes the rate of its one event under the key of the other.
            let key = if event.presence(&["ScheduleExpression"]).is_some() { "ScheduleExpression" } else { "Schedule" };
            Trigger {
                transformed: transformed(event),
                constant: constant(event),
                details: schedule(event, key),
                dead_letter: dead_letter(event),
                ..plain(kind, Known::Absent)
            }
        }
        "WebSocket" => plain(TriggerKind::WebSocket, Known::Absent),
        "Alb" => plain(TriggerKind::Alb, source("ListenerArn")),
        "CloudWatchLogs" => plain(TriggerKind::Logs, source("LogGroupName")),
        "IoTRule" => plain(TriggerKind::Iot, Known::Absent),
        "Cognito" => plain(TriggerKind::Cognito, source("UserPool")),
        "AlexaSkill" => plain(TriggerKind::Alexa, Known::Absent),
        _ => return None,
    })
}

/// `DeadLetterConfig`: a queue, or one that SAM makes where only a type is given.
fn dead_letter(event: &Properties<'_>) -> Setting<Target> {
    let named = event.target(&["DeadLetterConfig", "Arn"]);
    match event.presence(&["DeadLetterConfig", "Type"]) {
        Some(span) if matches!(named.value, Known::Absent) => {
            let made = Target::External("a queue created by SAM".to_owned());
            Setting { value: Known::Is(Spanned::new(made, span)), ..Setting::absent() }
        }
        _ => named,
    }
}

fn is_false(value: &super::eval::Value) -> bool {
    use super::eval::Value;
    match value {
        Value::NoValue => true,
        Value::Text { text: Text::Literal(word), .. } => word.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

/// Whether a rule is switched off.
pub(crate) fn is_off(rule: &Properties<'_>) -> bool {
    let state = rule.text(&["State"], None);
    state.one().is_some_and(|word| word.eq_ignore_ascii_case("DISABLED"))
        || rule.flag(&["Enabled"], Some(true)).one() == Some(&false)
}

/// When a schedule fires: `State`, or `Enabled` of older configs, switches it off.
pub(crate) fn schedule(event: &Properties<'_>, key: &str) -> Details {
    let state = event.text(&["State"], None).value.and_then(|word| Ok(!word.eq_ignore_ascii_case("DISABLED")));
    let enabled = match state {
        Known::Absent => event.flag(&["Enabled"], Some(true)).value,
        known => known,
    };
    Details::Schedule(Box::new(Schedule { expression: event.text(&[key], None), enabled }))
}

/// Whether the event is rewritten before the function sees it.
pub(crate) fn transformed(event: &Properties<'_>) -> bool {
    ["Input", "InputPath", "InputTransformer"].iter().any(|key| event.presence(&[key]).is_some())
}

/// The keys of an `Input` that is a JSON object written out.
pub(crate) fn constant(event: &Properties<'_>) -> Option<Vec<String>> {
    let input = event.text(&["Input"], None);
    let value: serde_json::Value = serde_json::from_str(input.one()?).ok()?;
    Some(value.as_object()?.keys().cloned().collect())
}

/// The notification's filter: kinds of change, and rules for the key.
pub(crate) fn objects(event: &Properties<'_>, kinds: &str, rules: &[&str]) -> Option<ObjectFilter> {
    let words: Vec<String> = match event.find(&[kinds]) {
        Found::At { place, .. } => {
            let (doc, node) = (event.registry.doc(place), place.node);
            let items = doc.items(node);
            let items = if items.is_empty() { std::slice::from_ref(&node) } else { items };
            items.iter().map(|&item| doc.text(item).map(str::to_owned)).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let mut filter =
        ObjectFilter { created: words.iter().any(|word| !word.contains("ObjectRemoved")), prefix: None, suffix: None };
    match event.find(rules) {
        Found::Absent => {}
        Found::Opaque(..) => return None,
        Found::At { place, .. } => {
            for item in event.registry.items(place) {
                let rule = Properties::at(event.registry, Some(item), event.span);
                let name = rule.text(&["Name"], None).one()?.to_lowercase();
                let value = rule.text(&["Value"], None).one()?.clone();
                if name == "prefix" { filter.prefix = Some(value) } else { filter.suffix = Some(value) }
            }
        }
    }
    Some(filter)
}

fn route(event: &Properties<'_>, api: &str, limit_ms: i64, payload: Option<&str>) -> Route {
    let method = event.text(&["Method"], None).value;
    let streaming = match event.text(&["ResponseTransferMode"], None).value {
        Known::Is(mode) => Known::Is(mode.map(|mode| mode == "STREAM")),
        Known::Absent => Known::Is(Spanned::new(false, event.span)),
        _ => Known::Opaque(event.span, "is decided at deploy time".to_owned()),
    };
    Route {
        api: match event.target(&[api]).value.one() {
            Some(Target::Resource(id)) => Some(*id),
            _ => None,
        },
        method: method.and_then(|word| Ok(if word == "*" { "ANY".to_owned() } else { word.to_uppercase() })),
        path: event.text(&["Path"], None).value,
        integration_timeout_ms: event.int(&["TimeoutInMillis"], Some(limit_ms)),
        streaming,
        asynchronous: event.flag(&["Asynchronous"], Some(false)).value,
        payload_version: event.text(&["PayloadFormatVersion"], payload),
        binary: if event.presence(&[api]).is_some() { Verdict::Unknown } else { media::of_implicit(event) },
    }
}

/// What mappings of queues refuse (AWS Lambda API reference, CreateEventSourceMapping).
const OF_STREAMS: &[&str] = &[
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "ParallelizationFactor",
    "StartingPosition",
    "TumblingWindowInSeconds",
    "DestinationConfig",
];

/// Where a setting is certainly made: a value under a condition may be none, and `false` is as good as none.
fn set(event: &Properties<'_>, key: &str) -> Option<Span> {
    use super::eval::Value;
    let certain = match event.value(&[key])?.0 {
        Value::Node(_) => true,
        Value::Text { text: Text::Literal(word), .. } => !word.eq_ignore_ascii_case("false"),
        _ => false,
    };
    event.presence(&[key]).filter(|_| certain)
}

/// Settings of an event source mapping; the keys are the same in SAM events and in raw CloudFormation.
pub(crate) fn mapping(event: &Properties<'_>, source: &str, kind: TriggerKind, limits: &AwsLambda) -> Mapping {
    let stream = matches!(kind, TriggerKind::Kinesis | TriggerKind::DynamoDbStream | TriggerKind::Stream);
    let batch = if kind == TriggerKind::Sqs { &limits.sqs_batch_size } else { &limits.stream_batch_size };
    let when_stream = |limit: i64| if stream { Some(limit) } else { None };
    Mapping {
        source: event.target(&[source]),
        batch_size: event.int(&["BatchSize"], Some(batch.default)),
        // Half a second for topics, brokers and change streams, which is no number of seconds (AWS Lambda API
        // reference, CreateEventSourceMapping).
        batch_window_s: event
            .int(&["MaximumBatchingWindowInSeconds"], (stream || kind == TriggerKind::Sqs).then_some(0)),
        max_retries: event.int(&["MaximumRetryAttempts"], when_stream(limits.stream_max_retries.default)),
        max_record_age_s: event
            .int(&["MaximumRecordAgeInSeconds"], when_stream(limits.stream_max_record_age_s.default)),
        bisect: event.flag(&["BisectBatchOnFunctionError"], Some(false)),
        partial_batch: event.list_has(&["FunctionResponseTypes"], "ReportBatchItemFailures"),
        on_failure: event.target(&["DestinationConfig", "OnFailure", "Destination"]),
        filters: match event.presence(&["FilterCriteria"]) {
            Some(span) => Setting { value: Known::Is(Spanned::new(true, span)), ..Setting::absent() },
            None => Setting::platform_default(false, event.span),
        },
        max_concurrency: event.int(&["ScalingConfig", "MaximumConcurrency"], None),
        of_streams: OF_STREAMS.iter().filter_map(|&key| Some(Spanned::new(key, set(event, key)?))).collect(),
        enabled: event.flag(&["Enabled"], Some(true)),
    }
}
