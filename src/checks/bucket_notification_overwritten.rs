//! Several notification configurations of one bucket: it has one, and the last that is applied stays.

use super::{Check, Sink};
use crate::model::Project;
use crate::model::deployments::{Exclusive, StackId, Target};
use crate::rule::Params;
use std::collections::BTreeMap;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let deploy = &project.deploy;
        let mut groups: BTreeMap<(u32, &str, String), Vec<&Exclusive>> = BTreeMap::new();
        for one in deploy.exclusives.iter().filter(|one| one.certain) {
            let resource = deploy.resource(one.resource);
            let owner = match one.owner.one() {
                Some(Target::Resource(id)) => format!("#{}", id.0),
                // Attributes of one data source mean one bucket.
                Some(Target::External(name)) => match name.strip_prefix("data.").or(name.split(".data.").nth(1)) {
                    Some(_) => name.rsplit_once('.').map_or(name.as_str(), |(bucket, _)| bucket).to_owned(),
                    None => name.clone(),
                },
                None => continue,
            };
            let StackId(stack) = resource.stack;
            groups.entry((stack, resource.type_name.as_str(), owner)).or_default().push(one);
        }
        for ((.., owner), group) in groups {
            let [first, second, rest @ ..] = group.as_slice() else { continue };
            let span = |one: &Exclusive| deploy.resource(one.resource).span;
            let named = match second.owner.one() {
                Some(Target::Resource(id)) => deploy.resource_label(*id),
                _ => owner,
            };
            let count = group.len();
            let message = format!(
                "`{named}` has {count} notification configurations, but a bucket keeps one: the last that is applied \
                 takes the others away, and what they invoke is not invoked any more"
            );
            let finding = sink.report(span(second), "overwrites, or is overwritten", message);
            finding.also(Some(span(first)), "the other configuration");
            for one in rest.iter().take(6) {
                finding.also(Some(span(one)), "another one");
            }
        }
    }
}
