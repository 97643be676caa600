//! Facts of a state machine that a config declares.

use super::fact::Fact;
use super::row::{About, Find, Row};
use crate::model::Project;
use crate::model::deployments::MachineLog;

/// A state machine of a project.
pub(crate) struct OfStateMachine<'p> {
    pub(crate) project: &'p Project,
    pub(crate) machine: &'p MachineLog,
}

/// State machines as a subject.
pub(crate) enum StateMachines {}

impl About for StateMachines {
    type Of<'p> = OfStateMachine<'p>;
}

pub(crate) static ROWS: &[Row<StateMachines>] = &[
    Row {
        name: "state-machine",
        doc: "Its name.",
        find: Find::Text(|of| {
            let name = of.project.deploy.resource(of.machine.resource).logical_id.clone();
            Fact::value(name).at(Some(of.machine.span), "the state machine")
        }),
    },
    Row {
        name: "state-machine.type",
        doc: "Whether its executions keep a history: `STANDARD` or `EXPRESS`.",
        find: Find::Text(|of| Fact::setting(&of.machine.kind, "type", |kind| kind.to_uppercase())),
    },
    Row {
        name: "state-machine.log-level",
        doc: "Which events of its executions it logs: `ALL`, `ERROR`, `FATAL` or `OFF`.",
        find: Find::Text(|of| Fact::setting(&of.machine.level, "log level", |level| level.to_uppercase())),
    },
];
