//! What stays when an invocation is over: values put into statics, and into what `main` made.

use super::fate::{Next, next};
use super::view::Here;
use crate::knowledge::Meaning;
use crate::model::source::Phase;
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{ExprId, Kind};

/// Steps a value is followed.
const MAX_STEPS: usize = 32;

/// Whether a value is put into something older than the invocation: `*guard = Some(spawn(…))`, `clients.insert(id, c)`.
pub(crate) fn is_kept(here: Here<'_>) -> bool {
    let body = here.body();
    let lexicon = here.context().index.lexicon;
    let mut open = vec![here.id];
    for _ in 0..MAX_STEPS {
        let Some(at) = open.pop() else { return false };
        match next(body, at) {
            Next::Bound { locals, .. } => {
                open.extend(locals.iter().flat_map(|&local| body.locals[local as usize].uses.iter().copied()));
            }
            Next::Method(call) => {
                let Kind::Method { name, .. } = body.kind(call) else { continue };
                open.extend(lexicon.method(name).any(&[Meaning::KeepsValue, Meaning::WholeEvent]).then_some(call));
            }
            Next::Try(outer) => open.push(outer),
            Next::Given(to) => match body.kind(to) {
                Kind::Call { .. } if body.calls(to, "Some") => open.push(to),
                Kind::Tuple(_) | Kind::Struct { .. } => open.push(to),
                Kind::Assign { target, .. } if is_older(here, *target) => return true,
                Kind::Method { receiver, name, .. }
                    if lexicon.method(name).any(&[Meaning::Fills, Meaning::KeepsUnderKey])
                        && is_older(here, *receiver) =>
                {
                    return true;
                }
                _ => {}
            },
            _ => {}
        }
    }
    false
}

/// Whether a place is in something that was there before the invocation: a static, or what `main` made.
fn is_older(here: Here<'_>, place: ExprId) -> bool {
    let lexicon = here.context().index.lexicon;
    let (mut region, mut at) = here.of(place);
    for _ in 0..32 {
        let body = here.tracer().context(region).body;
        at = body.peeled(at);
        (region, at) = match body.kind(at) {
            Kind::Field { base, .. } | Kind::Index { base, .. } => {
                let made = here.tracer().origin((region, at));
                if made == (region, at) { (region, *base) } else { made }
            }
            Kind::Method { receiver, name, .. }
                if lexicon.method(name).any(&[Meaning::Locks, Meaning::Exclusive, Meaning::KeepsGuard]) =>
            {
                (region, *receiver)
            }
            Kind::Path { path, .. } => {
                return matches!(here.tracer().context(region).resolve(path), Res::Static(_));
            }
            _ => {
                let made = here.tracer().origin((region, at));
                if made == (region, at) {
                    break;
                }
                made
            }
        };
    }
    here.tracer().reach.regions[region].phase != Phase::Invoke
}
