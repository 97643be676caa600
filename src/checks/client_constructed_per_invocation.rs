//! Clients, pools and configurations built on every invocation although nothing in the event decides them.

use super::support::context::how_often;
use super::{Check, Sink, UnitRef};
use crate::finding::Severity;
use crate::knowledge::{compare_versions, lexicon, platforms};
use crate::model::Verdict;
use crate::model::source::{ApiCall, ApiClass, ClientBuild, ClientKind, HttpCall, Phase, Program};
use crate::rule::Params;
use crate::text::{FileId, Span};

pub(super) struct Rule;

/// Clients that are shown beside the configuration they are built on.
const MAX_CLIENTS: usize = 6;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.code() else { return };
        let per_invocation = |client: &&ClientBuild| client.site.phase == Phase::Invoke;
        let all = || program.facts::<ClientBuild>().iter().filter(per_invocation);
        let configs =
            all().filter(|client| client.kind == ClientKind::SdkConfig && client.from_event != Verdict::Yes).count();
        let services_since = &platforms().aws_lambda.function_services_since.value;
        let rarely = unit.runs_rarely();
        let mut told: Vec<(FileId, &[String], ClientKind)> = Vec::new();
        for client in all() {
            if client.from_event == Verdict::Yes || is_sidecar(unit, program, client) || blocks(program, client) {
                continue;
            }
            let cheap = client.kind == ClientKind::SdkClient;
            // Its configuration is reported: one cause, one finding.
            if cheap && client.config.is_some() && configs > 0 {
                continue;
            }
            // Those of one function are moved in one change.
            let place = (client.site.span.file, client.site.trail.as_slice(), client.kind);
            if told.contains(&place) {
                continue;
            }
            told.push(place);
            let beside = |other: &&ClientBuild| {
                other.kind == client.kind
                    && other.from_event != Verdict::Yes
                    && (other.site.span.file, &other.site.trail) == (client.site.span.file, &client.site.trail)
            };
            let (what, cost) = words(client);
            let often = how_often(&client.site);
            let message = format!("{what} is built {often}; {cost}");
            let note = if client.site.in_loop { "built here, in a loop" } else { "built here" };
            let finding = sink.report(client.site.span, note, message);
            if rarely {
                finding.pedantic();
            } else if cheap {
                finding.severity = Severity::Info;
            }
            if client.carries {
                finding.advise(
                    "The headers it carries hold an answer, such as a token that expires: build the client in `main` \
                     without them, and give them to each request.",
                );
            } else if program.handlers.iter().any(|handler| handler.name == "router") {
                finding.advise(
                    "Build it in `main` before the server starts, and share it through the state of the application.",
                );
            }
            let runtime = unit.version_of("lambda_runtime", client.site.span.file);
            let runtime = runtime.as_deref().map(|asked| asked.trim_start_matches(|c: char| !c.is_ascii_digit()));
            if runtime.is_some_and(|it| !it.is_empty() && compare_versions(it, services_since).is_lt()) {
                finding.advise("Build it once, in a `OnceCell` or a `lazy_static!`, and use a reference to it.");
            }
            finding.cap(client.site.confidence).also(client.site.entered_at, "the handler gets there from here");
            finding.trail.clone_from(&client.site.trail);
            finding.places(all().filter(beside).map(|other| other.site.span), "and another here");
            if let Some(handler) = program.handlers.first() {
                finding.also(Some(handler.span), "the handler");
            }
            if client.kind == ClientKind::SdkConfig {
                let made =
                    all().filter(|made| made.config.is_some_and(|of| configs == 1 || holds(of, client.site.span)));
                for made in made.take(MAX_CLIENTS) {
                    finding.also(Some(made.site.span), "a client is built on it");
                }
            }
        }
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// A request to the same host by the free function: no TLS, no connection worth keeping.
fn is_sidecar(unit: UnitRef<'_>, program: &Program, client: &ClientBuild) -> bool {
    program.facts::<HttpCall>().iter().any(|call| call.site.span == client.site.span && unit.is_same_host(&call.url))
}

/// Whether it has to go, because it blocks an async thread: `main` is no better place for it.
fn blocks(program: &Program, client: &ClientBuild) -> bool {
    let blocking = |class| matches!(class, ApiClass::BlockingPanics | ApiClass::PanicsInDebugBuilds);
    program.facts::<ApiCall>().iter().any(|call| call.site.span == client.site.span && blocking(call.class))
}

fn words(client: &ClientBuild) -> (&'static str, &'static str) {
    let of_service = |(path, _): (&str, &str)| lexicon().service(path).is_some();
    match client.kind {
        ClientKind::Connection if client.path.rsplit_once("::").is_some_and(of_service) => {
            ("an AWS client", "its connections and the credentials it found are thrown away each time")
        }
        ClientKind::SdkConfig => {
            ("AWS configuration", "credentials, region and the HTTP stack are resolved again each time")
        }
        ClientKind::SdkClient => ("an AWS client", "sharing one keeps its connections and caches"),
        ClientKind::HttpClient => ("an HTTP client", "its connection pool and TLS sessions are thrown away each time"),
        ClientKind::Connection => ("a connection or pool", "each pays for connecting and authenticating"),
    }
}
