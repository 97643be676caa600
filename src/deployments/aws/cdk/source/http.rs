//! APIs: resources and methods of REST APIs, routes of HTTP and WebSocket APIs.

use super::deliveries::first;
use super::machine::Machine;
use super::value::{Args, ConstructId, Kind, Map, Text, Value};
use crate::text::Span;
use std::rc::Rc;

/// Segments of one path that are followed.
const MAX_SEGMENTS: usize = 32;

impl Machine<'_, '_> {
    pub(crate) fn rest_api(&mut self, id: ConstructId, props: &Value, lambda: bool) {
        let span = self.construct(id).span;
        let root = self.add("apigateway.Root", Some(id), Some("Root"), span, Value::null(span));
        self.construct_mut(root).parts.insert("api", id);
        self.construct_mut(id).parts.insert("root", root);
        let default = match props.property("defaultIntegration") {
            None if lambda => props.property("handler").map(|handler| {
                let args = Args { items: vec![handler], ..Args::default() };
                let made = super::value::Made { path: "apigateway.LambdaIntegration".into(), args };
                Value::new(Kind::Made(Rc::new(made)), span)
            }),
            given => given,
        };
        if let Some(default) = default {
            self.construct_mut(id).metadata.set_path("integration", span, default);
        }
        // The deployment and its stage, unless the program makes its own.
        if props.property("deploy").is_none_or(|deploy| deploy.truthy() != Some(false)) {
            let options = props.property("deployOptions").unwrap_or_else(|| Value::map(Map::default(), span));
            let api = Value::new(Kind::Construct(id), span);
            let properties = self.written("apigateway.Stage", &options, span).with("RestApiId", span, api);
            let stage = self.below(id, "DeploymentStage", "AWS::ApiGateway::Stage", properties, span);
            self.construct_mut(id).parts.insert("deploymentStage", stage);
            self.construct_mut(stage).parts.insert("api", id);
        }
        if lambda && props.property("proxy").is_none_or(|proxy| proxy.truthy() != Some(false)) {
            self.proxy(root, true, span);
        }
    }

    /// `{proxy+}` below a resource; at the root, the root as well.
    fn proxy(&mut self, parent: ConstructId, any: bool, span: Span) -> ConstructId {
        let made = self.rest_resource(parent, Value::text("{proxy+}", span), span);
        if any {
            self.rest_method(made, Value::text("ANY", span), None, span);
            if &*self.construct(parent).class == "apigateway.Root" {
                self.rest_method(parent, Value::text("ANY", span), None, span);
            }
        }
        made
    }

    fn api_of(&self, id: ConstructId) -> ConstructId {
        self.construct(id).parts.get("api").copied().unwrap_or(id)
    }

    fn place_of(&self, id: ConstructId, span: Span) -> Value {
        match &*self.construct(id).class {
            "apigateway.Root" => Value::new(Kind::Attribute(self.api_of(id), "RootResourceId".into()), span),
            _ => Value::new(Kind::Attribute(id, "Ref".into()), span),
        }
    }

    fn rest_resource(&mut self, parent: ConstructId, part: Value, span: Span) -> ConstructId {
        let api = self.api_of(parent);
        let name = part.as_text().unwrap_or_else(|| "resource".into());
        let known = format!("{}/{name}", self.construct(parent).path);
        let existing = self.constructs.iter().position(|other| {
            other.scope == Some(parent) && *other.path == *known && &*other.class == "generated.resource"
        });
        if let Some(at) = existing {
            return ConstructId(at);
        }
        let properties = Map::default()
            .with("RestApiId", span, Value::new(Kind::Construct(api), span))
            .with("ParentId", span, self.place_of(parent, span))
            .with("PathPart", span, self.plain(&part, 0));
        let id = self.add("generated.resource", Some(parent), Some(&name), span, Value::null(span));
        let construct = self.construct_mut(id);
        construct.type_name = Some("AWS::ApiGateway::Resource".into());
        construct.properties = properties;
        construct.parts.insert("api", api);
        id
    }

