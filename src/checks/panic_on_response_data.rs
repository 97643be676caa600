//! Places that panic when a service answers something else than is expected.

use super::support::context::invoked;
use super::support::grouped::{function, grouped};
use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::source::AnswerPanic;
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        let all = program.facts::<AnswerPanic>().iter().filter(|panic| invoked(&panic.site));
        for places in grouped(all, |panic| function(&panic.site)) {
            let first = places[0];
            let how = if first.how == "index" { "indexing".to_owned() } else { format!("`{}`", first.how) };
            let of = match (first.outcome, first.external) {
                (true, true) => "the outcome of an HTTP request".to_owned(),
                (true, false) => format!("the outcome of a call of `{}`", first.service),
                (false, true) => "data of an HTTP response".to_owned(),
                (false, false) => format!("data of a response of `{}`", first.service),
            };
            let when = if first.outcome { "when the call fails" } else { "when something is missing from it" };
            let more = match places.len() {
                1 => String::new(),
                2 => ", here and at one more place,".to_owned(),
                several => format!(", here and at {} more places,", several - 1),
            };
            let message = format!("{how} on {of}{more} panics {when}, instead of returning an error that says why");
            let finding = sink.at(&first.site, "panics on an unexpected answer", message);
            finding.cap(Confidence::Medium);
            finding.places(places.iter().skip(1).map(|other| other.site.span), "and here");
        }
    }
}
