//! Stages of APIs, traced services, logs of state machines, alarms, and permissions to invoke.

use super::eval::Value;
use super::resources::Reader;
use super::scope::globals;
use super::setting::{Found, Properties};
use super::template::{Place, Registry};
use crate::knowledge::Platforms;
use crate::model::deployments::{
    Alarm, Deploy, Invoker, MachineLog, ResourceId, StackId, Stage, StageKind, Target, Text, Traced,
};
use crate::model::{Known, Origin, Setting};
use crate::text::{Span, Spanned};

/// Adds what people see of the deployment and how they bound it.
pub(super) fn read(registry: &Registry, limits: &Platforms, deploy: &mut Deploy) {
    for id in registry.ids() {
        let reader = Reader::new(registry, limits, id);
        match registry.type_name(id) {
            "AWS::ApiGateway::Stage"
            | "AWS::ApiGatewayV2::Stage"
            | "AWS::Serverless::Api"
            | "AWS::Serverless::HttpApi" => reader.stage(deploy),
            "AWS::Serverless::Function" => reader.implied_stages(deploy),
            "AWS::AppSync::GraphQLApi" => {
                reader.traced(deploy, "GraphQL API", &reader.properties, &["XrayEnabled"]);
            }
            "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine" => reader.machine_log(deploy),
            "AWS::CloudWatch::Alarm" => reader.alarm(deploy),
            "AWS::Lambda::Permission" => reader.invoker(deploy),
            _ => {}
        }
    }
    for (id, template) in (0..).map(StackId).zip(&registry.templates) {
        let macros = template.section("Transform").is_some_and(|node| {
            let doc = &template.doc;
            let words = doc.items(node).iter().copied().chain([node]).filter_map(|word| doc.text(word));
            words.into_iter().any(|word| !word.starts_with("AWS::"))
        });
        if macros || template.section("AlarmsElsewhere").is_some() {
            deploy.alarms_elsewhere.push(id);
        }
    }
}

