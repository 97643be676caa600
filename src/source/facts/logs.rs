//! Log lines and prints, and whether they write whole events or answers.

use super::collector::{Collector, Phases};
use crate::knowledge::Meaning;
use crate::model::source::{Facts, LogCall, RecordedArguments};
use crate::source::flow::view::Here;
use crate::source::names::kinds::Res;
use crate::source::parse::declared::{Attribute, Function};
use crate::source::parse::ir::{Kind, Source};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;

/// Log lines of a region that are on by default, prints, and attributes that record arguments.
pub(crate) const COLLECTOR: Collector =
    Collector { phases: Phases::INVOKE, nodes: Nodes::MACRO.or(Nodes::BLOCK), run: collect };

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let (path, args) = match (here.kind(), context.function, here.code()) {
        (Kind::Macro { path, args, .. }, ..) => (path, args),
        // The outermost block of a function stands for the function.
        (Kind::Block { .. }, Some(function), Code::Fn(_)) if here.id == 0 => return attributes(here, function, into),
        _ => return,
    };
    let means = context.index.lexicon.macro_of(path);
    let prints = means.has(Meaning::Prints);
    if !prints && !means.has(Meaning::OnByDefault) {
        return;
    }
    let payload = args.iter().find_map(|&arg| here.tracer().payload(here.of(arg)));
    let range = context.body.expr(here.id).span;
    let site = here.site(range);
    into.push(LogCall { path: path.join("::"), prints, payload, site });
}

/// Attributes such as `#[instrument]` that record an argument which is a whole event.
fn attributes(here: Here<'_>, function: &Function, into: &mut Facts) {
    let context = here.context();
    for attribute in &function.attributes {
        let Res::Outside(path) = context.resolve(&attribute.path) else { continue };
        let path = path.join("::");
        let level = level(attribute);
        let on = context.index.lexicon.macro_of(std::slice::from_ref(&level)).has(Meaning::OnByDefault);
        if !on || !context.index.lexicon.means(&path, Meaning::RecordsArguments) {
            continue;
        }
        let mut recorded = (0..).zip(&context.body.locals).filter(|(_, local)| {
            matches!(local.source, Source::Param(_)) && local.way.is_empty() && records(attribute, &local.name)
        });
        let whole = recorded.find(|(id, _)| here.tracer().payload_parameter(here.region, *id).is_some());
        if let Some((_, local)) = whole {
            let site = here.site(attribute.span);
            into.push(RecordedArguments { path, level, parameter: local.name.clone(), site });
        }
    }
}

/// Whether an attribute leaves a parameter in.
fn records(attribute: &Attribute, parameter: &str) -> bool {
    !attribute.settings.iter().any(|(name, words)| match name.as_str() {
        "skip_all" => true,
        "skip" => words.iter().any(|word| word == parameter),
        _ => false,
    })
}

/// The level an attribute gives its lines, in small letters.
fn level(attribute: &Attribute) -> String {
    let set = attribute.settings.iter().find(|(name, _)| name == "level").and_then(|(_, words)| words.last());
    set.map_or_else(|| "info".to_owned(), |level| level.to_ascii_lowercase())
}
