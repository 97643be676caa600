//! The Serverless Framework, v3 and v4: each service as a template of SAM functions and its own raw resources.

mod events;
mod functions;
mod operations;
mod variables;

use self::variables::{Place, Resolved, Variables};
use super::cloudformation::Translated;
use crate::deployments::Choices;
use crate::deployments::dialect::{Dialect, Reading};
use crate::deployments::evaluated::Evaluated;
use crate::document::tree::{Entry, Format, Kind, NodeId};
use crate::knowledge::serverless_framework;
use crate::model::deployments::{DialectId, Region};
use crate::model::{Gap, Origin, Project};
use crate::text::{FileId, Span, path};
use crate::tree::Tree;

/// The dialect.
pub(crate) const ID: DialectId = DialectId("serverless-framework");

/// The Serverless Framework.
pub(crate) struct ServerlessFramework;

impl Dialect for ServerlessFramework {
    fn ids(&self) -> &[DialectId] {
        &[ID]
    }

    fn claims(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.starts_with("serverless") && [".yml", ".yaml", ".json"].iter().any(|extension| name.ends_with(extension))
    }

    fn read(&self, reading: &mut Reading<'_>) {
        let mut services = Services { left: reading.left, ..Services::default() };
        for path in reading.claimed(self) {
            service(reading.tree, path, reading.choices, reading.project, &mut services);
        }
        // A file of resources that a service includes belongs to that service alone.
        reading.templates.retain(|template| !services.included.contains(&template.path));
        reading.templates.extend(services.templates);
        reading.left = services.left;
    }
}

/// The services of a tree.
#[derive(Debug, Default)]
struct Services {
    templates: Vec<Translated>,
    /// How many nodes may still be made.
    left: usize,
    /// Files they include.
    included: Vec<String>,
}

fn service(tree: &dyn Tree, path: &str, choices: &Choices, project: &mut Project, services: &mut Services) {
    let text = match tree.text(path) {
        Ok(text) => text,
        Err(error) => {
            project.gaps.push(Gap::file(path, error.to_string()));
            return;
        }
    };
    let file: FileId = project.sources.add(path, text.as_str().into());
    let format = if path.ends_with(".json") { Format::Json } else { Format::Yaml };
    let doc = project.documents.read(format, file, &text);
    if let Some((reason, span)) = &doc.error {
        project.gaps.push(Gap::at(&project.sources, *span, format!("not valid: {reason}")));
    }
    let Some(root) = doc.roots.iter().copied().find(|&root| doc.get(root, "provider").is_some()) else {
        return;
    };
    let mut gaps = Vec::new();
    {
        let stage = choices.stage.clone();
        let (sources, documents) = (&mut project.sources, &mut project.documents);
        let variables = Variables::new(tree, path::parent(path), doc, root, stage, sources, documents);
        let translated = translate(&variables, path, file, services.left, &mut gaps);
        services.left = translated.as_ref().map_or(services.left, |translated| translated.doc.left());
        services.templates.extend(translated);
        services.included.extend(variables.included());
    }
    for (span, reason) in gaps {
        project.gaps.push(Gap::at(&project.sources, span, reason));
    }
}

fn translate(
    variables: &Variables<'_>,
    path: &str,
    file: FileId,
    left: usize,
    gaps: &mut Vec<(Span, String)>,
) -> Option<Translated> {
    let root = variables.root;
    let place = variables.span(root);
    // `provider: aws` is short for its name alone.
    let provider = match variables.walk(root, &["provider", "name"], 0) {
        Resolved::At(at) => variables.doc(at).text(at.node).map(str::to_owned),
        _ => match variables.walk(root, &["provider"], 0) {
            Resolved::At(at) => variables.doc(at).text(at.node).map(str::to_owned),
            Resolved::Text(text, _) => Some(text),
            _ => None,
        },
    };
    if provider.as_deref().is_some_and(|name| name != "aws") {
        let name = provider.unwrap_or_default();
        gaps.push((place, format!("provider `{name}` is not read: what this service deploys is unknown")));
        return None;
    }
    let mut service =
        Service { variables, out: Evaluated::new(file, left), resources: Vec::new(), aliases: Vec::new(), gaps };
    service.functions();
    service.raw_resources();
    service.state_machines();
    let operations = service.operations(place);
    let Service { mut out, resources, aliases, .. } = service;
    if out.is_full() {
        let reason = "the files of this service make more than is followed; what is beyond is not analysed";
        gaps.push((place, reason.to_owned()));
    }
    let whole = out.doc_mut();
    let section = whole.push(Kind::Map(resources), place, None);
    let mut entries = vec![Entry { key: "Resources".to_owned(), key_span: place, value: section }];
    entries.extend(operations);
    let root = whole.push(Kind::Map(entries), place, None);
    out.roots.push(root);
    Some(Translated {
        path: path.to_owned(),
        dialect: ID,
        doc: out,
        root,
        region: region(variables, path),
        aliases,
        given: Default::default(),
    })
}

