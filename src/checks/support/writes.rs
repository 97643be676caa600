//! Where a setting of a declaration is written, in each dialect.

use crate::finding::{Value, Write};
use crate::knowledge::{cargo_lambda, serverless_framework, terraform};
use crate::model::Project;
use crate::model::deployments::{Dialect, FunctionId, ResourceId, Trigger};
use crate::text::Span;

/// A declaration in a config, with what it takes to write into it.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'p> {
    project: &'p Project,
    /// The logical id, the header of the block, or the key of the event.
    declaration: Span,
    dialect: Dialect,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Event,
    Resource,
}

/// Keys of the Serverless Framework for properties of a function.
/// Source: Serverless Framework documentation, serverless.yml reference.
const SERVERLESS: [(&str, &str); 3] =
    [("Timeout", "timeout"), ("MemorySize", "memorySize"), ("Architectures", "architecture")];

impl<'p> Owner<'p> {
    /// A function.
    pub(crate) fn function(project: &'p Project, id: FunctionId) -> Self {
        Self { kind: Kind::Function, ..Self::resource(project, project.deploy.function(id).resource) }
    }

    /// A resource.
    pub(crate) fn resource(project: &'p Project, id: ResourceId) -> Self {
        let resource = project.deploy.resource(id);
        let dialect = project.deploy.stack(resource.stack).dialect;
        Self { project, declaration: resource.span, dialect, kind: Kind::Resource }
    }

    /// What lets something invoke a function: an event of the function, or a resource of its own.
    pub(crate) fn trigger(project: &'p Project, trigger: &Trigger) -> Self {
        let function = project.deploy.function(trigger.function);
        let stack = project.deploy.resource(function.resource).stack;
        let dialect = project.deploy.stack(stack).dialect;
        let own = project.deploy.resources.iter().any(|resource| resource.span == trigger.span);
        Self { project, declaration: trigger.span, dialect, kind: if own { Kind::Resource } else { Kind::Event } }
    }

    /// The dialect it is written in.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The place it is declared at.
    pub(crate) fn declaration(&self) -> Span {
        self.declaration
    }

    /// Sets a property, named as CloudFormation does, dotted. None if the dialect has no word for it.
    pub(crate) fn set(&self, property: &str, value: Value) -> Option<Write> {
        let of = self.declaration;
        let split = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        match self.dialect {
            Dialect::Sam | Dialect::CloudFormation => {
                let path = std::iter::once("Properties".to_owned()).chain(split(property)).collect();
                Some(Write::Entry { of, path, value, short: None })
            }
            Dialect::Terraform => Some(Write::Attribute { of, path: split(self.attribute(property)?), value }),
            Dialect::ServerlessFramework => self.serverless(property, value),
            Dialect::CargoLambda => {
                let setting = cargo_lambda().settings.iter().find(|setting| setting.property == property)?;
                let keys = vec![(setting.key.clone(), value)];
                Some(Write::Table { of, name: "package.metadata.lambda.deploy".to_owned(), keys })
            }
            // The program that makes it is in a language of its own.
            Dialect::Cdk => None,
        }
    }

    /// The attribute of a Terraform block that is a property.
    fn attribute(&self, property: &str) -> Option<&'static str> {
        let header = self.project.sources.slice(self.declaration);
        let mut words = header.split_whitespace().map(|word| word.trim_matches('"'));
        let attributes = match (words.next(), words.next()) {
            (Some("resource"), Some(kind)) => &terraform().resources.get(kind)?.own.attributes,
            (Some("module"), _) => &terraform().modules.values().next()?.function,
            // The JSON form names the resource only; the model's type says what it is.
            _ => return None,
        };
        attributes.iter().find(|(_, known)| *known == property).map(|(attribute, _)| attribute.as_str())
    }

    fn serverless(&self, property: &str, value: Value) -> Option<Write> {
        let of = self.declaration;
        // A scalar where CloudFormation has a list of one.
        let single = |value: Value| match value {
            Value::List(mut items) if items.len() == 1 => items.remove(0),
            other => other,
        };
        match self.kind {
            Kind::Function => {
                let (_, key) = SERVERLESS.iter().find(|(known, _)| *known == property)?;
                Some(Write::Entry { of, path: vec![(*key).to_owned()], value: single(value), short: None })
            }
            Kind::Event => {
                let event =
                    serverless_framework().events.get(self.project.sources.slice(of).trim_matches(['"', '\'']))?;
                let named = |wanted: &str| {
                    let known = event.settings.iter().find(|(_, known)| known.trim_end_matches("[]") == wanted);
                    known.map(|(key, known)| (key.clone(), known.ends_with("[]")))
                };
                let (key, is_single) = named(property)?;
                let short = event.short.as_deref().and_then(named).map(|(key, _)| key);
                let path = key.split('.').map(str::to_owned).collect();
                Some(Write::Entry { of, path, value: if is_single { single(value) } else { value }, short })
            }
            // Raw CloudFormation below `resources`.
            Kind::Resource => {
                let path = std::iter::once("Properties").chain(property.split('.')).map(str::to_owned).collect();
                Some(Write::Entry { of, path, value, short: None })
            }
        }
    }
}
