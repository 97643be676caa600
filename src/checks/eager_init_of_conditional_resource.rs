//! Connections every cold start waits for although only some invocations use them.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Label};
use crate::model::source::ConditionalResource;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        // Provisioned environments are initialised before they are needed: eager is right there.
        if unit.unit.function().is_some_and(|id| unit.project.deploy.provisioned(id).next().is_some()) {
            return;
        }
        for resource in program.facts::<ConditionalResource>() {
            let message = format!(
                "every cold start waits for `{}`, but invocations use it only under a condition",
                resource.path
            );
            let finding = sink.at(&resource.site, "opened during init", message);
            finding.cap(Confidence::Medium);
            for used in resource.uses.iter().take(3) {
                finding.related.push(Label::new(*used, "used only in this branch"));
            }
        }
    }
}