/// The region of the provider, as far as the files decide it.
fn region(variables: &Variables<'_>, path: &str) -> Option<Region> {
    let name = match variables.walk(variables.root, &["provider", "region"], 0) {
        Resolved::At(at) => match variables.settle(at, 0) {
            Resolved::At(at) => variables.doc(at).text(at.node).map(str::to_owned),
            Resolved::Text(text, _) => Some(text),
            _ => None,
        },
        Resolved::Text(text, _) => Some(text),
        _ => None,
    };
    let name = name.filter(|name| !name.is_empty() && !name.contains('$'))?;
    Some(Region { name, path: path.to_owned() })
}

/// A service on its way to a template.
struct Service<'v, 't> {
    variables: &'v Variables<'t>,
    out: Evaluated,
    resources: Vec<Entry>,
    aliases: Vec<(String, String)>,
    gaps: &'v mut Vec<(Span, String)>,
}

impl Service<'_, '_> {
    /// The value of a key and the key's place.
    fn get(&self, place: Place, key: &str) -> Option<(Span, Resolved)> {
        let doc = self.variables.doc(place);
        let entry = doc.entry(place.node, key)?;
        match self.variables.settle(place.to(entry.value), 0) {
            Resolved::Absent => None,
            Resolved::At(at) if matches!(self.variables.doc(at).node(at.node).kind, Kind::Null) => None,
            found => Some((entry.key_span, found)),
        }
    }

    /// The value of a dotted path of keys and the last key's place.
    fn get_path(&self, place: Place, path: &str) -> Option<(Span, Resolved)> {
        match path.split_once('.') {
            None => self.get(place, path),
            Some((first, rest)) => self.get_path(self.place(place, first)?, rest),
        }
    }

    /// The text of a key, when it is known.
    fn text(&self, place: Place, key: &str) -> Option<String> {
        match self.get(place, key)?.1 {
            Resolved::Text(text, _) => Some(text),
            Resolved::At(at) => self.variables.doc(at).text(at.node).map(str::to_owned),
            _ => None,
        }
    }

    /// The mapping or list of a key.
    fn place(&self, place: Place, key: &str) -> Option<Place> {
        match self.get(place, key)?.1 {
            Resolved::At(at) => Some(at),
            _ => None,
        }
    }

    /// A path of keys from the root.
    fn root(&self, path: &[&str]) -> Option<Place> {
        match self.variables.walk(self.variables.root, path, 0) {
            Resolved::At(at) => Some(at),
            _ => None,
        }
    }

    fn emit(&mut self, resolved: Resolved, span: Span) -> NodeId {
        self.variables.emit(resolved, span, &mut self.out, 0)
    }

    fn word(&mut self, text: &str, span: Span) -> NodeId {
        self.out.push(Kind::Scalar { text: text.to_owned() }, span, None)
    }

    /// A value the framework sets when the key is absent.
    fn default(&mut self, text: &str, span: Span) -> NodeId {
        let origin = Origin::ToolDefault("the Serverless Framework".to_owned());
        self.out.text_of(text.to_owned(), span, Some(origin))
    }

    fn map(&mut self, entries: Vec<Entry>, span: Span) -> NodeId {
        self.out.push(Kind::Map(entries), span, None)
    }

    /// A mapping with one key inside another, along a dotted path.
    fn nest(&mut self, path: &str, key_span: Span, value: NodeId) -> Entry {
        match path.split_once('.') {
            None => Entry { key: path.to_owned(), key_span, value },
            Some((first, rest)) => {
                let inner = self.nest(rest, key_span, value);
                let value = self.map(vec![inner], key_span);
                Entry { key: first.to_owned(), key_span, value }
            }
        }
    }

