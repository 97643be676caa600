//! Calls that block the thread asynchronous code runs on.

use super::support::context::invoked;
use super::support::grouped::grouped;
use super::waiting_inside_function::WAITING_MS;
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::knowledge::{Meaning, lexicon};
use crate::model::source::{ApiCall, ApiClass, Program, Wait};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let concurrent = unit.is_concurrent();
        let streams = streams(program);
        let blocks = |call: &&ApiCall| match call.class {
            ApiClass::BlockingPanics | ApiClass::PanicsInDebugBuilds => true,
            ApiClass::Blocking => concurrent || streams || call.beside_others || !waits(program, call),
            _ => false,
        };
        let calls = program.facts::<ApiCall>().iter().filter(|call| invoked(&call.site)).filter(blocks);
        // What has an asynchronous twin in its library is one change of the client, wherever it is called.
        let place = |call: &'_ ApiCall| match call.class {
            ApiClass::PanicsInDebugBuilds => None,
            _ => Some((call.site.span.file, call.site.trail.clone())),
        };
        for same in grouped(calls, |call| (place(call), call.class, call.beside_others)) {
            let call = same[0];
            let beside = call.beside_others || streams;
            let path = &call.path;
            let (message, note) = match call.class {
                ApiClass::BlockingPanics => {
                    (format!("`{path}` panics when it is called from asynchronous code"), "called on an async thread")
                }
                ApiClass::PanicsInDebugBuilds => (
                    format!(
                        "`{path}` panics on an async thread in debug builds, which `cargo lambda watch` makes, and \
                         blocks it in release builds"
                    ),
                    "called on an async thread",
                ),
                _ => {
                    // One environment serves one request: alone in it, blocking delays nobody else.
                    let why = match (concurrent, beside) {
                        (true, _) => "the other requests of the environment wait meanwhile",
                        (_, true) => "the other futures of the invocation wait meanwhile",
                        _ => "no async timeout can end it",
                    };
                    (format!("`{path}` blocks the async thread; {why}"), "blocks here")
                }
            };
            let finding = sink.at(&call.site, note, message);
            match call.class {
                ApiClass::BlockingPanics => finding.severity = Severity::Error,
                ApiClass::PanicsInDebugBuilds => {
                    finding.severity = Severity::Warning;
                    finding.advise(
                        "Use the asynchronous client of the same library, built once in `main`, and `.await` its \
                         requests.",
                    );
                }
                _ if concurrent || beside => finding.severity = Severity::Warning,
                _ => {
                    finding.pedantic();
                }
            }
            finding.places(same.iter().map(|other| other.site.span), "and here");
        }
    }
}

/// Whether the call is reported as time that is waited through.
fn waits(program: &Program, call: &ApiCall) -> bool {
    let long = |wait: &Wait| wait.operation.is_some() || wait.millis.is_some_and(|millis| millis >= WAITING_MS);
    program.facts::<Wait>().iter().any(|wait| wait.site.span == call.site.span && long(wait))
}

/// A streamed response is sent by futures that run beside the one that makes it.
fn streams(program: &Program) -> bool {
    program.handlers.iter().any(|handler| lexicon().means(&handler.entry, Meaning::Streams))
}
