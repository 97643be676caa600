//! Names of ids, as people read them. A name that several functions or resources of a run have is shown with the
//! template or root it stands in; a name that only one has stays as it is.

use super::Project;
use super::application::graph::NodeId;
use super::crates::CrateTarget;
use super::deployments::{Deploy, FunctionId, ResourceId};
use crate::finding::Subject;
use crate::text::Span;

impl Deploy {
    /// The name of a function, with its template if others have the same.
    pub fn function_label(&self, id: FunctionId) -> String {
        let resource = self.function(id).resource;
        self.label(resource, self.is_shared_by_functions(self.function_name(id)))
    }

    /// The name of a resource, with its template if others of its type have the same.
    pub fn resource_label(&self, id: ResourceId) -> String {
        match self.function_of(id) {
            Some(function) => self.function_label(function),
            None => self.label(id, self.is_shared_by_resources(id)),
        }
    }

    fn label(&self, id: ResourceId, shared: bool) -> String {
        let resource = self.resource(id);
        if !shared {
            return resource.logical_id.clone();
        }
        let path = self.stack(resource.stack).path.as_str();
        format!("{} ({})", resource.logical_id, if path.is_empty() { "." } else { path })
    }
}

impl Project {
    /// What people call the subject of a finding.
    pub fn label(&self, subject: Subject) -> String {
        match subject {
            Subject::Function(id) => self.deploy.function_label(id),
            Subject::Resource(id) => self.deploy.resource_label(id),
            Subject::Machine(id) => {
                let machine = self.deploy.machine(id);
                machine.resource.map_or_else(|| machine.name.clone(), |resource| self.deploy.resource_label(resource))
            }
            Subject::Binary(id) => {
                let target = self.cargo.target(id);
                let same = |other: &&CrateTarget| other.name == target.name && other.kind == target.kind;
                let shared = self.cargo.targets.iter().filter(same).count() > 1;
                let package = self.cargo.package(target.package);
                if shared { format!("{} ({})", target.name, package.name) } else { target.name.clone() }
            }
        }
    }

    /// The name of a node as its template has it, whether or not others have the same.
    pub fn plain_name(&self, node: &NodeId) -> Option<&str> {
        match node {
            NodeId::Function(id) => Some(self.deploy.function_name(*id)),
            NodeId::Resource(id) => Some(&self.deploy.resource(*id).logical_id),
            _ => None,
        }
    }

    /// Where the subject of a finding is declared.
    pub fn declared(&self, subject: Subject) -> Span {
        match subject {
            Subject::Function(id) => self.deploy.function_span(id),
            Subject::Resource(id) => self.deploy.resource(id).span,
            Subject::Machine(id) => self.deploy.machine(id).span,
            Subject::Binary(id) => self.cargo.target(id).span,
        }
    }
}