    /// Adds an entry; mappings of the same key are merged.
    fn put(&mut self, entries: &mut Vec<Entry>, entry: Entry) {
        let Some(known) = entries.iter().position(|known| known.key == entry.key) else {
            entries.push(entry);
            return;
        };
        let inner = self.out.entries(entry.value).to_vec();
        let (Kind::Map(before), false) = (&self.out.node(entries[known].value).kind, inner.is_empty()) else {
            entries[known] = entry;
            return;
        };
        let mut merged = before.clone();
        for entry in inner {
            self.put(&mut merged, entry);
        }
        let span = self.out.span(entries[known].value);
        entries[known].value = self.map(merged, span);
    }

    /// `resources`: raw CloudFormation beside the functions, and `extensions` of what the framework generates.
    fn raw_resources(&mut self) {
        let Some(section) = self.root(&["resources"]) else { return };
        let doc = self.variables.doc(section);
        let mut parts: Vec<Place> = Vec::new();
        match &doc.node(section.node).kind {
            Kind::Seq(items) => {
                for &item in items {
                    if let Resolved::At(at) = self.variables.settle(section.to(item), 0) {
                        parts.push(at);
                    }
                }
            }
            _ => parts.push(section),
        }
        for part in parts {
            if let Some(resources) = self.place(part, "Resources") {
                for entry in self.variables.doc(resources).entries(resources.node).to_vec() {
                    let value = self.variables.copy(resources.to(entry.value), &mut self.out, 0);
                    self.resources.push(Entry { value, ..entry });
                }
            }
            let Some(extensions) = self.place(part, "extensions") else { continue };
            for entry in self.variables.doc(extensions).entries(extensions.node).to_vec() {
                let value = self.variables.copy(extensions.to(entry.value), &mut self.out, 0);
                self.extend(&entry.key, value);
            }
        }
    }

    /// `stepFunctions.stateMachines` of the plugin `serverless-step-functions`.
    fn state_machines(&mut self) {
        let Some(section) = self.root(&["stepFunctions", "stateMachines"]) else { return };
        for entry in self.variables.doc(section).entries(section.node).to_vec() {
            let Resolved::At(at) = self.variables.settle(section.to(entry.value), 0) else { continue };
            let mut properties = Vec::new();
            for (key, property) in [
                ("definition", "Definition"),
                ("type", "StateMachineType"),
                ("name", "StateMachineName"),
                ("loggingConfig.level", "LoggingConfiguration.Level"),
                ("tracingConfig.enabled", "TracingConfiguration.Enabled"),
            ] {
                if let Some((key_span, value)) = self.get_path(at, key) {
                    let value = self.emit(value, key_span);
                    let entry = self.nest(property, key_span, value);
                    self.put(&mut properties, entry);
                }
            }
            let kind = self.word("AWS::StepFunctions::StateMachine", entry.key_span);
            let properties = self.map(properties, entry.key_span);
            let declaration = vec![
                Entry { key: "Type".to_owned(), key_span: entry.key_span, value: kind },
                Entry { key: "Properties".to_owned(), key_span: entry.key_span, value: properties },
            ];
            let value = self.map(declaration, entry.key_span);
            self.resources.push(Entry { value, ..entry });
        }
    }

    /// Lays an extension over a generated resource.
    fn extend(&mut self, name: &str, extension: NodeId) {
        let target =
            self.aliases.iter().find(|(alias, _)| alias == name).map_or(name, |(_, known)| known.as_str()).to_owned();
        let Some(index) = self.resources.iter().position(|entry| entry.key == target) else { return };
        let mut entries = self.out.entries(self.resources[index].value).to_vec();
        for entry in self.out.entries(extension).to_vec() {
            self.put(&mut entries, entry);
        }
        let span = self.out.span(self.resources[index].value);
        self.resources[index].value = self.map(entries, span);
    }
}

/// Defaults of the framework, from `rules/data/dialects/serverless-framework.yaml`.
fn defaults() -> &'static crate::knowledge::ServerlessFramework {
    serverless_framework()
}
