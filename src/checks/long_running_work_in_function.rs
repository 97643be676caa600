//! Work that is longer than a function may run: the row `long-running` of `fit`.

use super::support::fit;
use super::{Check, Sink, UnitRef};
use crate::rule::Params;
use crate::verdicts::fit::{Row, Strength};

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        fit::report(unit, Row::LongRunning, Strength::Strong, sink);
    }
}
