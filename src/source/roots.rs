//! Where functions begin: the binaries and libraries that a platform may call.

use crate::knowledge::{Lexicon, host_files, runs_libraries};
use crate::model::crates::{Cargo, DependencyKind, PackageId, TargetId, TargetKind};
use crate::model::{Evidence, Platform, Project, Unit};
use crate::text::path::{is_within, parent};
use crate::tree::Tree;
use std::collections::BTreeSet;

/// The binaries worth reading.
#[derive(Debug, Default)]
pub struct Roots {
    /// All of them.
    pub targets: Vec<TargetId>,
    /// Those whose server something hands the events of a function to.
    pub served: BTreeSet<TargetId>,
}

/// Binaries worth reading: those a function runs, those that depend on a function runtime, and servers behind the
/// Lambda Web Adapter. Where a function has the adapter and its binary is not known yet, any server may be it.
pub fn roots(project: &Project, lexicon: &Lexicon, tree: &dyn Tree) -> Roots {
    let open = project.units.iter().any(|unit| unit.target().is_none() && project.adapter(unit).is_some());
    let mut served: BTreeSet<TargetId> = project.adapted.iter().copied().collect();
    let cargo = &project.cargo;
    let serves = |id: TargetId| {
        cargo.package(cargo.target(id).package).dependencies.iter().any(|line| lexicon.serves(&line.package))
    };
    // A config says that a Lambda function runs it, it has no runtime, and it starts a server: something hands requests
    // to that, whatever the layer that brings it along is called.
    let deployed = project.units.iter().filter(|unit| {
        matches!(unit.evidence(), Some(Evidence::Declared(_) | Evidence::Artifact(_)))
            && unit.function().is_some_and(|id| project.deploy.function(id).platform == Platform::AwsLambda)
    });
    let alone =
        |id: &TargetId| serves(*id) && !uses_runtime(cargo, lexicon, cargo.target(*id).package, &mut BTreeSet::new());
    served.extend(deployed.filter_map(Unit::target).filter(alone));
    if open {
        served.extend(cargo.target_ids().filter(|&id| cargo.target(id).kind == TargetKind::Bin && serves(id)));
    }
    let mut targets = with_runtime(project, lexicon, tree);
    let read: BTreeSet<TargetId> = targets.iter().copied().collect();
    targets.extend(served.difference(&read));
    targets.sort_unstable();
    Roots { targets, served }
}

fn with_runtime(project: &Project, lexicon: &Lexicon, tree: &dyn Tree) -> Vec<TargetId> {
    let cargo = &project.cargo;
    let host = |path: &str| host_files().any(|host| path.rsplit('/').next() == Some(host));
    let hosts: BTreeSet<&str> = tree.files().iter().filter(|path| host(path)).map(|path| parent(path)).collect();
    let linked: BTreeSet<TargetId> = project.units.iter().filter_map(|unit| unit.target()).collect();
    cargo
        .target_ids()
        .filter(|id| {
            let target = cargo.target(*id);
            let entry = target.kind == TargetKind::Bin || is_component(cargo, lexicon, target.package);
            let custom = entry && hosts.iter().any(|host| is_within(&cargo.package(target.package).dir, host));
            linked.contains(id)
                || custom
                || (entry && uses_runtime(cargo, lexicon, target.package, &mut BTreeSet::new()))
        })
        .collect()
}

/// Whether a package is for a platform whose functions are libraries.
fn is_component(cargo: &Cargo, lexicon: &Lexicon, package: PackageId) -> bool {
    cargo.package(package).dependencies.iter().any(|line| lexicon.runtime(&line.package).is_some_and(runs_libraries))
}

/// Whether a package depends on a runtime, directly or through packages of its workspace.
fn uses_runtime(cargo: &Cargo, lexicon: &Lexicon, package: PackageId, seen: &mut BTreeSet<PackageId>) -> bool {
    if !seen.insert(package) || seen.len() > 2000 {
        return false;
    }
    cargo.package(package).dependencies.iter().filter(|line| line.kind == DependencyKind::Normal).any(|line| {
        lexicon.runtime(&line.package).is_some()
            || line
                .path
                .as_deref()
                .and_then(|dir| cargo.package_in(dir))
                .is_some_and(|inner| uses_runtime(cargo, lexicon, inner, seen))
    })
}
