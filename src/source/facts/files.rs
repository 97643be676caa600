//! Files that are written, and those that are removed again.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, FileRemoval, FileWrite, Operand};
use crate::source::flow::view::Here;
use crate::source::names::kinds::Head;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

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
        site: here.site(range),
    });
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
