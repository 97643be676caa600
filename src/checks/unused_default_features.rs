//! Default features that a function compiles, loads and does not use.

use super::support::feature_edits;
use super::{Check, Sink, UnitRef};
use crate::finding::{Advice, Confidence};
use crate::knowledge::feature_edits;
use crate::model::crates::TargetKind;
use crate::rule::Params;

const ID: &str = "unused-default-features";

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.program(), unit.unit.target()) else { return };
        if serves_people_too(unit) {
            return;
        }
        let cargo = &unit.project.cargo;
        let locked = cargo.workspaces[cargo.package(cargo.target(target).package).workspace].locked;
        let resolved = unit.project.closure(target);
        for edit in feature_edits().iter().filter(|edit| edit.rule == ID) {
            let trims = match resolved {
                Some((closure, graph)) => feature_edits::trims(unit, closure, graph, edit).unwrap_or_default(),
                // A lock file that could not be read said which versions these are.
                None if locked => Vec::new(),
                None => feature_edits::unlocked(unit, edit),
            };
            for trim in trims {
                let Some((bytes, crates, measured)) = trim.gain() else { continue };
                if bytes < params.int("minimum_bytes") && crates < params.int("minimum_crates") {
                    continue;
                }
                let stays = trim.stays(params.int("minimum_crates"));
                let message = format!("`{}` with its default features {}", trim.name, trim.reason());
                let finding = sink.report(trim.line().declared.span, "default features are on", message);
                finding.notes.extend((trim.locked && !stays).then_some(measured));
                finding.advice = Advice::Step(trim.say());
                trim.show_others(finding);
                if stays || trim.is_minor() || (!trim.locked && bytes < params.int("minimum_bytes")) {
                    finding.pedantic();
                }
                if !trim.locked {
                    finding.cap(Confidence::Medium);
                }
                finding.fixes.extend(feature_edits::fix(unit, &[trim], false));
                match resolved {
                    Some((_, graph)) => unit.of_binary(finding, program, graph),
                    None => unit.of_handler(finding, program),
                }
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
