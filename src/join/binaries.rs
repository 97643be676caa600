//! Which binary a deployed function runs, and how we know. Nothing is guessed: a function without
//! evidence stays without a binary, and rules that need its code are skipped.

use crate::model::crates::{Cargo, PackageId, TargetId, TargetKind, artifact_binary};
use crate::model::deployments::{BuildTool, Construct, Deploy, Function, FunctionId, PackageType};
use crate::model::{Evidence, Known, Project, Unit};
use crate::text::Span;
use crate::text::path::{join, parent};

/// What was found for one function.
enum Found {
    Binary(TargetId, Evidence),
    /// Rust by its configuration, but no binary fits: why.
    Missing(String),
    /// Nothing says that it is Rust.
    NotRust,
}

/// Joins every function with the binary that its config names.
pub fn units(project: &mut Project) {
    let (deploy, cargo) = (&project.deploy, &project.cargo);
    project.units = deploy
        .function_ids()
        .map(|function| match find(deploy, cargo, function) {
            Found::Binary(target, evidence) => Unit::Joined { function, target, evidence },
            Found::Missing(_) | Found::NotRust => Unit::Unjoined(function),
        })
        .collect();
}

/// Why no binary fits a function that is Rust by its configuration; none if nothing says that it is.
pub(super) fn missing(project: &Project, id: FunctionId) -> Option<String> {
    match find(&project.deploy, &project.cargo, id) {
        Found::Missing(reason) => Some(reason),
        Found::Binary(..) | Found::NotRust => None,
    }
}

fn find(deploy: &Deploy, cargo: &Cargo, id: FunctionId) -> Found {
    let function = deploy.function(id);
    let name = deploy.function_name(id);
    let rust = function.package.tool == BuildTool::SamCargoLambda;
    match function.runtime.one().map(String::as_str) {
        Some(runtime)
            if !runtime.starts_with("provided")
                && runtime != "rust"
                && !rust
                && function.package.tool != BuildTool::ServerlessPlugin =>
        {
            return Found::NotRust;
        }
        _ => {}
    }
    if cargo.targets.is_empty() {
        return Found::NotRust;
    }
    if function.package.kind == PackageType::Image {
        return image(cargo, function);
    }
    let place = deploy.function_span(id);
    let base = parent(&deploy.stack(deploy.resource(function.resource).stack).path).to_owned();
    let written = function.package.path.one().cloned();
    let at = function.package.path.value.span().unwrap_or(place);
    if let Some(path) = &written
        && let Some(binary) = artifact_binary(path)
    {
        let named = by_name(cargo, &base, binary);
        match named {
            Ok(target) => return Found::Binary(target, Evidence::Declared(at)),
            // cargo-lambda's layout, filled by something else: the directory has the package's name.
            Err(_) if let Some(target) = bootstrap_of(cargo, binary) => {
                return Found::Binary(target, Evidence::Artifact(at));
            }
            Err(why) if path.split('/').any(|part| part == "target") => {
                return Found::Missing(format!("`{path}` names `{binary}`, which {why}"));
            }
            // Outside `target` the directory may mean anything.
            Err(_) => {}
        }
    }
    if let Some(found) = constructed(deploy, cargo, id) {
        return found;
    }
    let dir = join(&base, written.as_deref().unwrap_or("."));
    match function.package.tool {
        BuildTool::SamCargoLambda => cargo_lambda(cargo, function, dir.as_deref(), at),
        BuildTool::Makefile => makefile(cargo, name, dir.as_deref(), place),
        BuildTool::ServerlessPlugin => serverless(cargo, function, &base, at),
        BuildTool::Unstated => unstated(cargo, deploy, id, dir.as_deref(), at),
    }
}

