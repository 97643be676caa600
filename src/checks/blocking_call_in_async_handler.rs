//! Calls that block the thread asynchronous code runs on.

use super::support::context::invoked;
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::knowledge::{Meaning, lexicon};
use crate::model::source::{ApiCall, ApiClass, Program};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let concurrent = unit.is_concurrent();
        for call in program.facts::<ApiCall>().iter().filter(|call| invoked(&call.site)) {
            match call.class {
                ApiClass::BlockingPanics => {
                    let message = format!("`{}` panics when it is called from asynchronous code", call.path);
                    sink.at(&call.site, "called on an async thread", message).severity = Severity::Error;
                }
                ApiClass::Blocking => {
                    let beside = call.beside_others || streams(program);
                    // One environment serves one request: alone in it, blocking delays nobody else.
                    let why = match (concurrent, beside) {
                        (true, _) => "the other requests of the environment wait meanwhile",
                        (_, true) => "the other futures of the invocation wait meanwhile",
                        _ => "nothing else can run on it meanwhile",
                    };
                    let message = format!("`{}` blocks the async thread; {why}", call.path);
                    let finding = sink.at(&call.site, "blocks here", message);
                    if concurrent || beside {
                        finding.severity = Severity::Warning;
                    }
                }
                _ => {}
            }
        }
    }
}

/// A streamed response is sent by futures that run beside the one that makes it.
fn streams(program: &Program) -> bool {
    program.handlers.iter().any(|handler| lexicon().means(&handler.entry, Meaning::Streams))
}
