//! `cargo metadata`, run so that a hostile checkout cannot make it execute the checkout's programs:
//! from a directory of the system's (so its `.cargo/config.toml` and toolchain file are not looked up), offline,
//! locked, and with the compiler named. `--trust-workspace` gives that up for source replacement.

#![allow(clippy::disallowed_methods)] // asks the environment what cargo will

use super::child::Turn;
use super::trust::Trust;
use crate::model::crates::{CrateGraph, CrateNode, GraphSource};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Triples a Lambda function is built for; other platforms' dependencies are not in it.
const TRIPLES: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// What cargo says of a workspace.
pub(super) struct Answer {
    pub(super) graph: CrateGraph,
    /// The manifests of packages that come from no registry and no repository.
    pub(super) manifests: Vec<PathBuf>,
}

/// Resolved normal dependencies of a workspace for the Lambda targets.
///
/// # Errors
/// A sentence saying why cargo could not answer.
pub(super) fn read(root: &Path, dir: &str, trust: Trust, turn: &Turn) -> Result<Answer, String> {
    let manifest = root.join(dir).join("Cargo.toml");
    let manifest = manifest.to_str().ok_or("its path is not UTF-8")?;
    let mut args =
        vec!["metadata", "--quiet", "--format-version", "1", "--offline", "--locked", "--manifest-path", manifest];
    args.extend(TRIPLES.iter().flat_map(|triple| ["--filter-platform", triple]));
    answer(&turn.ask(root, dir, trust, &args)?)
}

/// What is read of cargo's answer (The Cargo Book, "cargo metadata"); the rest of a megabyte is skipped.
#[derive(Deserialize)]
struct Metadata<'t> {
    #[serde(borrow)]
    packages: Vec<Package<'t>>,
    #[serde(borrow)]
    resolve: Option<Resolve<'t>>,
}

#[derive(Deserialize)]
struct Package<'t> {
    #[serde(borrow)]
    id: Cow<'t, str>,
    name: String,
    version: String,
    #[serde(borrow)]
    source: Option<Cow<'t, str>>,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    features: Features,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Features {
    #[serde(default)]
    default: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve<'t> {
    #[serde(borrow)]
    nodes: Vec<Node<'t>>,
}

#[derive(Deserialize)]
struct Node<'t> {
    #[serde(borrow)]
    id: Cow<'t, str>,
    features: Vec<String>,
    #[serde(borrow)]
    deps: Vec<Dependency<'t>>,
}

#[derive(Deserialize)]
struct Dependency<'t> {
    #[serde(borrow)]
    pkg: Cow<'t, str>,
    #[serde(borrow)]
    dep_kinds: Vec<DependencyKind<'t>>,
}

#[derive(Deserialize)]
struct DependencyKind<'t> {
    /// `null` for normal dependencies.
    #[serde(borrow)]
    kind: Option<Cow<'t, str>>,
}

fn answer(text: &str) -> Result<Answer, String> {
    let json = text.lines().find(|line| line.starts_with('{')).ok_or("it printed no JSON")?;
    let metadata: Metadata<'_> =
        serde_json::from_str(json).map_err(|error| format!("its answer cannot be read: {error}"))?;
    let resolve = metadata.resolve.ok_or("it resolved nothing")?;
    let mut index = HashMap::new();
    let (mut nodes, mut manifests) = (Vec::new(), Vec::new());
    for package in metadata.packages {
        let is = |target: &Target, kinds: &[&str]| target.kind.iter().any(|kind| kinds.contains(&kind.as_str()));
        let library = package.targets.iter().find(|target| is(target, &["lib", "rlib"]));
        nodes.push(CrateNode {
            library: library.map_or(&package.name, |target| &target.name).replace('-', "_"),
            name: package.name,
            version: package.version,
            local: package.source.is_none(),
            is_proc_macro: package.targets.iter().any(|target| is(target, &["proc-macro"])),
            features: None,
            defaults: Some(package.features.default),
        });
        if package.source.is_none() {
            manifests.push(package.manifest_path);
        }
        index.insert(package.id, nodes.len() - 1);
    }
    let mut edges = vec![Vec::new(); nodes.len()];
    for node in resolve.nodes {
        let Some(&from) = index.get(&node.id) else {
            continue;
        };
        nodes[from].features = Some(node.features);
        for dependency in &node.deps {
            let normal =
                dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref().is_none_or(|kind| kind == "normal"));
            if let (true, Some(&to)) = (normal, index.get(&dependency.pkg)) {
                edges[from].push(to);
            }
        }
    }
    Ok(Answer { graph: CrateGraph { source: GraphSource::Metadata, nodes, edges }, manifests })
}

/// What of the environment decides how cargo answers.
pub fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    let decides =
        |name: &str| name == "PATH" || name == "HOME" || name.starts_with("CARGO") || name.starts_with("RUST");
    let mut all: Vec<_> = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(decides)).collect();
    all.sort_unstable();
    all.into_iter()
}

/// The home of a tool: where a variable says, else a directory of the user's.
pub(super) fn home(variable: &str, dir: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(variable).or_else(|| Some(set("HOME").or_else(|| set("USERPROFILE"))?.join(dir)))
}

/// The file that is run, where that can be told.
pub(super) fn program() -> Option<PathBuf> {
    let name = format!("cargo{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(&name)).find(|path| path.is_file())
}

/// A directory, and the directories in it.
pub(super) fn with_children(dir: PathBuf) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(&dir).map_or_else(|_| Vec::new(), |list| list.flatten().map(|entry| entry.path()).collect());
    all.push(dir);
    all
}
