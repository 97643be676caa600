//! What texts name: references, and the physical names that templates fix.

use super::template::Registry;
use crate::model::deployments::physical::{
    Home, Named, PhysicalNames, called, is_of_service, name_property, service_of,
};
use crate::model::deployments::{ResourceId, StackId, Target, Text};

impl Registry {
    /// What a text of a template names: a resource it references, a resource with that physical name, or something
    /// outside. `service` is the one whose resources are meant, where that is known. The error says why it cannot be
    /// told.
    pub(crate) fn target(
        &self,
        text: &Text,
        said_in: Option<StackId>,
        service: Option<&str>,
    ) -> Result<Target, String> {
        match text {
            Text::Attribute(id, _) => Ok(Target::Resource(*id)),
            Text::Template(_, ids) if ids.len() == 1 => Ok(Target::Resource(ids[0])),
            Text::Template(_, ids) if !ids.is_empty() => Err("names several resources".to_owned()),
            Text::Template(text, _) | Text::Literal(text) => self.by_name(text, said_in, service_of(text).or(service)),
        }
    }

    /// An ARN, URL or name, matched with resources whose physical name the templates fix.
    fn by_name(&self, text: &str, said_in: Option<StackId>, service: Option<&str>) -> Result<Target, String> {
        let outside = || Ok(Target::External(text.to_owned()));
        let name = called(text);
        if name.is_empty() || name.contains("${") || name == "*" {
            return outside();
        }
        let fits = |id: ResourceId| service.is_none_or(|service| is_of_service(self.type_name(id), service));
        let home = |id: ResourceId| self.home(Some(self.declaration(id).template));
        match self.names_fixed().find(name, self.home(said_in), fits, home) {
            Named::Nothing => outside(),
            Named::One(id) => Ok(Target::Resource(id)),
            Named::Several(ids) => {
                let path = |id: &ResourceId| self.template(self.declaration(*id).template).path.as_str();
                let mut paths: Vec<&str> = ids.iter().map(path).collect();
                paths.dedup();
                let more = if paths.len() > 2 { ", …" } else { "" };
                let paths = paths.iter().take(2).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
                Err(format!("names `{name}`, which {} resources have ({paths}{more})", ids.len()))
            }
        }
    }

    /// Where a template stands; no template is nobody's neighbour.
    pub(crate) fn home(&self, template: Option<StackId>) -> Home {
        let stack = template.unwrap_or(StackId(u32::MAX));
        let family = self.families.get(stack.0 as usize).copied().unwrap_or(stack);
        Home { stack, family }
    }

    /// Resources by the physical name a template fixes.
    fn names_fixed(&self) -> &PhysicalNames {
        self.by_name.get_or_init(|| {
            let mut names = PhysicalNames::default();
            for (id, declared) in self.ids().zip(&self.declared) {
                let here = self.template(declared.place.template);
                let name = here.property(declared.place.node, name_property(&declared.type_name));
                let Some(node) = name else { continue };
                if let (None, Some(text)) = (&here.doc.node(node).tag, here.doc.text(node)) {
                    names.add(text, id);
                }
            }
            names
        })
    }
}
