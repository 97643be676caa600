//! Deliveries between services without a function in between, and the patterns of EventBridge rules.

use super::eval::Value;
use super::resources::Reader;
use super::setting::{Found, Properties};
use super::template::{Place, Registry};
use crate::model::Known;
use crate::model::deployments::{Deploy, EventPattern, Link, Names, ResourceId, Target, Text};

impl Reader<'_> {
    /// Adds what the resource delivers to other resources.
    pub(crate) fn links(&self, deploy: &mut Deploy) {
        let own = Some(self.id);
        match self.registry.type_name(self.id) {
            "AWS::SNS::Subscription" => {
                let topic = resource(&self.properties, &["TopicArn"]);
                let filtered = self.properties.presence(&["FilterPolicy"]).is_some();
                self.link(deploy, topic, &self.properties, &["Endpoint"], filtered);
            }
            "AWS::SNS::Topic" => self.each(deploy, own, &["Subscription"], &["Endpoint"]),
            "AWS::S3::Bucket" => {
                for (list, target) in [("QueueConfigurations", "Queue"), ("TopicConfigurations", "Topic")] {
                    self.each(deploy, own, &["NotificationConfiguration", list], &[target]);
                }
            }
            "AWS::Events::Rule" => {
                let bus = resource(&self.properties, &["EventBusName"]);
                self.each(deploy, bus.or(own), &["Targets"], &["Arn"]);
            }
            "AWS::Scheduler::Schedule" => self.link(deploy, own, &self.properties, &["Target", "Arn"], false),
            "AWS::Pipes::Pipe" => {
                let source = resource(&self.properties, &["Source"]);
                let filtered = self.properties.presence(&["SourceParameters", "FilterCriteria"]).is_some();
                self.link(deploy, source, &self.properties, &["Target"], filtered);
            }
            _ => {}
        }
    }

    fn each(&self, deploy: &mut Deploy, from: Option<ResourceId>, list: &[&str], target: &[&str]) {
        for item in self.list(list) {
            let item = Properties::at(self.registry, Some(item), self.span);
            self.link(deploy, from, &item, target, item.presence(&["Filter"]).is_some());
        }
    }

    /// Functions are invoked by triggers; everything else is a link.
    fn link(
        &self,
        deploy: &mut Deploy,
        from: Option<ResourceId>,
        item: &Properties<'_>,
        target: &[&str],
        filtered: bool,
    ) {
        if let (Some(from), Some(to)) = (from, resource(item, target))
            && self.function_behind(deploy, to).is_none()
        {
            // A subscription inside its topic has no such setting.
            let raw = item.flag(&["RawMessageDelivery"], Some(false)).value.holds(|on| *on);
            deploy.links.push(Link { from, to, span: self.span, filtered, raw });
        }
    }
}

fn resource(properties: &Properties<'_>, path: &[&str]) -> Option<ResourceId> {
    match properties.target(path).value.one()? {
        Target::Resource(id) => Some(*id),
        Target::External(_) => None,
    }
}

/// The pattern of a rule: which sources and kinds of event it lets through, and whether it looks at more.
pub(crate) fn pattern(properties: &Properties<'_>, key: &str) -> Option<EventPattern> {
    let Found::At { place, key: span, .. } = properties.find(&[key]) else { return None };
    let registry = properties.registry;
    let Value::Node(pattern) = registry.value(place) else {
        return Some(EventPattern { span, sources: Names::Unknown, detail_types: Names::Unknown, detail: true });
    };
    let names = |key: &str| names(registry, registry.get(pattern, key));
    let other = registry
        .doc(pattern)
        .entries(pattern.node)
        .iter()
        .any(|entry| !matches!(entry.key.as_str(), "source" | "detail-type"));
    Some(EventPattern { span, sources: names("source"), detail_types: names("detail-type"), detail: other })
}

fn names(registry: &Registry, list: Option<Place>) -> Names {
    let Some(list) = list else { return Names::Any };
    let texts = registry.items(list).map(|item| match registry.value(item) {
        Value::Text { text: Text::Literal(text), .. } => Some(text),
        _ => None,
    });
    // `{prefix: …}` and its like are matched at run time.
    match texts.collect::<Option<Vec<String>>>() {
        Some(texts) if !texts.is_empty() => Names::Of(texts),
        _ => Names::Unknown,
    }
}

/// The bus a rule listens to; none for the default bus.
pub(crate) fn bus(properties: &Properties<'_>) -> Known<Target> {
    match properties.text(&["EventBusName"], None).one().map(String::as_str) {
        Some("default") => Known::Absent,
        _ => properties.target(&["EventBusName"]).value,
    }
}
