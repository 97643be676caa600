//! Loops that repeat a remote call until it succeeds: how often, and what they wait for in between.

use super::branch::{begins, leaves};
use super::scope::millis;
use super::view::Here;
use crate::knowledge::Meaning;
use crate::model::source::Attempts;
use crate::source::parse::ir::{ExprId, Kind, Lit, LoopKind};
use crate::source::reach::regions::Code;
use std::collections::{HashSet, VecDeque};

/// Calls around a request that are looked at for a loop.
const MAX_CALLS: usize = 64;

/// The attempts a loop around a call, here or around the calls that lead to it, makes at most: `for _ in 0..3` that is
/// left when the call succeeds. None if there is no such loop, or its bounds are no constants.
pub(crate) fn attempts(here: Here<'_>) -> Option<Attempts> {
    let mut open = VecDeque::from([here.at()]);
    let mut seen = HashSet::new();
    while let Some((region, id)) = open.pop_front() {
        if seen.len() >= MAX_CALLS || !seen.insert((region, id)) {
            continue;
        }
        let at = Here { region, id, ..here };
        let mut loops = at.body().ancestors(id).take_while(|&outer| outer != at.root());
        if let Some(found) = loops.find_map(|outer| counted(at.on(outer))) {
            return Some(found);
        }
        if !at.is_handler()
            && let Code::Fn(function) = at.code()
        {
            open.extend(here.tracer().callers(function));
        }
    }
    None
}

fn counted(here: Here<'_>) -> Option<Attempts> {
    let Kind::Loop { kind: LoopKind::For, head: Some(head), .. } = here.kind() else { return None };
    let Kind::Range { bounds, inclusive } = here.body().kind(here.body().peeled(*head)) else { return None };
    let [first, last] = bounds.as_slice() else { return None };
    let number = |bound: ExprId| match here.tracer().constant(here.of(bound)) {
        Some(Lit::Int(number)) => Some(number),
        _ => None,
    };
    let count = number(*last)?.checked_sub(number(*first)?)?.checked_add(i64::from(*inclusive))?;
    if count < 2 || !retries(here, here.id) {
        return None;
    }
    let (start, end) = here.range();
    let head_end = here.on(*head).range().1.clamp(start, end);
    Some(Attempts { count, pause_millis: pause(here), span: here.tracer().reach.span(here.code(), (start, head_end)) })
}

/// Milliseconds of the literal sleeps inside a loop.
fn pause(here: Here<'_>) -> i64 {
    let lexicon = here.context().index.lexicon;
    let sleeps = here.body().subtree(here.id).filter_map(|id| {
        let (called, args) = here.on(id).called().filter(|(called, _)| called.means.has(Meaning::Sleep))?;
        let length = args.get(lexicon.detail(&called.path, |row| row.millis).unwrap_or(0))?;
        millis(here.tracer(), here.of(*length))
    });
    sleeps.fold(0, i64::saturating_add)
}

/// Whether a loop ends as soon as a remote call succeeds.
pub(crate) fn retries(here: Here<'_>, around: ExprId) -> bool {
    let body = here.body();
    body.subtree(around).any(|at| {
        let tried = match body.kind(at) {
            Kind::Match { scrutinee, arms } => {
                arms.iter().any(|arm| begins(&arm.heads, "Ok") && leaves(body, arm.body)).then_some(*scrutinee)
            }
            Kind::If { condition, then, other } => match body.kind(*condition) {
                Kind::LetCondition { init, heads } => {
                    let good = if begins(heads, "Ok") { Some(*then) } else { *other };
                    let tests = begins(heads, "Ok") || begins(heads, "Err");
                    (tests && good.is_some_and(|good| leaves(body, good))).then_some(*init)
                }
                _ => body
                    .subtree(*condition)
                    .find(|&inner| matches!(body.kind(inner), Kind::Method { name, .. } if name == "is_ok"))
                    .filter(|_| leaves(body, *then)),
            },
            _ => None,
        };
        tried.is_some_and(|tried| here.remote_within(tried).is_some())
    })
}
