//! Cargo workspaces: manifests and lock files by reading, the precise graph by asking cargo.

mod allowed;
mod answers;
pub(crate) mod builds;
pub mod built;
mod child;
mod deliveries;
mod dockerfile;
pub(crate) mod lock;
pub(crate) mod makefile;
pub(crate) mod manifest;
pub(crate) mod metadata;
mod trust;

pub use self::answers::{Asked, ask, downloads, tools};
pub use self::metadata::environment;
pub use self::trust::Trust;

use self::manifest::{Manifest, Raw};
use crate::document::toml;
use crate::document::tree::Format;
use crate::knowledge::platforms;
use crate::model::crates::{
    Cargo, CargoPackage, CrateTarget, Dependency, PackageId, TargetKind, Workspace, WorkspaceId,
};
use crate::model::{Gap, Project};
use crate::text::{FileId, Span, path};
use crate::tree::{ReadError, Tree};
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads every manifest, and the lock files and makefiles beside them.
pub fn read(tree: &dyn Tree, project: &mut Project) {
    let mut manifests = Vec::new();
    for path in tree.files().iter().filter(|path| named(path, &["Cargo.toml"])) {
        let Some(text) = load(tree, path, project) else {
            continue;
        };
        let known = project.sources.find(path);
        let file = known.unwrap_or_else(|| project.sources.add(path, Arc::clone(&text)));
        let doc = project.documents.read(Format::Toml, file, &text);
        match manifest::read(path, &doc, &text) {
            Ok(manifest) => manifests.push(manifest),
            Err((reason, span)) => {
                let gap = Gap::at(&project.sources, span, format!("not valid TOML: {reason}"));
                project.gaps.push(gap);
            }
        }
    }
    assemble(tree, manifests, &mut project.cargo);
    read_locks(tree, project);
    read_builds(tree, project);
}

/// What builds the binaries, besides the deployment tools.
fn read_builds(tree: &dyn Tree, project: &mut Project) {
    for path in tree.files() {
        let config = builds::is_cargo_config(path);
        if !config && !builds::is_script(path) && !named(path, &["samconfig.toml"]) {
            continue;
        }
        let Ok(bytes) = tree.read(path) else { continue };
        let makefile = named(path, &["Makefile", "makefile", "GNUmakefile"]);
        let speaks = |word: &str| memchr::memmem::find(&bytes, word.as_bytes()).is_some();
        if config {
            if speaks("-musl") || speaks("+crt-static") {
                project.cargo.static_below.push(path::parent(path::parent(path)).to_owned());
            }
            continue;
        }
        project.cargo.builds_in_container |= speaks("--use-container") || speaks("use_container = true");
        if !(speaks("cargo") || speaks("cross build") || speaks("target/") || (makefile && speaks("build-"))) {
            continue;
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let known = project.sources.find(path);
        let file = known.unwrap_or_else(|| project.sources.add(path, text.as_str().into()));
        let cargo = &mut project.cargo;
        let lines = builds::lines(file, &text);
        builds::commands(path, &lines, &mut cargo.builds);
        deliveries::read(path, &lines, &mut cargo.deliveries);
        if builds::is_dockerfile(path) {
            cargo.dockerfiles.push(dockerfile::read(file, path, &text, &platforms().aws_lambda.web_adapter));
        }
        if makefile {
            cargo.recipes.extend(makefile::read(file, path::parent(path), &text));
        }
    }
}

/// Replaces the graphs of workspaces that were read from lock files by what cargo resolves, where it can.
pub fn resolve(asked: Asked, workspaces: &BTreeSet<WorkspaceId>, project: &mut Project) {
    for (index, answer) in asked.wait() {
        if !workspaces.contains(&index) {
            continue;
        }
        match answer {
            Ok(graph) => project.cargo.workspaces[index].graph = Some(graph),
            Err(reason) => {
                let path = at(&project.cargo.workspaces[index].dir, "Cargo.lock");
                let reason =
                    format!("read without features and platforms, because cargo could not resolve it: {reason}");
                project.gaps.push(Gap::file(path, reason));
            }
        }
    }
}

fn named(path: &str, names: &[&str]) -> bool {
    names.contains(&path.rsplit('/').next().unwrap_or(path))
}

fn at(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

fn load(tree: &dyn Tree, path: &str, project: &mut Project) -> Option<Arc<str>> {
    match tree.text(path) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            project.gaps.push(Gap::file(path, error.to_string()));
            None
        }
    }
}

