//! What texts name: references, and the physical names that templates fix.

use super::template::Registry;
use crate::model::deployments::physical::{
    Home, Named, PhysicalNames, called, is_of_service, name_property, service_of,
};
use crate::model::deployments::{ResourceId, StackId, Target, Text};

impl Registry {
    /// What a text of a template names: a resource it references, a resource with that physical name, or something
    /// outside. `service` is the one whose resources are meant, where that is known. The error says why it cannot be told.
    pub(crate) fn target(&self, text: &Text, template: usize, service: Option<&str>) -> Result<Target, String> {
        match text {
            Text::Attribute(id, _) => Ok(Target::Resource(*id)),
            Text::Template(_, ids) if ids.len() == 1 => Ok(Target::Resource(ids[0])),
            Text::Template(_, ids) if !ids.is_empty() => Err("names several resources".to_owned()),
            Text::Template(text, _) | Text::Literal(text) => self.by_name(text, template, service_of(text).or(service)),
        }
    }

    /// An ARN, URL or name, matched with resources whose physical name the templates fix.
    fn by_name(&self, text: &str, template: usize, service: Option<&str>) -> Result<Target, String> {
        let outside = || Ok(Target::External(text.to_owned()));
        let name = called(text);
        if name.is_empty() || name.contains("${") || name == "*" {
            return outside();
        }
        let fits = |id: ResourceId| service.is_none_or(|service| is_of_service(self.type_name(id), service));
        let home = |id: ResourceId| self.home(self.declaration(id).0);
        match self.names_fixed().find(name, self.home(template), fits, home) {
            Named::Nothing => outside(),
            Named::One(id) => Ok(Target::Resource(id)),
            Named::Several(ids) => {
                let path = |id: &ResourceId| self.templates[self.declaration(*id).0].path.as_str();
                let mut paths: Vec<&str> = ids.iter().map(path).collect();
                paths.dedup();
                let more = if paths.len() > 2 { ", …" } else { "" };
                let paths = paths.iter().take(2).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
                Err(format!("names `{name}`, which {} resources have ({paths}{more})", ids.len()))
            }
        }
    }

    /// Where a template stands; a template there is none of is nobody's neighbour.
    pub(crate) fn home(&self, template: usize) -> Home {
        let family = self.families.get(template).copied().unwrap_or(template);
        Home { stack: StackId(template as u32), family: StackId(family as u32) }
    }

    /// Resources by the physical name a template fixes.
    fn names_fixed(&self) -> &PhysicalNames {
        self.by_name.get_or_init(|| {
            let mut names = PhysicalNames::default();
            for (index, &(template, declaration)) in self.declared.iter().enumerate() {
                let (here, id) = (&self.templates[template], ResourceId(index as u32));
                let Some(node) = here.property(declaration, name_property(self.type_name(id))) else { continue };
                if let (None, Some(text)) = (&here.doc.node(node).tag, here.doc.text(node)) {
                    names.add(text, id);
                }
            }
            names
        })
    }
}
