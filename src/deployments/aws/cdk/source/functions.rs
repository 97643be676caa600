//! Functions: where their code is, what they may do, and what is added to them.

use super::machine::Machine;
use super::paths;
use super::value::{Args, ConstructId, Kind, Made, Map, Text, Value};
use crate::text::Span;

/// Classes of the module of functions that are functions' own objects.
const SOURCES: &str = "lambdaeventsources";

impl Machine<'_, '_> {
    /// What the class of a construct does beyond writing properties.
    pub(crate) fn behave(&mut self, id: ConstructId, behaviour: &str, props: &Value) {
        match behaviour {
            "function" => self.function(id, props, false),
            "rust-function" => self.function(id, props, true),
            "alias" => {
                let span = self.construct(id).span;
                let function = props.property("version").and_then(|version| version.construct());
                let function = function.map(|version| self.function_of(version));
                let value = match function {
                    Some(function) => Value::new(Kind::Construct(function), span),
                    None => Value::opaque("is the function of a version that is not known", span),
                };
                if let Some(function) = function {
                    self.construct_mut(id).parts.insert("function", function);
                }
                self.construct_mut(id).properties.set_path("FunctionName", span, value);
            }
            "rule" => self.rule(id, props),
            "schedule" => self.schedule(id, props),
            "rest-api" | "lambda-rest-api" => self.rest_api(id, props, behaviour == "lambda-rest-api"),
            "http-api" => self.http_api(id, props),
            "http-route" => {
                let span = self.construct(id).span;
                self.http_route_construct(props, span);
            }
            "websocket-api" => self.websocket_api(id, props),
            "rest-authorizer" => self.rest_authorizer(id, props),
            "role" => self.role(id, props),
            "policy" => self.policy(id, props),
            "state-machine" => self.state_machine(id, props),
            "target-group" => self.target_group(props),
            "user-pool" => self.user_pool(props),
            _ => {}
        }
    }

    /// The function an alias or version is of; a function itself.
    pub(crate) fn function_of(&self, id: ConstructId) -> ConstructId {
        self.construct(id).parts.get("function").copied().unwrap_or(id)
    }

    /// Adds a resource that belongs to a construct.
    pub(crate) fn below(
        &mut self,
        scope: ConstructId,
        name: &str,
        type_name: &str,
        properties: Map,
        span: Span,
    ) -> ConstructId {
        let class = format!("generated.{name}");
        let id = self.add(&class, Some(scope), Some(name), span, Value::null(span));
        let construct = self.construct_mut(id);
        construct.type_name = Some(type_name.into());
        construct.properties = properties;
        id
    }

    fn function(&mut self, id: ConstructId, props: &Value, rust: bool) {
        let span = self.construct(id).span;
        let open = match &props.kind {
            Kind::Map(map) => map.borrow().open.clone(),
            _ => Some(props.reason()),
        };
        if rust {
            self.rust_code(id, props, span)
        } else {
            self.code(id, props, span)
        }
        match props.property("role") {
            None => {
                let managed = Value::list(vec![Value::text("AWSLambdaBasicExecutionRole", span)], span);
                let properties = Map::default().with("ManagedPolicyArns", span, managed);
                let role = self.below(id, "ServiceRole", "AWS::IAM::Role", properties, span);
                let construct = self.construct_mut(id);
                construct.parts.insert("role", role);
                construct.parts.insert("grantPrincipal", role);
                construct.properties.set_path("Role", span, Value::new(Kind::Construct(role), span));
            }
            Some(role) => {
                if let Some(role) = role.construct() {
                    let construct = self.construct_mut(id);
                    construct.parts.insert("role", role);
                    construct.parts.insert("grantPrincipal", role);
                }
            }
        }
        if let Some(reason) = open {
            // What is not seen of the properties may be anything.
            self.construct_mut(id).properties.open = Some(reason);
        }
        if props.property("deadLetterQueueEnabled").is_some_and(|enabled| enabled.truthy() == Some(true))
            && props.property("deadLetterQueue").is_none()
        {
            let queue = self.below(id, "DeadLetterQueue", "AWS::SQS::Queue", Map::default(), span);
            self.construct_mut(id).parts.insert("deadLetterQueue", queue);
            let queue = Value::new(Kind::Construct(queue), span);
            self.construct_mut(id).properties.set_path("DeadLetterConfig.TargetArn", span, queue);
        } else if let Some(queue) = props.property("deadLetterQueue").and_then(|queue| queue.construct()) {
            self.construct_mut(id).parts.insert("deadLetterQueue", queue);
        }
        if self.log_groups && ["logGroup", "logRetention"].iter().all(|name| props.property(name).is_none()) {
            let own = Value::new(Kind::Attribute(id, "Ref".into()), span);
            let name = Value::joined(vec![Value::text("/aws/lambda/", span), own], span);
            let properties = self.written("logs.LogGroup", &Value::map(Map::default(), span), span);
            self.below(id, "LogGroup", "AWS::Logs::LogGroup", properties.with("LogGroupName", span, name), span);
        }
        if props.property("vpc").is_some() {
            let subnets = Value::opaque("is chosen from the VPC", span);
            self.construct_mut(id).properties.set_path("VpcConfig.SubnetIds", span, subnets);
        }
        self.async_config(id, props, span);
        for statement in props.property("initialPolicy").and_then(|list| list.items()).unwrap_or_default() {
            self.allow(id, &statement);
        }
        for source in props.property("events").and_then(|list| list.items()).unwrap_or_default() {
            self.add_event_source(id, &source, source.span);
        }
    }

