//! Facts of one binary: collectors, one file for each kind, asked in one walk over what it reaches.

mod answers;
mod api;
mod bodies;
mod changes;
mod clients;
mod collector;
mod deadline;
mod demands;
mod discards;
mod eager;
mod env;
mod errors;
mod failures;
mod fan_outs;
mod files;
mod guards;
mod handlers;
mod http;
mod identifiers;
mod init_waits;
mod keys;
mod limits;
mod logs;
mod messages;
mod orchestrations;
mod outside;
mod panics;
mod pools;
mod queries;
mod records;
mod retries;
mod routes;
mod sdk;
mod secrets;
mod sequences;
mod spawns;
mod state;
mod subscribers;
mod telemetry;
mod waits;

use self::collector::{Collector, Table};
use super::flow::trace::Tracer;
use super::flow::view::{Here, View};
use super::names::crates::CrateId;
use super::names::index::Index;
use super::names::kinds::FnId;
use super::reach::regions::Reach;
use crate::model::crates::TargetId;
use crate::model::source::{Facts, Program};
use std::sync::LazyLock;

/// All collectors. Their order is of no account.
const COLLECTORS: &[Collector] = &[
    answers::COLLECTOR,
    api::COLLECTOR,
    bodies::COLLECTOR,
    changes::COLLECTOR,
    clients::COLLECTOR,
    deadline::COLLECTOR,
    demands::COLLECTOR,
    discards::COLLECTOR,
    eager::COLLECTOR,
    env::COLLECTOR,
    errors::COLLECTOR,
    failures::COLLECTOR,
    fan_outs::COLLECTOR,
    files::COLLECTOR,
    guards::COLLECTOR,
    http::COLLECTOR,
    identifiers::COLLECTOR,
    init_waits::COLLECTOR,
    keys::COLLECTOR,
    limits::COLLECTOR,
    logs::COLLECTOR,
    messages::COLLECTOR,
    orchestrations::COLLECTOR,
    outside::COLLECTOR,
    panics::COLLECTOR,
    pools::COLLECTOR,
    queries::COLLECTOR,
    records::COLLECTOR,
    retries::COLLECTOR,
    routes::COLLECTOR,
    sdk::COLLECTOR,
    secrets::COLLECTOR,
    sequences::COLLECTOR,
    spawns::COLLECTOR,
    state::COLLECTOR,
    subscribers::COLLECTOR,
    telemetry::COLLECTOR,
    waits::COLLECTOR,
];

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(COLLECTORS));

/// What a binary does, and which of some functions it leads to; `served`: something hands events to the server that it
/// starts.
pub(crate) fn program(
    index: &Index<'_>,
    krate: CrateId,
    target: TargetId,
    served: bool,
    asked: &[FnId],
) -> (Program, Vec<FnId>) {
    let mut reach = Reach::of_binary(index, krate, served);
    let coverage = reach.coverage();
    let tracer = Tracer::new(&reach);
    let view = View::new(&tracer);
    let mut facts = Facts::default();
    for (region, of) in reach.regions.iter() {
        for id in reach.expressions(region) {
            TABLE.collect(of.phase, Here { view: &view, region, id }, &mut facts);
        }
    }
    let handlers = handlers::of_binary(&tracer, &facts);
    facts.settle();
    let led_to = asked.iter().copied().filter(|&id| reach.follows(id)).collect();
    (Program { target, handlers, coverage, facts }, led_to)
}
