//! Names of resources of the project that are written into code instead of handed over.

use super::{Check, Sink, UnitRef};
use crate::model::deployments::physical::Named;
use crate::model::source::{Operand, SdkCall};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(program)) = (unit.function(), unit.program()) else { return };
        let deploy = &unit.project.deploy;
        let stack = deploy.resource(function.resource).stack;
        for call in program.facts::<SdkCall>() {
            let (Operand::Literal(name), Some(place)) = (&call.target, call.target_span) else { continue };
            let Named::One(id) = deploy.named(name, stack, &call.service) else { continue };
            let resource = deploy.resource(id);
            let message = format!(
                "`{name}` is the name of `{}`, written into the code: it works with the one copy that has it",
                resource.logical_id
            );
            let finding = sink.report(place, "named here", message);
            finding.also(Some(resource.span), "what has that name").also(Some(call.site.span), "used here");
            finding.because_of(name);
        }
    }
}
