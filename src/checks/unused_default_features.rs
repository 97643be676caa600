//! Default features that a function compiles, loads and does not use.

use super::support::feature_edits;
use super::{Check, Sink, UnitRef};
use crate::finding::{Advice, Confidence};
use crate::knowledge::feature_edits;
use crate::rule::Params;
use crate::text::path::parent;

const ID: &str = "unused-default-features";

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.program(), unit.unit.target()) else { return };
        let cargo = &unit.project.cargo;
        // Another binary of the package is run by people, with other needs than Lambda's.
        if feature_edits::serves_people(unit, cargo.package(cargo.target(target).package)) {
            return;
        }
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
                let finding = sink.report(trim.line().declared.span, trim.say(), message);
                finding.notes.extend((trim.locked && !stays).then_some(measured));
                finding.advice = Advice::Step(trim.say());
                trim.show_others(finding);
                if stays || trim.is_minor() || (!trim.locked && bytes < params.int("minimum_bytes")) {
                    finding.pedantic();
                }
                if !trim.locked {
                    finding.cap(Confidence::Medium);
                }
                if unit.only_deploys() {
                    unit.weigh(finding);
                }
                // Packages beside each other, each a workspace of its own, are copies of one pattern.
                finding.because_of(format!("{} {}", parent(&cargo.workspaces[trim.workspace].dir), trim.name));
                finding.fixes.extend(feature_edits::fix(unit, &[trim], false));
                match resolved {
                    Some((_, graph)) => unit.of_binary(finding, program, graph),
                    None => unit.of_handler(finding, program),
                }
            }
        }
    }
}
