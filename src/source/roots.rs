//! Where functions begin: the binaries and libraries that a platform may call.

use crate::knowledge::{Lexicon, host_files, runs_libraries};
use crate::model::Project;
use crate::model::crates::{Cargo, DependencyKind, PackageId, TargetId, TargetKind};
use crate::text::path::{is_within, parent};
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Binaries worth reading: those a function runs, and those that depend on a function runtime.
pub fn roots(project: &Project, lexicon: &Lexicon, tree: &dyn Tree) -> Vec<TargetId> {
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
