//! Facts of an event source mapping.

use super::fact::Fact;
use super::function::target;
use super::row::{About, Find, Row};
use crate::model::Project;
use crate::model::deployments::{Mapping, Target, Trigger};

/// An event source mapping of a project.
pub(crate) struct OfMapping<'p> {
    pub(crate) project: &'p Project,
    pub(crate) trigger: &'p Trigger,
    pub(crate) mapping: &'p Mapping,
}

/// Mappings as a subject.
pub(crate) enum Mappings {}

impl About for Mappings {
    type Of<'p> = OfMapping<'p>;
}

pub(crate) static ROWS: &[Row<Mappings>] = &[
    Row {
        name: "mapping",
        doc: "What it reads from, in words.",
        find: Find::Text(|of| {
            Fact::value(of.trigger.kind.name().to_owned()).at(Some(of.trigger.span), "the event source mapping")
        }),
    },
    Row {
        name: "mapping.source-kind",
        doc: "The kind of what it reads from, in one word.",
        find: Find::Text(|of| Fact::value(of.trigger.kind.source_kind().to_owned())),
    },
    Row {
        name: "mapping.source",
        doc: "The resource it reads from.",
        find: Find::Text(|of| match of.trigger.source.one() {
            Some(Target::Resource(id)) => {
                let resource = of.project.deploy.resource(*id);
                Fact::value(resource.logical_id.clone()).at(Some(resource.span), "the source")
            }
            _ => Fact::absent(),
        }),
    },
    Row {
        name: "mapping.on-failure",
        doc: "The destination of batches that failed.",
        find: Find::Text(|of| target(&of.project.deploy, &of.mapping.on_failure, "failure destination")),
    },
    Row {
        name: "mapping.maximum-retry-attempts",
        doc: "How often a batch is tried again.",
        find: Find::Number(|of| Fact::setting(&of.mapping.max_retries, "maximum retry attempts", |&times| times)),
    },
    Row {
        name: "mapping.maximum-record-age",
        doc: "Seconds after which records are skipped.",
        find: Find::Number(|of| Fact::setting(&of.mapping.max_record_age_s, "maximum record age", |&seconds| seconds)),
    },
    Row {
        name: "mapping.partial-batch",
        doc: "Whether failures may be reported one by one.",
        find: Find::Truth(|of| Fact::setting(&of.mapping.partial_batch, "partial batch response", |&truth| truth)),
    },
    Row {
        name: "mapping.enabled",
        doc: "Whether it is switched on.",
        find: Find::Truth(|of| Fact::setting(&of.mapping.enabled, "enabled", |&truth| truth)),
    },
    Row {
        name: "mapping.batch-size",
        doc: "The most records in one batch.",
        find: Find::Number(|of| Fact::setting(&of.mapping.batch_size, "batch size", |&records| records)),
    },
    Row {
        name: "mapping.bisect",
        doc: "Whether a batch that failed is split in two.",
        find: Find::Truth(|of| Fact::setting(&of.mapping.bisect, "bisect on error", |&truth| truth)),
    },
];
