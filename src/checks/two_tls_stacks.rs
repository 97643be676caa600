//! Binaries that carry OpenSSL and rustls, and the lines that would have to say otherwise for one of them to go.

use super::support::feature_edits::{asking, is_named, say};
use super::{Check, Sink, UnitRef};
use crate::finding::{Advice, Confidence, Severity};
use crate::knowledge::{TlsClient, TlsStacks, default_features, tls_stacks};
use crate::model::crates::closure::Closure;
use crate::model::crates::{CrateGraph, Dependency, GraphSource};
use crate::rule::Params;
use std::collections::BTreeSet;

pub(super) struct Rule;

/// A line that brings OpenSSL, and what it is to say instead.
struct Change<'p> {
    line: &'p Dependency,
    advice: String,
}

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, _: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.program(), unit.unit.target()) else { return };
        let Some((closure, graph)) = unit.project.closure(target) else { return };
        let known = tls_stacks();
        // A lock file lists what features might bring: then lines of the workspace must name both.
        if graph.source != GraphSource::Metadata && !names_rustls(unit, closure, graph, known) {
            return;
        }
        let member = |names: &[String]| {
            closure.crates(graph).find(|(_, node)| names.contains(&node.name)).map(|(member, _)| member)
        };
        let (Some(openssl), Some(rustls)) = (member(&known.openssl), member(&known.rustls)) else { return };
        if needs_openssl(closure, graph, known) || is_named(unit, &known.unless) {
            return;
        }
        let ways = [("OpenSSL", openssl), ("rustls", rustls)].map(|(stack, member)| {
            let trail = closure.trail(graph, member);
            let names: Vec<String> = trail.iter().skip(1).map(|name| format!("`{name}`")).collect();
            format!("{stack} through {}", names.join(", "))
        });
        let message = format!("two stacks for TLS are linked: {}; and {}", ways[0], ways[1]);
        let lines = [openssl, rustls].map(|member| closure.line(&unit.project.cargo, graph, member));
        let changes = changes(unit, closure, graph, openssl, known);
        let finding = if let Some((first, others)) = changes.as_deref().and_then(<[Change<'_>]>::split_first) {
            let finding = sink.report(first.line.declared.span, "brings OpenSSL beside rustls", message);
            finding.severity = Severity::Warning;
            finding.advice = Advice::Step(first.advice.clone());
            for other in others {
                finding.also(Some(other.line.declared.span), other.advice.clone());
            }
            finding
        } else {
            let Some((line, _)) = lines[0] else { return };
            // Which features of a client are on that another crate asks for, a lock file does not say.
            if graph.source != GraphSource::Metadata && !known.bridges.contains(&line.package) {
                return;
            }
            sink.report(line.declared.span, "brings OpenSSL", message).only_to_know()
        };
        finding.also(lines[1].map(|(line, _)| line.declared.span), "brings rustls");
        finding.cap(Confidence::Medium);
        finding.trail = closure.trail(graph, openssl);
        unit.of_binary(finding, program, graph);
    }
}

/// What the feature `default` of a crate switches on, as far as it is known.
fn defaults(graph: &CrateGraph, node: usize) -> &[String] {
    let node = &graph.nodes[node];
    node.defaults.as_deref().or_else(|| default_features().of(&node.name, &node.version)).unwrap_or_default()
}

/// The features of a crate that are on, with what the feature `default` switches on.
fn features(unit: UnitRef<'_>, closure: &Closure, graph: &CrateGraph, member: usize) -> Option<Vec<String>> {
    let mut on = closure.features(&unit.project.cargo, graph, member)?;
    if on.iter().any(|feature| feature == "default") {
        on.extend_from_slice(defaults(graph, closure.members[member].node));
    }
    Some(on)
}

/// Whether a client is told to bring rustls by a line of the workspace.
fn names_rustls(unit: UnitRef<'_>, closure: &Closure, graph: &CrateGraph, known: &TlsStacks) -> bool {
    closure.crates(graph).any(|(member, node)| {
        known.clients.get(&node.name).is_some_and(|client| {
            features(unit, closure, graph, member)
                .is_some_and(|on| client.rustls.iter().any(|feature| on.contains(feature)))
        })
    })
}

