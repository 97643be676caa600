//! Default features that a function compiles, loads and does not use.

use super::support::feature_edits;
use super::{Check, Sink, UnitRef};
use crate::knowledge::feature_edits;
use crate::model::crates::TargetKind;
use crate::rule::Params;

const ID: &str = "unused-default-features";

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.program(), unit.unit.target()) else { return };
        let Some((closure, graph)) = unit.project.closure(target) else { return };
        if serves_people_too(unit) {
            return;
        }
        for edit in feature_edits().iter().filter(|edit| edit.rule == ID) {
            for trim in feature_edits::trims(unit, closure, graph, edit) {
                let Some((bytes, crates, measured)) = trim.gain() else { continue };
                if bytes < params.int("minimum_bytes") && crates < params.int("minimum_crates") {
                    continue;
                }
                let name = &graph.nodes[closure.members[trim.member].node].name;
                let message = format!(
                    "`{name}` with its default features {}; say {}; {measured}",
                    trim.edit.reason,
                    trim.advice()
                );
                let finding = sink.report(trim.line.declared.span, "default features are on", message);
                finding.fixes.extend(feature_edits::fix(unit, &[trim], false));
                unit.of_binary(finding, program, graph);
            }
        }
    }
}

/// Whether the package also has a binary that is no function: people run it, with other needs than Lambda's.
fn serves_people_too(unit: UnitRef<'_>) -> bool {
    let cargo = &unit.project.cargo;
    let Some(target) = unit.unit.target() else { return true };
    let package = cargo.target(target).package;
    let is_function = |id| unit.project.program(id).is_some_and(|program| !program.handlers.is_empty());
    cargo.target_ids().any(|id| {
        let other = cargo.target(id);
        other.package == package && other.kind == TargetKind::Bin && !is_function(id)
    })
}
