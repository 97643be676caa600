//! Looks at what an event tells of: the kind of change of an item, the key of an object.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{ChangeTest, Facts, KeyTest};
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Kind, Lit};
use crate::source::parse::nodes::Nodes;

/// Words and patterns of a region.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::LIT.or(Nodes::MATCH).or(Nodes::METHOD), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let lexicon = here.context().index.lexicon;
    let is_change = |text: &str| lexicon.field(text).has(Meaning::ChangeKind);
    let tells = match here.kind() {
        Kind::Lit(Lit::Str(text)) => is_change(text),
        Kind::Match { arms, .. } => {
            let words = arms.iter().flat_map(|arm| arm.heads.iter()).filter_map(|head| head.last());
            words.map(|word| word.trim_matches('"')).any(is_change)
        }
        Kind::Method { receiver, name, .. } if lexicon.method(name).has(Meaning::TestsText) => {
            if here.is_from_event(*receiver) != Verdict::No {
                into.push(KeyTest { site: here.site(here.range()) });
            }
            false
        }
        _ => false,
    };
    if tells {
        into.push(ChangeTest { site: here.site(here.range()) });
    }
}
