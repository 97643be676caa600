//! Raw CloudFormation resources that invoke functions: mappings, permissions, rules, subscriptions, notifications.

use super::resources::Reader;
use super::setting::Properties;
use super::template::Place;
use super::{events, links};
use crate::knowledge::dialect;
use crate::model::Known;
use crate::model::deployments::{
    Alias, Deploy, Details, FunctionId, FunctionUrl, Qualifier, Target, Trigger, TriggerKind,
};
use crate::text::{Span, Spanned};

impl Reader<'_> {
    /// Adds what the resource means to the model.
    pub(crate) fn read(&self, deploy: &mut Deploy) {
        match self.registry.type_name(self.id) {
            "AWS::Lambda::EventSourceMapping" => self.event_source_mapping(deploy),
            "AWS::Lambda::EventInvokeConfig" => self.event_invoke_config(deploy),
            "AWS::Lambda::Url" => self.url(deploy),
            "AWS::Lambda::Alias" | "AWS::Lambda::Version" => self.alias(deploy),
            "AWS::Events::Rule" => self.rule(deploy),
            "AWS::Scheduler::Schedule" => {
                self.trigger(deploy, TriggerKind::SchedulerV2, &["Target", "Arn"], Known::Absent);
                if let Some(trigger) = deploy.triggers.last_mut().filter(|trigger| trigger.span == self.span) {
                    trigger.details = events::schedule(&self.properties, "ScheduleExpression");
                    trigger.dead_letter = self.properties.target(&["Target", "DeadLetterConfig", "Arn"]);
                }
            }
            "AWS::SNS::Subscription" => self.subscription(deploy),
            "AWS::SNS::Topic" => self.topic(deploy),
            "AWS::S3::Bucket" => self.bucket(deploy),
            "AWS::Logs::SubscriptionFilter" => {
                let source = self.properties.target(&["LogGroupName"]).value;
                if self.trigger(deploy, TriggerKind::Logs, &["DestinationArn"], source) {
                    self.permit(deploy, "logs");
                }
            }
            "AWS::IoT::TopicRule" => self.iot(deploy),
            "AWS::Pipes::Pipe" => self.pipe(deploy),
            "AWS::IoT::Authorizer" => {
                self.trigger(deploy, TriggerKind::Authorizer, &["AuthorizerFunctionArn"], Known::Absent);
            }
            "AWS::SES::ReceiptRule" => self.mail(deploy),
            "AWS::AppSync::DataSource" => {
                self.trigger(deploy, TriggerKind::AppSync, &["LambdaConfig", "LambdaFunctionArn"], Known::Absent);
            }
            name if name == "AWS::CloudFormation::CustomResource" || name.starts_with("Custom::") => {
                self.trigger(deploy, TriggerKind::CustomResource, &["ServiceToken"], Known::Absent);
            }
            _ => {}
        }
    }

    /// An alias, with the concurrency that is provisioned for it.
    fn alias(&self, deploy: &mut Deploy) {
        let Some(function) = self.function(deploy, &self.properties, &["FunctionName"]) else { return };
        let concurrency = |key: &str| self.properties.int(&["ProvisionedConcurrencyConfig", key], None);
        deploy.aliases.push(Alias {
            resource: self.id,
            function,
            version: self.properties.text(&["FunctionVersion"], None),
            provisioned_concurrency: concurrency("ProvisionedConcurrentExecutions"),
        });
    }

    fn push(&self, deploy: &mut Deploy, function: FunctionId, kind: TriggerKind, span: Span, source: Known<Target>) {
        deploy.add_trigger(Trigger::new(function, kind, span, source));
    }

    /// Where a part of the resource is written: at the resource, unless another block adds it, as in Terraform.
    pub(crate) fn place(&self, part: Place) -> Span {
        let (written, whole) = (self.registry.span(part), self.registry.span(self.registry.declaration(self.id)));
        let inside =
            |outer: Span| written.file == outer.file && outer.start <= written.start && written.end <= outer.end;
        if inside(whole) || inside(self.span) { self.span } else { written }
    }

    /// Says of the trigger that was just added what of the function it names.
    fn qualify(&self, deploy: &mut Deploy, qualifier: Qualifier) {
        if let Some(trigger) = deploy.triggers.last_mut() {
            trigger.qualifier = qualifier;
        }
    }

    /// Says of the trigger that was just added which service needs a permission for it. A connector writes one.
    pub(crate) fn permit(&self, deploy: &mut Deploy, service: &'static str) {
        let connected = self.registry.get(self.registry.declaration(self.id), "Connectors").is_some();
        if let Some(trigger) = deploy.triggers.last_mut().filter(|_| !connected) {
            trigger.principal = Some(service);
        }
    }

    fn trigger(&self, deploy: &mut Deploy, kind: TriggerKind, path: &[&str], source: Known<Target>) -> bool {
        let invoked = self.invoked(deploy, &self.properties, path);
        if let Some((function, qualifier)) = invoked {
            self.push(deploy, function, kind, self.span, source);
            self.qualify(deploy, qualifier);
        }
        invoked.is_some()
    }

    fn event_source_mapping(&self, deploy: &mut Deploy) {
        let Some((function, qualifier)) = self.invoked(deploy, &self.properties, &["FunctionName"]) else {
            return;
        };
        let source = self.properties.target(&["EventSourceArn"]);
        let kind = match source.value.one() {
            Some(Target::Resource(id)) => match self.registry.type_name(*id) {
                "AWS::SQS::Queue" => TriggerKind::Sqs,
                "AWS::Kinesis::Stream" | "AWS::Kinesis::StreamConsumer" => TriggerKind::Kinesis,
                "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable" => {
                    TriggerKind::DynamoDbStream
                }
                "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" => TriggerKind::Kafka,
                "AWS::AmazonMQ::Broker" => TriggerKind::Mq,
                "AWS::DocDB::DBCluster" => TriggerKind::DocumentDb,
                _ => TriggerKind::Other,
            },
            Some(Target::External(arn)) => match arn.split(':').nth(2) {
                Some("sqs") => TriggerKind::Sqs,
                Some("kinesis") => TriggerKind::Kinesis,
                Some("dynamodb") => TriggerKind::DynamoDbStream,
                Some("kafka") => TriggerKind::Kafka,
                Some("mq") => TriggerKind::Mq,
                _ => TriggerKind::Other,
            },
            None if self.properties.presence(&["SelfManagedEventSource"]).is_some() => TriggerKind::Kafka,
            None => TriggerKind::Other,
        };
        let kind = if kind == TriggerKind::Other { self.polled_by_settings() } else { kind };
        let mapping = events::mapping(&self.properties, "EventSourceArn", kind, &self.limits.aws_lambda);
        let trigger = Trigger::new(function, kind, self.span, source.value);
        deploy.add_trigger(Trigger { details: Details::Mapping(Box::new(mapping)), qualifier, ..trigger });
    }

    /// The kind of an event source that no file names, by the settings only one kind has (AWS Lambda API reference,
    /// CreateEventSourceMapping): streams and topics need a starting position, brokers their queues.
    fn polled_by_settings(&self) -> TriggerKind {
        let has = |key: &str| self.properties.presence(&[key]).is_some();
        if has("Topics") {
            TriggerKind::Kafka
        } else if has("Queues") {
            TriggerKind::Mq
        } else if has("StartingPosition") {
            TriggerKind::Stream
        } else if has("EventSourceArn") {
            TriggerKind::Sqs
        } else {
            TriggerKind::Other
        }
    }

    fn event_invoke_config(&self, deploy: &mut Deploy) {
        let Some(id) = self.function(deploy, &self.properties, &["FunctionName"]) else {
            return;
        };
        let limits = &self.limits.aws_lambda;
        let Some(lambda) = deploy.functions[id.0 as usize].aws_mut() else { return };
        let config = &mut lambda.async_config;
        let failure = self.properties.target(&["DestinationConfig", "OnFailure", "Destination"]);
        if !matches!(failure.value, Known::Absent) {
            config.on_failure = failure;
        }
        // Terraform's is for the unpublished version where it names none (CloudFormation: always one).
        config.qualifier = match self.properties.text(&["Qualifier"], Some("$LATEST")).one().map(String::as_str) {
            Some("$LATEST") => Qualifier::Unqualified,
            _ => match self.properties.target(&["Qualifier"]).value.one() {
                Some(&Target::Resource(alias)) => Qualifier::Of(alias),
                _ => Qualifier::Unknown,
            },
        };
        config.max_retries = self.properties.int(&["MaximumRetryAttempts"], Some(limits.async_max_retries.default));
        config.max_event_age_s =
            self.properties.int(&["MaximumEventAgeInSeconds"], Some(limits.async_max_event_age_s.default));
    }

    fn url(&self, deploy: &mut Deploy) {
        let Some(id) = self.function(deploy, &self.properties, &["TargetFunctionArn"]) else {
            return;
        };
        let Some(lambda) = deploy.functions[id.0 as usize].aws_mut() else { return };
        lambda.url = Some(FunctionUrl {
            span: self.span,
            auth: self.properties.text(&["AuthType"], None),
            invoke_mode: self.properties.text(&["InvokeMode"], Some("BUFFERED")),
            permitted: dialect(self.registry.template(self.registry.declaration(self.id).template).dialect.0)
                .is_some_and(|dialect| dialect.permits_urls),
        });
    }

    fn rule(&self, deploy: &mut Deploy) {
        let scheduled = self.properties.presence(&["ScheduleExpression"]).is_some();
        let kind = if scheduled { TriggerKind::Schedule } else { TriggerKind::EventBridgeRule };
        let source = links::bus(&self.properties);
        for item in self.list(&["Targets"]) {
            let target = Properties::at(self.registry, Some(item), self.span);
            let Some((function, qualifier)) = self.invoked(deploy, &target, &["Arn"]) else {
                continue;
            };
            self.push(deploy, function, kind, self.place(item), source.clone());
            self.qualify(deploy, qualifier);
            if target.presence(&["RoleArn"]).is_none() {
                self.permit(deploy, "events");
            }
            if let Some(trigger) = deploy.triggers.last_mut() {
                trigger.off = !scheduled && events::is_off(&self.properties);
                trigger.dead_letter = target.target(&["DeadLetterConfig", "Arn"]);
                trigger.transformed = events::transformed(&target);
                trigger.constant = events::constant(&target);
                trigger.details = match scheduled {
                    true => events::schedule(&self.properties, "ScheduleExpression"),
                    false => Details::Events(links::pattern(&self.properties, "EventPattern")),
                };
            }
        }
    }

    fn subscription(&self, deploy: &mut Deploy) {
        if self.properties.text(&["Protocol"], None).one().map(String::as_str) == Some("lambda") {
            let topic = self.properties.target(&["TopicArn"]).value;
            if self.trigger(deploy, TriggerKind::Sns, &["Endpoint"], topic) {
                self.permit(deploy, "sns");
            }
            let filtered = self.properties.presence(&["FilterPolicy"]).is_some();
            if let Some(trigger) = deploy.triggers.last_mut().filter(|trigger| trigger.span == self.span) {
                trigger.details = Details::Messages { filtered };
                trigger.dead_letter = self.redrive();
            }
        }
    }

    fn topic(&self, deploy: &mut Deploy) {
        for item in self.list(&["Subscription"]) {
            let subscription = Properties::at(self.registry, Some(item), self.span);
            if subscription.text(&["Protocol"], None).one().map(String::as_str) != Some("lambda") {
                continue;
            }
            if let Some((function, qualifier)) = self.invoked(deploy, &subscription, &["Endpoint"]) {
                let topic = Known::Is(Spanned::new(Target::Resource(self.id), self.span));
                self.push(deploy, function, TriggerKind::Sns, self.span, topic);
                self.qualify(deploy, qualifier);
                self.permit(deploy, "sns");
            }
        }
    }

    fn bucket(&self, deploy: &mut Deploy) {
        for item in self.list(&["NotificationConfiguration", "LambdaConfigurations"]) {
            let configuration = Properties::at(self.registry, Some(item), self.span);
            if let Some((function, qualifier)) = self.invoked(deploy, &configuration, &["Function"]) {
                let bucket = Known::Is(Spanned::new(Target::Resource(self.id), self.span));
                self.push(deploy, function, TriggerKind::S3, self.place(item), bucket);
                self.qualify(deploy, qualifier);
                self.permit(deploy, "s3");
                if let Some(trigger) = deploy.triggers.last_mut() {
                    let objects = events::objects(&configuration, "Event", &["Filter", "S3Key", "Rules"]);
                    trigger.details = Details::Objects(objects);
                }
            }
        }
    }

    /// A permission for a service is evidence that it invokes, when nothing else in the template says so.
    pub(crate) fn permission(&self, deploy: &mut Deploy) {
        if self.registry.type_name(self.id) != "AWS::Lambda::Permission" {
            return;
        }
        let principal = self.properties.text(&["Principal"], None);
        let kind = match principal.one().and_then(|name| name.strip_suffix(".amazonaws.com")) {
            Some("s3") => TriggerKind::S3,
            Some("sns") => TriggerKind::Sns,
            Some("events") => TriggerKind::EventBridgeRule,
            Some("iot") => TriggerKind::Iot,
            Some("logs") => TriggerKind::Logs,
            Some("ses") => TriggerKind::Mail,
            Some("cognito-idp") => TriggerKind::Cognito,
            Some("elasticloadbalancing") => TriggerKind::Alb,
            Some("apigateway") => TriggerKind::HttpRest,
            _ => return,
        };
        let Some(function) = self.function(deploy, &self.properties, &["FunctionName"]) else {
            return;
        };
        let said = deploy.triggers_of(function).any(|trigger| {
            trigger.kind == kind
                || matches!((trigger.kind, kind), (TriggerKind::Schedule, TriggerKind::EventBridgeRule))
                || (trigger.route().is_some() && kind == TriggerKind::HttpRest)
                || (trigger.kind == TriggerKind::Authorizer && matches!(kind, TriggerKind::HttpRest | TriggerKind::Iot))
        });
        if !said && !self.notifies(deploy) {
            self.push(deploy, function, kind, self.span, Known::Absent);
            if let Some(trigger) = deploy.triggers.last_mut().filter(|trigger| trigger.span == self.span) {
                trigger.proved = false;
            }
        }
    }

    /// Actions of a receipt rule; the service waits for an answer only where the action says so.
    fn mail(&self, deploy: &mut Deploy) {
        for item in self.list(&["Rule", "Actions"]) {
            let action = Properties::at(self.registry, Some(item), self.span);
            let waits = action.text(&["LambdaAction", "InvocationType"], None);
            if waits.one().is_some_and(|word| word == "RequestResponse") {
                continue;
            }
            if let Some((function, qualifier)) = self.invoked(deploy, &action, &["LambdaAction", "FunctionArn"]) {
                self.push(deploy, function, TriggerKind::Mail, self.span, Known::Absent);
                self.qualify(deploy, qualifier);
            }
        }
    }

    /// A pipe waits for its enrichment, and for its target unless it is told to fire and forget (Amazon EventBridge
    /// Pipes API reference, PipeTargetLambdaFunctionParameters).
    fn pipe(&self, deploy: &mut Deploy) {
        let source = self.properties.target(&["Source"]).value;
        let state = self.properties.text(&["DesiredState"], None);
        let off = state.one().is_some_and(|word| word.eq_ignore_ascii_case("STOPPED"));
        let word = self.properties.text(&["TargetParameters", "LambdaFunctionParameters", "InvocationType"], None);
        let forgets = word.one().is_some_and(|word| word == "FIRE_AND_FORGET");
        for (path, kind) in [
            ("Target", if forgets { TriggerKind::PipeEvent } else { TriggerKind::Pipe }),
            ("Enrichment", TriggerKind::Pipe),
        ] {
            if let Some((function, qualifier)) = self.invoked(deploy, &self.properties, &[path]) {
                self.push(deploy, function, kind, self.span, source.clone());
                self.qualify(deploy, qualifier);
                if let Some(trigger) = deploy.triggers.last_mut() {
                    trigger.off = off;
                    // It gets the batch as a list, or what the pipe makes of it.
                    trigger.transformed = true;
                }
            }
        }
    }

    /// Whether a source of the project is known to notify something: then a permission for it only allows.
    fn notifies(&self, deploy: &Deploy) -> bool {
        let source = self.properties.target(&["SourceArn"]).value;
        let Some(&Target::Resource(id)) = source.one() else { return false };
        deploy.triggers_from(id).next().is_some() || deploy.links.iter().any(|link| link.from == id)
    }

    fn iot(&self, deploy: &mut Deploy) {
        for item in self.list(&["TopicRulePayload", "Actions"]) {
            let action = Properties::at(self.registry, Some(item), self.span);
            if let Some((function, qualifier)) = self.invoked(deploy, &action, &["Lambda", "FunctionArn"]) {
                self.push(deploy, function, TriggerKind::Iot, self.span, Known::Absent);
                self.qualify(deploy, qualifier);
                self.permit(deploy, "iot");
            }
        }
    }
}
