//! What builds left below `target`: found at the places cargo and cargo-lambda write to, never built.

mod archive;
mod depth;
mod executable;
mod symbols;

pub use self::depth::Depth;

use crate::model::Project;
use crate::model::crates::TargetId;
use crate::model::crates::artifact::Artifact;
use crate::tree::{Built, Tree};
use rayon::prelude::*;

/// Reads what builds left of the binaries of functions.
pub fn read(tree: &dyn Tree, depth: Depth, project: &mut Project) {
    let targets: Vec<TargetId> = project.unit_targets().into_iter().collect();
    project.artifacts = targets.par_iter().filter_map(|&target| find(tree, depth, project, target)).collect();
}

fn find(tree: &dyn Tree, depth: Depth, project: &Project, id: TargetId) -> Option<Artifact> {
    let target = project.cargo.target(id);
    let workspace = &project.cargo.workspaces[project.cargo.package(target.package).workspace];
    let below = |path: &str| {
        if workspace.dir.is_empty() { path.to_owned() } else { format!("{}/{path}", workspace.dir) }
    };
    let lock = tree.built(&below("Cargo.lock")).and_then(|lock| lock.modified);
    places(&target.name).into_iter().find_map(|place| {
        let path = below(&place);
        let built = tree.built(&path)?;
        let is_stale = matches!((lock, built.modified), (Some(lock), Some(built)) if lock > built);
        let mut artifact = Artifact {
            target: id,
            bytes: built.bytes,
            unpacked: None,
            is_debug: place.split('/').any(|part| part == "debug"),
            is_stale,
            executable: None,
            path,
        };
        contents(built, depth, &mut artifact);
        Some(artifact)
    })
}

fn contents(built: Built, depth: Depth, artifact: &mut Artifact) {
    if artifact.path.ends_with(".zip") {
        let Some(packed) = archive::read(built) else { return };
        artifact.unpacked = Some(packed.unpacked);
        artifact.executable = packed.bootstrap.and_then(|bytes| executable::headers(&bytes));
    } else {
        artifact.executable = executable::read(built, depth);
    }
}

/// Where the binary may be, the likeliest to be deployed first.
/// Sources: cargo-lambda, `build.md` (`target/lambda/NAME/bootstrap`); The Cargo Book, "Build cache".
fn places(name: &str) -> Vec<String> {
    let mut places = vec![format!("target/lambda/{name}/bootstrap"), format!("target/lambda/{name}/bootstrap.zip")];
    for profile in ["release", "debug"] {
        for triple in [
            "aarch64-unknown-linux-gnu",
            "x86_64-unknown-linux-gnu",
            "aarch64-unknown-linux-musl",
            "x86_64-unknown-linux-musl",
        ] {
            places.push(format!("target/{triple}/{profile}/{name}"));
        }
        places.push(format!("target/{profile}/{name}"));
    }
    places
}
