//! Functions on x86_64 that nothing keeps there, one finding for each place that says so.

use super::{Check, Sink};
use crate::exact::Exact;
use crate::finding::Subject;
use crate::knowledge::price;
use crate::model::Project;
use crate::model::deployments::FunctionId;
use crate::rule::Params;
use crate::text::Span;
use crate::verdicts::cost::DEFAULT_REGION;
use crate::verdicts::fit::movable;
use std::collections::BTreeMap;

pub(super) struct Rule;

impl Check for Rule {
    fn project(&self, project: &Project, _: &Params, sink: &mut Sink<'_>) {
        let mut groups: BTreeMap<Span, Vec<FunctionId>> = BTreeMap::new();
        for unit in &project.units {
            if let Some((id, place)) = movable(project, unit) {
                groups.entry(place).or_default().push(id);
            }
        }
        let first = |architecture: &str| price(&format!("lambda-duration-{architecture}"))?.first(DEFAULT_REGION);
        let (Some(x86), Some(arm)) = (first("x86_64"), first("arm64")) else { return };
        let percent = (&(x86.less(arm) * Exact::from(100)) / x86).places(0);
        for (place, functions) in groups {
            let Some((&one, rest)) = functions.split_first() else { continue };
            let name = project.deploy.function_label(one);
            let who = match rest.len() {
                0 => format!("`{name}` runs"),
                more => format!("`{name}` and {more} more run"),
            };
            let message = format!(
                "{who} on x86_64, and nothing in their crates needs it; the same duration costs {percent} % less on \
                 arm64"
            );
            let finding = sink.report(place, "decided here", message);
            finding.subject = Some(Subject::Function(one));
        }
    }
}
