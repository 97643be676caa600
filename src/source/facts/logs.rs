//! Log lines and prints, and whether they write whole events.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{Facts, LogCall};
use crate::source::flow::trace::{At, Tracer};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Kind, Projection, Source};
use crate::source::parse::nodes::Nodes;

/// Log lines of a region that are on by default, and prints.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::INVOKE, nodes: Nodes::MACRO, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let Kind::Macro { path, args, .. } = context.body.kind(here.id) else { return };
    let means = context.index.lexicon.macro_of(path);
    let prints = means.has(Meaning::Prints);
    if !prints && !means.has(Meaning::OnByDefault) {
        return;
    }
    let payload = args.iter().any(|&arg| is_whole(here.tracer(), here.of(arg), 8));
    let range = context.body.expr(here.id).span;
    let site = here.site(range);
    into.push(LogCall { path: path.join("::"), prints, payload, site });
}

/// Whether a value is the whole event, its payload or a whole record.
fn is_whole(tracer: &Tracer<'_>, (region, id): At, steps: u32) -> bool {
    if steps == 0 {
        return false;
    }
    let context = tracer.context(region);
    let lexicon = context.index.lexicon;
    let body = context.body;
    match body.kind(body.peeled(id)) {
        Kind::Local(local) => match &body.locals[*local as usize].source {
            Source::Param(index) if !tracer.reach.regions[region].handler => {
                tracer.argument(region, *index).is_some_and(|arg| is_whole(tracer, arg, steps - 1))
            }
            Source::Param(_) | Source::Closure { .. } => {
                tracer.is_from_event((region, id)) == Verdict::Yes && tracer.is_event(region, *local)
            }
            Source::Item { iterable } => {
                let record = tracer.is_from_event((region, id)) == Verdict::Yes && tracer.is_event(region, *local);
                record || is_whole(tracer, (region, *iterable), steps - 1)
            }
            Source::Init { init, projection } => {
                let parts = matches!(body.kind(body.peeled(*init)), Kind::Method { name, .. } if name == "into_parts");
                let part = projection.iter().all(|step| match step {
                    Projection::Field(name) => lexicon.field(name).has(Meaning::EventPart),
                    Projection::Index(index) => *index == 0 && parts,
                    // `Some(body)`, `Body::Text(text)`: what a variant holds is all there is.
                    Projection::Payload(_) => true,
                });
                part && is_whole(tracer, (region, *init), steps - 1)
            }
            _ => false,
        },
        Kind::Field { base, name } => {
            if lexicon.field(name).has(Meaning::EventPart) && is_whole(tracer, (region, *base), steps - 1) {
                return true;
            }
            // The event in a field of a struct that the handler made.
            let made = tracer.origin((region, id));
            made != (region, id) && is_whole(tracer, made, steps - 1)
        }
        Kind::Method { receiver, name, .. } => {
            lexicon.method(name).any(&[Meaning::WholeEvent, Meaning::KeepsValue])
                && is_whole(tracer, (region, *receiver), steps - 1)
        }
        Kind::Call { args, callee } => {
            context.meaning(*callee).any(&[Meaning::WritesDocument, Meaning::Wraps])
                && args.first().is_some_and(|&arg| is_whole(tracer, (region, arg), steps - 1))
        }
        // `format!("{event:?}")`, `json!({"event": event})`.
        Kind::Macro { path, args, .. } if lexicon.macro_of(path).any(&[Meaning::FormatsText, Meaning::BuildsValue]) => {
            args.iter().any(|&arg| is_whole(tracer, (region, arg), steps - 1))
        }
        Kind::Match { arms, .. } => arms.iter().any(|arm| is_whole(tracer, (region, arm.body), steps - 1)),
        Kind::Block { tail: Some(tail), .. } => is_whole(tracer, (region, *tail), steps - 1),
        _ => false,
    }
}
