//! What a resource of SAM's inherits: the section of `Globals` for its kind.

use super::setting::Properties;
use super::template::{Place, Registry};
use super::{CLOUDFORMATION, SAM};
use crate::model::deployments::ResourceId;

/// The properties of a function, with what it inherits.
pub(crate) fn of_function(registry: &Registry, id: ResourceId) -> Properties<'_> {
    let declaration = registry.declaration(id);
    let mut properties = Properties::of(registry, declaration, registry.resource(id).span);
    if registry.type_name(id) == "AWS::Serverless::Function" {
        properties.globals = globals(registry, declaration, "Function");
        properties.ignored = registry.get(declaration, "IgnoreGlobals");
        let template = registry.template(declaration.template);
        // Only a template with the transform can be deployed; without it, scripts merge it into one that has `Globals`.
        let written = template.dialect == CLOUDFORMATION || template.dialect == SAM;
        properties.part = written && template.section("Transform").is_none();
    }
    properties
}

/// The section of `Globals` for a kind of resource, unless the resource opts out of all of it.
pub(crate) fn globals(registry: &Registry, declaration: Place, kind: &str) -> Option<Place> {
    // `IgnoreGlobals: "*"` cuts the inheritance (SAM translator, plugins/globals/globals.py).
    let ignored = registry.get(declaration, "IgnoreGlobals").and_then(|list| registry.plain(list));
    if ignored == Some("*") {
        return None;
    }
    let section = registry.template(declaration.template).section("Globals")?;
    registry.get(declaration.to(section), kind)
}
