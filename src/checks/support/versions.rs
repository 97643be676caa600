//! Which version of a library code was written against.

use crate::checks::UnitRef;
use crate::knowledge::lexicon;
use crate::model::crates::{CargoPackage, DependencyKind};
use crate::model::source::HttpCall;
use crate::text::FileId;

impl UnitRef<'_> {
    /// The seconds after which the version in use of a library ends a request by itself.
    pub(crate) fn default_limit(&self, call: &HttpCall) -> Option<i64> {
        let limit = lexicon().detail(&call.path, |row| row.limit.clone())?;
        let library = call.path.split("::").next().unwrap_or_default();
        limit.holds(self.version_of(library, call.site.span.file).as_deref()).then_some(limit.seconds)
    }

    /// The version of a library that the package of a file uses: as locked, else as its manifest asks.
    pub(crate) fn version_of(&self, library: &str, file: FileId) -> Option<String> {
        let cargo = &self.project.cargo;
        let path = self.project.sources.path(file);
        let holds = |package: &&CargoPackage| {
            package.dir.is_empty() || path.strip_prefix(&package.dir).is_some_and(|rest| rest.starts_with('/'))
        };
        let package = cargo.packages.iter().filter(holds).max_by_key(|package| package.dir.len())?;
        let graph = cargo.workspaces[package.workspace].graph.as_ref();
        let locked = graph.and_then(|graph| {
            let edges = &graph.edges[graph.local(&package.name)?];
            let node = edges.iter().map(|&node| &graph.nodes[node]).find(|node| node.library == library)?;
            Some(node.version.clone())
        });
        locked.or_else(|| {
            let normal = package.dependencies.iter().filter(|line| line.kind == DependencyKind::Normal);
            normal.filter(|line| line.alias == library).find_map(|line| line.requirement.clone())
        })
    }
}
