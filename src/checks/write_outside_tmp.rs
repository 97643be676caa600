//! Files written where a function cannot write.

use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::knowledge::platforms;
use crate::model::source::{FileWrite, Operand};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for write in program.facts::<FileWrite>() {
            let Operand::Literal(path) = &write.path else { continue };
            // Which variant there is was decided elsewhere, perhaps never this one in a function; and what a switch
            // turns on and nobody asks about does no harm where it is off.
            if write.by_variant || write.dropped && write.site.conditional {
                continue;
            }
            // Everything else is read-only.
            if platforms().aws_lambda.writable_paths.value.iter().any(|known| path.starts_with(known.as_str())) {
                continue;
            }
            let where_to = if path.starts_with('/') { "" } else { ", relative to the code directory" };
            let message =
                format!("writes `{path}`{where_to}: only `/tmp` is writable in a Lambda function, so this fails");
            let finding = sink.at(&write.site, "written here", message);
            // Nobody learns that it failed.
            if write.dropped {
                finding.severity = Severity::Warning;
                finding.pedantic();
            }
        }
    }
}
