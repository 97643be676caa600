//! Provisioned concurrency for functions that start fast without it, with its price.

use super::{Check, Sink, UnitRef, mb};
use crate::exact::Exact;
use crate::knowledge::{heavy_crates, price};
use crate::model::crates::artifact::Artifact;
use crate::model::source::{ClientBuild, ClientKind, HttpCall, InitWait, Phase, Program};
use crate::rule::Params;
use crate::verdicts::cost::{DEFAULT_REGION, SECONDS_OF_A_MONTH};

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(id), Some(name)) = (unit.program(), unit.unit.function(), unit.name()) else {
            return;
        };
        let deploy = &unit.project.deploy;
        let settings = unit.provisioned();
        let Some(place) = settings.iter().find_map(|setting| setting.place()) else { return };
        if settings.iter().any(|setting| setting.one() == Some(&0)) || waits_in_init(program) {
            return;
        }
        // Models and engines are loaded before the first event, without waiting for anything.
        let closure = unit.unit.target().and_then(|target| unit.project.closure(target));
        let computes = |name: &str| heavy_crates().iter().any(|heavy| heavy.compute && heavy.name == name);
        if closure.is_some_and(|(closure, graph)| closure.crates(graph).any(|(_, node)| computes(&node.name))) {
            return;
        }
        let bytes = unit.artifact().map(Artifact::unpacked_bytes);
        let most = params.int("light_binary_mb") * 1_000_000;
        if bytes.is_some_and(|bytes| bytes > most) {
            return;
        }
        let mut message = format!("`{name}` has provisioned concurrency, but waits for nothing before its first event");
        if let Some(bytes) = bytes {
            message.push_str(&format!(", and its executable is {}", mb(bytes)));
        }
        let function = deploy.function(id);
        let total: Option<i64> = settings.iter().map(|setting| setting.one().copied()).sum();
        if let (Some(total), Some(&memory)) = (total, function.memory_mb.one()) {
            let arm = function.architecture.one().is_some_and(|architecture| architecture == "arm64");
            let architecture = if arm { "arm64" } else { "x86_64" };
            if let Some(month) = month(total, memory, architecture) {
                message.push_str(&format!(
                    "; keeping {total} × {memory} MiB warm costs ${} a month in {DEFAULT_REGION}, used or not",
                    month.places(2)
                ));
            }
        }
        message.push_str("; measure its cold starts before paying for it");
        let finding = sink.report(place, "provisioned here", message);
        finding.also(program.handlers.first().map(|handler| handler.span), "the handler of this binary");
        finding.also(function.memory_mb.place(), "its memory");
    }
}

/// What keeping environments ready costs for a month.
fn month(environments: i64, memory_mb: i64, architecture: &str) -> Option<Exact> {
    let gb = Exact::fraction(u64::try_from(memory_mb).ok()?, 1024);
    let ready = Exact::from(u64::try_from(environments).ok()?) * Exact::from(SECONDS_OF_A_MONTH) * gb;
    price(&format!("lambda-provisioned-{architecture}"))?.cost(DEFAULT_REGION, &ready)
}

/// Whether a cold start may wait for something remote.
fn waits_in_init(program: &Program) -> bool {
    // Requests of blocking clients are no `.await`.
    let requests = program.facts::<HttpCall>().iter().map(|call| call.site.phase);
    let connects = program.facts::<ClientBuild>().iter().filter(|client| client.kind == ClientKind::Connection);
    program.has::<InitWait>()
        || requests.chain(connects.map(|client| client.site.phase)).any(|phase| phase != Phase::Invoke)
}
