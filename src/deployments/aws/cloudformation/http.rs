//! Raw CloudFormation HTTP entry points: REST methods, HTTP and WebSocket APIs, load balancers.

use super::eval::Value;
use super::resources::Reader;
use super::setting::{Found, Properties};
use super::template::Registry;
use crate::model::deployments::{
    Deploy, Details, FunctionId, Qualifier, ResourceId, Route, Target, Text, Trigger, TriggerKind,
};
use crate::model::{Known, Verdict};
use crate::text::Spanned;
use std::collections::HashMap;

impl Registry {
    /// The routes that lead to each integration.
    fn routes_of(&self) -> &HashMap<ResourceId, Vec<ResourceId>> {
        self.routes_of.get_or_init(|| {
            let mut routes: HashMap<ResourceId, Vec<ResourceId>> = HashMap::new();
            for id in self.ids() {
                if self.type_name(id) != "AWS::ApiGatewayV2::Route" {
                    continue;
                }
                let declaration = self.declaration(id);
                let route = Properties::of(self, declaration, self.resource(id).span);
                if let Some(Target::Resource(integration)) = route.target(&["Target"]).value.one() {
                    routes.entry(*integration).or_default().push(id);
                }
            }
            routes
        })
    }
}

impl Reader<'_> {
    /// Adds the routes a resource makes.
    pub(crate) fn http(&self, deploy: &mut Deploy) {
        match self.registry.type_name(self.id) {
            "AWS::ApiGateway::Method" => self.rest_method(deploy),
            "AWS::ApiGatewayV2::Integration" => self.http_integration(deploy),
            "AWS::ApiGatewayV2::Api" => self.quick_create(deploy),
            "AWS::ElasticLoadBalancingV2::TargetGroup" => self.target_group(deploy),
            "AWS::ApiGateway::Authorizer" | "AWS::ApiGatewayV2::Authorizer" => self.authorizer(deploy),
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => self.sam_authorizers(deploy),
            _ => {}
        }
    }

    /// The function named anywhere in an integration URI, and what of it.
    fn integrated(&self, deploy: &Deploy, path: &[&str]) -> Option<(FunctionId, Qualifier)> {
        let (value, _) = self.properties.value(path)?;
        match value {
            Value::Text { text: Text::Attribute(id, attribute), .. } => {
                self.qualified(deploy, id, attribute.as_deref())
            }
            Value::Text { text: Text::Template(text, ids), .. } => {
                let (function, qualifier) = ids.into_iter().find_map(|id| self.qualified(deploy, id, None))?;
                // `…/functions/${Function.Arn}/invocations`; anything between the two is a qualifier.
                let named = text.split("functions/").nth(1).and_then(|rest| rest.split_once('}'));
                let whole = named.is_some_and(|(name, rest)| name.starts_with("${") && rest == "/invocations");
                Some((function, if whole { qualifier } else { Qualifier::Unknown }))
            }
            _ => None,
        }
    }

    fn add_route(&self, deploy: &mut Deploy, named: (FunctionId, Qualifier), kind: TriggerKind, route: Route) {
        let (function, qualifier) = named;
        let source = match route.api {
            Some(id) => Known::Is(Spanned::new(Target::Resource(id), self.span)),
            None => Known::Absent,
        };
        deploy.add_trigger(Trigger {
            details: Details::Route(Box::new(route)),
            qualifier,
            ..Trigger::new(function, kind, self.span, source)
        });
    }

    fn known<T>(&self, value: T) -> Known<T> {
        Known::Is(Spanned::new(value, self.span))
    }

    fn api(&self, path: &[&str]) -> Option<ResourceId> {
        match self.properties.target(path).value.one()? {
            Target::Resource(id) => Some(*id),
            Target::External(_) => None,
        }
    }

    fn rest_method(&self, deploy: &mut Deploy) {
        let Some(function) = self.integrated(deploy, &["Integration", "Uri"]) else {
            return;
        };
        let limits = &self.limits.aws_lambda;
        let method = self.properties.text(&["HttpMethod"], None).value;
        let streaming = self.properties.text(&["Integration", "ResponseTransferMode"], Some("BUFFERED"));
        let route = Route {
            api: self.api(&["RestApiId"]),
            method,
            path: self.rest_path(),
            integration_timeout_ms: self
                .properties
                .int(&["Integration", "TimeoutInMillis"], Some(limits.rest_integration_ms.default)),
            streaming: streaming.value.and_then(|mode| Ok(mode == "STREAM")),
            asynchronous: self.asynchronous(),
            payload_version: self.properties.text(&["PayloadFormatVersion"], None),
            binary: Verdict::Unknown,
        };
        self.add_route(deploy, function, TriggerKind::HttpRest, route);
        // Without the proxy, a mapping template makes the payload.
        let proxied = self.properties.text(&["Integration", "Type"], None);
        if let (Some(trigger), Some("AWS")) = (deploy.triggers.last_mut(), proxied.one().map(String::as_str)) {
            trigger.transformed = true;
        }
        if self.properties.presence(&["Integration", "Credentials"]).is_none() {
            self.permit(deploy, "apigateway");
        }
    }

    /// `X-Amz-Invocation-Type: 'Event'` makes a REST integration asynchronous.
    fn asynchronous(&self) -> Known<bool> {
        let header = "integration.request.header.X-Amz-Invocation-Type";
        let mode = self.properties.text(&["Integration", "RequestParameters", header], Some("'RequestResponse'"));
        mode.value.and_then(|mode| Ok(mode.trim_matches('\'') == "Event"))
    }

    /// The path of a method, from its chain of `AWS::ApiGateway::Resource`s.
    fn rest_path(&self) -> Known<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut next = self.properties.target(&["ResourceId"]).value;
        for _ in 0..32 {
            let id = match next.one() {
                Some(Target::Resource(id)) => *id,
                _ => return Known::Opaque(self.span, "is decided at deploy time".to_owned()),
            };
            if self.registry.type_name(id) != "AWS::ApiGateway::Resource" {
                break;
            }
            let declaration = self.registry.declaration(id);
            let resource = Properties::of(self.registry, declaration, self.span);
            match resource.text(&["PathPart"], None).one() {
                Some(part) => parts.push(part.clone()),
                None => return Known::Opaque(self.span, "is decided at deploy time".to_owned()),
            }
            next = resource.target(&["ParentId"]).value;
        }
        parts.reverse();
        self.known(format!("/{}", parts.join("/")))
    }

    fn http_integration(&self, deploy: &mut Deploy) {
        let Some(function) = self.integrated(deploy, &["IntegrationUri"]) else {
            return;
        };
        let limits = &self.limits.aws_lambda;
        let api = self.api(&["ApiId"]);
        let protocol = api.and_then(|id| self.protocol(id));
        let websocket = protocol.as_deref() == Some("WEBSOCKET");
        let (kind, limit) = if websocket {
            (TriggerKind::WebSocket, limits.websocket_integration_ms.default)
        } else {
            (TriggerKind::HttpV2, limits.http_integration_ms.default)
        };
        let mut keys = self.routes_to();
        if keys.is_empty() {
            keys.push(Known::Opaque(self.span, "no route in the template names the integration".to_owned()));
        }
        for key in keys {
            let split = |index: usize| {
                key.clone().and_then(|key: String| {
                    let mut words = key.split(' ');
                    let first = words.next().unwrap_or("").to_owned();
                    Ok(match (index, words.next()) {
                        (0, Some(_)) => first,
                        (0, None) => "ANY".to_owned(),
                        (_, Some(path)) => path.to_owned(),
                        (_, None) => first,
                    })
                })
            };
            let route = Route {
                api,
                method: split(0),
                path: split(1),
                integration_timeout_ms: self.properties.int(&["TimeoutInMillis"], Some(limit)),
                streaming: self.known(false),
                asynchronous: self.known(false),
                payload_version: self.properties.text(&["PayloadFormatVersion"], None),
                binary: Verdict::Unknown,
            };
            self.add_route(deploy, function, kind, route);
            if self.properties.presence(&["CredentialsArn"]).is_none() {
                self.permit(deploy, "apigateway");
            }
        }
    }

    /// Route keys that lead to this integration.
    fn routes_to(&self) -> Vec<Known<String>> {
        let routes = self.registry.routes_of();
        let own = routes.get(&self.id).map_or(&[][..], Vec::as_slice).iter();
        own.map(|&id| {
            let declaration = self.registry.declaration(id);
            Properties::of(self.registry, declaration, self.span).text(&["RouteKey"], None).value
        })
        .collect()
    }

    fn protocol(&self, api: ResourceId) -> Option<String> {
        let declaration = self.registry.declaration(api);
        let properties = Properties::of(self.registry, declaration, self.span);
        properties.text(&["ProtocolType"], None).one().cloned()
    }

    /// `Target` of an HTTP API makes a `$default` route (quick create).
    fn quick_create(&self, deploy: &mut Deploy) {
        let Some(function) = self.integrated(deploy, &["Target"]) else {
            return;
        };
        let limit = self.limits.aws_lambda.http_integration_ms.default;
        let version = self.limits.aws_lambda.http_payload_version.value.clone();
        let route = Route {
            api: Some(self.id),
            method: self.known("ANY".to_owned()),
            path: self.known("$default".to_owned()),
            integration_timeout_ms: crate::model::Setting::platform_default(limit, self.span),
            streaming: self.known(false),
            asynchronous: self.known(false),
            payload_version: crate::model::Setting::platform_default(version, self.span),
            binary: Verdict::Unknown,
        };
        self.add_route(deploy, function, TriggerKind::HttpV2, route);
        if self.properties.presence(&["CredentialsArn"]).is_none() {
            self.permit(deploy, "apigateway");
        }
    }

    fn authorizer(&self, deploy: &mut Deploy) {
        if let Some((function, qualifier)) = self.integrated(deploy, &["AuthorizerUri"]) {
            let trigger = Trigger::new(function, TriggerKind::Authorizer, self.span, Known::Absent);
            deploy.add_trigger(Trigger { qualifier, ..trigger });
        }
    }

    /// `Auth.Authorizers` of SAM's APIs.
    fn sam_authorizers(&self, deploy: &mut Deploy) {
        let Found::At { place, .. } = self.properties.find(&["Auth", "Authorizers"]) else { return };
        let Value::Node(place) = self.registry.value(place) else { return };
        for entry in self.registry.doc(place).entries(place.node) {
            let authorizer = Properties::at(self.registry, Some(place.to(entry.value)), entry.key_span);
            let function = match authorizer.target(&["FunctionArn"]).value.one() {
                Some(Target::Resource(id)) => self.function_behind(deploy, *id),
                _ => None,
            };
            if let Some(function) = function {
                let trigger = Trigger::new(function, TriggerKind::Authorizer, entry.key_span, Known::Absent);
                deploy.add_trigger(trigger);
            }
        }
    }

    fn target_group(&self, deploy: &mut Deploy) {
        for item in self.list(&["Targets"]) {
            let target = Properties::at(self.registry, Some(item), self.span);
            if let Some((function, qualifier)) = self.invoked(deploy, &target, &["Id"]) {
                let trigger = Trigger::new(function, TriggerKind::Alb, self.place(item), Known::Absent);
                deploy.add_trigger(Trigger { qualifier, ..trigger });
                self.permit(deploy, "elasticloadbalancing");
            }
        }
    }
}
