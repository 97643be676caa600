//! Tasks nobody waits for: the environment is frozen when the handler returns.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::model::source::Spawn;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for spawn in program.facts::<Spawn>().iter().filter(|spawn| invoked(&spawn.site)) {
            let what = if spawn.remote { "its remote calls are" } else { "it is" };
            let message = format!(
                "nobody waits for this `{}`: {what} frozen when the handler returns, and resumed in a later invocation \
                 or never",
                spawn.path
            );
            let note = match spawn.parked {
                true => "started here, its handle is kept for later",
                false => "started here, its handle is dropped",
            };
            let finding = sink.at(&spawn.site, note, message);
            if !spawn.remote {
                finding.severity = Severity::Warning;
            }
        }
    }
}
