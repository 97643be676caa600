//! What a handler answers in the end: whether some path of it returns an error.

use super::trace::Tracer;
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::source::parse::ir::{Body, ExprId, Kind};
use crate::source::reach::regions::{Code, RegionId};

/// Functions that hand on their result to each other.
const MAX_CALLS: u32 = 6;

/// Whether a region may end in an error: `?`, `Err(…)`, `bail!`, or what a function of the workspace returns.
pub(crate) fn fails(tracer: &Tracer<'_>, region: RegionId) -> Verdict {
    within(tracer, region, MAX_CALLS)
}

fn within(tracer: &Tracer<'_>, region: RegionId, calls: u32) -> Verdict {
    let context = tracer.context(region);
    let body = context.body;
    let root = tracer.reach.regions[region].root;
    let lexicon = context.index.lexicon;
    let raises = |id: ExprId| match body.kind(id) {
        Kind::Try(_) => true,
        Kind::Call { .. } => body.calls(id, "Err"),
        // `bail!` and `ensure!` leave with an error; macros that only make text or lines do not.
        Kind::Macro { path, .. } => {
            let means = lexicon.macro_of(path);
            means.has(Meaning::Captures) && !means.any(&[Meaning::LogLine, Meaning::FormatsText, Meaning::WritesText])
        }
        _ => false,
    };
    if tracer.reach.expressions(region).any(raises) {
        return Verdict::Yes;
    }
    let mut verdict = Verdict::No;
    for value in values(body, root) {
        verdict = verdict.max(match body.kind(value) {
            _ if body.calls(value, "Ok") => Verdict::No,
            Kind::Call { callee, .. } => match context.workspace_fn(*callee).filter(|_| calls > 0) {
                Some(callee) => match tracer.reach.regions_of(Code::Fn(callee)) {
                    [] => Verdict::Unknown,
                    found => Verdict::any(found.iter().map(|&region| within(tracer, region, calls - 1))),
                },
                None => Verdict::Unknown,
            },
            _ => Verdict::Unknown,
        });
    }
    verdict
}

/// The expressions a function may end in.
fn values(body: &Body, root: ExprId) -> Vec<ExprId> {
    let mut found: Vec<ExprId> = Vec::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        match body.kind(id) {
            Kind::Closure { body: inner } => open.push(*inner),
            Kind::Async(inner) | Kind::Wrap(inner) | Kind::Await(inner) => open.push(*inner),
            Kind::Block { tail: Some(tail), .. } => open.push(*tail),
            // A block that ends in a statement leaves before its end.
            Kind::Block { tail: None, .. } => {}
            Kind::If { then, other: Some(other), .. } => open.extend([*then, *other]),
            Kind::Match { arms, .. } => open.extend(arms.iter().map(|arm| arm.body)),
            Kind::Return(Some(value)) => open.push(*value),
            _ => found.push(id),
        }
    }
    let returned = body.subtree(root).filter_map(|id| match body.kind(id) {
        Kind::Return(Some(value)) => Some(*value),
        _ => None,
    });
    found.extend(returned.filter(|&value| !body.calls(value, "Ok")));
    found
}
