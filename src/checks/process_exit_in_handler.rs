//! Ending the process while an invocation runs.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::model::source::{ApiCall, ApiClass};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for call in
            program.facts::<ApiCall>().iter().filter(|call| call.class == ApiClass::ProcessExit && invoked(&call.site))
        {
            let message = format!(
                "`{}` during an invocation: it fails with Runtime.ExitError and the next one starts cold",
                call.path
            );
            sink.at(&call.site, "the process ends here", message);
        }
    }
}