impl Reader<'_> {
    fn label(&self, deploy: &Deploy) -> String {
        deploy.resource(self.id).logical_id.clone()
    }

    /// A stage, or an API of SAM's, which makes one.
    fn stage(&self, deploy: &mut Deploy) {
        let declaration = self.registry.declaration(self.id);
        let mut properties = self.properties;
        let kind = match self.registry.type_name(self.id) {
            "AWS::ApiGateway::Stage" => StageKind::Rest,
            "AWS::Serverless::Api" => {
                properties.globals = globals(self.registry, declaration, "Api");
                StageKind::Rest
            }
            "AWS::Serverless::HttpApi" => {
                properties.globals = globals(self.registry, declaration, "HttpApi");
                StageKind::Http
            }
            _ => match self.api_of(&["ApiId"]) {
                Some(api) if self.is_websocket(api) => StageKind::WebSocket,
                _ => StageKind::Http,
            },
        };
        let api = match kind {
            StageKind::Rest => self.api_of(&["RestApiId"]),
            _ => self.api_of(&["ApiId"]),
        };
        let name = self.label(deploy);
        let made = self.settings(&properties, kind, api.unwrap_or(self.id), name);
        self.add(deploy, made, &properties);
    }

    fn add(&self, deploy: &mut Deploy, stage: Stage, properties: &Properties<'_>) {
        // HTTP and WebSocket APIs cannot be traced (API Gateway developer guide, choosing between REST and HTTP APIs).
        if stage.kind == StageKind::Rest {
            let on = properties.flag(&["TracingEnabled"], Some(false));
            let (resource, span, name) = (stage.resource, stage.span, stage.name.clone());
            deploy.traced.push(Traced { resource, span, kind: "stage", name, on });
        }
        deploy.stages.push(stage);
    }

    fn api_of(&self, path: &[&str]) -> Option<ResourceId> {
        match self.properties.target(path).value.one()? {
            Target::Resource(id) => Some(*id),
            Target::External(_) => None,
        }
    }

    fn properties_of(&self, id: ResourceId) -> Properties<'_> {
        Properties::of(self.registry, self.registry.declaration(id), self.registry.resource(id).span)
    }

    fn is_websocket(&self, api: ResourceId) -> bool {
        self.properties_of(api).text(&["ProtocolType"], None).one().is_some_and(|word| word == "WEBSOCKET")
    }

    fn settings(&self, properties: &Properties<'_>, kind: StageKind, api: ResourceId, name: String) -> Stage {
        let log = if kind == StageKind::Rest { "AccessLogSetting" } else { "AccessLogSettings" };
        Stage {
            resource: self.id,
            span: properties.span,
            name,
            kind,
            private: self.is_private(properties, api),
            access_log: properties.target(&[log, "DestinationArn"]),
            log_format: properties.text(&[log, "Format"], None),
            throttled: match kind {
                StageKind::Rest => self.methods_throttled(properties, api),
                _ => limits_both(properties, &["DefaultRouteSettings"]),
            },
        }
    }

    /// Private REST APIs are reached from VPCs alone.
    fn is_private(&self, properties: &Properties<'_>, api: ResourceId) -> Known<bool> {
        let declared = self.properties_of(api);
        let places = [properties, &declared].into_iter().map(|at| match at.find(&["EndpointConfiguration"]) {
            Found::At { place, .. } => match self.registry.value(place) {
                Value::Node(body) => match self.registry.get(body, "Types").or(self.registry.get(body, "Type")) {
                    Some(types) => self.words(types, "PRIVATE"),
                    None => self.words(body, "PRIVATE"),
                },
                Value::Text { text: Text::Literal(word), span, .. } => Known::Is(Spanned::new(word == "PRIVATE", span)),
                _ => Known::Opaque(self.registry.span(place), "is decided at deploy time".to_owned()),
            },
            Found::Absent => Known::Absent,
            Found::Opaque(span, reason) => Known::Opaque(span, reason),
        });
        let mut places = places.filter(|known| !matches!(known, Known::Absent));
        places.next().unwrap_or_else(|| Known::Is(Spanned::new(false, properties.span)))
    }

    /// Whether a word, or a list of words, has one.
    fn words(&self, place: Place, wanted: &str) -> Known<bool> {
        let span = self.registry.span(place);
        let items: Vec<Place> = self.registry.items(place).collect();
        let items = if items.is_empty() { vec![place] } else { items };
        let mut known = Known::Is(Spanned::new(false, span));
        for item in items {
            match self.registry.value(item) {
                Value::Text { text: Text::Literal(word), .. } if word == wanted => {
                    return Known::Is(Spanned::new(true, span));
                }
                Value::Text { text: Text::Literal(_), .. } => {}
                _ => known = Known::Opaque(span, "is decided at deploy time".to_owned()),
            }
        }
        known
    }

    /// The settings for all methods of all resources of a REST API.
    fn methods_throttled(&self, properties: &Properties<'_>, api: ResourceId) -> Setting<bool> {
        if properties.presence(&["AllMethods"]).is_some() {
            return limits_both(properties, &["AllMethods"]);
        }
        let own = match properties.find(&["MethodSettings"]) {
            Found::Absent => Setting::platform_default(false, properties.span),
            Found::Opaque(span, reason) => opaque(span, reason),
            Found::At { place, key, .. } => match self.registry.value(place) {
                Value::NoValue => Setting::platform_default(false, properties.span),
                Value::Node(list) if self.registry.doc(list).entries(list.node).is_empty() => {
                    self.all_methods(self.registry.items(list).collect(), properties.span, Some(key))
                }
                _ => opaque(key, "is decided at deploy time".to_owned()),
            },
        };
        if own.one() != Some(&false) {
            return own;
        }
        // Terraform has them apart from the stage, and a stage by its name.
        let apart = self.registry.ids().filter(|&id| {
            self.registry.type_name(id) == "aws_api_gateway_method_settings"
                && self.registry.declaration(id).template == self.registry.declaration(self.id).template
        });
        let mut apart = apart.map(|id| {
            let settings = self.properties_of(id);
            let of = |path: &str, wanted: ResourceId| match settings.target(&[path]).value {
                Known::Is(Spanned { value: Target::Resource(id), .. }) => id == wanted,
                _ => true,
            };
            if !of("RestApiId", api) || !of("StageName", self.id) {
                return Setting::platform_default(false, properties.span);
            }
            self.all_methods(settings.start.into_iter().collect(), properties.span, None)
        });
        apart.find(|setting| setting.one() != Some(&false)).unwrap_or(own)
    }

    fn all_methods(&self, items: Vec<Place>, place: Span, key: Option<Span>) -> Setting<bool> {
        let mut found = Setting { key, ..Setting::platform_default(false, place) };
        for item in items {
            let settings = Properties::at(self.registry, Some(item), place);
            let word = |name: &str| settings.text(&[name], None);
            let (method, path, both) = (word("HttpMethod"), word("ResourcePath"), word("MethodPath"));
            let all = match (method.one(), path.one(), both.one()) {
                (Some(method), Some(path), _) => method == "*" && matches!(path.as_str(), "/*" | "*"),
                (_, _, Some(both)) => both == "*/*",
                // Who cannot tell which methods they are for does not know that they are for none.
                _ => {
                    found = opaque(place, "is for methods decided at deploy time".to_owned());
                    continue;
                }
            };
            if all {
                return limits_both(&settings, &[]);
            }
        }
        found
    }

    /// APIs that the events of a SAM function make, once for each template.
    fn implied_stages(&self, deploy: &mut Deploy) {
        let declaration = self.registry.declaration(self.id);
        let Found::At { place: events, .. } = self.properties.find(&["Events"]) else { return };
        let entries = self.registry.doc(events).entries(events.node);
        for entry in entries {
            let event = events.to(entry.value);
            let of = match self.registry.get(event, "Type").and_then(|kind| self.registry.plain(kind)) {
                Some("Api") => ("RestApiId", "Api", StageKind::Rest, "ServerlessRestApi"),
                Some("HttpApi") => ("ApiId", "HttpApi", StageKind::Http, "ServerlessHttpApi"),
                _ => continue,
            };
            let (reference, section, kind, name) = of;
            let body = self.registry.get(event, "Properties");
            let named = body.is_some_and(|body| self.registry.get(body, reference).is_some());
            let known =
                |stage: &Stage| stage.name == name && deploy.resource(stage.resource).stack == declaration.template;
            if named || deploy.stages.iter().any(known) {
                continue;
            }
            let mut properties = Properties::at(self.registry, None, entry.key_span);
            properties.globals = globals(self.registry, declaration, section);
            let template = self.registry.template(declaration.template);
            if template.dialect == super::CLOUDFORMATION && template.section("Transform").is_none() {
                continue;
            }
            let made = self.settings(&properties, kind, self.id, name.to_owned());
            self.add(deploy, made, &properties);
        }
    }

    fn traced(&self, deploy: &mut Deploy, kind: &'static str, properties: &Properties<'_>, path: &[&str]) {
        let on = properties.flag(path, Some(false));
        let name = self.label(deploy);
        deploy.traced.push(Traced { resource: self.id, span: self.span, kind, name, on });
    }

    fn machine_log(&self, deploy: &mut Deploy) {
        let mut properties = self.properties;
        let declaration = self.registry.declaration(self.id);
        let sam = self.registry.type_name(self.id) == "AWS::Serverless::StateMachine";
        if sam {
            properties.globals = globals(self.registry, declaration, "StateMachine");
        }
        let configuration = if sam { "Tracing" } else { "TracingConfiguration" };
        self.traced(deploy, "state machine", &properties, &[configuration, "Enabled"]);
        let log = if sam { "Logging" } else { "LoggingConfiguration" };
        let level = properties.text(&[log, "Level"], None);
        // Without a level nothing is logged; where a destination is given, a tool may supply one.
        let level = match level.value {
            Known::Absent if properties.presence(&[log, "Destinations"]).is_some() => {
                opaque(self.span, "is not written beside the destination".to_owned())
            }
            // Step Functions API reference, LoggingConfiguration: `level` defaults to OFF.
            _ => level.or_default("OFF".to_owned(), self.span),
        };
        let kind = ["StateMachineType", "Type"].iter().map(|key| properties.text(&[key], None));
        let kind = kind.into_iter().find(|setting| setting.value.span().is_some());
        let kind = kind.unwrap_or_else(|| Setting::platform_default("STANDARD".to_owned(), self.span));
        deploy.machine_logs.push(MachineLog { resource: self.id, span: self.span, kind, level });
    }

    /// An alarm on one metric, or on an expression of several.
    fn alarm(&self, deploy: &mut Deploy) {
        let dimensions = self.dimensions(&self.properties, &["Dimensions"]);
        let mut parts = vec![(self.properties.text(&["MetricName"], None), dimensions)];
        for query in self.list(&["Metrics"]) {
            let query = Properties::at(self.registry, Some(query), self.span);
            let metric = |name: &'static str| ["MetricStat", "Metric", name];
            let dimensions = self.dimensions(&query, &metric("Dimensions"));
            let name = query.text(&metric("MetricName"), None);
            match name.value {
                // An expression over others says nothing of its own, unless it searches.
                Known::Absent if query.text(&["Expression"], None).one().is_some_and(|text| !is_search(text)) => {}
                _ => parts.push((name, dimensions)),
            }
        }
        if parts.len() > 1 && matches!(parts[0].0.value, Known::Absent) {
            parts.remove(0);
        }
        let metrics = parts.iter().map(|(name, _)| name.one().cloned()).collect();
        let watches = parts.into_iter().map(|(_, dimensions)| dimensions).collect::<Option<Vec<_>>>();
        let watches = watches.map(|all| all.into_iter().flatten().collect());
        deploy.alarms.push(Alarm { span: self.span, metrics, watches });
    }

    /// What dimensions name; none for a metric without any, which is of everything, and for what nobody can tell.
    /// CloudFormation has a list of names and values, Terraform a mapping.
    fn dimensions(&self, metric: &Properties<'_>, path: &[&str]) -> Option<Vec<Target>> {
        let Found::At { place, .. } = metric.find(path) else { return None };
        let Value::Node(place) = self.registry.value(place) else { return None };
        let mut named: Vec<(String, Place)> = Vec::new();
        for entry in self.registry.doc(place).entries(place.node) {
            named.push((entry.key.clone(), place.to(entry.value)));
        }
        for item in self.registry.items(place) {
            let name = Properties::at(self.registry, Some(item), self.span).text(&["Name"], None);
            named.push((name.one()?.clone(), self.registry.get(item, "Value")?));
        }
        let said_in = Some(place.template);
        let mut found = Vec::new();
        for (name, value) in &named {
            let service = match name.as_str() {
                "FunctionName" => Some("lambda"),
                "QueueName" => Some("sqs"),
                // A version or alias of what another dimension names.
                "Resource" | "ExecutedVersion" => continue,
                _ => None,
            };
            let Value::Text { text, .. } = self.registry.value(*value) else { return None };
            found.push(self.registry.target(&text, said_in, service).ok()?);
        }
        (!found.is_empty()).then_some(found)
    }

    /// A permission, by the service it is for.
    fn invoker(&self, deploy: &mut Deploy) {
        let Some((Value::Text { text: Text::Literal(text) | Text::Template(text, _), span, .. }, _)) =
            self.properties.value(&["Principal"])
        else {
            return;
        };
        let Some(service) = service_of(&text) else { return };
        if let Some(function) = self.function(deploy, &self.properties, &["FunctionName"]) {
            deploy.invokers.push(Invoker { function, service: service.to_owned(), span });
        }
    }
}