fn read_locks(tree: &dyn Tree, project: &mut Project) {
    for index in project.cargo.workspaces.ids() {
        let path = at(&project.cargo.workspaces[index].dir, "Cargo.lock");
        let text = match tree.text(&path) {
            Ok(text) => text,
            Err(error) => {
                if matches!(error, ReadError::NotUtf8 { .. }) {
                    project.gaps.push(Gap::file(path, error.to_string()));
                }
                continue;
            }
        };
        // Only a file that is wrong is shown to anyone.
        let unlisted = project.sources.id_for(&path);
        match lock::read(&toml::read(unlisted, &text)) {
            Ok(graph) => project.cargo.workspaces[index].graph = Some(graph),
            Err((reason, span)) => {
                project.sources.add(&path, text.into());
                let gap = Gap::at(&project.sources, span, format!("not a valid lock file: {reason}"));
                project.gaps.push(gap);
            }
        }
    }
}

/// Puts manifests together to workspaces, packages and targets.
fn assemble(tree: &dyn Tree, manifests: Vec<Manifest>, cargo: &mut Cargo) {
    let roots: Vec<(usize, GlobSet, GlobSet)> = manifests
        .iter()
        .enumerate()
        .filter_map(|(index, manifest)| {
            let workspace = manifest.workspace.as_ref()?;
            Some((index, globs(&manifest.dir, &workspace.members), globs(&manifest.dir, &workspace.exclude)))
        })
        .collect();
    let mut root_of = Vec::new();
    for (index, manifest) in manifests.iter().enumerate() {
        root_of.push(root_for(&manifests, &roots, index, manifest));
    }
    let mut workspace_index = std::collections::BTreeMap::new();
    for (index, manifest) in manifests.iter().enumerate() {
        let root = root_of[index];
        let workspace = *workspace_index.entry(root).or_insert_with(|| {
            let top = &manifests[root];
            cargo.workspaces.push(Workspace {
                dir: top.dir.clone(),
                manifest: top.file,
                release: top.release.clone(),
                locked: tree.contains(&at(&top.dir, "Cargo.lock")),
                graph: None,
            })
        });
        let Some((name, span)) = &manifest.package else {
            continue;
        };
        let shared = manifests[root].workspace.as_ref().map_or(&[][..], |table| &table.dependencies);
        let id = PackageId(cargo.packages.len() as u32);
        let dependencies =
            manifest.dependencies.iter().map(|raw| inherit(raw, shared, &manifest.dir, &manifests[root].dir)).collect();
        cargo.packages.push(CargoPackage {
            name: name.clone(),
            dir: manifest.dir.clone(),
            manifest: manifest.file,
            span: *span,
            workspace,
            dependencies,
            features: manifest.features.clone(),
            cargo_lambda_metadata: manifest.lambda_metadata,
            lambda_architecture: manifest.lambda_architecture.clone(),
            ignored_profile: manifest.release.span.filter(|_| root != index),
            disowned_by: disowner(tree, &manifests, &roots, root, manifest),
        });
        targets(tree, manifest, id, name, *span, &mut cargo.targets);
    }
}

/// The nearest manifest above that claims this one as a member; else itself.
fn root_for(manifests: &[Manifest], roots: &[(usize, GlobSet, GlobSet)], index: usize, manifest: &Manifest) -> usize {
    if manifest.workspace.is_some() {
        return index;
    }
    let above = |dir: &str| dir.is_empty() || manifest.dir.starts_with(&format!("{dir}/"));
    roots
        .iter()
        .filter(|(root, members, exclude)| {
            let top = &manifests[*root];
            above(&top.dir)
                && !excludes(exclude, &manifest.dir)
                && (members.is_match(&manifest.dir) || is_path_dependency(manifests, top, &manifest.dir))
        })
        .max_by_key(|(root, ..)| manifests[*root].dir.len())
        .map_or(index, |(root, ..)| *root)
}

/// The root manifest that cargo finds above a package and that does not claim it, so that cargo refuses to build the
/// package where it lies. One with a lock file of its own was built somewhere.
fn disowner(
    tree: &dyn Tree,
    manifests: &[Manifest],
    roots: &[(usize, GlobSet, GlobSet)],
    root: usize,
    manifest: &Manifest,
) -> Option<FileId> {
    if manifests[root].file != manifest.file || manifest.workspace.is_some() {
        return None;
    }
    let above = |dir: &str| dir.is_empty() || manifest.dir.starts_with(&format!("{dir}/"));
    let (nearest, _, exclude) = roots
        .iter()
        .filter(|(root, ..)| above(&manifests[*root].dir))
        .max_by_key(|(root, ..)| manifests[*root].dir.len())?;
    let elsewhere = excludes(exclude, &manifest.dir) || tree.contains(&at(&manifest.dir, "Cargo.lock"));
    (!elsewhere).then_some(manifests[*nearest].file)
}