/// The construct of a CDK app says what is built: `RustFunction` a manifest and a binary, others an asset.
fn constructed(deploy: &Deploy, cargo: &Cargo, id: FunctionId) -> Option<Found> {
    let resource = deploy.resource(deploy.function(id).resource);
    let wanted = resource.construct.as_deref()?;
    let named: Vec<&Construct> = deploy.constructs.iter().filter(|construct| construct.id == wanted).collect();
    // Another app may have a construct of that id; its own lies above `cdk.out`.
    let app = parent(parent(&deploy.stack(resource.stack).path));
    let within =
        |dir: &str| app.is_empty() || dir == app || dir.strip_prefix(app).is_some_and(|rest| rest.starts_with('/'));
    let own: Vec<&Construct> = named.iter().copied().filter(|construct| within(&construct.dir)).collect();
    let [construct] = (if own.is_empty() { named } else { own }).try_into().ok()?;
    if let Some(binary) = construct.asset.as_deref().and_then(artifact_binary) {
        return by_name(cargo, &construct.dir, binary)
            .ok()
            .map(|target| Found::Binary(target, Evidence::Declared(construct.span)));
    }
    if construct.kind != "RustFunction" {
        return None;
    }
    // Paths are relative to where the app runs, which is the source's directory or one above it.
    let manifest = construct.manifest.as_deref().unwrap_or(".").trim_end_matches("Cargo.toml");
    let mut start = construct.dir.as_str();
    loop {
        if let Some(dir) = join(start, manifest) {
            let packages = packages_of(cargo, dir.trim_end_matches('/'));
            let bins: Vec<TargetId> = packages.iter().flat_map(|&package| cargo.binaries_of(package)).collect();
            let chosen = match (&construct.binary, bins.as_slice()) {
                (Some(name), bins) => bins.iter().copied().find(|&bin| cargo.target(bin).name == *name),
                (None, [only]) => Some(*only),
                (None, bins) => {
                    bins.iter().copied().find(|&bin| normalized(&cargo.target(bin).name) == normalized(wanted))
                }
            };
            if let Some(target) = chosen {
                return Some(Found::Binary(target, Evidence::Declared(construct.span)));
            }
        }
        if start.is_empty() {
            return construct
                .binary
                .as_deref()
                .and_then(|name| by_name(cargo, &construct.dir, name).ok())
                .map(|target| Found::Binary(target, Evidence::Declared(construct.span)));
        }
        start = parent(start);
    }
}

/// The Dockerfile of an image says which binary it copies.
fn image(cargo: &Cargo, function: &Function) -> Found {
    let named = function.package.dockerfile.as_deref();
    let file = named.and_then(|named| cargo.dockerfiles.iter().find(|file| file.path == named));
    let Some((file, (binary, span))) = file.and_then(|file| Some((file, file.binary.as_ref()?))) else {
        return Found::NotRust;
    };
    match by_name(cargo, parent(&file.path), binary) {
        Ok(target) => Found::Binary(target, Evidence::Artifact(*span)),
        Err(why) => Found::Missing(format!("its image runs `{binary}`, which {why}")),
    }
}

/// `sam build` runs `cargo lambda build --release [--bin Binary]` in the code directory.
fn cargo_lambda(cargo: &Cargo, function: &Function, dir: Option<&str>, at: Span) -> Found {
    let Some(dir) = dir else {
        return Found::Missing("its `CodeUri` leads out of the scanned directory".to_owned());
    };
    let packages = packages_of(cargo, dir);
    if packages.is_empty() {
        return Found::Missing(format!("there is no `Cargo.toml` in `{}`", if dir.is_empty() { "." } else { dir }));
    }
    let bins: Vec<TargetId> = packages.iter().flat_map(|&package| cargo.binaries_of(package)).collect();
    match &function.package.binary {
        Known::Is(named) => match bins.iter().find(|&&bin| cargo.target(bin).name == named.value) {
            Some(&bin) => Found::Binary(bin, Evidence::Declared(named.span)),
            None => match by_name(cargo, dir, &named.value) {
                Ok(bin) => Found::Binary(bin, Evidence::Declared(named.span)),
                Err(_) => Found::Missing(format!("`Binary: {}` names no binary of the package", named.value)),
            },
        },
        Known::Absent => match bins.as_slice() {
            [only] => Found::Binary(*only, Evidence::Declared(at)),
            [] => Found::Missing("its package has no binary".to_owned()),
            several => Found::Missing(format!(
                "its package has {} binaries and `BuildProperties.Binary` does not choose one",
                several.len()
            )),
        },
        _ => Found::Missing("`BuildProperties.Binary` is decided at deploy time".to_owned()),
    }
}

