//! A raw CloudFormation resource on its way into the model: its properties, the functions it names, queues.

use super::eval::Value;
use super::setting::{Found, Properties};
use super::template::{Place, Registry};
use crate::knowledge::Platforms;
use crate::model::deployments::{Deploy, FunctionId, Qualifier, Queue, ResourceId, Target, Text};
use crate::model::{Known, Origin, Setting, Verdict};
use crate::text::{Span, Spanned};

/// A resource being read into the model.
pub(crate) struct Reader<'r> {
    pub(crate) registry: &'r Registry,
    pub(crate) limits: &'r Platforms,
    pub(crate) id: ResourceId,
    pub(crate) properties: Properties<'r>,
    pub(crate) span: Span,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(registry: &'r Registry, limits: &'r Platforms, id: ResourceId) -> Self {
        let declaration = registry.declaration(id);
        let span = registry.resource(id).span;
        let properties = Properties::of(registry, declaration, span);
        Self { registry, limits, id, properties, span }
    }

    /// The function a path leads to; qualified references stand for the function.
    pub(crate) fn function(&self, deploy: &Deploy, properties: &Properties<'_>, path: &[&str]) -> Option<FunctionId> {
        Some(self.invoked(deploy, properties, path)?.0)
    }

    /// The same, with what of the function is named.
    pub(crate) fn invoked(
        &self,
        deploy: &Deploy,
        properties: &Properties<'_>,
        path: &[&str],
    ) -> Option<(FunctionId, Qualifier)> {
        let Target::Resource(id) = *properties.target(path).value.one()? else { return None };
        let (function, _) = self.qualified(deploy, id, None)?;
        let qualifier = match properties.value(path) {
            Some((Value::Text { text: Text::Attribute(id, attribute), .. }, _)) => {
                self.qualified(deploy, id, attribute.as_deref())?.1
            }
            // A name or an ARN in words may end in a qualifier.
            _ => Qualifier::Unknown,
        };
        Some((function, qualifier))
    }

    /// The function behind an attribute of a resource, and what of the function the attribute names.
    pub(crate) fn qualified(
        &self,
        deploy: &Deploy,
        id: ResourceId,
        attribute: Option<&str>,
    ) -> Option<(FunctionId, Qualifier)> {
        let function = self.function_behind(deploy, id)?;
        if deploy.function_of(id).is_none() {
            return Some((function, Qualifier::Of(id)));
        }
        // Terraform has `qualified_arn` and `version`; SAM's `Function.Alias` and `Function.Version` stand for the
        // function.
        let plain = match attribute {
            Some(attribute) => !attribute.contains("qualified") && !attribute.to_lowercase().contains("version"),
            None => deploy.function(function).aws().is_none_or(|lambda| lambda.alias.value.is_set() == Verdict::No),
        };
        Some((function, if plain { Qualifier::Unqualified } else { Qualifier::Unknown }))
    }

    /// A function, or the function an alias or version belongs to.
    pub(crate) fn function_behind(&self, deploy: &Deploy, id: ResourceId) -> Option<FunctionId> {
        if let Some(function) = deploy.function_of(id) {
            return Some(function);
        }
        if !matches!(self.registry.type_name(id), "AWS::Lambda::Alias" | "AWS::Lambda::Version") {
            return None;
        }
        let declaration = self.registry.declaration(id);
        let alias = Properties::of(self.registry, declaration, self.span);
        match alias.target(&["FunctionName"]).value.one()? {
            Target::Resource(inner) => deploy.function_of(*inner),
            Target::External(_) => None,
        }
    }

    /// The items of a list property.
    pub(crate) fn list(&self, path: &[&str]) -> Vec<Place> {
        let Found::At { place, .. } = self.properties.find(path) else {
            return Vec::new();
        };
        let Value::Node(list) = self.registry.value(place) else {
            return Vec::new();
        };
        self.registry.items(list).collect()
    }

    /// An SQS queue.
    pub(crate) fn queue(&self) -> Queue {
        let limits = &self.limits.aws_lambda;
        let properties = &self.properties;
        // `RedrivePolicy` is JSON: a mapping, or the same as a string.
        let redrive = match properties.value(&["RedrivePolicy"]) {
            Some((Value::Text { text, span, .. }, key)) => {
                let target = match &text {
                    Text::Template(_, ids) if ids.len() == 1 => Target::Resource(ids[0]),
                    Text::Template(text, _) | Text::Literal(text) => Target::External(text.clone()),
                    Text::Attribute(id, _) => Target::Resource(*id),
                };
                let value = Known::Is(Spanned::new(target, span));
                Setting { value, origin: Origin::Explicit, key: Some(key) }
            }
            Some((Value::Opaque { reason, span }, _)) => {
                Setting { value: Known::Opaque(span, reason), origin: Origin::Explicit, key: None }
            }
            _ => properties.target(&["RedrivePolicy", "deadLetterTargetArn"]),
        };
        Queue {
            resource: self.id,
            fifo: properties.flag(&["FifoQueue"], Some(false)),
            visibility_s: properties.int(&["VisibilityTimeout"], Some(limits.queue_visibility_s.default)),
            retention_s: properties.int(&["MessageRetentionPeriod"], Some(limits.queue_retention_s.default)),
            redrive,
            max_receive: properties.int(&["RedrivePolicy", "maxReceiveCount"], None),
            is_dead_letter: false,
        }
    }
}
