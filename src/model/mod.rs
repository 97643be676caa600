//! What we know: plain data about source, crates and deployment, and the joins between them.
//! No parser types, no I/O.

pub mod application;
pub mod crates;
pub mod deployments;
mod names;
mod platform;
pub mod source;
pub mod suppression;
mod value;

pub use self::application::unit::{Cause, Evidence, Flow, FlowEnd, Mode, Unit};
pub use self::platform::Platform;
pub use self::value::{Known, Origin, Setting, Verdict};

use self::crates::artifact::Artifact;
use self::crates::closure::Closure;
use self::crates::{Cargo, CrateGraph, Dockerfile, PackageId, TargetId};
use self::deployments::{Deploy, Function, FunctionId};
use self::source::Program;
use crate::document::Documents;
use crate::text::{FileId, SourceMap, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The name of the file at the scanned root that says what the traffic is.
pub const TRAFFIC_FILE: &str = "faaslint-traffic.yaml";

/// Something that could not be read or resolved; the rest is still analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The file, relative to the scanned root.
    pub path: String,
    /// Where in it, when the file could be read.
    pub span: Option<Span>,
    /// 1-based line, for files that were not kept (unreadable text).
    pub line: u32,
    /// What is missing and why; lower case, no full stop.
    pub reason: String,
}

impl Gap {
    /// A gap about a whole file.
    pub fn file(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), span: None, line: 1, reason: reason.into() }
    }

    /// A gap at a place.
    pub fn at(sources: &SourceMap, span: Span, reason: impl Into<String>) -> Self {
        let line = sources.position(span.file, span.start).line;
        Self { path: sources.path(span.file).to_owned(), span: Some(span), line, reason: reason.into() }
    }
}

/// One application, or several side by side: everything under the scanned root.
#[derive(Debug, Default)]
pub struct Project {
    /// Files.
    pub sources: SourceMap,
    /// The trees of configs among them.
    pub documents: Documents,
    /// Manifests, lock files, graphs.
    pub cargo: Cargo,
    /// Templates.
    pub deploy: Deploy,
    /// What the binaries do, by target.
    pub programs: Vec<Program>,
    /// Functions joined with binaries.
    pub units: Vec<Unit>,
    /// Functions that cannot be deployed, because their plugin builds a package that is not here.
    pub unbuildable: Vec<FunctionId>,
    /// Binaries whose server the Lambda Web Adapter hands requests to, as configs and Dockerfiles say.
    pub adapted: Vec<TargetId>,
    /// What the packages of functions reach; empty unless a rule needs crates.
    pub closures: BTreeMap<PackageId, Closure>,
    /// What builds left of the binaries of functions.
    pub artifacts: Vec<Artifact>,
    /// Edges between functions and resources.
    pub flows: Vec<Flow>,
    calls_to: HashMap<FunctionId, Vec<usize>>,
    /// The application as a graph.
    pub graph: application::graph::Graph,
    /// What people wrote to silence findings.
    pub suppressions: Vec<suppression::Suppression>,
    /// Calls of the workspace's own macros in Rust source that were expanded: what is found in one may be written by
    /// the macro, so nothing is edited there.
    pub expanded: Vec<Span>,
    /// What people say of the traffic, a text among the files.
    pub traffic: Option<FileId>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Project {
    /// Nothing, but ready for nearly the same files: they have the ids they have here, and trees of equal texts are
    /// known.
    pub fn like(&self) -> Self {
        Self { sources: self.sources.like(), documents: self.documents.like(&self.sources), ..Self::default() }
    }

    /// What a binary does, if its source was read.
    pub fn program(&self, target: TargetId) -> Option<&Program> {
        let at = self.programs.binary_search_by_key(&target, |program| program.target).ok()?;
        self.programs.get(at)
    }

    /// Says what the edges between functions and resources are.
    pub fn set_flows(&mut self, flows: Vec<Flow>) {
        self.calls_to.clear();
        for (index, flow) in flows.iter().enumerate() {
            if let (Cause::Call, FlowEnd::Function(id)) = (&flow.cause, &flow.to) {
                self.calls_to.entry(*id).or_default().push(index);
            }
        }
        self.flows = flows;
    }

    /// The calls in source that lead to a function.
    pub fn calls_to(&self, function: FunctionId) -> impl Iterator<Item = &Flow> {
        self.calls_to.get(&function).map_or(&[][..], Vec::as_slice).iter().map(|&index| &self.flows[index])
    }

    /// What shows that the function of a unit has the Lambda Web Adapter: its config, or the Dockerfile of its image.
    pub fn adapter(&self, unit: &Unit) -> Option<Span> {
        let function = self.deploy.function(unit.function()?);
        function.aws()?.web_adapter.or_else(|| self.dockerfile(function)?.adapter)
    }

    /// The Dockerfile of a function, where the config names it.
    pub fn dockerfile(&self, function: &Function) -> Option<&Dockerfile> {
        let named = function.package.dockerfile.as_deref()?;
        self.cargo.dockerfiles.iter().find(|file| file.path == named)
    }

    /// What a build left of a binary.
    pub fn artifact(&self, target: TargetId) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.target == target)
    }

    /// What the package of a binary reaches, with the graph.
    pub fn closure(&self, target: TargetId) -> Option<(&Closure, &CrateGraph)> {
        let closure = self.closures.get(&self.cargo.target(target).package)?;
        Some((closure, closure.graph(&self.cargo)?))
    }

    /// The binaries of all units, each once.
    pub fn unit_targets(&self) -> BTreeSet<TargetId> {
        self.units.iter().filter_map(|unit| unit.target()).collect()
    }

    /// The unit of a function. Functions come first among units, in their own order.
    pub fn unit_of(&self, function: FunctionId) -> Option<&Unit> {
        self.units.get(function.0 as usize).filter(|unit| unit.function() == Some(function))
    }

    /// The units of a binary.
    pub fn units_of(&self, target: TargetId) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(move |unit| unit.target() == Some(target))
    }
}