/// Whether something other than a client's connection to it asks for OpenSSL: signatures, formats of keys.
fn needs_openssl(closure: &Closure, graph: &CrateGraph, known: &TlsStacks) -> bool {
    let of_openssl = |name: &str| known.openssl.iter().any(|of| of == name) || name == "openssl";
    closure.crates(graph).filter(|(_, node)| of_openssl(&node.name)).any(|(member, _)| {
        closure.askers(graph, member).any(|asker| {
            let asker = &graph.nodes[asker];
            !asker.local && !known.bridges.contains(&asker.name)
        })
    })
}

/// What the lines of the workspace are to say so that nothing reaches OpenSSL; none if that is not for them to decide.
fn changes<'p>(
    unit: UnitRef<'p>,
    closure: &'p Closure,
    graph: &'p CrateGraph,
    openssl: usize,
    known: &TlsStacks,
) -> Option<Vec<Change<'p>>> {
    let on = |member: usize, client: &TlsClient| {
        let features = features(unit, closure, graph, member)?;
        Some(client.openssl.iter().any(|feature| features.contains(feature)))
    };
    let clients: Vec<(usize, &TlsClient)> = closure
        .crates(graph)
        .filter_map(|(member, node)| {
            Some((member, known.clients.get(&node.name).filter(|of| of.holds(&node.version))?))
        })
        .filter(|(member, client)| on(*member, client) == Some(true))
        .collect();
    let left_out: BTreeSet<usize> = clients.iter().map(|(member, _)| closure.members[*member].node).collect();
    if clients.is_empty() || reaches(closure, graph, openssl, &left_out) {
        return None;
    }
    let mut found: Vec<Change<'p>> = Vec::new();
    for (member, client) in clients {
        // Another crate chooses the feature, unless its own choice is among those that change.
        let foreign =
            closure.askers(graph, member).any(|asker| !graph.nodes[asker].local && !left_out.contains(&asker));
        if foreign {
            return None;
        }
        let defaults = defaults(graph, closure.members[member].node);
        for line in asking(unit, closure, graph, member) {
            let by_default = line.default_features && defaults.iter().any(|feature| client.openssl.contains(feature));
            let named = line.features.iter().any(|feature| client.openssl.contains(feature));
            if by_default || named {
                found.push(Change { line, advice: advice(line, client, by_default, defaults) });
            }
        }
    }
    found.dedup_by(|next, kept| next.line.declared.span == kept.line.declared.span);
    (!found.is_empty()).then_some(found)
}

/// What a line is to say to bring rustls in place of OpenSSL, and everything else as before.
fn advice(line: &Dependency, client: &TlsClient, by_default: bool, defaults: &[String]) -> String {
    let defaults = defaults.iter().filter(|_| by_default);
    let all = defaults.chain(&line.features).filter(|feature| !client.openssl.contains(feature));
    let mut keep: Vec<String> = Vec::new();
    for feature in all {
        if !keep.contains(feature) {
            keep.push(feature.clone());
        }
    }
    if !keep.iter().any(|feature| client.rustls.contains(feature)) {
        keep.extend(client.rustls.first().cloned());
    }
    format!("say {} for `{}`", say(&keep), line.package)
}

/// Whether a package reaches a member without some crates.
fn reaches(closure: &Closure, graph: &CrateGraph, member: usize, without: &BTreeSet<usize>) -> bool {
    let (Some(start), wanted) = (closure.members.first().map(|first| first.node), closure.members[member].node) else {
        return false;
    };
    let within: BTreeSet<usize> = closure.members.iter().map(|member| member.node).collect();
    let mut seen = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for &next in &graph.edges[node] {
            if next == wanted {
                return true;
            }
            if within.contains(&next) && !without.contains(&next) && seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}