/// The handler is `package`, `package.binary` or `path.binary` (the plugins' own pages).
fn serverless(cargo: &Cargo, function: &Function, base: &str, at: Span) -> Found {
    let Known::Is(handler) = &function.package.binary else {
        return Found::Missing("its handler is decided at deploy time".to_owned());
    };
    let handler_text = handler.value.trim_start_matches("./");
    let (package, binary) = handler_text.rsplit_once('.').unwrap_or((handler_text, handler_text));
    let named = (0..cargo.packages.len()).map(|index| PackageId(index as u32)).find(|&id| {
        let known = cargo.package(id);
        known.name == package || join(base, package).is_some_and(|dir| dir == known.dir)
    });
    let found = match named {
        Some(package) => {
            let bins: Vec<TargetId> = cargo.binaries_of(package).collect();
            match (bins.iter().find(|&&bin| cargo.target(bin).name == binary), bins.as_slice()) {
                (Some(&bin), _) => Some(bin),
                (None, [only]) if binary == handler_text => Some(*only),
                _ => None,
            }
        }
        None => None,
    };
    let span = if handler.span.file == at.file { handler.span } else { at };
    match found.map_or_else(|| by_name(cargo, base, binary), Ok) {
        Ok(bin) => Found::Binary(bin, Evidence::Declared(span)),
        Err(why) => Found::Missing(format!("its handler `{}` names `{binary}`, which {why}", handler.value)),
    }
}

/// A recipe `build-<LogicalId>` names the binary it builds or copies.
fn makefile(cargo: &Cargo, name: &str, dir: Option<&str>, place: Span) -> Found {
    let Some(dir) = dir else {
        return Found::Missing("its `CodeUri` leads out of the scanned directory".to_owned());
    };
    let recipe = cargo.recipes.iter().find(|recipe| recipe.function == name && recipe.dir == dir);
    let Some(recipe) = recipe else {
        return Found::NotRust;
    };
    if !recipe.lines.iter().any(|(line, _)| line.contains("cargo") || line.contains("target/")) {
        return Found::NotRust;
    }
    match &recipe.binary {
        Known::Is(binary) => match by_name(cargo, dir, &binary.value) {
            Ok(target) => Found::Binary(target, Evidence::Artifact(binary.span)),
            Err(why) => Found::Missing(format!("its recipe builds `{}`, which {why}", binary.value)),
        },
        _ => match single_binary(cargo, dir) {
            Some(target) => {
                let span = recipe.lines.first().map_or(place, |(_, span)| *span);
                Found::Binary(target, Evidence::Artifact(span))
            }
            None => Found::Missing("its recipe does not say which binary it builds".to_owned()),
        },
    }
}

/// Nothing names a build: the code directory may be a package with one binary, or the names may agree.
fn unstated(cargo: &Cargo, deploy: &Deploy, id: FunctionId, dir: Option<&str>, at: Span) -> Found {
    if deploy.function(id).runtime.one().is_none() {
        return Found::NotRust;
    }
    if let Some(target) = dir.and_then(|dir| single_binary(cargo, dir)) {
        return Found::Binary(target, Evidence::Artifact(at));
    }
    let wanted: Vec<String> = names(deploy, id).iter().map(|name| normalized(name)).collect();
    let fits = cargo.target_ids().filter(|&target| {
        let target = cargo.target(target);
        target.kind == TargetKind::Bin && wanted.contains(&normalized(&target.name))
    });
    let base = parent(&deploy.stack(deploy.resource(deploy.function(id).resource).stack).path);
    match nearest(cargo, base, fits) {
        Ok(only) => Found::Binary(only, Evidence::SameName),
        Err(0) => Found::Missing("neither its code path nor its name leads to one".to_owned()),
        Err(several) => Found::Missing(format!("{several} binaries have a name like it")),
    }
}

