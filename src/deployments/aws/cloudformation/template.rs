//! Templates and the names in them: resources, parameters, nested stacks.

use super::samconfig::Given;
use super::{SAM, Translated};
use crate::deployments::evaluated::Evaluated;
use crate::document::tree::{Doc, NodeId};
use crate::model::deployments::physical::PhysicalNames;
use crate::model::deployments::{DialectId, Region, ResourceId, Role, StackId};
use crate::text::{Span, path, step};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

/// A node of a template's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) template: StackId,
    pub(crate) node: NodeId,
}

impl Place {
    /// Another node of the same template.
    pub(crate) fn to(self, node: NodeId) -> Self {
        Self { node, ..self }
    }
}

/// A resource as a template declares it.
#[derive(Debug)]
pub(crate) struct Declared {
    /// The mapping with its type and its properties.
    pub(crate) place: Place,
    pub(crate) logical_id: String,
    pub(crate) type_name: String,
    /// The logical id in the file.
    pub(crate) span: Span,
}

/// A parameter value handed down by a parent stack.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Binding {
    /// Written here.
    At(Place),
    /// Several parents hand down different values.
    Conflict,
}

/// A parsed template and its name tables.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) path: String,
    pub(crate) doc: Evaluated,
    pub(crate) root: NodeId,
    pub(crate) dialect: DialectId,
    pub(crate) region: Option<Region>,
    /// Logical id to resource and its declaration.
    pub(crate) resources: HashMap<String, (ResourceId, NodeId)>,
    pub(crate) bindings: HashMap<String, Binding>,
    /// Values of parameters that a deployment is told.
    pub(crate) given: Given,
}

/// All templates of a run, able to follow references between them.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) templates: Vec<Template>,
    /// Template of a nested stack resource.
    pub(crate) children: HashMap<ResourceId, StackId>,
    /// Each resource, by id.
    pub(crate) declared: Vec<Declared>,
    /// Policies that are resources of their own, by the role they name.
    pub(crate) policies_of: HashMap<ResourceId, Vec<ResourceId>>,
    /// Resources by the physical name a template fixes.
    pub(crate) by_name: OnceCell<PhysicalNames>,
    /// The first of the templates that each is nested with, itself included.
    pub(crate) families: Vec<StackId>,
    /// Routes of HTTP APIs by the integration they lead to.
    pub(crate) routes_of: OnceCell<HashMap<ResourceId, Vec<ResourceId>>>,
    /// Permissions by role: functions often share one.
    pub(crate) roles: RefCell<HashMap<ResourceId, Arc<Role>>>,
    /// What templates export under names written out, where one template has the name.
    exports: OnceCell<HashMap<String, Option<Place>>>,
    /// Steps left for the evaluation in progress; hostile aliases could multiply without end.
    pub(crate) budget: Cell<u32>,
}

impl Template {
    /// The node of a top-level section.
    pub(crate) fn section(&self, name: &str) -> Option<NodeId> {
        self.doc.get(self.root, name)
    }

    /// A property of a resource declaration.
    pub(crate) fn property(&self, declaration: NodeId, name: &str) -> Option<NodeId> {
        self.doc.get(declaration, "Properties").and_then(|node| self.doc.get(node, name))
    }
}

impl Registry {
    /// Adds a template and its resources; the caller has checked that `root` has `Resources`.
    pub(crate) fn add(&mut self, template: Translated) {
        let Translated { path, dialect, doc, root, region, given, aliases } = template;
        let index = StackId(self.templates.len() as u32);
        let mut resources = HashMap::new();
        if let Some(section) = doc.get(root, "Resources") {
            for entry in doc.entries(section) {
                // Of a duplicated key the last one counts.
                let last = doc.entry(section, &entry.key).map(|last| last.key_span);
                if last != Some(entry.key_span) {
                    continue;
                }
                let Some(kind) = doc.get(entry.value, "Type").and_then(|id| doc.text(id)) else {
                    continue;
                };
                let id = ResourceId(self.declared.len() as u32);
                self.declared.push(Declared {
                    place: Place { template: index, node: entry.value },
                    logical_id: entry.key.clone(),
                    type_name: kind.to_owned(),
                    span: entry.key_span,
                });
                resources.insert(entry.key.clone(), (id, entry.value));
            }
        }
        for (alias, name) in aliases {
            if let Some(&known) = resources.get(&name) {
                resources.entry(alias).or_insert(known);
            }
        }
        self.templates.push(Template { path, doc, root, dialect, region, given, resources, bindings: HashMap::new() });
    }

