//! Calls that look like they install a log subscriber.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Meanings, Role};
use crate::model::source::{Facts, SubscriberSetup, TextLog};
use crate::source::flow::chain::chain;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{ExprId, Kind};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// Calls that may install a log subscriber, in any phase.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::ANY, nodes: Nodes::CALLS.or(Nodes::MACRO), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let shows_spans = matches!(here.kind(), Kind::Method { name, .. }
        if context.index.lexicon.method(name).has(Meaning::ShowsSpans));
    text_log(here, into);
    if shows_spans || installs(&context, here.id) {
        into.push(SubscriberSetup { shows_spans, site: here.site(here.range()) });
    }
}

/// `tracing_subscriber::fmt()…` or `env_logger::init()` without a word on another format, on every way through
/// the program.
fn text_log(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let Kind::Call { callee, args } = body.kind(here.id) else { return };
    let means = context.meaning(*callee);
    if !means.any(&[Meaning::WritesColours, Meaning::PlainLines]) {
        return;
    }
    let lexicon = context.index.lexicon;
    let told = chain(&context, here.id).iter().any(|(name, ..)| lexicon.method(name).has(Meaning::DecidesFormat));
    // One of several formats may be the one that is used.
    let chosen = body.ancestors(here.id).any(|at| matches!(body.kind(at), Kind::If { .. } | Kind::Match { .. }));
    if !told && !chosen {
        let colours = means.has(Meaning::WritesColours);
        let settings = (colours && args.is_empty() && !means.has(Meaning::InstallsLogging)).then(|| here.span());
        into.push(TextLog { settings, colours, site: here.site(here.range()) });
    }
}

/// Whether a call may install a log subscriber, judged by its name alone: silence is better than a wrong warning.
fn installs(context: &Context<'_>, id: ExprId) -> bool {
    let body = context.body;
    let name = match body.kind(id) {
        Kind::Method { name, .. } => name.as_str(),
        Kind::Call { callee, .. } => match body.kind(*callee) {
            Kind::Path { path, .. } => path.last().map_or("", String::as_str),
            _ => "",
        },
        Kind::Macro { path, .. } => path.last().map_or("", String::as_str),
        _ => "",
    };
    let known = match body.kind(id) {
        Kind::Call { callee, .. } => context.meaning(*callee),
        _ => Meanings::default(),
    };
    known.any(&[Meaning::InstallsLogging, Meaning::TriesLogging])
        || context.index.lexicon.says(name, Role::InstallsLogging)
}
