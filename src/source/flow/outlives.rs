//! What stays when an invocation is over: values put into statics, and into what `main` made.

use super::fate::{Next, next};
use super::view::Here;
use crate::knowledge::Meaning;
use crate::model::source::Phase;
use crate::source::names::kinds::Res;
use crate::source::parse::ir::{Body, ExprId, Kind, Source};

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
            // `match connect() { Ok(connection) => connection, Err(error) => return … }`.
            Next::Matched(by) if matches!(body.kind(by), Kind::Match { .. }) => open.push(by),
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
    leads_out(here, place, true) || leads_out(here, place, false)
}

/// The same, going from a field to what it is a field of, or to what it was given.
fn leads_out(here: Here<'_>, place: ExprId, through_owner: bool) -> bool {
    let lexicon = here.context().index.lexicon;
    let (mut region, mut at) = here.of(place);
    for _ in 0..32 {
        let body = here.tracer().context(region).body;
        at = body.peeled(at);
        (region, at) = match body.kind(at) {
            Kind::Field { base, .. } | Kind::Index { base, .. } => {
                let made = here.tracer().origin((region, at));
                if through_owner || made == (region, at) { (region, *base) } else { made }
            }
            Kind::Method { receiver, name, .. }
                if lexicon.method(name).any(&[
                    Meaning::Locks,
                    Meaning::Exclusive,
                    Meaning::KeepsGuard,
                    Meaning::Identity,
                ]) =>
            {
                (region, *receiver)
            }
            Kind::Path { path, .. } => {
                return matches!(here.tracer().context(region).resolve(path), Res::Static(_));
            }
            _ => {
                let made = here.tracer().origin((region, at));
                // `self` is what the caller calls the method on.
                let own = || here.tracer().receiver(region).filter(|_| is_receiver(body, at));
                match (made == (region, at)).then(own) {
                    None => made,
                    Some(Some(of)) => of,
                    Some(None) => break,
                }
            }
        };
    }
    here.tracer().reach.regions[region].phase != Phase::Invoke
}

fn is_receiver(body: &Body, id: ExprId) -> bool {
    matches!(body.kind(id), Kind::Local(local) if matches!(body.locals[*local as usize].source, Source::Receiver))
}
