//! Files that are written, and those that are removed again.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, FileRemoval, FileWrite, Operand};
use crate::source::flow::view::Here;
use crate::source::names::kinds::Head;
use crate::source::parse::ir::{Body, ExprId, Kind, Source};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::RegionId;
use crate::source::types::infer::Context;

/// Calls on the way from the handler that are looked at.
const MAX_CALLS: usize = 24;

/// Calls of a region, in any phase.
pub(crate) const COLLECTOR: Collector = Collector { phases: Phases::ANY, nodes: Nodes::CALLS, run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let lexicon = context.index.lexicon;
    let known = here.called();
    if let Some((called, _)) = &known
        && called.means.has(Meaning::RemovesFile)
    {
        into.push(FileRemoval { site: here.site(here.range()) });
    }
    let writes = known.filter(|(called, _)| {
        let opened = called.means.has(Meaning::OpensFile) && opens_to_write(&context, here.id);
        called.means.has(Meaning::WritesFile) || opened
    });
    let target = match writes {
        Some((called, args)) => args.get(lexicon.detail(&called.path, |row| row.target).unwrap_or(0)).copied(),
        None => saved(here),
    };
    let Some(target) = target else { return };
    let range = context.body.expr(here.id).span;
    into.push(FileWrite {
        path: here.tracer().operand(here.of(target)).0,
        unique: here.is_from_event(target),
        by_variant: here.tracer().way_up(here.at()).take(MAX_CALLS).any(|(region, id)| by_variant(here, region, id)),
        dropped: is_dropped(context.body, here.id),
        site: here.site(range),
    });
}

/// Whether a place stands in an arm of a `match` on `self`.
fn by_variant(here: Here<'_>, region: RegionId, id: ExprId) -> bool {
    let body = here.tracer().context(region).body;
    body.ancestors(id).any(|outer| {
        matches!(body.kind(outer), Kind::Match { scrutinee, .. }
            if !body.subtree(*scrutinee).contains(&id)
                && matches!(body.kind(body.peeled(*scrutinee)), Kind::Local(local)
                    if matches!(body.locals[*local as usize].source, Source::Receiver)))
    })
}

/// Whether nothing keeps or asks for the outcome of a call.
fn is_dropped(body: &Body, id: ExprId) -> bool {
    let mut at = id;
    for outer in body.ancestors(id) {
        match body.kind(outer) {
            Kind::Await(_) | Kind::Wrap(_) => at = outer,
            Kind::Method { receiver, name, .. } if *receiver == at && name == "ok" => at = outer,
            Kind::Let { init, heads, .. } => {
                return *init == at && heads.iter().any(|head| head.first().is_some_and(|name| name == "_"));
            }
            Kind::Discard(_) => return matches!(body.kind(at), Kind::Method { name, .. } if name == "ok"),
            _ => return false,
        }
    }
    false
}

fn opens_to_write(context: &Context<'_>, id: ExprId) -> bool {
    let mut at = id;
    while let Kind::Method { receiver, name, .. } = context.body.kind(at) {
        if context.index.lexicon.method(name).has(Meaning::AllowsWriting) {
            return true;
        }
        at = context.body.peeled(*receiver);
    }
    false
}

/// The path in `document.save("card.pdf")`, on something that is not the workspace's own.
fn saved(here: Here<'_>) -> Option<ExprId> {
    let context = here.context();
    let Kind::Method { receiver, name, args, .. } = here.kind() else { return None };
    let &[path] = args.as_slice() else { return None };
    let saves = context.index.lexicon.method(name).has(Meaning::SavesFile)
        && matches!(context.receiver(*receiver, name).head, Head::Outside(_) | Head::Unknown)
        && matches!(here.tracer().operand(here.of(path)).0, Operand::Literal(text) if is_file(&text));
    saves.then_some(path)
}

/// Whether a text is the path of a file with an extension, not an address.
fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or("", |(_, extension)| extension);
    (1..=5).contains(&extension.len())
        && extension.chars().all(|c| c.is_ascii_alphanumeric())
        && path.chars().all(|c| !c.is_whitespace() && c != ':' && c != '@')
}
