//! Servers and state that somebody comes back for: the row `stateful` of `fit`.

use super::support::fit;
use super::{Check, Sink, UnitRef};
use crate::rule::Params;
use crate::verdicts::fit::{Row, Strength};

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        fit::report(unit, Row::Stateful, Strength::Strong, sink);
    }
}