    /// The integration a method without one of its own has: the nearest default above.
    fn default_integration(&self, id: ConstructId) -> Option<Value> {
        let with = self.around(id, |construct| construct.metadata.get("integration").is_some())?;
        self.construct(with).metadata.at("integration")
    }

    fn rest_method(&mut self, at: ConstructId, method: Value, integration: Option<Value>, span: Span) {
        let api = self.api_of(at);
        let mut properties = Map::default()
            .with("RestApiId", span, Value::new(Kind::Construct(api), span))
            .with("ResourceId", span, self.place_of(at, span))
            .with("HttpMethod", span, self.plain(&method, 0));
        let integration = integration.or_else(|| self.default_integration(at));
        if let Some(Value { kind: Kind::Made(made), span: written }) = integration
            && made.path.ends_with(".LambdaIntegration")
            && let Some(function) = first(&made)
        {
            let options = made.args.props(1, span);
            let proxied = options.property("proxy").is_none_or(|proxy| proxy.truthy() != Some(false));
            let kind = if proxied { "AWS_PROXY" } else { "AWS" };
            properties.set_path("Integration.Type", written, Value::text(kind, written));
            properties.set_path("Integration.Uri", written, self.invocation(&function, written));
            if let Some(timeout) = options.property("timeout") {
                let timeout = self.plain(&timeout, 0);
                let timeout = timeout.as_number().map_or(timeout, |seconds| Value::number(seconds * 1000.0, written));
                properties.set_path("Integration.TimeoutInMillis", written, timeout);
            }
            if let Some(mode) = options.property("responseTransferMode") {
                let mode = self.plain(&mode, 0);
                properties.set_path("Integration.ResponseTransferMode", written, mode);
            }
            if let Some(Value { kind: Kind::Map(map), .. }) = options.property("requestParameters") {
                let parameters = Value::new(Kind::Map(map), written);
                properties.set_path("Integration.RequestParameters", written, parameters);
            }
        }
        let name = method.as_text().unwrap_or_else(|| "method".into());
        self.below(at, &name, "AWS::ApiGateway::Method", properties, span);
    }

    /// The URI under which an API invokes a function.
    fn invocation(&mut self, function: &Value, span: Span) -> Value {
        let function = self.plain(function, 0);
        let before = Value::text("arn:aws:apigateway:region:lambda:path/2015-03-31/functions/", span);
        Value::joined(vec![before, function, Value::text("/invocations", span)], span)
    }

    /// Methods of a REST API and of its resources.
    pub(crate) fn rest_call(&mut self, id: ConstructId, name: &str, args: &Args, span: Span) -> Option<Value> {
        let here = |id: ConstructId| Value::new(Kind::Construct(id), span);
        match name {
            "addResource" => {
                let part = args.at(0, "pathPart")?;
                let place = part.span;
                let made = self.rest_resource(id, part, place);
                if let Some(default) = args.props(1, span).property("defaultIntegration") {
                    self.construct_mut(made).metadata.set_path("integration", span, default);
                }
                Some(here(made))
            }
            "resourceForPath" => {
                let path = args.at(0, "path")?.as_text()?;
                let mut at = id;
                for part in path.split('/').filter(|part| !part.is_empty()).take(MAX_SEGMENTS) {
                    at = self.rest_resource(at, Value::text(part, span), span);
                }
                Some(here(at))
            }
            "getResource" => {
                let part = args.at(0, "pathPart")?;
                Some(here(self.rest_resource(id, part, span)))
            }
            "addMethod" => {
                let method = args.at(0, "httpMethod")?;
                let place = method.span;
                let integration = args.at(1, "target").or_else(|| args.at(1, "integration"));
                self.rest_method(id, method, integration, place);
                Some(Value::opaque("is a method", span))
            }
            "addProxy" => {
                let options = args.props(0, span);
                if let Some(default) = options.property("defaultIntegration") {
                    self.construct_mut(id).metadata.set_path("integration", span, default);
                }
                let any = options.property("anyMethod").is_none_or(|any| any.truthy() != Some(false));
                Some(here(self.proxy(id, any, span)))
            }
            _ => None,
        }
    }