    /// `retryAttempts`, `maxEventAge`, `onFailure` and `onSuccess` are a resource of their own.
    fn async_config(&mut self, id: ConstructId, props: &Value, span: Span) {
        let any = ["retryAttempts", "maxEventAge", "onFailure", "onSuccess"];
        if !any.iter().any(|name| props.property(name).is_some()) {
            return;
        }
        let mut properties = self.written("lambda.EventInvokeConfig", props, span);
        properties.set_path("FunctionName", span, Value::new(Kind::Construct(id), span));
        let function = self.function_of(id);
        self.below(function, "EventInvokeConfig", "AWS::Lambda::EventInvokeConfig", properties, span);
    }

    /// `RustFunction` builds a binary of a package.
    fn rust_code(&mut self, id: ConstructId, props: &Value, span: Span) {
        let given = |names: &[&str]| names.iter().find_map(|name| props.property(name));
        let binary = given(&["binaryName", "bin", "package"]);
        let manifest = given(&["manifestPath", "entry", "directory"]).map(|path| self.plain(&path, 0));
        let dir = match &manifest {
            None => Some(Value::text(".", span)),
            Some(path) => {
                let text = path.as_text().and_then(|text| paths::from_app(&text, &self.app));
                text.map(|text| {
                    let dir = text.strip_suffix("Cargo.toml").unwrap_or(&text).trim_end_matches('/');
                    Value::text(if dir.is_empty() { "." } else { dir }, path.span)
                })
            }
        };
        let named = binary.is_some();
        if props.property("setupLogging").is_some_and(|wanted| wanted.truthy() == Some(true)) {
            let level = Value::opaque("is set by the class", span);
            self.construct_mut(id).properties.set_path("Environment.Variables.RUST_LOG", span, level);
        }
        let construct = self.construct_mut(id);
        if let Some(binary) = binary {
            construct.metadata.set_path("BuildProperties.Binary", span, binary);
        }
        match dir {
            Some(dir) => construct.properties.set_path("Code", span, dir),
            None if !named => return,
            None => {}
        }
        construct.metadata.set_path("BuildMethod", span, Value::text("rust-cargolambda", span));
    }

    /// `code` of other functions.
    fn code(&mut self, id: ConstructId, props: &Value, span: Span) {
        let Some(code) = props.property("code") else { return };
        let Kind::Made(made) = &code.kind else {
            let value = Value::opaque(code.reason(), code.span);
            return self.construct_mut(id).properties.set_path("Code", span, value);
        };
        let path = made.args.at(0, "path").or_else(|| made.args.at(0, "directory"));
        let found = path.as_ref().and_then(Value::as_text).and_then(|text| paths::from_app(&text, &self.app));
        let unknown = |path: Option<Value>| match path {
            Some(path) => Value::opaque(path.reason(), path.span),
            None => Value::opaque("is decided when the program runs", span),
        };
        let name = made.path.rsplit('.').next().unwrap_or_default().to_owned();
        match name.as_str() {
            "fromAssetImage" | "fromImageAsset" => {
                let options = made.args.props(1, span);
                let construct = self.construct_mut(id);
                construct.properties.set_path("PackageType", span, Value::text("Image", span));
                if let Some(dir) = found {
                    construct.metadata.set_path("DockerContext", span, Value::text(dir, span));
                    if let Some(file) = options.property("file") {
                        construct.metadata.set_path("Dockerfile", span, file);
                    }
                }
            }
            "fromEcr" | "fromEcrImage" => {
                self.construct_mut(id).properties.set_path("PackageType", span, Value::text("Image", span));
            }
            "fromAsset" | "asset" | "fromDockerBuild" | "AssetCode" => {
                let value = match found {
                    Some(text) if name != "fromDockerBuild" => Value::text(text, path.map_or(span, |path| path.span)),
                    _ => unknown(path),
                };
                self.construct_mut(id).properties.set_path("Code", span, value);
            }
            _ => {
                let value = Value::opaque("is taken from elsewhere", span);
                self.construct_mut(id).properties.set_path("Code.S3Key", span, value);
            }
        }
    }