    /// Ties nested stacks to their templates and hands their parameters down.
    pub(crate) fn nest(&mut self) {
        let mut found = Vec::new();
        let all = || (0..).map(StackId).zip(&self.templates);
        let by_path: HashMap<&str, StackId> = all().map(|(id, template)| (template.path.as_str(), id)).collect();
        for (index, template) in all() {
            for (id, declaration) in template.resources.values() {
                let location = match self.type_name(*id) {
                    "AWS::CloudFormation::Stack" => template.property(*declaration, "TemplateURL"),
                    "AWS::Serverless::Application" => template.property(*declaration, "Location"),
                    _ => None,
                };
                // Synthesised templates name the nested one in metadata; their URL is known at deploy time only.
                let asset = template.doc.get(*declaration, "Metadata");
                let asset = asset.and_then(|node| template.doc.get(node, "aws:asset:path"));
                let Some(reference) = asset.or(location).and_then(|node| template.doc.text(node)) else {
                    continue;
                };
                let Some(path) = path::join(path::parent(&template.path), reference) else {
                    continue;
                };
                let child = by_path.get(path.as_str()).copied();
                let Some(child) = child.filter(|&child| child != index) else {
                    continue;
                };
                let parameters = template.property(*declaration, "Parameters");
                found.push((*id, index, child, parameters));
            }
        }
        self.families = families(self.templates.len(), found.iter().map(|(_, parent, child, _)| (parent.0, child.0)));
        for (id, parent, child, parameters) in found {
            self.children.insert(id, child);
            let Some(parameters) = parameters else {
                continue;
            };
            let handed: Vec<(String, NodeId)> = self
                .template(parent)
                .doc
                .entries(parameters)
                .iter()
                .map(|entry| (entry.key.clone(), entry.value))
                .collect();
            for (name, node) in handed {
                let binding = Binding::At(Place { template: parent, node });
                self.templates[child.0 as usize]
                    .bindings
                    .entry(name)
                    .and_modify(|bound| *bound = Binding::Conflict)
                    .or_insert(binding);
            }
        }
    }

    /// The value that a template of the tree exports under a name; none if none or several do.
    pub(crate) fn export(&self, name: &str) -> Option<Place> {
        let exports = self.exports.get_or_init(|| {
            let mut exports: HashMap<String, Option<Place>> = HashMap::new();
            for (id, template) in (0..).map(StackId).zip(&self.templates) {
                let outputs = template.section("Outputs").map_or(&[][..], |section| template.doc.entries(section));
                for output in outputs {
                    let export = template.doc.get(output.value, "Export");
                    let name = export.and_then(|export| template.doc.get(export, "Name"));
                    let value = template.doc.get(output.value, "Value");
                    let (Some(name), Some(value)) = (name, value) else { continue };
                    let (None, Some(text)) = (&template.doc.node(name).tag, template.doc.text(name)) else { continue };
                    let place = Place { template: id, node: value };
                    exports.entry(text.to_owned()).and_modify(|known| *known = None).or_insert(Some(place));
                }
            }
            exports
        });
        exports.get(name).copied().flatten()
    }

    /// `aws:cdk:path` of a declaration.
    pub(crate) fn construct_path(&self, declaration: Place) -> Option<&str> {
        let doc = self.doc(declaration);
        doc.get(declaration.node, "Metadata").and_then(|node| doc.get(node, "aws:cdk:path")).and_then(|id| doc.text(id))
    }

    /// The CloudFormation type of a resource.
    pub(crate) fn type_name(&self, id: ResourceId) -> &str {
        &self.resource(id).type_name
    }

