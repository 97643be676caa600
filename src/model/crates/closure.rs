//! The crates of one package's binaries: what it reaches through normal dependencies, who brings in whom, and what
//! would go if a crate went.

use super::{Cargo, CrateGraph, CrateNode, Dependency, DependencyKind, PackageId};

/// A crate of a closure.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its node in the graph of the workspace.
    pub node: usize,
    /// The member it is reached through on the shortest way from the package; none for the package itself.
    pub parent: Option<usize>,
    /// The nearest member that every way to it leads through; none for the package itself.
    pub dominator: Option<usize>,
    /// How many members would go with it, itself included.
    pub exclusive: usize,
}

/// What a package reaches; the package itself is the first member.
#[derive(Debug, Clone)]
pub struct Closure {
    /// The package.
    pub package: PackageId,
    /// Members in the order of a search in breadth.
    pub members: Vec<Member>,
}

impl Closure {
    /// The graph the members are nodes of.
    pub fn graph<'c>(&self, cargo: &'c Cargo) -> Option<&'c CrateGraph> {
        cargo.workspaces[cargo.package(self.package).workspace].graph.as_ref()
    }

    /// Members with their crates, the package itself left out.
    pub fn crates<'c>(&'c self, graph: &'c CrateGraph) -> impl Iterator<Item = (usize, &'c CrateNode)> {
        self.members.iter().enumerate().skip(1).map(|(at, member)| (at, &graph.nodes[member.node]))
    }

    /// Members from the package to one of them.
    pub fn path(&self, member: usize) -> Vec<usize> {
        let mut path: Vec<usize> = std::iter::successors(Some(member), |&at| self.members[at].parent).collect();
        path.reverse();
        path
    }

    /// Names of the crates from the package to one of them.
    pub fn trail(&self, graph: &CrateGraph, member: usize) -> Vec<String> {
        self.path(member).into_iter().map(|at| graph.nodes[self.members[at].node].name.clone()).collect()
    }

    /// Whether a member would go if another one went.
    pub fn goes_with(&self, member: usize, other: usize) -> bool {
        std::iter::successors(Some(member), |&at| self.members[at].dominator).any(|at| at == other)
    }

    /// The nodes in the closure that depend on a member.
    pub fn askers<'c>(&'c self, graph: &'c CrateGraph, member: usize) -> impl Iterator<Item = usize> + 'c {
        let node = self.members[member].node;
        self.members.iter().map(|asker| asker.node).filter(move |&asker| graph.edges[asker].contains(&node))
    }

    /// Features of a member that are on: as cargo resolved them, else as the line of the workspace asks that names it.
    /// None if neither is known.
    pub fn features(&self, cargo: &Cargo, graph: &CrateGraph, member: usize) -> Option<Vec<String>> {
        if let Some(features) = &graph.nodes[self.members[member].node].features {
            return Some(features.clone());
        }
        let (line, _) = self.line(cargo, graph, member).filter(|(_, asked)| *asked == member)?;
        let default = line.default_features.then(|| "default".to_owned());
        Some(default.into_iter().chain(line.features.iter().cloned()).collect())
    }

    /// The manifest line through which a crate enters the workspace, and the crate that line asks for.
    pub fn line<'c>(&self, cargo: &'c Cargo, graph: &CrateGraph, member: usize) -> Option<(&'c Dependency, usize)> {
        let workspace = cargo.package(self.package).workspace;
        self.path(member).windows(2).rev().find_map(|pair| {
            let (from, to) = (&graph.nodes[self.members[pair[0]].node], &graph.nodes[self.members[pair[1]].node]);
            let package =
                cargo.packages.iter().find(|package| package.workspace == workspace && package.name == from.name)?;
            let asks = |line: &&Dependency| line.package == to.name && line.kind == DependencyKind::Normal;
            Some((package.dependencies.iter().find(asks)?, pair[1]))
        })
    }
}