    /// The version of a function that is published with every deployment.
    pub(crate) fn version(&mut self, id: ConstructId, span: Span) -> ConstructId {
        let function = self.function_of(id);
        if let Some(&known) = self.construct(function).parts.get("version") {
            return known;
        }
        let properties = Map::default().with("FunctionName", span, Value::new(Kind::Construct(function), span));
        let version = self.below(function, "CurrentVersion", "AWS::Lambda::Version", properties, span);
        self.construct_mut(version).parts.insert("function", function);
        self.construct_mut(function).parts.insert("version", version);
        version
    }

    /// A method of a function; none if it is not one.
    pub(crate) fn function_method(&mut self, id: ConstructId, name: &str, args: &Args, span: Span) -> Option<Value> {
        let function = self.function_of(id);
        let itself = Value::new(Kind::Construct(id), span);
        Some(match name {
            "addEventSource" => {
                let source = args.at(0, "source")?;
                self.add_event_source(id, &source, span);
                Value::null(span)
            }
            "addEventSourceMapping" => {
                let props = args.props(1, span);
                let mut properties = self.written("lambda.EventSourceMapping", &props, span);
                mapping_words(&mut properties);
                properties.set_path("FunctionName", span, itself);
                let made = self.below(id, "Mapping", "AWS::Lambda::EventSourceMapping", properties, span);
                Value::new(Kind::Construct(made), span)
            }
            "addEnvironment" => {
                let (key, value) = (args.at(0, "key")?, args.at(1, "value")?);
                let value = self.plain(&value, 0);
                match key.as_text() {
                    Some(text) => {
                        let path = format!("Environment.Variables.{text}");
                        let value = self.settled(function, &path, value);
                        self.construct_mut(function).properties.set_path(&path, key.span, value);
                    }
                    None => self.construct_mut(function).escaped = Some(span),
                }
                itself
            }
            "addFunctionUrl" => {
                let props = args.props(0, span);
                let mut properties = self.written("lambda.FunctionUrl", &props, span);
                properties.set_path("TargetFunctionArn", span, itself);
                let url = self.below(id, "FunctionUrl", "AWS::Lambda::Url", properties, span);
                Value::new(Kind::Construct(url), span)
            }
            "addAlias" => {
                let alias = args.at(0, "aliasName")?;
                let props = args.props(1, span);
                let mut properties = self.written("lambda.Alias", &props, span);
                properties.set_path("Name", span, alias.clone());
                properties.set_path("FunctionName", span, Value::new(Kind::Construct(function), span));
                let version = self.version(function, span);
                properties.set_path(
                    "FunctionVersion",
                    span,
                    Value::new(Kind::Attribute(version, "Version".into()), span),
                );
                let name = alias.as_text().unwrap_or_else(|| "Alias".into());
                let made = self.below(function, &format!("Alias{name}"), "AWS::Lambda::Alias", properties, span);
                self.async_config(made, &props, span);
                self.construct_mut(made).parts.insert("function", function);
                Value::new(Kind::Construct(made), span)
            }
            "configureAsyncInvoke" => {
                let props = args.props(0, span);
                self.async_config(id, &props, span);
                Value::null(span)
            }
            "addToRolePolicy" => {
                let statement = args.at(0, "statement")?;
                self.allow(function, &statement);
                Value::null(span)
            }
            "addPermission" => {
                let props = args.props(1, span);
                let principal = match props.property("principal").map(|principal| principal.kind) {
                    Some(Kind::Made(made)) => made.args.items.first().cloned(),
                    _ => None,
                };
                let principal = principal.unwrap_or_else(|| Value::opaque("is decided when the program runs", span));
                let properties = Map::default().with("FunctionName", span, itself).with("Principal", span, principal);
                self.below(function, "Permission", "AWS::Lambda::Permission", properties, span);
                Value::null(span)
            }
            _ => return None,
        })
    }

