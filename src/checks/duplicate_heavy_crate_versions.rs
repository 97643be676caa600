//! Two incompatible versions of an HTTP, TLS or data stack in one binary.

use super::support::feature_edits;
use super::support::feature_edits::Trim;
use super::{Check, Sink, UnitRef};
use crate::finding::{Advice, Confidence, Severity};
use crate::knowledge::{DuplicateCause, compare_versions, compatible, duplicate_causes, feature_edits, watched_crates};
use crate::model::crates::closure::Closure;
use crate::model::crates::{CrateGraph, Dependency, DependencyKind, GraphSource};
use crate::rule::Params;
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

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
            let Some(trims) = feature_edits::trims(unit, closure, graph, edit) else { continue };
            let gone = take(&mut older, |found| closure.goes_with(found.member, through));
            // Nobody asks for the older stack, whatever the lock file has of it; or a client needs it and uses it.
            let Some(first) = trims.first().filter(|_| !gone.is_empty()) else { continue };
            let finding = sink.report(first.line().declared.span, format!("say {}", first.advice()), list(&gone));
            finding.note(first.reason()).because_of(format!("{} {}", first.workspace.0, edit.name));
            finding.notes.extend(first.gain().map(|(_, _, measured)| measured));
            let several = trims.len() > 1;
            finding.advice = Advice::Step(if several { "say so on each line".to_owned() } else { first.say() });
            finding.trail = closure.trail(graph, gone[0].member);
            first.show_others(finding);
            for other in &trims[1..] {
                finding.also(Some(other.line().declared.span), other.say());
                other.show_others(finding);
            }
            finding.fixes.extend(safe_fix(unit, graph, &trims));
            unit.of_binary(finding, program, graph);
            unit.weigh(finding);
        }
        for (through, node) in closure.crates(graph) {
            for cause in duplicate_causes().iter().filter(|cause| cause.holds(&node.name, &node.version)) {
                let gone = take(&mut older, |found| {
                    cause.crates.iter().any(|name| name == found.name) && closure.goes_with(found.member, through)
                });
                outgrown(unit, closure, graph, (through, cause), &gone, sink);
            }
        }
        // Without advice, it is for those who want to know where each comes from.
        let mut by_line: BTreeMap<Span, Vec<Older<'_>>> = BTreeMap::new();
        for found in older {
            let Some((line, _)) = closure.line(&unit.project.cargo, graph, found.member) else { continue };
            by_line.entry(line.declared.span).or_default().push(found);
        }
        for (span, found) in by_line {
            let finding = sink.report(span, "brings in the older version", list(&found)).only_to_know();
            finding.trail = closure.trail(graph, found[0].member);
            if graph.source == GraphSource::LockFile {
                finding.cap(Confidence::Medium);
            }
        }
    }
}

/// Takes out what holds.
fn take<'p>(older: &mut Vec<Older<'p>>, holds: impl Fn(&Older<'p>) -> bool) -> Vec<Older<'p>> {
    let (gone, left) = older.drain(..).partition(holds);
    *older = left;
    gone
}

/// What only an older release of a crate holds: a newer one drops it.
fn outgrown(
    unit: UnitRef<'_>,
    closure: &Closure,
    graph: &CrateGraph,
    (through, cause): (usize, &DuplicateCause),
    gone: &[Older<'_>],
    sink: &mut Sink<'_>,
) {
    let cargo = &unit.project.cargo;
    let (Some(older), Some((line, _))) = (gone.first(), closure.line(cargo, graph, through)) else { return };
    let workspace = cargo.package(closure.package).workspace;
    let lines = || {
        let packages = cargo.packages.iter().filter(|package| package.workspace == workspace);
        packages.flat_map(|package| &package.dependencies).filter(|line| line.kind == DependencyKind::Normal)
    };
    if !cause.linked_if.is_empty() && !feature_edits::is_named(unit, &cause.linked_if) {
        return;
    }
    // A lock file also has the edges of features that only tests switch on, or switched on before.
    if let Some(feature) = &cause.feature
        && graph.nodes[closure.members[through].node].features.is_none()
        && !lines().any(|line| line.package == cause.through && line.features.contains(feature))
        && !closure.askers(graph, through).any(|asker| cause.asked_by.contains(&graph.nodes[asker].name))
    {
        return;
    }
    let moves = |line: &&Dependency| cause.upgrade.contains(&line.package) || cause.updates(&line.package);
    let moved: Vec<&Dependency> = lines().filter(moves).collect();
    let named: BTreeSet<&str> = moved.iter().map(|line| line.package.as_str()).collect();
    let advice = if let Some(to) = &cause.to {
        // What asks for it is no line of the project.
        if named.is_empty() {
            return;
        }
        let named: Vec<String> = named.iter().map(|name| format!("`{name}`")).collect();
        format!("ask for {} {to} or later", named.join(" and "))
    } else {
        // A pinned version stays where it is.
        let pinned =
            |line: &&Dependency| line.requirement.as_deref().is_some_and(|text| text.starts_with(['=', '~', '<']));
        if moved.iter().any(pinned) {
            return;
        }
        let named = if named.is_empty() { BTreeSet::from([cause.through.as_str()]) } else { named };
        let flags: Vec<String> = named.iter().map(|name| format!("-p {name}")).collect();
        format!("`cargo update {}`", flags.join(" "))
    };
    let then = cause.then.as_ref().map_or(String::new(), |then| format!(", then {then}"));
    // One step for the workspace, so one place: the first line that the step is about, else the one that leads to it.
    let place = moved.first().copied().or_else(|| lines().find(|other| other.package == line.package)).unwrap_or(line);
    let finding = sink.report(place.declared.span, "brings in the older version", list(gone));
    finding.note(cause.reason.clone()).because_of(format!("{} {}", workspace.0, cause.through));
    finding.advice = Advice::Step(format!("{advice}{then}"));
    for other in moved.iter().skip(1) {
        finding.also(Some(other.declared.span), "this line too");
    }
    finding.severity = Severity::Info;
    finding.trail = closure.trail(graph, older.member);
    if unit.only_deploys() {
        unit.weigh(finding);
    }
    if cause.minor {
        finding.pedantic();
    }
    if graph.source == GraphSource::LockFile {
        finding.cap(Confidence::Medium);
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
        versions.sort_by(|(_, one), (_, other)| compare_versions(one, other));
        let Some(&(_, newer)) = versions.last() else { continue };
        // A version that is a façade of a newer one is no second copy.
        let facade = |member: usize| {
            let node = closure.members[member].node;
            graph.edges[node].iter().any(|&next| graph.nodes[next].name == name)
        };
        let old =
            versions.iter().filter(|&&(member, version)| compatible(version) != compatible(newer) && !facade(member));
        older.extend(old.map(|&(member, version)| Older { name, version, newer, member }));
    }
    older
}

fn list(found: &[Older<'_>]) -> String {
    let named: Vec<String> = found
        .iter()
        .map(|older| format!("`{}` {} beside {}", older.name, compatible(older.version), compatible(older.newer)))
        .collect();
    let more = if named.len() > 4 { format!(" and {} more", named.len() - 4) } else { String::new() };
    format!("two versions are linked of {}{more}", named[..named.len().min(4)].join(", "))
}