    pub(crate) fn http_api(&mut self, id: ConstructId, props: &Value) {
        let span = self.construct(id).span;
        if let Some(integration) = props.property("defaultIntegration") {
            self.http_route(id, &[Value::text("$default", span)], &integration, span);
        }
        self.http_authorizer(id, props.property("defaultAuthorizer"));
        if props.property("createDefaultStage").is_none_or(|make| make.truthy() != Some(false)) {
            let api = Value::new(Kind::Construct(id), span);
            let properties = Map::default().with("ApiId", span, api);
            let stage = self.below(id, "DefaultStage", "AWS::ApiGatewayV2::Stage", properties, span);
            self.construct_mut(id).parts.insert("defaultStage", stage);
            self.construct_mut(stage).parts.insert("api", id);
        }
    }

    /// `new TokenAuthorizer(scope, id, { handler })`.
    pub(crate) fn rest_authorizer(&mut self, id: ConstructId, props: &Value) {
        let span = self.construct(id).span;
        let Some(function) = props.property("handler") else { return };
        let uri = self.invocation(&function, span);
        self.construct_mut(id).properties.set_path("AuthorizerUri", span, uri);
    }

    /// The function that authorizes a route; one authorizer serves many.
    fn http_authorizer(&mut self, api: ConstructId, given: Option<Value>) {
        let Some(Value { kind: Kind::Made(made), span }) = given else { return };
        if !made.path.ends_with("LambdaAuthorizer") {
            return;
        }
        let (Some(name), Some(function)) = (made.args.at(0, "id"), made.args.at(1, "handler")) else { return };
        let name = name.as_text().unwrap_or_else(|| "Authorizer".into());
        let path = format!("{}/{name}", self.construct(api).path);
        if self.constructs.iter().any(|other| other.scope == Some(api) && *other.path == *path) {
            return;
        }
        let properties = Map::default()
            .with("ApiId", span, Value::new(Kind::Attribute(api, "Ref".into()), span))
            .with("AuthorizerType", span, Value::text("REQUEST", span))
            .with("AuthorizerUri", span, self.invocation(&function, span));
        self.below(api, &name, "AWS::ApiGatewayV2::Authorizer", properties, span);
    }

    pub(crate) fn websocket_api(&mut self, id: ConstructId, props: &Value) {
        let routes = [
            ("connectRouteOptions", "$connect"),
            ("disconnectRouteOptions", "$disconnect"),
            ("defaultRouteOptions", "$default"),
        ];
        for (option, key) in routes {
            let Some(options) = props.property(option) else { continue };
            self.http_authorizer(id, options.property("authorizer"));
            if let Some(integration) = options.property("integration") {
                let span = options.span;
                self.http_route(id, &[Value::text(key, span)], &integration, span);
            }
        }
    }

