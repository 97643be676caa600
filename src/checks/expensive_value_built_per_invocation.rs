//! Values that are costly to build, always the same, and built again on every invocation.

use super::support::context::{how_often, invoked};
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::knowledge::{Meaning, lexicon};
use crate::model::source::{ApiCall, ApiClass};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for call in
            program.facts::<ApiCall>().iter().filter(|call| call.class == ApiClass::Expensive && invoked(&call.site))
        {
            let often = if call.site.in_loop { "for each element of a loop" } else { how_often(&call.site) };
            let message = format!("`{}` builds the same value {often}; once for each environment is enough", call.path);
            let finding = sink.at(&call.site, "built here from constants", message);
            let pattern = lexicon().means(&call.path, Meaning::CompilesPattern);
            if !pattern {
                finding.advise("Build it once: in a `static` with `std::sync::LazyLock`, or in `main`.");
            }
            if call.site.in_loop {
                finding.severity = Severity::Warning;
            } else if pattern || unit.runs_rarely() {
                // One pattern compiled for an invocation is less than one call of a service.
                finding.pedantic();
            }
        }
    }
}