/// `sns.amazonaws.com`, `pinpoint.us-east-1.amazonaws.com`: the service of a principal.
fn service_of(principal: &str) -> Option<&str> {
    let service = principal.split_once('.')?.0;
    let ends = [".amazonaws.com", ".amazonaws.com.cn"];
    (ends.iter().any(|end| principal.ends_with(end)) && !service.contains("${")).then_some(service)
}

/// Whether an expression finds metrics at run time.
fn is_search(expression: &str) -> bool {
    ["SEARCH", "SELECT"].iter().any(|word| expression.to_uppercase().contains(word))
}

fn opaque<T>(span: Span, reason: String) -> Setting<T> {
    Setting { value: Known::Opaque(span, reason), origin: Origin::Explicit, key: None }
}

/// Whether a rate and a burst are limited there; `-1` stands for no limit.
fn limits_both(properties: &Properties<'_>, path: &[&str]) -> Setting<bool> {
    let limit = |name: &str| {
        let path: Vec<&str> = path.iter().copied().chain([name]).collect();
        properties.text(&path, None)
    };
    let (rate, burst) = (limit("ThrottlingRateLimit"), limit("ThrottlingBurstLimit"));
    let mut all = Setting::platform_default(true, properties.span);
    for setting in [rate, burst] {
        match &setting.value {
            Known::Opaque(span, reason) => return opaque(*span, reason.clone()),
            Known::Absent => all = Setting::platform_default(false, properties.span),
            known if known.candidates().any(|limit| limit.value.starts_with('-')) => {
                let value = Known::Is(Spanned::new(false, known.span().unwrap_or(properties.span)));
                all = Setting { value, origin: setting.origin.clone(), key: setting.key };
            }
            _ => {}
        }
    }
    all
}