    /// Routes of an HTTP or WebSocket API that lead to one integration.
    fn http_route(&mut self, api: ConstructId, keys: &[Value], integration: &Value, span: Span) {
        let Kind::Made(made) = &integration.kind else { return };
        let (function, options) = match made.path.rsplit('.').next() {
            Some("HttpLambdaIntegration" | "WebSocketLambdaIntegration") => {
                (made.args.at(1, "handler"), made.args.props(2, span))
            }
            // Before 2.8 the function was among the options.
            Some("LambdaProxyIntegration" | "LambdaWebSocketIntegration") => {
                let options = made.args.props(0, span);
                (options.property("handler"), options)
            }
            _ => return,
        };
        let Some(function) = function else { return };
        let websocket = self.construct(api).class.ends_with(".WebSocketApi");
        let mut properties = Map::default()
            .with("ApiId", span, Value::new(Kind::Attribute(api, "Ref".into()), span))
            .with("IntegrationType", span, Value::text("AWS_PROXY", span))
            .with("IntegrationUri", span, self.plain(&function, 0));
        if !websocket {
            let version = match options.property("payloadFormatVersion") {
                None => Value::text("2.0", span),
                Some(Value { kind: Kind::Library(path), .. }) if path.ends_with("VERSION_1_0") => {
                    Value::text("1.0", span)
                }
                Some(Value { kind: Kind::Library(path), .. }) if path.ends_with("VERSION_2_0") => {
                    Value::text("2.0", span)
                }
                Some(other) => Value::opaque(other.reason(), span),
            };
            properties.set_path("PayloadFormatVersion", span, version);
        }
        if let Some(timeout) = options.property("timeout") {
            let timeout = self.plain(&timeout, 0);
            let timeout = timeout.as_number().map_or(timeout, |seconds| Value::number(seconds * 1000.0, span));
            properties.set_path("TimeoutInMillis", span, timeout);
        }
        let integration = self.below(api, "Integration", "AWS::ApiGatewayV2::Integration", properties, span);
        for key in keys {
            let target = Value::joined(
                vec![Value::text("integrations/", span), Value::new(Kind::Attribute(integration, "Ref".into()), span)],
                span,
            );
            let properties = Map::default()
                .with("ApiId", span, Value::new(Kind::Attribute(api, "Ref".into()), span))
                .with("RouteKey", span, self.plain(key, 0))
                .with("Target", span, target);
            self.below(api, "Route", "AWS::ApiGatewayV2::Route", properties, span);
        }
    }

    /// Methods of HTTP and WebSocket APIs.
    pub(crate) fn http_call(&mut self, id: ConstructId, name: &str, args: &Args, span: Span) -> Option<Value> {
        match name {
            "addRoutes" => {
                let props = args.props(0, span);
                self.http_authorizer(id, props.property("authorizer"));
                let integration = props.property("integration")?;
                let path = self.plain(&props.property("path")?, 0);
                let methods: Vec<Text> = match props.property("methods") {
                    None => vec!["ANY".into()],
                    Some(list) => {
                        let items = list.items()?;
                        let texts = items.iter().map(|item| self.plain(item, 0).as_text());
                        texts.collect::<Option<Vec<Text>>>()?
                    }
                };
                let place = path.span;
                let keys: Vec<Value> = methods
                    .into_iter()
                    .map(|method| {
                        let method = Value::text(format!("{method} "), place);
                        Value::joined(vec![method, path.clone()], place)
                    })
                    .collect();
                self.http_route(id, &keys, &integration, place);
                Some(Value::list(Vec::new(), span))
            }
            "addRoute" => {
                let key = args.at(0, "routeKey")?;
                let integration = args.props(1, span).property("integration")?;
                let place = key.span;
                self.http_route(id, &[key], &integration, place);
                Some(Value::null(span))
            }
            _ => None,
        }
    }

    /// `new HttpRoute(scope, id, { httpApi, routeKey, integration })`.
    pub(crate) fn http_route_construct(&mut self, props: &Value, span: Span) {
        let (Some(api), Some(integration)) = (props.property("httpApi"), props.property("integration")) else { return };
        let Some(api) = api.construct() else { return };
        self.http_authorizer(api, props.property("authorizer"));
        let key = match props.property("routeKey").map(|key| key.kind) {
            Some(Kind::Made(made)) => {
                let path = made.args.at(0, "path").map(|path| self.plain(&path, 0));
                let method = made.args.at(1, "method").map(|method| self.plain(&method, 0));
                let method = method.unwrap_or_else(|| Value::text("ANY", span));
                let path = path.unwrap_or_else(|| Value::opaque("is not known", span));
                Value::joined(vec![method, Value::text(" ", span), path], span)
            }
            Some(Kind::Library(_)) => Value::text("$default", span),
            _ => Value::opaque("is decided when the program runs", span),
        };
        self.http_route(api, &[key], &integration, span);
    }
}
