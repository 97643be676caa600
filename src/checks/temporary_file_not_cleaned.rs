//! Files in `/tmp` that later invocations find.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::model::Verdict;
use crate::model::source::{FileRemoval, FileWrite, Operand};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        if program.has::<FileRemoval>() {
            return;
        }
        for write in program.facts::<FileWrite>().iter().filter(|write| invoked(&write.site)) {
            let Operand::Literal(path) = &write.path else { continue };
            // `/tmp/video.{extension}`: there are as many files as extensions, and each is written over.
            let named = path.rsplit('/').next().is_some_and(|name| name.len() > 1 && name.ends_with('.'));
            if !path.starts_with("/tmp") || named || write.unique != Verdict::Yes {
                continue;
            }
            let message = "a file named after the event stays in `/tmp` when the invocation ends; the space runs out \
                           while the environment is reused";
            let finding = sink.at(&write.site, "written here, removed nowhere", message);
            if let Some(lambda) = unit.lambda() {
                let size = &lambda.ephemeral_mb;
                finding.also(size.place(), format!("ephemeral storage, {}", size.origin.describe()));
            }
        }
    }
}
