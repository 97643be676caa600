//! Remote reads awaited one after the other although none needs another's result.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Role};
use crate::model::source::{AwaitSequence, Facts};
use crate::source::flow::fate::bound;
use crate::source::flow::remote::{Effect, call_name};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Body, ExprId, Kind};
use crate::source::parse::nodes::Nodes;

/// Blocks of a region.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::BLOCK, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    if let Kind::Block { statements, .. } = here.kind() {
        sequences(here, statements, into);
    }
}

/// Runs of `let x = read().await` of which none needs an earlier one.
fn sequences(here: Here<'_>, statements: &[ExprId], into: &mut Facts) {
    let body = here.body();
    let mut run: Vec<ExprId> = Vec::new();
    // What was made of what the run has read.
    let mut made: Vec<ExprId> = Vec::new();
    for &statement in statements {
        let read = plain_read(here, statement);
        let depends = run.iter().chain(&made).any(|&earlier| uses_binding(body, earlier, statement));
        if read && !depends {
            run.push(statement);
        } else if !read && is_aside(here, statement) {
            if depends {
                made.push(statement);
            }
        } else {
            finish(here, &run, into);
            run.clear();
            made.clear();
            if read {
                run.push(statement);
            }
        }
    }
    finish(here, &run, into);
}

/// A log line, or a value made of others on the way: nothing that decides whether what follows happens.
fn is_aside(here: Here<'_>, statement: ExprId) -> bool {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let plain = || {
        !body.subtree(statement).any(|id| match body.kind(id) {
            Kind::Await(_) | Kind::Return(_) | Kind::Break(_) | Kind::Continue => true,
            Kind::Call { .. } => lexicon.says(&call_name(body, id), Role::Guards),
            Kind::Method { name, .. } => lexicon.says(name, Role::Guards),
            _ => false,
        })
    };
    match body.kind(body.peeled(statement)) {
        Kind::Macro { path, .. } => lexicon.macro_of(path).has(Meaning::LogLine) && plain(),
        Kind::Let { diverge: None, .. } => plain(),
        _ => false,
    }
}

fn finish(here: Here<'_>, run: &[ExprId], into: &mut Facts) {
    let [_, second, ..] = run else { return };
    let body = here.body();
    let steps = run.iter().map(|&step| here.on(step).span()).collect();
    let site = here.on(*second).site(body.expr(*second).span);
    let fails = run.iter().all(|&step| body.subtree(step).any(|id| matches!(body.kind(id), Kind::Try(_))));
    into.push(AwaitSequence { steps, fails, site });
}

/// `let x = read(…).await?;` with nothing else that could matter to what follows.
fn plain_read(here: Here<'_>, statement: ExprId) -> bool {
    let body = here.body();
    let Kind::Let { init, diverge: None, .. } = body.kind(statement) else { return false };
    let value = body.peeled(*init);
    let branches =
        matches!(body.kind(value), Kind::Match { .. } | Kind::If { .. } | Kind::Block { .. } | Kind::Closure { .. });
    let awaited = body.subtree(*init).any(|id| matches!(body.kind(id), Kind::Await(_)));
    let concurrent = matches!(body.kind(value), Kind::Macro { .. });
    // Whoever asks is checked before anything is read for him.
    let guards = here
        .remote_calls(*init)
        .iter()
        .any(|(call, _)| here.context().index.lexicon.says(&call_name(body, *call), Role::Guards));
    !guards && !branches && awaited && !concurrent && here.remote_within(*init) == Some(Effect::Read)
}

fn uses_binding(body: &Body, earlier: ExprId, later: ExprId) -> bool {
    let Kind::Let { init, .. } = body.kind(earlier) else { return false };
    let inside = body.subtree(later);
    bound(body, *init).any(|local| body.locals[local as usize].uses.iter().any(|used| inside.contains(used)))
}
