//! APIs described by an OpenAPI document: routes are its operations with an `x-amazon-apigateway-integration`.

use super::eval::Value;
use super::resources::Reader;
use super::setting::{Found, Properties};
use crate::model::deployments::{Deploy, Details, FunctionId, ResourceId, Route, Target, Text, Trigger, TriggerKind};
use crate::model::{Known, Setting, Verdict};
use crate::text::{Span, Spanned};

/// Methods an OpenAPI path item may have; `x-amazon-apigateway-any-method` stands for all.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl Reader<'_> {
    /// Adds the routes of an inline document.
    pub(crate) fn open_api(&self, deploy: &mut Deploy) {
        let (key, rest) = match self.registry.type_name(self.id) {
            "AWS::ApiGateway::RestApi" => ("Body", true),
            "AWS::ApiGatewayV2::Api" => ("Body", false),
            "AWS::Serverless::Api" => ("DefinitionBody", true),
            "AWS::Serverless::HttpApi" => ("DefinitionBody", false),
            _ => return,
        };
        let Found::At { place, .. } = self.properties.find(&[key, "paths"]) else { return };
        let Value::Node(paths) = self.registry.value(place) else { return };
        let doc = self.registry.doc(paths);
        for path in doc.entries(paths.node) {
            for operation in doc.entries(path.value) {
                let any = operation.key == "x-amazon-apigateway-any-method";
                if !any && !METHODS.contains(&operation.key.to_lowercase().as_str()) {
                    continue;
                }
                let body = doc.get(operation.value, "x-amazon-apigateway-integration");
                let Some(body) = body else { continue };
                let integration = Properties::at(self.registry, Some(paths.to(body)), operation.key_span);
                let Some(function) = self.function_in(deploy, &integration) else { continue };
                let method = if any { "ANY".to_owned() } else { operation.key.to_uppercase() };
                self.operation(deploy, function, rest, (&path.key, method), &integration, operation.key_span);
            }
        }
    }

    fn function_in(&self, deploy: &Deploy, integration: &Properties<'_>) -> Option<FunctionId> {
        let ids: Vec<ResourceId> = match integration.value(&["uri"])?.0 {
            Value::Text { text: Text::Attribute(id, _), .. } => vec![id],
            Value::Text { text: Text::Template(_, ids), .. } => ids,
            _ => return None,
        };
        ids.into_iter().find_map(|id| self.function_behind(deploy, id))
    }

    fn operation(
        &self,
        deploy: &mut Deploy,
        function: FunctionId,
        rest: bool,
        (path, method): (&str, String),
        integration: &Properties<'_>,
        span: Span,
    ) {
        let kind = if rest { TriggerKind::HttpRest } else { TriggerKind::HttpV2 };
        let limits = &self.limits.aws_lambda;
        let limit = if rest { limits.rest_integration_ms.default } else { limits.http_integration_ms.default };
        let known = |value: String| Known::Is(Spanned::new(value, span));
        let route = Route {
            api: Some(self.id),
            method: known(method),
            path: known(path.to_owned()),
            integration_timeout_ms: integration.int(&["timeoutInMillis"], Some(limit)),
            streaming: streams(integration),
            asynchronous: is_event(integration),
            payload_version: if rest { Setting::absent() } else { integration.text(&["payloadFormatVersion"], None) },
            binary: Verdict::Unknown,
        };
        // An event of the function for the same operation is the same route; the document says how it is integrated.
        let same = |other: &Route| other.path.one() == route.path.one() && other.method.one() == route.method.one();
        let mut own = deploy.triggers.iter_mut().filter(|trigger| trigger.function == function);
        if let Some(trigger) = own.find(|trigger| trigger.route().is_some_and(same)) {
            if let Details::Route(event) = &mut trigger.details {
                event.integration_timeout_ms = route.integration_timeout_ms;
                event.streaming = route.streaming;
                event.asynchronous = route.asynchronous;
            }
            return;
        }
        let source = Known::Is(Spanned::new(Target::Resource(self.id), self.span));
        let mut trigger =
            Trigger { details: Details::Route(Box::new(route)), ..Trigger::new(function, kind, span, source) };
        let proxied = integration.text(&["type"], None);
        trigger.transformed = proxied.one().is_some_and(|kind| kind.eq_ignore_ascii_case("aws"));
        deploy.add_trigger(trigger);
    }
}

/// Whether an integration streams the response: it says so, or calls the streaming path of the function.
fn streams(integration: &Properties<'_>) -> Known<bool> {
    let uri = match integration.value(&["uri"]) {
        Some((Value::Text { text: Text::Literal(text) | Text::Template(text, _), .. }, _)) => text,
        _ => String::new(),
    };
    if uri.ends_with("/response-streaming-invocations") {
        return Known::Is(Spanned::new(true, integration.span));
    }
    let mode = integration.text(&["responseTransferMode"], Some("BUFFERED"));
    mode.value.and_then(|mode| Ok(mode.eq_ignore_ascii_case("STREAM")))
}

/// Whether a header of the integration makes the invocation asynchronous.
fn is_event(integration: &Properties<'_>) -> Known<bool> {
    let header = "integration.request.header.X-Amz-Invocation-Type";
    let mode = integration.text(&["requestParameters", header], Some("'RequestResponse'"));
    mode.value.and_then(|mode| Ok(mode.trim_matches('\'') == "Event"))
}
