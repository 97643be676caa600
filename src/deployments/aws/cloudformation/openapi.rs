//! APIs described by an OpenAPI document: routes are its operations with an `x-amazon-apigateway-integration`.

use super::eval::Value;
use super::resources::Reader;
use super::setting::{Found, Properties};
use crate::model::deployments::{Deploy, Details, FunctionId, ResourceId, Route, Target, Text, Trigger, TriggerKind};
use crate::model::{Known, Setting};
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
        // An event of the function for the same operation says the same.
        let known = deploy.triggers_of(function).any(|trigger| {
            trigger.route().is_some_and(|route| {
                route.path.one().is_some_and(|other| other == path) && route.method.one() == Some(&method)
            })
        });
        if known {
            return;
        }
        let limits = &self.limits.aws_lambda;
        let limit = if rest { limits.rest_integration_ms.default } else { limits.http_integration_ms.default };
        let known = |value: String| Known::Is(Spanned::new(value, span));
        let route = Route {
            api: Some(self.id),
            method: known(method),
            path: known(path.to_owned()),
            integration_timeout_ms: integration.int(&["timeoutInMillis"], Some(limit)),
            streaming: Known::Is(Spanned::new(false, span)),
            asynchronous: Known::Is(Spanned::new(false, span)),
            payload_version: if rest { Setting::absent() } else { integration.text(&["payloadFormatVersion"], None) },
        };
        let source = Known::Is(Spanned::new(Target::Resource(self.id), self.span));
        let mut trigger =
            Trigger { details: Details::Route(Box::new(route)), ..Trigger::new(function, kind, span, source) };
        let proxied = integration.text(&["type"], None);
        trigger.transformed = proxied.one().is_some_and(|kind| kind.eq_ignore_ascii_case("aws"));
        deploy.add_trigger(trigger);
    }
}
