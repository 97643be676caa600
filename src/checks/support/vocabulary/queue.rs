//! Facts of an SQS queue.

use super::fact::Fact;
use super::function::target;
use super::operations;
use super::row::{About, Find, Row};
use crate::model::Project;
use crate::model::deployments::{Queue, Trigger};

/// A queue of a project.
pub(crate) struct OfQueue<'p> {
    pub(crate) project: &'p Project,
    pub(crate) queue: &'p Queue,
}

impl<'p> OfQueue<'p> {
    /// What polls it.
    fn consumers(&self) -> impl Iterator<Item = &'p Trigger> {
        self.project.deploy.triggers_from(self.queue.resource).filter(|trigger| trigger.mapping().is_some())
    }
}

/// Queues as a subject.
pub(crate) enum Queues {}

impl About for Queues {
    type Of<'p> = OfQueue<'p>;
}

pub(crate) static ROWS: &[Row<Queues>] = &[
    Row {
        name: "queue",
        doc: "Its name.",
        find: Find::Text(|of| {
            let resource = of.project.deploy.resource(of.queue.resource);
            Fact::value(resource.logical_id.clone()).at(Some(resource.span), "the queue")
        }),
    },
    Row {
        name: "queue.consumers",
        doc: "Whether a function consumes it.",
        find: Find::Truth(|of| {
            let deploy = &of.project.deploy;
            let consumers: Vec<&Trigger> = of.consumers().collect();
            let mut fact = Fact::verdict((!consumers.is_empty()).into());
            for trigger in consumers {
                let note = format!("`{}` consumes it", deploy.function_label(trigger.function));
                fact = fact.at(Some(trigger.span), note);
            }
            fact
        }),
    },
    Row {
        name: "queue.consumer-keeps-failures",
        doc: "Whether a function that consumes it has a dead-letter queue or failure destination of its own.",
        find: Find::Truth(|of| {
            let deploy = &of.project.deploy;
            let keeps = of.consumers().filter_map(|trigger| {
                let lambda = deploy.function(trigger.function).aws()?;
                let settings = [&lambda.async_config.dead_letter, &lambda.async_config.on_failure];
                settings.into_iter().find_map(|setting| setting.key.or(setting.value.span()))
            });
            let places: Vec<_> = keeps.collect();
            let mut fact = Fact::verdict((!places.is_empty()).into());
            for place in places {
                fact = fact.at(Some(place), "ignored for queues");
            }
            fact
        }),
    },
    Row {
        name: "queue.redrive",
        doc: "Where messages go that failed too often.",
        find: Find::Text(|of| target(&of.project.deploy, &of.queue.redrive, "redrive policy")),
    },
    Row {
        name: "queue.is-dead-letter-queue",
        doc: "Whether it takes the failures of something else.",
        find: Find::Truth(|of| Fact::verdict(of.queue.is_dead_letter.into())),
    },
    Row {
        name: "queue.alarm",
        doc: "Whether an alarm of the project watches it.",
        find: Find::Truth(|of| operations::alarmed(&of.project.deploy, of.queue.resource, &[])),
    },
    Row {
        name: "queue.visibility-timeout",
        doc: "Seconds in which a message that was received is hidden.",
        find: Find::Number(|of| Fact::setting(&of.queue.visibility_s, "visibility timeout", |&seconds| seconds)),
    },
];
