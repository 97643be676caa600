//! Resources opened in init that only some invocations use.

use super::clients::construction;
use super::collector::{Collector, Phases};
use crate::model::source::{ClientKind, ConditionalResource, Facts, Phase};
use crate::source::flow::fate::bound;
use crate::source::flow::remote::call_name;
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::names::kinds::{Head, TypeId};
use crate::source::parse::ir::{Body, ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;
use std::collections::{HashMap, HashSet};

/// Calls around a use that are looked at for a condition.
const MAX_CALLS: usize = 16;

/// `let db = connect().await?;` in init, used by invocations only inside branches.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INIT, nodes: Nodes::LET, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let Kind::Let { init, .. } = body.kind(here.id) else { return };
    let init = *init;
    if !body.subtree(init).any(|id| matches!(body.kind(id), Kind::Await(_))) {
        return;
    }
    let opened = body.subtree(init).find_map(|id| match construction(&context, id) {
        Some((ClientKind::Connection, path)) => Some((id, path)),
        // A secret, a parameter, a file in a bucket: fetched before the first event.
        _ => here.view.remote.of(here.of(id)).map(|_| (id, call_name(body, id))),
    });
    let Some((opened, path)) = opened else { return };
    let mut uses = Vec::new();
    for local in bound(body, init) {
        for &used in &body.locals[local as usize].uses {
            if !follow(here.tracer(), here.of(used), &mut uses, 6) {
                return;
            }
        }
    }
    if uses.is_empty() || !only_sometimes(here.tracer(), &uses) {
        return;
    }
    let opened = here.on(opened);
    let site = opened.site(opened.range());
    let spans = uses.iter().map(|&(region, id)| Here { region, id, ..here }.span()).collect();
    into.push(ConditionalResource { path, site, uses: spans });
}

/// Collects where invocations use a value; false if it goes where it cannot be followed.
fn follow(tracer: &Tracer<'_>, at: At, into: &mut Vec<At>, steps: u32) -> bool {
    if steps == 0 {
        return false;
    }
    let reach = tracer.reach;
    let body = tracer.context(at.0).body;
    let mut outer = at.1;
    // `&db`, `db.clone()`, `Arc::new(db)`.
    loop {
        let parent = body.expr(outer).parent;
        match body.parent_kind(outer) {
            Some(Kind::Wrap(_)) => {}
            Some(Kind::Method { receiver, name, .. }) if *receiver == outer && name == "clone" => {}
            _ => break,
        }
        outer = parent;
    }
    let parent = body.expr(outer).parent;
    match body.parent_kind(outer) {
        Some(Kind::Let { init, .. }) if *init == outer => {
            let again: Vec<ExprId> =
                bound(body, outer).flat_map(|local| body.locals[local as usize].uses.clone()).collect();
            again.into_iter().all(|used| follow(tracer, (at.0, used), into, steps - 1))
        }
        Some(Kind::Call { args, .. }) if let Some(index) = args.iter().position(|&arg| arg == outer) => {
            let callees: Vec<_> = reach.calls.iter().filter(|(_, call, _)| *call == parent).collect();
            let of_body = callees.iter().find(|(region, ..)| reach.regions[*region].code == reach.regions[at.0].code);
            let Some(&&(_, _, callee)) = of_body else { return false };
            parameter_uses(tracer, Code::Fn(callee), index, into)
        }
        Some(Kind::Struct { fields, .. }) => {
            let context = tracer.context(at.0);
            let (Some((name, _)), Head::Local(owner)) =
                (fields.iter().find(|(_, value)| *value == outer), context.type_of(parent).head)
            else {
                return false;
            };
            field_uses(tracer, owner, name, into);
            true
        }
        _ => {
            // What init itself uses has done its work when the first event comes.
            let own = &reach.regions[at.0];
            if body.subtree(own.root).contains(&at.1) && !own.holes.iter().any(|hole| hole.contains(&at.1)) {
                return false;
            }
            // Used where it stands: inside the handler's own closure.
            let invoked = reach.regions.ids().find(|&region| {
                let candidate = &reach.regions[region];
                candidate.code == reach.regions[at.0].code
                    && candidate.phase == Phase::Invoke
                    && body.subtree(candidate.root).contains(&at.1)
            });
            match invoked {
                Some(region) => {
                    into.push((region, at.1));
                    true
                }
                None => false,
            }
        }
    }
}

fn parameter_uses(tracer: &Tracer<'_>, code: Code, index: usize, into: &mut Vec<At>) -> bool {
    let reach = tracer.reach;
    let Some(region) =
        reach.regions.ids().find(|&id| reach.regions[id].code == code && reach.regions[id].phase == Phase::Invoke)
    else {
        return false;
    };
    let body = reach.body(code);
    for local in &body.locals {
        if matches!(local.source, crate::source::parse::ir::Source::Param(at) if at == index) {
            into.extend(local.uses.iter().map(|&used| (region, used)));
        }
    }
    true
}

fn field_uses(tracer: &Tracer<'_>, owner: TypeId, field: &str, into: &mut Vec<At>) {
    let reach = tracer.reach;
    for region in reach.regions.ids() {
        if reach.regions[region].phase != Phase::Invoke {
            continue;
        }
        let context = tracer.context(region);
        for id in reach.expressions(region) {
            if let Kind::Field { base, name } = context.body.kind(id)
                && name == field
                && context.type_of(*base).head == Head::Local(owner)
            {
                into.push((region, id));
            }
        }
    }
}

/// Whether most invocations do without a value: each use is in a branch, and of the ways a `match` knows at most half
/// have one.
fn only_sometimes(tracer: &Tracer<'_>, uses: &[At]) -> bool {
    let mut ways: HashMap<At, (usize, HashSet<ExprId>)> = HashMap::new();
    for &used in uses {
        match condition(tracer, used) {
            None => return false,
            Some(Way { of, arm, of_several }) => {
                let known = ways.entry(of).or_default();
                known.0 = of_several;
                known.1.insert(arm);
            }
        }
    }
    ways.values().all(|(all, taken)| taken.len() * 2 <= *all)
}

/// One of several ways through a branch.
struct Way {
    /// The branch.
    of: At,
    /// The part of it that is taken.
    arm: ExprId,
    /// How many parts it has.
    of_several: usize,
}

/// The branch a place is reached through, here or in a caller.
fn condition(tracer: &Tracer<'_>, at: At) -> Option<Way> {
    let reach = tracer.reach;
    // A route of a router is one of several ways, but each route is a handler: the way ends there.
    tracer.way_up(at).take(MAX_CALLS).find_map(|(region, id)| {
        let here = &reach.regions[region];
        let (of, arm, of_several) = in_branch(reach.body(here.code), here.root, id)?;
        Some(Way { of: (region, of), arm, of_several })
    })
}

fn in_branch(body: &Body, root: ExprId, id: ExprId) -> Option<(ExprId, ExprId, usize)> {
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            // `else` is what is done when something else was asked for: a health check, a wrong method.
            Kind::If { then, .. } if *then == at => return Some((ancestor, at, 2)),
            Kind::Match { scrutinee, arms } if *scrutinee != at && arms.len() > 1 => {
                return Some((ancestor, at, arms.len()));
            }
            _ => {}
        }
        if ancestor == root {
            return None;
        }
        at = ancestor;
    }
    None
}
