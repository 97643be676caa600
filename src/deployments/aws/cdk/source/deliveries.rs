//! What delivers events: rules, schedules, topics, buckets, user pools.

use super::machine::Machine;
use super::value::{Args, ConstructId, Entry, Kind, Made, Map, Value};
use crate::text::Span;

impl Machine<'_, '_> {
    pub(crate) fn rule(&mut self, id: ConstructId, props: &Value) {
        let span = self.construct(id).span;
        state(&mut self.construct_mut(id).properties);
        // The pattern's keys have their own spelling in CloudFormation.
        if let Some(Value { kind: Kind::Map(pattern), .. }) = self.construct(id).properties.at("EventPattern") {
            for entry in &mut pattern.borrow_mut().entries {
                if &*entry.key == "detailType" {
                    entry.key = "detail-type".into();
                }
            }
        }
        for target in props.property("targets").and_then(|list| list.items()).unwrap_or_default() {
            self.add_target(id, &target);
        }
        let unseen = props.property("targets").is_some_and(|targets| targets.items().is_none());
        if unseen {
            self.gaps.push((span, "the targets of this rule are decided when the program runs".to_owned()));
        }
    }

    /// `new targets.LambdaFunction(function, {…})` and its like.
    pub(crate) fn add_target(&mut self, id: ConstructId, target: &Value) {
        let span = target.span;
        let Kind::Made(made) = &target.kind else { return };
        let Some(to) = first(made) else { return };
        let to = self.plain(&to, 0);
        let mut item = Map::default().with("Arn", span, to);
        let props = made.args.props(1, span);
        let input = props.property("event").or_else(|| props.property("message")).or_else(|| props.property("input"));
        if let Some(input) = input {
            let key = match &input.kind {
                Kind::Made(made) if made.path.ends_with(".fromEventPath") => "InputPath",
                _ => "Input",
            };
            let input = self.plain(&input, 0);
            item.set_path(key, span, input);
        }
        if let Some(queue) = props.property("deadLetterQueue") {
            let queue = self.plain(&queue, 0);
            item.set_path("DeadLetterConfig.Arn", span, queue);
        }
        for (name, path) in [("retryAttempts", "MaximumRetryAttempts"), ("maxEventAge", "MaximumEventAgeInSeconds")] {
            if let Some(value) = props.property(name) {
                let value = self.plain(&value, 0);
                item.set_path(&format!("RetryPolicy.{path}"), span, value);
            }
        }
        self.construct_mut(id).properties.append("Targets", span, Value::map(item, span));
    }

    /// A schedule of EventBridge Scheduler.
    pub(crate) fn schedule(&mut self, id: ConstructId, props: &Value) {
        let span = self.construct(id).span;
        state(&mut self.construct_mut(id).properties);
        let Some(Value { kind: Kind::Made(made), span: at }) = props.property("target") else { return };
        let Some(to) = first(&made) else { return };
        let to = self.plain(&to, 0);
        let options = made.args.props(1, span);
        let mut target = Map::default().with("Arn", at, to);
        if let Some(queue) = options.property("deadLetterQueue") {
            let queue = self.plain(&queue, 0);
            target.set_path("DeadLetterConfig.Arn", at, queue);
        }
        if let Some(attempts) = options.property("retryAttempts") {
            let attempts = self.plain(&attempts, 0);
            target.set_path("RetryPolicy.MaximumRetryAttempts", at, attempts);
        }
        if let Some(input) = options.property("input") {
            let input = self.plain(&input, 0);
            target.set_path("Input", at, input);
        }
        self.construct_mut(id).properties.set_path("Target", at, Value::map(target, at));
    }

    /// Subscribes something to a topic.
    pub(crate) fn subscribe(&mut self, topic: &Value, protocol: &str, to: Value, props: &Value, span: Span) {
        let mut properties = self.written("sns.Subscription", props, span);
        let (topic_value, to) = (self.plain(topic, 0), self.plain(&to, 0));
        properties.set_path("TopicArn", span, topic_value);
        properties.set_path("Protocol", span, Value::text(protocol, span));
        properties.set_path("Endpoint", span, to);
        if let Some(scope) = topic.construct() {
            self.below(scope, "Subscription", "AWS::SNS::Subscription", properties, span);
            return;
        }
        let Some(Value { kind: Kind::Construct(owner), .. }) = properties.at("Endpoint") else { return };
        self.below(owner, "Subscription", "AWS::SNS::Subscription", properties, span);
    }

    fn subscription(&mut self, topic: &Value, subscription: &Value) {
        let Kind::Made(made) = &subscription.kind else { return };
        let Some(to) = first(made) else { return };
        let protocol = match made.path.rsplit('.').next() {
            Some("LambdaSubscription") => "lambda",
            Some("SqsSubscription") => "sqs",
            Some("EmailSubscription") => "email",
            Some("UrlSubscription") => "https",
            Some("SmsSubscription") => "sms",
            _ => return,
        };
        let props = made.args.props(1, subscription.span);
        self.subscribe(topic, protocol, to, &props, subscription.span);
    }

