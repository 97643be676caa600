//! What is declared about functions and APIs apart from them: permissions, edge associations, stages, deliveries to
//! what is no function.

use super::eval::Value;
use super::resources::Reader;
use super::setting::{Found, Properties};
use super::template::Place;
use crate::model::deployments::{
    Delivery, Deploy, EdgeAssociation, Exclusive, Permission, Qualifier, Stage, Target, Text,
};
use crate::model::{Known, Origin, Setting, Verdict};
use crate::text::Spanned;

impl Reader<'_> {
    /// Adds what the resource says about others.
    pub(crate) fn access(&self, deploy: &mut Deploy) {
        match self.registry.type_name(self.id) {
            "AWS::Lambda::Permission" => self.permitted(deploy),
            "AWS::CloudFront::Distribution" => self.distribution(deploy),
            "AWS::ApiGateway::Stage" | "AWS::ApiGateway::Deployment" => self.stage(deploy, "RestApiId"),
            "AWS::ApiGatewayV2::Stage" => self.stage(deploy, "ApiId"),
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => self.sam_api(deploy),
            "AWS::ApiGateway::BasePathMapping" => self.domain(deploy, "RestApiId"),
            "AWS::ApiGatewayV2::ApiMapping" => self.domain(deploy, "ApiId"),
            "AWS::Events::Rule" => {
                let enabled = self.enabled();
                for item in self.list(&["Targets"]) {
                    let target = Properties::at(self.registry, Some(item), self.span);
                    let dead_letter = target.target(&["DeadLetterConfig", "Arn"]);
                    let made = Properties { span: self.place(item), ..target };
                    self.deliver(deploy, "rule", &made, &["Arn"], Known::Absent, dead_letter, enabled);
                }
            }
            "AWS::SNS::Subscription" => {
                let protocol = self.properties.text(&["Protocol"], None).value;
                let redrive = self.redrive();
                self.deliver(deploy, "topic", &self.properties, &["Endpoint"], protocol, redrive, Verdict::Yes);
            }
            "AWS::SNS::Topic" => {
                for item in self.list(&["Subscription"]) {
                    let subscription = Properties::at(self.registry, Some(item), self.span);
                    let protocol = subscription.text(&["Protocol"], None).value;
                    let none = Setting::absent();
                    self.deliver(deploy, "topic", &subscription, &["Endpoint"], protocol, none, Verdict::Yes);
                }
            }
            _ => {
                if self.properties.presence(&["Owner"]).is_some()
                    && crate::knowledge::terraform().resources.contains_key(self.registry.type_name(self.id))
                {
                    let owner = self.properties.target(&["Owner"]).value;
                    let certain = self.properties.presence(&["Conditional"]).is_none();
                    deploy.exclusives.push(Exclusive { resource: self.id, owner, certain });
                }
            }
        }
    }

    /// The dead-letter queue of a subscription; its policy is JSON, a mapping or a text.
    pub(crate) fn redrive(&self) -> Setting<Target> {
        match self.properties.value(&["RedrivePolicy"]) {
            Some((Value::Text { span, .. } | Value::Opaque { span, .. } | Value::External { span, .. }, key)) => {
                let reason = "is in a text that is not followed".to_owned();
                Setting { value: Known::Opaque(span, reason), origin: Origin::Explicit, key: Some(key) }
            }
            _ => self.properties.target(&["RedrivePolicy", "deadLetterTargetArn"]),
        }
    }

    fn enabled(&self) -> Verdict {
        let state = self.properties.text(&["State"], Some("ENABLED")).value;
        let on = state.holds(|word| !word.eq_ignore_ascii_case("DISABLED"));
        Verdict::all([on, self.properties.flag(&["Enabled"], Some(true)).value.holds(|on| *on)])
    }

    #[allow(clippy::too_many_arguments)] // what a delivery is made of
    fn deliver(
        &self,
        deploy: &mut Deploy,
        by: &'static str,
        properties: &Properties<'_>,
        path: &[&str],
        protocol: Known<String>,
        dead_letter: Setting<Target>,
        enabled: Verdict,
    ) {
        let to = properties.target(path).value;
        let function = match to.one() {
            Some(&Target::Resource(id)) => self.function_behind(deploy, id),
            _ => None,
        };
        if function.is_none() && !matches!(to, Known::Absent) {
            deploy.deliveries.push(Delivery { span: properties.span, by, to, protocol, dead_letter, enabled });
        }
    }

    fn permitted(&self, deploy: &mut Deploy) {
        let invoked = self.invoked(deploy, &self.properties, &["FunctionName"]);
        let qualifier = match (self.properties.value(&["Qualifier"]), &invoked) {
            (None, Some((_, qualifier))) => *qualifier,
            // The name of an alias, by reference to it.
            (Some((Value::Text { text: Text::Attribute(id, _), .. }, _)), _) => Qualifier::Of(id),
            (Some((Value::Text { text: Text::Literal(name), .. }, _)), Some((function, _))) => deploy
                .aliases
                .iter()
                .filter(|alias| alias.function == *function)
                .find(|alias| self.alias_name(alias.resource).as_deref() == Some(name.as_str()))
                .map_or(Qualifier::Unknown, |alias| Qualifier::Of(alias.resource)),
            _ => Qualifier::Unknown,
        };
        let text = |key: &str| match self.properties.value(&[key]) {
            // `logs.${AWS::Region}.amazonaws.com`
            Some((Value::Text { text: Text::Template(text, _), span, .. }, _)) => Known::Is(Spanned::new(text, span)),
            _ => self.properties.text(&[key], None).value,
        };
        deploy.permissions.push(Permission {
            stack: self.registry.declaration(self.id).template,
            span: self.span,
            function: invoked.map(|(function, _)| function),
            qualifier,
            principal: text("Principal"),
            action: text("Action"),
        });
    }

    fn alias_name(&self, alias: crate::model::deployments::ResourceId) -> Option<String> {
        let declaration = self.registry.declaration(alias);
        Properties::of(self.registry, declaration, self.span).text(&["Name"], None).one().cloned()
    }

    fn distribution(&self, deploy: &mut Deploy) {
        let list = ["DistributionConfig", "CacheBehaviors"];
        let mut behaviors: Vec<Place> = self.list(&list);
        if let Found::At { place, .. } = self.properties.find(&["DistributionConfig", "DefaultCacheBehavior"])
            && let Value::Node(place) = self.registry.value(place)
        {
            behaviors.push(place);
        }
        for behavior in behaviors {
            let behavior = Properties::at(self.registry, Some(behavior), self.span);
            let Found::At { place, .. } = behavior.find(&["LambdaFunctionAssociations"]) else { continue };
            let Value::Node(list) = self.registry.value(place) else { continue };
            for item in self.registry.items(list) {
                let association = Properties::at(self.registry, Some(item), self.span);
                let Some((function, qualifier)) = self.invoked(deploy, &association, &["LambdaFunctionARN"]) else {
                    continue;
                };
                let unversioned = match qualifier {
                    Qualifier::Unqualified => Verdict::Yes,
                    Qualifier::Of(_) => Verdict::No,
                    Qualifier::Unknown => Verdict::Unknown,
                };
                let event = association.text(&["EventType"], None).value;
                let span = self.registry.span(item);
                deploy.edges.push(EdgeAssociation { span, function, unversioned, event });
            }
        }
    }

    fn stage(&self, deploy: &mut Deploy, api: &str) {
        let name = self.properties.text(&["StageName"], None).value;
        if let (Some(&Target::Resource(api)), false) =
            (self.properties.target(&[api]).value.one(), matches!(name, Known::Absent))
        {
            deploy.stages.push(Stage { api, span: self.span, name });
        }
    }

    fn sam_api(&self, deploy: &mut Deploy) {
        let rest = self.registry.type_name(self.id) == "AWS::Serverless::Api";
        let default = if rest { None } else { Some("$default") };
        let name = self.properties.text(&["StageName"], default).value;
        deploy.stages.push(Stage { api: self.id, span: self.span, name });
        if self.properties.presence(&["Domain"]).is_some() {
            deploy.behind_domains.insert(self.id);
        }
    }

    fn domain(&self, deploy: &mut Deploy, api: &str) {
        if let Some(&Target::Resource(api)) = self.properties.target(&[api]).value.one() {
            deploy.behind_domains.insert(api);
        }
    }
}