    /// Where a resource is declared.
    pub(crate) fn declaration(&self, id: ResourceId) -> Place {
        self.resource(id).place
    }

    /// A resource as it is declared.
    pub(crate) fn resource(&self, id: ResourceId) -> &Declared {
        step();
        &self.declared[id.0 as usize]
    }

    /// Every resource.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..self.declared.len() as u32).map(ResourceId)
    }

    /// The template of an id.
    pub(crate) fn template(&self, id: StackId) -> &Template {
        &self.templates[id.0 as usize]
    }

    /// The document a place is in.
    pub(crate) fn doc(&self, place: Place) -> &Evaluated {
        &self.template(place.template).doc
    }

    /// Where a place is in its file.
    pub(crate) fn span(&self, place: Place) -> Span {
        self.doc(place).span(place.node)
    }

    /// The value of a key of a mapping.
    pub(crate) fn get(&self, place: Place, key: &str) -> Option<Place> {
        self.doc(place).get(place.node, key).map(|node| place.to(node))
    }

    /// The items of a list as they are written.
    pub(crate) fn items(&self, place: Place) -> impl Iterator<Item = Place> {
        self.doc(place).items(place.node).iter().map(move |&item| place.to(item))
    }

    /// The text of a scalar as it is written.
    pub(crate) fn plain(&self, place: Place) -> Option<&str> {
        self.doc(place).text(place.node)
    }

    /// A logical id of a template, following the ids SAM generates beside a function.
    pub(crate) fn lookup(&self, template: StackId, logical_id: &str) -> Option<ResourceId> {
        let template = self.template(template);
        if let Some((id, _)) = template.resources.get(logical_id) {
            return Some(*id);
        }
        if template.dialect != SAM {
            return None;
        }
        // `<Function>Alias<Name>` and `<Function>Version…` stand for the function itself
        // (SAM developer guide, "Generated CloudFormation resources").
        let ends = beginnings(logical_id).rev().filter(|&end| {
            let rest = &logical_id[end..];
            rest.starts_with("Alias") || rest.starts_with("Version")
        });
        let mut named = ends.filter_map(|end| template.resources.get(&logical_id[..end]));
        named.find(|(id, _)| self.type_name(*id) == "AWS::Serverless::Function").map(|(id, _)| *id)
    }

    /// Whether SAM generates a resource of this id in the template, so that a reference is not dangling.
    pub(crate) fn is_generated(&self, template: StackId, logical_id: &str) -> bool {
        let template = self.template(template);
        if template.dialect != SAM {
            return false;
        }
        matches!(logical_id, "ServerlessRestApi" | "ServerlessHttpApi")
            || logical_id.starts_with("ServerlessRestApi")
            || logical_id.starts_with("ServerlessHttpApi")
            || beginnings(logical_id).any(|end| template.resources.contains_key(&logical_id[..end]))
    }
}

/// Characters of a logical id (CloudFormation user guide, "Resources section structure").
const MAX_LOGICAL_ID: usize = 255;

/// Where a logical id that is made from another one may have its end.
fn beginnings(logical_id: &str) -> impl DoubleEndedIterator<Item = usize> {
    (0..logical_id.len().min(MAX_LOGICAL_ID + 1)).filter(|&end| logical_id.is_char_boundary(end))
}

/// The first template of each group that pairs tie together.
fn families(count: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Vec<StackId> {
    let mut tied = petgraph::unionfind::UnionFind::<u32>::new(count);
    for (a, b) in pairs {
        tied.union(a, b);
    }
    let mut first = vec![u32::MAX; count];
    (0..count as u32)
        .map(|index| {
            let root = tied.find_mut(index) as usize;
            first[root] = first[root].min(index);
            StackId(first[root])
        })
        .collect()
}

/// Whether a template asks for the SAM transform.
pub(crate) fn is_sam(doc: &Doc, root: NodeId) -> bool {
    let Some(transform) = doc.get(root, "Transform") else {
        return false;
    };
    let names = |id: NodeId| doc.text(id).is_some_and(|text| text.starts_with("AWS::Serverless-"));
    names(transform) || doc.items(transform).iter().any(|&item| names(item))
}
