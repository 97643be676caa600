//! The closed list of facts a declarative rule may name, for each kind of subject. A fact is one row of one table: its
//! name, its type and what finds it out stand together, so that none can exist without the others.

mod fact;
mod function;
mod mapping;
mod operations;
mod queue;
mod route;
mod row;
mod stage;
mod state_machine;

pub(crate) use self::fact::{Datum, Fact};

use self::function::OfFunction;
use self::mapping::OfMapping;
use self::queue::OfQueue;
use self::route::OfRoute;
use self::row::{About, Row};
use self::stage::OfStage;
use self::state_machine::OfStateMachine;
use crate::finding;
use crate::model::deployments::{FunctionId, MachineLog, Mapping, Queue, Route, Stage, Trigger};
use crate::model::{Platform, Project};
use crate::rule::{Kind, Subject};
use crate::text::Span;

/// A subject a rule is evaluated for.
pub(crate) enum Instance<'p> {
    Function(&'p Project, FunctionId),
    Mapping(&'p Project, &'p Trigger, &'p Mapping),
    Queue(&'p Project, &'p Queue),
    Route(&'p Project, &'p Trigger, &'p Route),
    Stage(&'p Project, &'p Stage),
    StateMachine(&'p Project, &'p MachineLog),
}

/// Every subject of a kind.
pub(crate) fn instances(subject: Subject, project: &Project) -> Vec<Instance<'_>> {
    let triggers = project.deploy.triggers.iter();
    match subject {
        Subject::Function => project.deploy.function_ids().map(|id| Instance::Function(project, id)).collect(),
        Subject::Queue => project.deploy.queues.iter().map(|queue| Instance::Queue(project, queue)).collect(),
        Subject::Mapping => {
            triggers.filter_map(|t| t.mapping().map(|mapping| Instance::Mapping(project, t, mapping))).collect()
        }
        Subject::Route => triggers.filter_map(|t| t.route().map(|route| Instance::Route(project, t, route))).collect(),
        Subject::Stage => project.deploy.stages.iter().map(|stage| Instance::Stage(project, stage)).collect(),
        Subject::StateMachine => {
            project.deploy.machine_logs.iter().map(|machine| Instance::StateMachine(project, machine)).collect()
        }
    }
}

impl<'p> Instance<'p> {
    fn function_id(&self) -> Option<FunctionId> {
        match self {
            Self::Function(_, id) => Some(*id),
            Self::Mapping(_, trigger, _) | Self::Route(_, trigger, _) => Some(trigger.function),
            Self::Queue(..) | Self::Stage(..) | Self::StateMachine(..) => None,
        }
    }

    /// Where the function it is about runs.
    pub(crate) fn platform(&self) -> Option<Platform> {
        self.function_id().map(|id| self.project().deploy.function(id).platform)
    }

    fn project(&self) -> &'p Project {
        match self {
            Self::Function(project, _)
            | Self::Mapping(project, ..)
            | Self::Queue(project, _)
            | Self::Route(project, ..)
            | Self::Stage(project, _)
            | Self::StateMachine(project, _) => project,
        }
    }

    /// What a finding about it concerns.
    pub(crate) fn about(&self) -> finding::Subject {
        match self {
            Self::Function(_, id) => finding::Subject::Function(*id),
            Self::Mapping(_, trigger, _) | Self::Route(_, trigger, _) => finding::Subject::Function(trigger.function),
            Self::Queue(_, queue) => finding::Subject::Resource(queue.resource),
            // An API that an event makes has no resource of its own.
            Self::Stage(project, stage) => match project.deploy.function_of(stage.resource) {
                Some(function) => finding::Subject::Function(function),
                None => finding::Subject::Resource(stage.resource),
            },
            Self::StateMachine(_, machine) => finding::Subject::Resource(machine.resource),
        }
    }

    /// The path of the stack that declares it.
    pub(crate) fn stack(&self) -> &'p str {
        let deploy = &self.project().deploy;
        let resource = match self {
            Self::Queue(_, queue) => queue.resource,
            Self::Stage(_, stage) => stage.resource,
            Self::StateMachine(_, machine) => machine.resource,
            Self::Function(_, id) => deploy.function(*id).resource,
            Self::Mapping(_, trigger, _) | Self::Route(_, trigger, _) => deploy.function(trigger.function).resource,
        };
        &deploy.stack(deploy.resource(resource).stack).path
    }

    /// Where it is declared.
    pub(crate) fn place(&self) -> Span {
        let deploy = &self.project().deploy;
        match self {
            Self::Function(_, id) => deploy.function_span(*id),
            Self::Mapping(_, trigger, _) | Self::Route(_, trigger, _) => trigger.span,
            Self::Queue(_, queue) => deploy.resource(queue.resource).span,
            Self::Stage(_, stage) => stage.span,
            Self::StateMachine(_, machine) => machine.span,
        }
    }

    /// A fact by its name. A name that no row has is known of nothing; `validate` does not let one come here.
    pub(crate) fn fact(&self, name: &str) -> Fact {
        let own = match *self {
            Self::Function(..) => None,
            Self::Mapping(project, trigger, mapping) => {
                find(mapping::ROWS, name, &OfMapping { project, trigger, mapping })
            }
            Self::Queue(project, queue) => find(queue::ROWS, name, &OfQueue { project, queue }),
            Self::Route(_, trigger, route) => find(route::ROWS, name, &OfRoute { trigger, route }),
            Self::Stage(_, stage) => find(stage::ROWS, name, &OfStage { stage }),
            Self::StateMachine(project, machine) => {
                find(state_machine::ROWS, name, &OfStateMachine { project, machine })
            }
        };
        let of_function =
            || find(function::ROWS, name, &OfFunction { project: self.project(), id: self.function_id()? });
        own.or_else(of_function).unwrap_or_else(Fact::unknown)
    }
}

fn find<A: About>(rows: &[Row<A>], name: &str, of: &A::Of<'_>) -> Option<Fact> {
    rows.iter().find(|row| row.name == name).map(|row| row.fact(of))
}

/// A fact as documents list it: name, type and sentence.
pub struct Entry {
    /// What rule files call it.
    pub name: &'static str,
    /// What it is compared with.
    pub kind: Kind,
    /// What it holds.
    pub doc: &'static str,
}

/// Facts of a kind of subject; those of its function come with mappings and routes.
pub fn entries(subject: Subject) -> Vec<Entry> {
    let mut all = match subject {
        Subject::Function => Vec::new(),
        Subject::Mapping => list(mapping::ROWS),
        Subject::Queue => return list(queue::ROWS),
        Subject::Stage => return list(stage::ROWS),
        Subject::StateMachine => return list(state_machine::ROWS),
        Subject::Route => list(route::ROWS),
    };
    all.extend(list(function::ROWS));
    all
}

fn list<A: About>(rows: &[Row<A>]) -> Vec<Entry> {
    rows.iter().map(|row| Entry { name: row.name, kind: row.kind(), doc: row.doc }).collect()
}

#[cfg(test)]
mod tests {
    use super::entries;
    use crate::rule::Subject;
    use std::collections::BTreeSet;

    #[test]
    fn names_of_facts_are_unique_and_explained() {
        for subject in Subject::ALL {
            let rows = entries(subject);
            let names: BTreeSet<&str> = rows.iter().map(|row| row.name).collect();
            assert_eq!(names.len(), rows.len(), "{subject:?}");
            assert!(rows.iter().all(|row| row.doc.ends_with('.')), "{subject:?}");
        }
    }
}
