//! Batch operations that answer successfully although entries failed, and nobody looks.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::knowledge::sdk_operations;
use crate::model::source::{InvocationType, SdkCall};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        for call in program.facts::<SdkCall>().iter().filter(|call| invoked(&call.site)) {
            let name = call.data_key();
            let Some(accessors) = sdk_operations().partial_failures.get(&name) else { continue };
            // A queued invocation has no result that could tell.
            if call.operation == "invoke" && call.invocation() != InvocationType::RequestResponse {
                continue;
            }
            if call.output.escapes || call.output.reads.iter().any(|read| accessors.contains(read)) {
                continue;
            }
            let first = &accessors[0];
            let lost = if call.operation == "invoke" {
                "although the function failed; nothing reads `function_error()`, so its error passes for a result"
                    .to_owned()
            } else {
                format!("although entries failed; nothing reads `{first}()`, so failed entries are lost")
            };
            let message = format!("`{}` answers successfully {lost}", call.operation);
            let note = if call.operation == "invoke" {
                "nothing asks whether it failed"
            } else {
                "its output is not looked at"
            };
            sink.at(&call.site, note, message);
        }
    }
}
