//! Provisioned concurrency for functions that start fast without it, with its price.

use super::support::money::Rates;
use super::{Check, Sink, UnitRef, mb};
use crate::knowledge::heavy_crates;
use crate::model::crates::artifact::Artifact;
use crate::model::source::{ClientBuild, ClientKind, HttpCall, InitWait, Phase, Program};
use crate::rule::Params;

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
        if let Some(costs) = total.and_then(|total| Rates::of(unit.project, id)?.kept(total)) {
            message.push_str(&format!("; {costs}"));
        }
        message.push_str("; measure its cold starts before paying for it");
        let finding = sink.report(place, "provisioned here", message);
        finding.also(program.handlers.first().map(|handler| handler.span), "the handler of this binary");
        finding.also(function.memory_mb.place(), "its memory");
    }
}

/// Whether a cold start may wait for something remote.
fn waits_in_init(program: &Program) -> bool {
    // Requests of blocking clients are no `.await`.
    let requests = program.facts::<HttpCall>().iter().map(|call| call.site.phase);
    let connects = program.facts::<ClientBuild>().iter().filter(|client| client.kind == ClientKind::Connection);
    program.has::<InitWait>()
        || requests.chain(connects.map(|client| client.site.phase)).any(|phase| phase != Phase::Invoke)
}
