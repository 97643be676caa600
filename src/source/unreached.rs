//! Functions that begin in a library, and that no binary read here leads to.

use super::names::crates::{CrateId, Extern};
use super::names::index::Index;
use super::names::kinds::FnId;
use super::parse::ir::Kind;
use super::types::infer::Context;
use crate::knowledge::{Lexicon, Meaning};
use crate::model::crates::{CargoPackage, TargetKind};
use crate::model::{Gap, Project};

/// The functions of libraries that start a runtime with a handler of their own.
pub(super) fn starters(index: &Index<'_>, project: &Project) -> Vec<FnId> {
    let ids = index.crates.krates.ids().filter(|&id| uses_runtime(index, id, project));
    ids.flat_map(|id| index.functions_of(id).filter(|&id| starts(index, id)).collect::<Vec<_>>()).collect()
}

/// A library with a runtime among its dependencies that is none itself.
fn uses_runtime(index: &Index<'_>, id: CrateId, project: &Project) -> bool {
    let krate = &index.crates.krates[id];
    let target = project.cargo.target(krate.target);
    let outside =
        |found: &Extern| matches!(found, Extern::Outside(library) if index.lexicon.runtime(library).is_some());
    target.kind == TargetKind::Lib
        && index.lexicon.runtime(&project.cargo.package(target.package).name).is_none()
        && krate.externs.values().any(outside)
}

fn starts(index: &Index<'_>, id: FnId) -> bool {
    let function = index.function(id);
    // What takes the handler as a parameter starts that of others.
    if !function.generics.is_empty() || !function.params.is_empty() {
        return false;
    }
    let context = Context::of_fn(index, id);
    function.body.exprs.iter().any(|expr| match &expr.kind {
        Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::EntryPoint),
        _ => false,
    })
}

/// Gaps for those that nobody leads to.
pub(super) fn note(index: &Index<'_>, starters: &[FnId], led_to: &[FnId], project: &mut Project) {
    for &id in starters.iter().filter(|id| !led_to.contains(id)) {
        let (def, function) = (index.def(id), index.function(id));
        let target = project.cargo.target(index.crates.krates[def.krate].target);
        let package = project.cargo.package(target.package);
        let behind = feature(package, index.lexicon)
            .map_or(String::new(), |feature| format!(", behind the feature `{feature}` of `{}`,", package.name));
        let reason = format!(
            "`{}` of a library starts a function{behind} and no binary read here leads to it; what it does is not \
             analysed",
            function.name
        );
        project.gaps.push(Gap::at(&project.sources, index.span(def, function.name_span), reason));
    }
}

/// The feature that brings in the runtime of a package, where that is optional.
fn feature<'p>(package: &'p CargoPackage, lexicon: &Lexicon) -> Option<&'p str> {
    let runtime = package.dependencies.iter().find(|line| line.optional && lexicon.runtime(&line.package).is_some())?;
    let brings = |part: &String| part.trim_start_matches("dep:").split(['/', '?']).next() == Some(&*runtime.package);
    let named = package.features.iter().find(|(_, parts)| parts.iter().any(brings));
    Some(named.map_or(&*runtime.package, |(name, _)| name.as_str()))
}