    /// `new SqsEventSource(queue, {…})` and its like.
    pub(crate) fn add_event_source(&mut self, id: ConstructId, source: &Value, span: Span) {
        let Kind::Made(made) = &source.kind else {
            self.gaps.push((source.span, "this event source is decided when the program runs".to_owned()));
            return;
        };
        let Some(class) = made.path.strip_prefix(SOURCES).and_then(|rest| rest.strip_prefix('.')) else {
            self.gaps.push((span, format!("event source `{}` is not followed", made.path)));
            return;
        };
        let class: Text = class.into();
        let function = Value::new(Kind::Construct(id), source.span);
        match &*class {
            "SqsEventSource" | "KinesisEventSource" | "DynamoEventSource" | "KinesisConsumerEventSource" => {
                self.mapping(id, made, &class, source.span);
            }
            "ManagedKafkaEventSource" | "SelfManagedKafkaEventSource" => {
                let props = made.args.props(0, span);
                let mut properties = self.written(&made.path, &props, source.span);
                mapping_words(&mut properties);
                let cluster = props.property("clusterArn").map(|arn| self.plain(&arn, 0));
                match cluster {
                    Some(Value { kind: Kind::Text(arn), span }) if !arn.starts_with("arn:") => {
                        let arn = Value::new(Kind::External(format!("arn:aws:kafka:::{arn}").into()), span);
                        properties.set_path("EventSourceArn", span, arn);
                    }
                    Some(arn) => properties.set_path("EventSourceArn", span, arn),
                    None => {
                        let servers = Value::opaque("is decided when the program runs", span);
                        properties.set_path("SelfManagedEventSource.Endpoints", span, servers);
                    }
                }
                properties.set_path("FunctionName", source.span, function);
                self.below(id, &class, "AWS::Lambda::EventSourceMapping", properties, source.span);
            }
            "S3EventSource" | "S3EventSourceV2" => {
                let props = made.args.props(1, span);
                let Some(bucket) = made.args.at(0, "bucket") else { return };
                let events = props.property("events").and_then(|list| list.items()).unwrap_or_default();
                let filters = props.property("filters").and_then(|list| list.items()).unwrap_or_default();
                for event in events {
                    self.notify(&bucket, &event, &function, &filters, source.span);
                }
            }
            "SnsEventSource" => {
                let props = made.args.props(1, span);
                if let Some(topic) = made.args.at(0, "topic") {
                    self.subscribe(&topic, "lambda", function, &props, source.span);
                }
            }
            _ => self.gaps.push((source.span, format!("event source `{class}` is not followed"))),
        }
    }

    fn mapping(&mut self, id: ConstructId, made: &Made, class: &str, span: Span) {
        let props = made.args.props(1, span);
        let name = match class {
            "SqsEventSource" => "queue",
            "DynamoEventSource" => "table",
            "KinesisConsumerEventSource" => "streamConsumer",
            _ => "stream",
        };
        let row =
            if class == "KinesisConsumerEventSource" { "lambdaeventsources.KinesisEventSource" } else { &made.path };
        let mut properties = self.written(row, &props, span);
        mapping_words(&mut properties);
        let from = made.args.at(0, name);
        let from = match from.as_ref().map(|from| (from.construct(), self.plain(from, 0))) {
            Some((Some(table), _)) if class == "DynamoEventSource" => {
                Value::new(Kind::Attribute(table, "StreamArn".into()), span)
            }
            Some((_, value)) => value,
            None => Value::opaque("is decided when the program runs", span),
        };
        properties.set_path("EventSourceArn", span, from);
        properties.set_path("FunctionName", span, Value::new(Kind::Construct(id), span));
        self.below(id, class, "AWS::Lambda::EventSourceMapping", properties, span);
    }
}

/// `reportBatchItemFailures` is a list of words in CloudFormation.
fn mapping_words(properties: &mut Map) {
    let Some(entry) = properties.get("FunctionResponseTypes").cloned() else { return };
    let value = match entry.value.truthy() {
        Some(true) => Value::list(vec![Value::text("ReportBatchItemFailures", entry.value.span)], entry.value.span),
        Some(false) => Value::list(Vec::new(), entry.value.span),
        None => entry.value,
    };
    properties.set_path("FunctionResponseTypes", entry.key_span, value);
}
