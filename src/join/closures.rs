//! What the package of each function's binary reaches through normal dependencies.

use crate::model::Project;
use crate::model::crates::closure::{Closure, Member};
use crate::model::crates::{Cargo, CrateGraph, DependencyKind, GraphSource, PackageId, WorkspaceId};
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Builds the closure of every package that has a function among its binaries.
pub fn closures(project: &mut Project) {
    let cargo = &project.cargo;
    let packages: BTreeSet<PackageId> =
        project.unit_targets().into_iter().map(|target| cargo.target(target).package).collect();
    let packages: Vec<PackageId> = packages.into_iter().collect();
    project.closures = packages.par_iter().filter_map(|&package| Some((package, closure(cargo, package)?))).collect();
}

fn closure(cargo: &Cargo, id: PackageId) -> Option<Closure> {
    let package = cargo.package(id);
    let graph = cargo.workspaces[package.workspace].graph.as_ref()?;
    let root = graph.local(&package.name)?;
    let mut members = Vec::new();
    let mut drawn: DiGraph<(), ()> = DiGraph::new();
    let mut position: HashMap<usize, usize> = HashMap::new();
    let mut queue = VecDeque::from([root]);
    let member = |node, parent| Member { node, parent, dominator: None, exclusive: 1 };
    position.insert(root, 0);
    members.push(member(root, None));
    drawn.add_node(());
    while let Some(node) = queue.pop_front() {
        let from = position[&node];
        for &next in graph.edges[node].iter().filter(|&&next| follows(cargo, package.workspace, graph, node, next)) {
            let to = *position.entry(next).or_insert_with(|| {
                members.push(member(next, Some(from)));
                drawn.add_node(());
                queue.push_back(next);
                members.len() - 1
            });
            drawn.update_edge(NodeIndex::new(from), NodeIndex::new(to), ());
        }
    }
    let dominators = simple_fast(&drawn, NodeIndex::new(0));
    // A member that dominates another precedes it in a search in breadth.
    for at in (1..members.len()).rev() {
        members[at].dominator = dominators.immediate_dominator(NodeIndex::new(at)).map(NodeIndex::index);
        if let Some(above) = members[at].dominator {
            members[above].exclusive += members[at].exclusive;
        }
    }
    Some(Closure { package: id, members })
}

/// Whether an edge belongs to the program. Macros run in the compiler; lock files mix in development and build
/// dependencies of members.
fn follows(cargo: &Cargo, workspace: WorkspaceId, graph: &CrateGraph, from: usize, to: usize) -> bool {
    if graph.nodes[to].is_proc_macro {
        return false;
    }
    if graph.source == GraphSource::Metadata || !graph.nodes[from].local {
        return true;
    }
    let member = |package: &&crate::model::crates::CargoPackage| {
        package.workspace == workspace && package.name == graph.nodes[from].name
    };
    let Some(package) = cargo.packages.iter().find(member) else { return true };
    let switched_on = package.features.get("default").map_or(&[][..], Vec::as_slice);
    package.dependencies.iter().any(|line| {
        let names =
            |feature: &String| feature.trim_start_matches("dep:").split('/').next() == Some(line.package.as_str());
        let on = !line.optional || switched_on.iter().any(names);
        line.package == graph.nodes[to].name && line.kind == DependencyKind::Normal && line.platform.is_none() && on
    })
}
