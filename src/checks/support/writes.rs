//! Where a setting of a declaration is written, in each dialect.

use crate::finding::{Value, Write};
use crate::knowledge::{Declared, Dialect, Writes, dialect};
use crate::model::Project;
use crate::model::deployments::{DialectId, FunctionId, ResourceId, Trigger};
use crate::text::Span;

/// A declaration in a config, with what it takes to write into it.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'p> {
    project: &'p Project,
    /// The logical id, the header of the block, or the key of the event.
    declaration: Span,
    dialect: DialectId,
    declared: Declared,
}

impl<'p> Owner<'p> {
    /// A function.
    pub(crate) fn function(project: &'p Project, id: FunctionId) -> Self {
        Self { declared: Declared::Function, ..Self::resource(project, project.deploy.function(id).resource) }
    }

    /// A resource.
    pub(crate) fn resource(project: &'p Project, id: ResourceId) -> Self {
        let declaration = project.deploy.resource(id).span;
        Self { project, declaration, dialect: project.deploy.dialect_of(id), declared: Declared::Resource }
    }

    /// What lets something invoke a function: an event of the function, or a resource of its own.
    pub(crate) fn trigger(project: &'p Project, trigger: &Trigger) -> Self {
        let dialect = project.deploy.dialect_of(project.deploy.function(trigger.function).resource);
        let own = project.deploy.resources.iter().any(|resource| resource.span == trigger.span);
        let declared = if own { Declared::Resource } else { Declared::Event };
        Self { project, declaration: trigger.span, dialect, declared }
    }

    /// What is known of the dialect it is written in.
    pub(crate) fn dialect(&self) -> Option<&'static Dialect> {
        dialect(self.dialect.0)
    }

    /// The place it is declared at.
    pub(crate) fn declaration(&self) -> Span {
        self.declaration
    }

    /// Sets a property, named as CloudFormation does, dotted. None if the dialect has no word for it.
    pub(crate) fn set(&self, property: &str, value: Value) -> Option<Write> {
        let of = self.declaration;
        let dialect = self.dialect()?;
        let writes = dialect.writes.as_ref()?;
        let word = dialect.word(self.declared, self.project.sources.slice(of), property)?;
        let value = match value {
            Value::List(mut items) if word.single && items.len() == 1 => items.remove(0),
            other => other,
        };
        Some(match writes {
            Writes::Entries => Write::Entry { of, path: word.path, value, short: word.short },
            Writes::Attributes => Write::Attribute { of, path: word.path, value },
            Writes::Table(name) => Write::Table { of, name: name.clone(), keys: vec![(word.path.join("."), value)] },
        })
    }
}
