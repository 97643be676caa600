//! Crates that weigh on a function's binary although something lighter would do.

use super::{Check, Sink, UnitRef};
use crate::finding::{Confidence, Severity};
use crate::model::crates::{Cargo, CrateGraph, Dependency, DependencyKind, GraphSource, TargetId};
use crate::spec::{HeavyCrate, Params, heavy_crates};
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{HashMap, VecDeque};

pub(super) struct Rule;

impl Check for Rule {
    fn unit(&self, unit: UnitRef<'_>, params: &Params, sink: &mut Sink<'_>) {
        let (Some(program), Some(target)) = (unit.lambda_program(), unit.unit.target) else { return };
        let cargo = &unit.project.cargo;
        let Some(closure) = Closure::of(cargo, target) else { return };
        for heavy in heavy_crates() {
            let Some(found) = closure.find(heavy) else { continue };
            let allowed = params.list("allow").contains(&closure.graph.nodes[found].name);
            let Some(line) = closure.edge(cargo, found).filter(|_| !allowed) else { continue };
            if !applies(heavy, line, &closure.graph.nodes[found].name) {
                continue;
            }
            let node = &closure.graph.nodes[found];
            let exclusive = closure.exclusive(found);
            let mut message = format!("`{}` {} {}", node.name, node.version, heavy.reason);
            if let Some(bytes) = heavy.measured_bytes {
                message.push_str(&format!("; it adds about {:.1} MB", bytes as f64 / 1e6));
            }
            if exclusive > 1 {
                message.push_str(&format!("; {exclusive} crates are there only for it"));
            }
            message.push_str(&format!("; {}", heavy.instead));
            let finding = sink.report(line.span, "brought in here", message);
            let small = heavy.measured_bytes.is_some_and(|bytes| (bytes as i64) < params.int("minimum_bytes"));
            if small && !heavy.native_build {
                finding.severity = Severity::Info;
            }
            if closure.graph.source == GraphSource::LockFile {
                finding.cap(Confidence::Medium);
            }
            finding.trail = closure.path(found);
            finding.also(program.handlers.first().map(|handler| handler.span), "the handler of this binary");
        }
        budget(&closure, cargo, target, params, sink);
    }
}

/// A limit on the number of crates, when the user sets one.
fn budget(closure: &Closure<'_>, cargo: &Cargo, target: TargetId, params: &Params, sink: &mut Sink<'_>) {
    let (limit, count) = (params.int("max_crates"), closure.members.len() as i64 - 1);
    if limit > 0 && count > limit {
        let package = cargo.package(cargo.target(target).package);
        let message = format!("`{}` pulls in {count} crates; the budget is {limit}", package.name);
        sink.report(package.span, "this package", message);
    }
}

/// Whether what is known of a crate holds for the way it is used.
fn applies(heavy: &HeavyCrate, line: &Dependency, name: &str) -> bool {
    let direct = line.package == name;
    if heavy.default_features_only && !(direct && line.default_features) {
        return false;
    }
    if heavy.direct_only && !direct {
        return false;
    }
    heavy.features.is_empty() || (direct && heavy.features.iter().any(|feature| line.features.contains(feature)))
}

/// The crates of one binary: what its package reaches through normal dependencies.
struct Closure<'p> {
    graph: &'p CrateGraph,
    /// Nodes of the closure in the order of the search, the package first; with the node that led there.
    members: Vec<(usize, Option<usize>)>,
    position: HashMap<usize, usize>,
    dominated: HashMap<usize, usize>,
}

impl<'p> Closure<'p> {
    fn of(cargo: &'p Cargo, target: TargetId) -> Option<Self> {
        let package = cargo.package(cargo.target(target).package);
        let graph = cargo.workspaces[package.workspace].graph.as_ref()?;
        let root = graph.find(&package.name)?;
        let mut members = Vec::new();
        let mut position = HashMap::new();
        let mut queue = VecDeque::from([(root, None)]);
        let mut drawn: DiGraph<usize, ()> = DiGraph::new();
        let mut index: HashMap<usize, NodeIndex> = HashMap::new();
        while let Some((node, from)) = queue.pop_front() {
            let at = *index.entry(node).or_insert_with(|| drawn.add_node(node));
            if let Some(from) = from {
                drawn.update_edge(index[&from], at, ());
            }
            if position.contains_key(&node) {
                continue;
            }
            position.insert(node, members.len());
            members.push((node, from));
            for &next in &graph.edges[node] {
                if follows(cargo, graph, node, next) {
                    queue.push_back((next, Some(node)));
                }
            }
        }
        let dominators = simple_fast(&drawn, index[&root]);
        let mut dominated: HashMap<usize, usize> = HashMap::new();
        for &(node, _) in &members {
            for above in dominators.dominators(index[&node]).into_iter().flatten() {
                *dominated.entry(drawn[above]).or_default() += 1;
            }
        }
        Some(Self { graph, members, position, dominated })
    }

    /// The crate a row is about; a trailing `*` matches a prefix.
    fn find(&self, heavy: &HeavyCrate) -> Option<usize> {
        let fits = |name: &str| match heavy.name.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == heavy.name,
        };
        self.members.iter().map(|(node, _)| *node).find(|&node| {
            let node = &self.graph.nodes[node];
            fits(&node.name) && node.version.starts_with(&heavy.version)
        })
    }

    /// How many crates would go with it, itself included.
    fn exclusive(&self, node: usize) -> usize {
        self.dominated.get(&node).copied().unwrap_or(1)
    }

    /// Crate names from the package to a crate.
    fn path(&self, node: usize) -> Vec<String> {
        let mut path = Vec::new();
        let mut next = Some(node);
        while let Some(at) = next {
            path.push(self.graph.nodes[at].name.clone());
            next = self.position.get(&at).and_then(|&index| self.members[index].1);
        }
        path.reverse();
        path
    }

    /// The manifest line through which a crate enters the workspace.
    fn edge<'c>(&self, cargo: &'c Cargo, node: usize) -> Option<&'c Dependency> {
        let path = self.path(node);
        path.windows(2).rev().find_map(|pair| {
            let package = cargo.packages.iter().find(|package| package.name == pair[0])?;
            let line = package
                .dependencies
                .iter()
                .find(|line| line.package == pair[1] && line.kind == DependencyKind::Normal)?;
            Some(line)
        })
    }
}

/// Whether an edge belongs to the program. Lock files mix in development and build dependencies of members.
fn follows(cargo: &Cargo, graph: &CrateGraph, from: usize, to: usize) -> bool {
    if graph.source == GraphSource::Metadata {
        return true;
    }
    let Some(package) = cargo.packages.iter().find(|package| package.name == graph.nodes[from].name) else { return true };
    let switched_on = package.features.get("default").map_or(&[][..], Vec::as_slice);
    package.dependencies.iter().any(|line| {
        let on = !line.optional
            || switched_on.iter().any(|feature| feature.trim_start_matches("dep:").split('/').next() == Some(line.package.as_str()));
        line.package == graph.nodes[to].name && line.kind == DependencyKind::Normal && line.platform.is_none() && on
    })
}