/// The names a function goes by: its logical id, its construct, its physical name, the label of its block, its archive.
pub(super) fn names(deploy: &Deploy, id: FunctionId) -> Vec<String> {
    let resource = deploy.resource(deploy.function(id).resource);
    // `module.orders.aws_lambda_function.this["x"]` is called `this` inside and `orders` outside.
    let bare = resource.logical_id.split('[').next().unwrap_or("");
    let label = bare.rsplit('.').next().filter(|label| *label != "this");
    let mut names = vec![resource.logical_id.clone()];
    names.extend(label.map(str::to_owned));
    names.extend(resource.construct.clone());
    names.extend(resource.name.one().cloned());
    // `dist/orders.zip`
    let archive = deploy.function(id).package.path.one().and_then(|path| path.rsplit('/').next());
    names.extend(
        archive.and_then(|file| file.strip_suffix(".zip")).filter(|stem| *stem != "bootstrap").map(str::to_owned),
    );
    names
}

/// The package in a directory, or all packages of the virtual workspace there.
fn packages_of(cargo: &Cargo, dir: &str) -> Vec<PackageId> {
    if let Some(package) = cargo.package_in(dir) {
        return vec![package];
    }
    let Some((workspace, _)) = cargo.workspaces.iter().find(|(_, workspace)| workspace.dir == dir) else {
        return Vec::new();
    };
    (0..cargo.packages.len())
        .filter(|&index| cargo.packages[index].workspace == workspace)
        .map(|index| PackageId(index as u32))
        .collect()
}

fn single_binary(cargo: &Cargo, dir: &str) -> Option<TargetId> {
    let package = cargo.package_in(dir)?;
    let mut bins = cargo.binaries_of(package);
    let first = bins.next()?;
    bins.next().is_none().then_some(first)
}

/// The binary of a package that is called what Lambda calls every binary.
fn bootstrap_of(cargo: &Cargo, package: &str) -> Option<TargetId> {
    let mut named = cargo.target_ids().filter(|&id| {
        let target = cargo.target(id);
        let known = cargo.package(target.package);
        let directory = known.dir.rsplit('/').next();
        target.kind == TargetKind::Bin
            && target.name == "bootstrap"
            && (known.name == package || directory == Some(package))
    });
    let first = named.next()?;
    named.next().is_none().then_some(first)
}

/// The binary of a name; among several, the one whose package lies nearest to the directory. The error says why there
/// is none: no binary, or several that lie equally near.
fn by_name(cargo: &Cargo, dir: &str, name: &str) -> Result<TargetId, String> {
    let called = cargo.target_ids().filter(|&id| {
        let target = cargo.target(id);
        target.kind == TargetKind::Bin && target.name == name
    });
    nearest(cargo, dir, called).map_err(|found| match found {
        0 => "is no binary of the workspace".to_owned(),
        several => format!("is the name of {several} binaries that lie equally near"),
    })
}

/// The only one of some binaries whose package shares most of a directory's path; else how many they are.
fn nearest(cargo: &Cargo, dir: &str, binaries: impl Iterator<Item = TargetId>) -> Result<TargetId, usize> {
    let shared = |other: &str| dir.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count();
    let near: Vec<(usize, TargetId)> =
        binaries.map(|id| (shared(&cargo.package(cargo.target(id).package).dir), id)).collect();
    let most = near.iter().map(|(shared, _)| *shared).max().unwrap_or(0);
    let best: Vec<TargetId> = near.iter().filter(|(shared, _)| *shared == most).map(|(_, id)| *id).collect();
    match best.as_slice() {
        [only] => Ok(*only),
        several => Err(several.len()),
    }
}

/// A name without the words that only say that it is a function, in one spelling.
pub(super) fn normalized(name: &str) -> String {
    let mut out: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    for suffix in ["function", "lambda", "handler"] {
        if let Some(rest) = out.strip_suffix(suffix).filter(|rest| !rest.is_empty()) {
            out.truncate(rest.len());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn names_agree_across_spellings() {
        assert_eq!(normalized("PutOrderFunction"), normalized("put-order"));
        assert_eq!(normalized("put_order_lambda"), "putorder");
        assert_eq!(normalized("Function"), "function");
    }
}
