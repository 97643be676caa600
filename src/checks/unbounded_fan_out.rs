//! Remote calls started all at once for a collection of any size.

use super::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::spec::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.lambda_program() else { return };
        // The records of a batch are as many as the batch size allows.
        let batch = unit.mappings().filter_map(|(_, mapping)| mapping.batch_size.one()).max().copied();
        for fan_out in program.fan_outs.iter().filter(|fan_out| invoked(&fan_out.site)) {
            if fan_out.is_batch && batch.is_none_or(|size| size <= params.int("max_batch")) {
                continue;
            }
            let message = "starts a remote call for every element at once; a large input exhausts sockets, memory and the limits of what it calls";
            sink.at(&fan_out.site, "as many at once as there are elements", message).cap(Confidence::Medium);
        }
    }
}
