//! Two incompatible versions of an HTTP, TLS or data stack in one binary.

use super::support::feature_edits;
use super::support::feature_edits::Trim;
use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::knowledge::{compatible, feature_edits, watched_crates};
use crate::model::crates::closure::Closure;
use crate::model::crates::{CrateGraph, GraphSource};
use crate::rule::Params;
use crate::text::Span;
use std::collections::BTreeMap;

const ID: &str = "duplicate-heavy-crate-versions";

pub(super) struct Rule;

/// A crate that is linked in a version that a newer one does not replace.
struct Older<'p> {
    name: &'p str,
    version: &'p str,
    newer: &'p str,
    member: usize,
}

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.program(), unit.unit.target()) else { return };
        let Some((closure, graph)) = unit.project.closure(target) else { return };
        let mut older = duplicates(closure, graph);
        older.retain(|found| !params.list("allow").iter().any(|name| name == found.name));
        for edit in feature_edits().iter().filter(|edit| edit.rule == ID) {
            let through = closure.crates(graph).find(|(_, node)| edit.through.as_deref() == Some(&node.name));
            let Some((through, _)) = through else { continue };
            let (gone, left): (Vec<_>, Vec<_>) =
                older.drain(..).partition(|found| closure.goes_with(found.member, through));
            older = left;
            let trims = feature_edits::trims(unit, closure, graph, edit);
            let Some(first) = trims.first().filter(|_| !gone.is_empty()) else { continue };
            let mut message = format!("{}; {}", list(&gone), first.edit.reason);
            message.push_str(&format!("; say {}", first.advice()));
            if let Some((_, _, measured)) = first.gain() {
                message.push_str(&format!("; {measured}"));
            }
            let finding = sink.report(first.line.declared.span, "default features are on", message);
            finding.trail = closure.trail(graph, gone[0].member);
            for other in &trims[1..] {
                finding.also(Some(other.line.declared.span), "and here");
            }
            finding.fixes.extend(safe_fix(unit, graph, &trims));
            unit.of_binary(finding, program, graph);
            unit.weigh(finding);
        }
        // Without an edit that mends it, it is for the reader to know where each comes from.
        let mut by_line: BTreeMap<Span, Vec<Older<'_>>> = BTreeMap::new();
        for found in older {
            let Some((line, _)) = closure.line(&unit.project.cargo, graph, found.member) else { continue };
            by_line.entry(line.declared.span).or_default().push(found);
        }
        for (span, found) in by_line {
            let finding = sink.report(span, "brings in the older version", list(&found));
            finding.severity = Severity::Info;
            finding.trail = closure.trail(graph, found[0].member);
            if graph.source == GraphSource::LockFile {
                finding.cap(Confidence::Medium);
            }
        }
    }
}

/// Which features stay is known for sure only from cargo.
fn safe_fix(unit: UnitRef<'_>, graph: &CrateGraph, trims: &[Trim<'_>]) -> Option<crate::finding::Fix> {
    feature_edits::fix(unit, trims, graph.source == GraphSource::Metadata)
}

/// Watched crates in incompatible versions, all but the newest of each.
fn duplicates<'p>(closure: &'p Closure, graph: &'p CrateGraph) -> Vec<Older<'p>> {
    let mut by_name: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (member, node) in closure.crates(graph) {
        if watched_crates().crates.contains(&node.name) {
            by_name.entry(&node.name).or_default().push((member, &node.version));
        }
    }
    let mut older = Vec::new();
    for (name, mut versions) in by_name {
        versions.sort_by_key(|(_, version)| order(version));
        let Some(&(_, newer)) = versions.last() else { continue };
        let old = versions.iter().filter(|(_, version)| compatible(version) != compatible(newer));
        older.extend(old.map(|&(member, version)| Older { name, version, newer, member }));
    }
    older
}

/// Versions in their order; a pre-release counts as its release.
fn order(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

fn list(found: &[Older<'_>]) -> String {
    let named: Vec<String> = found
        .iter()
        .map(|older| format!("`{}` {} beside {}", older.name, compatible(older.version), compatible(older.newer)))
        .collect();
    let more = if named.len() > 4 { format!(" and {} more", named.len() - 4) } else { String::new() };
    format!("two versions are linked of {}{more}", named[..named.len().min(4)].join(", "))
}
