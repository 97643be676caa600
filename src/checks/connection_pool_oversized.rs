//! Pools with more connections than one execution environment can use.

use super::{Check, Sink, UnitRef};
use crate::finding::Confidence;
use crate::model::deployments::{ResourceKind, Text};
use crate::model::source::{PoolSize, PoolUse, Program};
use crate::rule::Params;

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let Some(program) = unit.program() else { return };
        if has_proxy(unit) || unit.is_concurrent() {
            return;
        }
        for (pool, min) in
            program.facts::<PoolSize>().iter().filter_map(|pool| Some((pool, pool.min.filter(|&min| min > 1)?)))
        {
            let message = format!(
                "the pool opens {min} connections at once and keeps them, but an environment serves one request at a \
                 time: a cold start waits for all of them"
            );
            sink.at(&pool.site, "opened with connections to spare", message).cap(Confidence::Medium);
        }
        // sqlx and its like open connections as they are needed: one query after the other needs one.
        let together = program.facts::<PoolUse>().first().filter(|_| !eager(program));
        if together.is_none() && !eager(program) {
            return;
        }
        let reserved = unit.lambda().and_then(|lambda| lambda.reserved_concurrency.one().copied());
        for pool in program.facts::<PoolSize>().iter().filter(|pool| pool.max > params.int("max_connections")) {
            if reserved.is_some_and(|reserved| pool.max.saturating_mul(reserved) <= params.int("database_connections"))
            {
                continue;
            }
            let default = if pool.default { " by default" } else { "" };
            let why = match together {
                Some(_) => "and queries of one invocation run side by side: each environment may hold them all",
                None => "and opens them at once, but an environment serves one request at a time",
            };
            let message = format!(
                "the pool holds up to {} connections{default}, {why}; the database has to hold that many for every \
                 environment",
                pool.max
            );
            let note = if pool.default { "opened without a size" } else { "sized here" };
            let finding = sink.at(&pool.site, note, message);
            finding.cap(Confidence::Medium);
            finding.also(together.map(|used| used.site.span), "queries run side by side here");
            if let (Some(lambda), Some(_)) = (unit.lambda(), reserved) {
                finding.also(lambda.reserved_concurrency.place(), "reserved concurrency");
            }
        }
    }
}

/// Whether a pool of the program opens all its connections when it is built.
fn eager(program: &Program) -> bool {
    program.facts::<PoolSize>().iter().any(|pool| pool.eager)
}

/// Whether a proxy pools connections in front of the database.
fn has_proxy(unit: UnitRef<'_>) -> bool {
    let deploy = &unit.project.deploy;
    let declared = deploy.resources.iter().any(|resource| resource.kind == ResourceKind::DatabaseProxy);
    let named = unit.function().is_some_and(|function| {
        function.env.vars.values().any(|variable| match variable.value.one() {
            Some(Text::Literal(text) | Text::Template(text, _)) => text.contains("proxy-") || text.contains(":6432"),
            _ => false,
        })
    });
    declared || named
}
