//! Functions that may use more memory than agreed. (What the check owns, in one to three lines.)

use super::{Check, Sink, UnitRef};
use crate::model::Verdict;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(function), Some(name)) = (unit.function(), unit.name()) else { return };
        let memory = &function.memory_mb;
        // Only what is certain becomes a finding: a value no file decides never does.
        let (Verdict::Yes, Some(place)) =
            (memory.value.holds(|&megabytes| megabytes >= params.int("megabytes")), memory.place())
        else {
            return;
        };
        let message = format!("`{name}` may use more than {} MB", params.int("megabytes"));
        sink.report(place, "configured here", message).cap(memory.origin.ceiling());
    }
}
