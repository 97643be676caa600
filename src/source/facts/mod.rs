//! Facts of one binary: collectors, one file for each kind, asked in one walk over what it reaches.

pub(crate) mod api;
mod changes;
pub(crate) mod clients;
mod collector;
mod deadline;
mod discards;
mod eager;
mod env;
mod errors;
mod guards;
mod handlers;
mod http;
mod logs;
mod panics;
mod pools;
mod records;
mod routes;
mod sdk;
mod sequence;
mod state;
mod tasks;
mod waits;

use self::collector::{Collector, Table};
use super::flow::trace::Tracer;
use super::flow::view::{Here, View};
use super::names::index::Index;
use super::names::modules::CrateId;
use super::reach::regions::Reach;
use crate::model::crates::TargetId;
use crate::model::source::{Facts, Program};
use std::sync::LazyLock;

/// All collectors. Their order is of no account.
const COLLECTORS: &[Collector] = &[
    api::COLLECTOR,
    changes::COLLECTOR,
    clients::COLLECTOR,
    deadline::COLLECTOR,
    discards::COLLECTOR,
    eager::COLLECTOR,
    eager::WAITS,
    env::COLLECTOR,
    errors::COLLECTOR,
    guards::COLLECTOR,
    http::COLLECTOR,
    logs::COLLECTOR,
    logs::SETUP,
    panics::COLLECTOR,
    pools::COLLECTOR,
    records::COLLECTOR,
    routes::COLLECTOR,
    sdk::COLLECTOR,
    sequence::COLLECTOR,
    state::COLLECTOR,
    tasks::COLLECTOR,
    waits::COLLECTOR,
];

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(COLLECTORS));

/// What a binary does.
pub(crate) fn program(index: &Index<'_>, krate: CrateId, target: TargetId) -> Program {
    let reach = Reach::of_binary(index, krate);
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
    Program { target, handlers, facts }
}
