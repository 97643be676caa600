//! Facts of an HTTP route.

use super::fact::Fact;
use super::row::{About, Find, Row};
use crate::model::deployments::{Route, Trigger};

/// A route of a project.
pub(crate) struct OfRoute<'p> {
    pub(crate) trigger: &'p Trigger,
    pub(crate) route: &'p Route,
}

/// Routes as a subject.
pub(crate) enum Routes {}

impl About for Routes {
    type Of<'p> = OfRoute<'p>;
}

pub(crate) static ROWS: &[Row<Routes>] = &[
    Row {
        name: "route",
        doc: "What serves it, in words.",
        find: Find::Text(|of| Fact::value(of.trigger.kind.name().to_owned()).at(Some(of.trigger.span), "the route")),
    },
    Row {
        name: "route.method",
        doc: "Its HTTP method.",
        find: Find::Text(|of| Fact::known(&of.route.method, String::clone)),
    },
    Row { name: "route.path", doc: "Its path.", find: Find::Text(|of| Fact::known(&of.route.path, String::clone)) },
    Row {
        name: "route.integration-timeout",
        doc: "Milliseconds the API waits for the function.",
        find: Find::Number(|of| {
            Fact::setting(&of.route.integration_timeout_ms, "integration timeout", |&milliseconds| milliseconds)
        }),
    },
];
