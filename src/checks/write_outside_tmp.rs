//! Files written where a function cannot write.

use super::{Check, Sink, UnitRef};
use crate::model::source::{FileWrite, Operand};
use crate::rule::Params;

pub(super) struct Rule;

/// Mounted file systems and devices; everything else outside `/tmp` is read-only.
const WRITABLE: &[&str] = &["/tmp", "/mnt/", "/dev/", "/proc/"];

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for write in program.facts::<FileWrite>() {
            let Operand::Literal(path) = &write.path else { continue };
            if WRITABLE.iter().any(|known| path.starts_with(known)) {
                continue;
            }
            let where_to = if path.starts_with('/') { "" } else { ", relative to the code directory" };
            let message = format!("writes `{path}`{where_to}: only `/tmp` is writable in a Lambda function, so this fails");
            sink.at(&write.site, "written here", message);
        }
    }
}
