//! One remote call for each element where one call takes many.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::knowledge::sdk_operations;
use crate::model::source::SdkCall;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for call in program.facts::<SdkCall>().iter().filter(|call| call.per_element && invoked(&call.site)) {
            let Some(twin) = sdk_operations().batch_twins.get(&call.data_key()) else {
                continue;
            };
            if call.setters().any(|setter| sdk_operations().single_setters.iter().any(|known| known == setter)) {
                continue;
            }
            let several = call.setters().filter(|setter| *setter == "entries").count() > 1;
            if several || call.sets("set_entries") {
                continue;
            }
            // The records of one batch of one are no loop.
            if unit.mappings().any(|(_, mapping)| mapping.batch_size.one() == Some(&1)) {
                continue;
            }
            let message = format!(
                "calls `{}` once for each element; one `{}` takes up to {}",
                call.operation, twin.operation, twin.most
            );
            sink.at(&call.site, "one round trip each", message).cap(Confidence::Medium);
        }
    }
}
