//! Synchronous lock guards that stay alive while a future is awaited.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::model::source::HeldGuard;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let concurrent = unit.is_concurrent();
        for guard in program.facts::<HeldGuard>().iter().filter(|guard| invoked(&guard.site)) {
            let consequence = if concurrent {
                "other requests of the environment block their thread on it, which can deadlock"
            } else {
                "a second future of the invocation that takes it blocks the thread, which can deadlock"
            };
            let message = format!("the guard of `{}` is held across an `.await`; {consequence}", guard.name);
            let finding = sink.at(&guard.site, "taken here", message);
            if concurrent {
                finding.severity = Severity::Error;
            }
            finding.also(Some(guard.awaited), "still held here");
        }
    }
}
