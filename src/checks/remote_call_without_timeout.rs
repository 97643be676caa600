//! HTTP requests that nothing bounds but the function's own timeout.

use super::{Check, Sink, UnitRef};
use crate::finding::{Edit, Fix, Label, Severity};
use crate::model::Verdict;
use crate::model::deployments::Invocation;
use crate::model::source::{HttpCall, Phase, Program};
use crate::rule::Params;
use crate::text::Span;
use std::collections::BTreeMap;

/// Seconds a request may take in a fix, unless half of the function's own timeout is less.
const MOST_SECONDS: i64 = 10;

/// A timeout of a function that is hardly longer than one of a request would be.
const BRIEF_SECONDS: i64 = 5;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.code() else { return };
        // One finding for each client: that is where one edit mends all its requests.
        let mut by_client: BTreeMap<Span, Vec<&HttpCall>> = BTreeMap::new();
        for call in
            unbounded(program).filter(|call| !unit.is_same_host(&call.url) && unit.default_limit(call).is_none())
        {
            by_client.entry(call.client.unwrap_or(call.site.span)).or_default().push(call);
        }
        let mut clients: Vec<(Span, Vec<&HttpCall>)> = by_client.into_iter().collect();
        // Functions called one after the other: clients of one file are one change.
        let cause = |calls: &[&HttpCall]| {
            let first = calls.first();
            let library = first.map(|call| call.path.split("::").next().unwrap_or_default().to_owned());
            (library, first.map(|call| call.client.unwrap_or(call.site.span).file))
        };
        while !clients.is_empty() {
            let (place, calls) = clients.remove(0);
            let (same, rest): (Vec<_>, Vec<_>) =
                clients.into_iter().partition(|(_, other)| cause(other) == cause(&calls));
            clients = rest;
            let others: Vec<Span> = same.into_iter().map(|(place, _)| place).collect();
            report(unit, place, &calls, &others, sink);
        }
    }
}

fn unbounded(program: &Program) -> impl Iterator<Item = &HttpCall> {
    // An initialiser that a handler asks first runs inside that invocation.
    let invoked = |call: &&HttpCall| match call.site.phase {
        Phase::Invoke => true,
        Phase::Once => call.site.entered_at.is_some(),
        Phase::Init => false,
    };
    program.facts::<HttpCall>().iter().filter(invoked).filter(|call| call.bounded == Verdict::No)
}

fn report(unit: UnitRef<'_>, place: Span, calls: &[&HttpCall], others: &[Span], sink: &mut Sink<'_>) {
    let Some(first) = calls.first() else { return };
    let built_here = first.client == Some(place);
    let library = first.path.split("::").next().unwrap_or("the client");
    let mut message = format!("`{library}` waits without end: no timeout on the client or the request");
    let function = unit.function();
    if let Some(seconds) = function.and_then(|function| function.timeout_s.one()) {
        message.push_str(&format!("; a stalled peer holds the function until its own timeout of {seconds} s"));
    }
    let batch = unit.unit.function().and_then(|id| {
        unit.project
            .deploy
            .triggers_of(id)
            .filter(|trigger| trigger.invocation() == Invocation::Poll)
            .filter_map(|trigger| Some((trigger.span, *trigger.mapping()?.batch_size.one()?)))
            .find(|(_, size)| *size > 1)
    });
    if let Some((_, size)) = batch {
        message.push_str(&format!(", and then the whole batch of up to {size} is retried"));
    }
    let note = if built_here { "built without a timeout" } else { "requested without a timeout" };
    let finding = sink.report(place, note, message);
    if batch.is_some() {
        finding.severity = Severity::Error;
    }
    for call in calls {
        finding.cap(call.site.confidence);
        if call.site.span != place && finding.related.len() < 4 {
            finding.related.push(Label::new(call.site.span, "requests through it"));
        }
    }
    if let Some(function) = function {
        let origin = function.timeout_s.origin.describe();
        finding.also(function.timeout_s.place(), format!("function timeout, {origin}"));
    }
    if let Some((span, _)) = batch {
        finding.also(Some(span), "invoked with batches");
    }
    finding.places(others.iter().copied(), if built_here { "and another here" } else { "and here" });
    finding.trail.clone_from(&first.site.trail);
    // A function that ends after a few seconds bounds its requests itself.
    let brief = function.and_then(|function| function.timeout_s.one()).is_some_and(|&seconds| seconds <= BRIEF_SECONDS);
    if brief && batch.is_none() {
        finding.pedantic();
    }
    let own = function.and_then(|function| function.timeout_s.one()).copied();
    // Each attempt may take its limit, and something is to be left for what follows.
    let attempts = calls.iter().filter_map(|call| call.attempts).map(|attempts| attempts.count).max().unwrap_or(1);
    let seconds = own.map_or(MOST_SECONDS, |own| (own / (attempts + 1)).clamp(1, MOST_SECONDS));
    // Clients of other libraries are built in ways of their own.
    if library == "reqwest"
        && let Some(edit) = bounded(unit, place, seconds)
    {
        finding.fixes.push(Fix::edits(format!("Bound requests to {seconds} s"), false, vec![edit]));
    }
}

/// The construction of a `reqwest` client with a timeout.
fn bounded(unit: UnitRef<'_>, place: Span, seconds: i64) -> Option<Edit> {
    let text = unit.project.sources.slice(place);
    let timeout = format!(".timeout(std::time::Duration::from_secs({seconds}))");
    let (call, closure) = (text.strip_suffix("Client::new()"), text.strip_suffix("Client::new"));
    if let Some(path) = call.or(closure)
        && path.chars().all(|c| c.is_alphanumeric() || c == ':' || c == '_')
    {
        // `Client::new` panics where `build` fails.
        let start = if call.is_some() { "" } else { "|| " };
        let text = format!("{start}{path}Client::builder(){timeout}.build().expect(\"the HTTP client is built\")");
        return Some(Edit { span: place, text });
    }
    let builder =
        ["Client::builder()", "ClientBuilder::new()"].into_iter().find_map(|start| Some((text.find(start)?, start)));
    let (at, start) = builder?;
    let behind = place.start + (at + start.len()) as u32;
    Some(Edit { span: Span::new(place.file, behind, behind), text: timeout })
}