/// Whether a directory, or one around it, is excluded.
fn excludes(exclude: &GlobSet, dir: &str) -> bool {
    std::iter::successors(Some(dir), |dir| Some(path::parent(dir)).filter(|_| !dir.is_empty()))
        .any(|dir| exclude.is_match(dir))
}

/// Path dependencies of a workspace's members are members too.
fn is_path_dependency(manifests: &[Manifest], top: &Manifest, dir: &str) -> bool {
    let inside = |holder: &str| top.dir.is_empty() || holder == top.dir || holder.starts_with(&format!("{}/", top.dir));
    manifests.iter().filter(|holder| inside(&holder.dir)).any(|holder| {
        let own = holder.dependencies.iter();
        let shared = holder.workspace.iter().flat_map(|table| table.dependencies.iter());
        own.chain(shared).any(|raw| {
            raw.dependency.path.as_deref().and_then(|path| path::join(&holder.dir, path)).as_deref() == Some(dir)
        })
    })
}

fn globs(dir: &str, patterns: &[String]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let full = at(dir, pattern.trim_start_matches("./").trim_end_matches('/'));
        if let Ok(glob) = Glob::new(&full) {
            builder.add(glob);
        }
    }
    builder.build().unwrap_or_else(|_| GlobSet::empty())
}

/// A dependency line with what it inherits; paths become relative to the scanned root.
fn inherit(raw: &Raw, shared: &[Raw], dir: &str, root_dir: &str) -> Dependency {
    let mut dependency = raw.dependency.clone();
    let mut base = dir;
    if raw.inherits
        && let Some(parent) = shared.iter().find(|other| other.dependency.alias == dependency.alias)
    {
        dependency.package.clone_from(&parent.dependency.package);
        dependency.path.clone_from(&parent.dependency.path);
        dependency.requirement.clone_from(&parent.dependency.requirement);
        dependency.declared = parent.dependency.declared;
        if !raw.defaults_written || parent.dependency.default_features {
            dependency.default_features = parent.dependency.default_features;
        }
        dependency.features.extend(parent.dependency.features.iter().cloned());
        base = root_dir;
    }
    dependency.path = dependency.path.as_deref().and_then(|path| path::join(base, path));
    dependency
}

/// Declared and discovered targets whose root file exists (Cargo reference, "Target auto-discovery").
fn targets(
    tree: &dyn Tree,
    manifest: &Manifest,
    package: PackageId,
    name: &str,
    span: Span,
    into: &mut Vec<CrateTarget>,
) {
    let dir = &manifest.dir;
    let (lib_name, lib_path) = manifest.lib.clone().unwrap_or_default();
    let root = at(dir, lib_path.as_deref().unwrap_or("src/lib.rs"));
    if tree.contains(&root) {
        let name = lib_name.unwrap_or_else(|| name.to_owned()).replace('-', "_");
        into.push(CrateTarget { package, name, kind: TargetKind::Lib, root, span });
    }
    let mut bins: Vec<(String, String, Span)> = Vec::new();
    for entry in &manifest.bins {
        let (bin, place) = entry.name.clone().unwrap_or_else(|| (name.to_owned(), span));
        let mut candidates: Vec<String> = Vec::new();
        match &entry.path {
            Some(path) => candidates.extend(path::join(dir, path)),
            None => {
                candidates.push(at(dir, &format!("src/bin/{bin}.rs")));
                candidates.push(at(dir, &format!("src/bin/{bin}/main.rs")));
                candidates.push(at(dir, "src/main.rs"));
            }
        }
        if let Some(root) = candidates.into_iter().find(|root| tree.contains(root)) {
            bins.push((bin, root, place));
        }
    }
    if manifest.autobins {
        let mut found = vec![(name.to_owned(), at(dir, "src/main.rs"))];
        let prefix = at(dir, "src/bin/");
        let from = tree.files().partition_point(|file| file.as_str() < prefix.as_str());
        for file in tree.files()[from..].iter().take_while(|file| file.starts_with(&prefix)) {
            let rest = &file[prefix.len()..];
            match (rest.strip_suffix(".rs"), rest.strip_suffix("/main.rs")) {
                (_, Some(bin)) if !bin.contains('/') => found.push((bin.to_owned(), file.clone())),
                (Some(bin), None) if !bin.contains('/') => found.push((bin.to_owned(), file.clone())),
                _ => {}
            }
        }
        for (bin, root) in found {
            let taken = bins.iter().any(|(other, path, _)| *other == bin || *path == root);
            if tree.contains(&root) && !taken {
                bins.push((bin, root, span));
            }
        }
    }
    into.extend(bins.into_iter().map(|(name, root, span)| CrateTarget {
        package,
        name,
        kind: TargetKind::Bin,
        root,
        span,
    }));
}