    /// A notification of a bucket.
    pub(crate) fn notify(&mut self, bucket: &Value, event: &Value, to: &Value, filters: &[Value], span: Span) {
        let Some(bucket) = bucket.construct() else {
            // Of a bucket that is not made here the permission tells.
            let function = self.plain(to, 0);
            if let Kind::Construct(id) = function.kind {
                let properties = Map::default().with("FunctionName", span, function).with(
                    "Principal",
                    span,
                    Value::text("s3.amazonaws.com", span),
                );
                self.below(id, "Permission", "AWS::Lambda::Permission", properties, span);
            }
            return;
        };
        let (target, list, key) = match &to.kind {
            Kind::Made(made) => {
                let Some(target) = first(made) else { return };
                match made.path.rsplit('.').next() {
                    Some("LambdaDestination") => (target, "LambdaConfigurations", "Function"),
                    Some("SqsDestination") => (target, "QueueConfigurations", "Queue"),
                    Some("SnsDestination") => (target, "TopicConfigurations", "Topic"),
                    _ => return,
                }
            }
            _ => (to.clone(), "LambdaConfigurations", "Function"),
        };
        let (target, event) = (self.plain(&target, 0), self.plain(event, 0));
        let mut item = Map::default().with("Event", span, event).with(key, span, target);
        for filter in filters {
            for (name, word) in [("prefix", "Prefix"), ("suffix", "Suffix")] {
                if let Some(value) = filter.property(name) {
                    let value = self.plain(&value, 0);
                    let rule = Map::default().with("Name", span, Value::text(word, span)).with("Value", span, value);
                    item.append("Filter.S3Key.Rules", span, Value::map(rule, span));
                }
            }
        }
        let path = format!("NotificationConfiguration.{list}");
        self.construct_mut(bucket).properties.append(&path, span, Value::map(item, span));
    }

    pub(crate) fn user_pool(&mut self, props: &Value) {
        let Some(Value { kind: Kind::Map(map), .. }) = props.property("lambdaTriggers") else { return };
        let entries: Vec<Entry> = map.borrow().entries.clone();
        for entry in entries {
            self.invoked_by(&entry.value, "cognito-idp.amazonaws.com", entry.key_span);
        }
    }

    /// A permission is all the template says of some sources.
    pub(crate) fn invoked_by(&mut self, function: &Value, principal: &str, span: Span) {
        let Some(id) = function.construct() else { return };
        let properties = Map::default().with("FunctionName", span, Value::new(Kind::Construct(id), span)).with(
            "Principal",
            span,
            Value::text(principal, span),
        );
        self.below(id, "Permission", "AWS::Lambda::Permission", properties, span);
    }

    /// A method of something that delivers; none if it is not one.
    pub(crate) fn delivery_method(
        &mut self,
        object: &Value,
        class: &str,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Option<Value> {
        match (class, name) {
            ("sns.Topic", "addSubscription") => {
                let subscription = args.at(0, "subscription")?;
                self.subscription(object, &subscription);
            }
            ("events.Rule", "addTarget") => {
                let target = args.at(0, "target")?;
                self.add_target(object.construct()?, &target);
            }
            ("events.Rule", "addEventPattern") => {
                let pattern = args.at(0, "eventPattern").map(|pattern| self.plain(&pattern, 0));
                let id = object.construct()?;
                self.construct_mut(id).properties.set_path("EventPattern", span, pattern?);
                self.rule(id, &Value::null(span));
            }
            ("s3.Bucket", "addEventNotification") => {
                let (event, to) = (args.at(0, "event")?, args.at(1, "dest")?);
                let filters: Vec<Value> = args.items.iter().skip(2).cloned().collect();
                self.notify(object, &event, &to, &filters, span);
            }
            ("s3.Bucket", "addObjectCreatedNotification" | "addObjectRemovedNotification") => {
                let to = args.at(0, "dest")?;
                let event = if name.contains("Created") { "s3:ObjectCreated:*" } else { "s3:ObjectRemoved:*" };
                let filters: Vec<Value> = args.items.iter().skip(1).cloned().collect();
                self.notify(object, &Value::text(event, span), &to, &filters, span);
            }
            ("s3.Bucket", "enableEventBridgeNotification") => {
                let id = object.construct()?;
                let path = "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled";
                self.construct_mut(id).properties.set_path(path, span, Value::truth(true, span));
            }
            ("cognito.UserPool", "addTrigger") => {
                let function = args.items.get(1).cloned()?;
                self.invoked_by(&function, "cognito-idp.amazonaws.com", span);
            }
            _ => return None,
        }
        Some(Value::null(span))
    }
}

/// What an object was made for: its first argument.
pub(crate) fn first(made: &Made) -> Option<Value> {
    let names = ["handler", "fn", "queue", "topic", "machine", "func", "stream", "eventBus"];
    let named = || names.iter().find_map(|name| made.args.named.get(name).map(|entry| entry.value.clone()));
    made.args.items.first().cloned().or_else(named)
}

/// `enabled` as the state of a rule or schedule.
fn state(properties: &mut Map) {
    let Some(entry) = properties.get("State").cloned() else { return };
    if let Kind::Bool(enabled) = entry.value.kind {
        let word = if enabled { "ENABLED" } else { "DISABLED" };
        properties.set_path("State", entry.key_span, Value::text(word, entry.value.span));
    }
}
