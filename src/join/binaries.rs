//! Which binary a deployed function runs, and how we know. Nothing is guessed: a function without
//! evidence stays without a binary, and rules that need its code are skipped.

use super::alike::{self, normalized};
use super::scope::Scope;
use crate::knowledge::dialect;
use crate::model::crates::{Cargo, Delivery, Destination, PackageId, TargetId, artifact_binary};
use crate::model::deployments::{BuildTool, Construct, Function, FunctionId, PackageType};
use crate::model::source::{Platform, Program};
use crate::model::{Evidence, Gap, Known, Project, Unit};
use crate::text::Span;
use crate::text::path::{is_within, join, parent};
use crate::tree::Tree;
use std::collections::BTreeSet;

/// What was found for one function.
enum Found {
    Binary(TargetId, Evidence),
    /// Rust by its configuration, but no binary fits: why.
    Missing(String),
    /// Built from something that is not known to be here, and may be of any language: what is missing.
    Elsewhere(&'static str),
    /// Nothing says that it is Rust.
    NotRust,
}

impl Found {
    fn target(&self) -> Option<TargetId> {
        match self {
            Self::Binary(target, _) => Some(*target),
            _ => None,
        }
    }
}

/// Joins functions with binaries by what names and places tell, so that it is known what source to read.
pub fn units(project: &mut Project, tree: &dyn Tree) {
    let scope = Scope::unread(project, tree);
    let joined = project.deploy.function_ids().map(|id| match find(&scope, id) {
        Found::Binary(target, evidence) => Unit::Joined { function: id, target, evidence },
        _ => Unit::Unjoined(id),
    });
    let units: Vec<Unit> = joined.collect();
    let of_units = units.iter().filter(|unit| project.adapter(unit).is_some()).filter_map(Unit::target);
    let adapted: BTreeSet<TargetId> = of_units.chain(in_images(&scope)).collect();
    (project.units, project.adapted) = (units, adapted.into_iter().collect());
}

/// The binaries that images run behind the Lambda Web Adapter, whoever deploys them.
fn in_images(scope: &Scope<'_>) -> Vec<TargetId> {
    let images = scope.cargo.dockerfiles.iter().filter(|file| file.adapter.is_some());
    images.filter_map(|file| scope.run_by(file).and_then(|(found, _)| found.ok())).collect()
}

/// The same with what the source says of where functions begin; what cannot be joined is a gap, and binaries that have
/// a handler but that no config deploys are units of their own.
pub fn settle(project: &mut Project, tree: &dyn Tree) {
    let scope = Scope::read(project, tree);
    let found: Vec<(FunctionId, Found)> = project.deploy.function_ids().map(|id| (id, find(&scope, id))).collect();
    let tied: BTreeSet<TargetId> = found.iter().filter_map(|(_, found)| found.target()).collect();
    // A server that might have been the one behind the adapter and is not.
    let stray = |program: &Program| {
        program.handlers.iter().any(|handler| handler.served)
            && !tied.contains(&program.target)
            && !project.adapted.contains(&program.target)
    };
    // What cargo refuses to build, and nothing deploys, is no function.
    let package = |program: &Program| project.cargo.package(project.cargo.target(program.target).package);
    let alone = |id: FunctionId| {
        dialect(project.deploy.dialect_of(project.deploy.function(id).resource).0)
            .is_some_and(|known| known.silent_about_triggers)
    };
    let disowned = |program: &&Program| {
        let functions = || found.iter().filter(|(_, found)| found.target() == Some(program.target));
        package(program).disowned_by.is_some() && !program.handlers.is_empty() && functions().all(|(id, _)| alone(*id))
    };
    let refused: Vec<Gap> = project
        .programs
        .iter()
        .filter(disowned)
        .filter_map(|program| {
            let (package, top) = (package(program), package(program).disowned_by?);
            let top = project.sources.path(top);
            let reason =
                format!("`{}` is no member of the workspace of {top}, so cargo does not build it", package.name);
            Some(Gap::at(&project.sources, package.span, reason))
        })
        .collect();
    let strays = project.programs.iter().filter(|of| stray(of) || disowned(of));
    let strays: Vec<TargetId> = strays.map(|of| of.target).collect();
    let begins =
        project.programs.iter().filter(|program| !program.handlers.is_empty() && !strays.contains(&program.target));
    let undeployed: Vec<&Program> = begins.filter(|program| !tied.contains(&program.target)).collect();
    let lambda: Vec<&Program> =
        undeployed.iter().copied().filter(|program| program.platform() == Some(Platform::AwsLambda)).collect();
    // Any language comes in images; a binary nearby that nobody runs may be this one's.
    let nearby =
        |id: FunctionId| lambda.iter().any(|program| is_within(scope.home(program.target), parent(scope.dir_of(id))));
    let mut units = Vec::new();
    let mut unbuildable = Vec::new();
    let mut gaps = refused;
    for (id, found) in found {
        let reason = match found {
            Found::Binary(target, _) if strays.contains(&target) => continue,
            Found::Binary(target, evidence) => {
                units.push(Unit::Joined { function: id, target, evidence });
                continue;
            }
            Found::Missing(reason) => {
                let tool = &project.deploy.function(id).package.tool;
                unbuildable.extend((*tool == BuildTool::ServerlessPlugin).then_some(id));
                Some(reason)
            }
            Found::Elsewhere(reason) if nearby(id) => Some(reason.to_owned()),
            Found::Elsewhere(_) | Found::NotRust => None,
        };
        units.push(Unit::Unjoined(id));
        if let Some(reason) = reason {
            let span = project.deploy.function_span(id);
            let reason = format!("no binary found for function `{}`: {reason}", project.deploy.function_name(id));
            gaps.push(Gap::at(&project.sources, span, reason));
        }
    }
    units.extend(undeployed.iter().map(|program| Unit::Undeployed(program.target)));
    project.units = units;
    project.unbuildable = unbuildable;
    project.programs.retain(|program| !strays.contains(&program.target));
    project.gaps.extend(gaps);
}

fn find(scope: &Scope<'_>, id: FunctionId) -> Found {
    let (deploy, cargo) = (scope.deploy, scope.cargo);
    let function = deploy.function(id);
    let name = deploy.function_name(id);
    let rust = function.package.tool == BuildTool::SamCargoLambda;
    if !function.may_run_rust() && !rust && function.package.tool != BuildTool::ServerlessPlugin {
        return Found::NotRust;
    }
    if cargo.targets.is_empty() {
        return Found::NotRust;
    }
    if function.package.kind == PackageType::Image {
        return image(scope, id);
    }
    let place = deploy.function_span(id);
    let base = parent(&deploy.stack(deploy.resource(function.resource).stack).path).to_owned();
    let written = function.package.path.one().cloned();
    let at = function.package.path.value.span().unwrap_or(place);
    if let Some(path) = &written
        && let Some(binary) = artifact_binary(path)
    {
        match scope.by_name(&base, binary) {
            Ok(target) => return Found::Binary(target, Evidence::Declared(at)),
            // The directory may be called like a package whose binary has the name the platform wants.
            Err(_) if let Some(target) = scope.of_package(&base, |name| name == binary) => {
                return Found::Binary(target, Evidence::Artifact(at));
            }
            Err(why) if path.split('/').any(|part| part == "target") => {
                return Found::Missing(format!("`{path}` names `{binary}`, which {why}"));
            }
            // Outside `target` the directory may mean anything.
            Err(_) => {}
        }
    }
    if let Some(found) = constructed(scope, id) {
        return found;
    }
    let dir = join(&base, written.as_deref().unwrap_or("."));
    match function.package.tool {
        BuildTool::SamCargoLambda => cargo_lambda(scope, function, dir.as_deref(), at),
        BuildTool::Makefile => makefile(scope, name, dir.as_deref(), place),
        BuildTool::ServerlessPlugin => serverless(scope, function, &base, at),
        BuildTool::Unstated => unstated(scope, id, dir.as_deref(), at),
    }
}

/// The construct of a CDK app says what is built: `RustFunction` a manifest and a binary, others an asset.
fn constructed(scope: &Scope<'_>, id: FunctionId) -> Option<Found> {
    let (deploy, cargo) = (scope.deploy, scope.cargo);
    let resource = deploy.resource(deploy.function(id).resource);
    let wanted = resource.construct.as_deref()?;
    let named: Vec<&Construct> = deploy.constructs.iter().filter(|construct| construct.id == wanted).collect();
    // Another app may have a construct of that id; its own lies above `cdk.out`.
    let app = parent(parent(&deploy.stack(resource.stack).path));
    let own: Vec<&Construct> = named.iter().copied().filter(|construct| is_within(&construct.dir, app)).collect();
    let [construct] = (if own.is_empty() { named } else { own }).try_into().ok()?;
    if let Some(binary) = construct.asset.as_deref().and_then(artifact_binary) {
        return scope
            .by_name(&construct.dir, binary)
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
                .and_then(|name| scope.by_name(&construct.dir, name).ok())
                .map(|target| Found::Binary(target, Evidence::Declared(construct.span)));
        }
        start = parent(start);
    }
}

/// The Dockerfile of an image says which binary it copies.
fn image(scope: &Scope<'_>, id: FunctionId) -> Found {
    let cargo = scope.cargo;
    let package = &scope.deploy.function(id).package;
    let named =
        package.dockerfile.as_deref().and_then(|named| cargo.dockerfiles.iter().find(|file| file.path == named));
    let Some(file) = named else {
        // One that is there and builds nothing of Rust.
        if package.dockerfile.as_ref().is_some_and(|path| scope.tree.contains(path)) {
            return Found::NotRust;
        }
        return match alike::only_image(scope, id) {
            Some(target) => Found::Binary(target, Evidence::SameName),
            None => Found::Elsewhere("its image is named by reference, and no Dockerfile is known to build it"),
        };
    };
    match scope.run_by(file) {
        Some((Ok(target), span)) => Found::Binary(target, Evidence::Artifact(span)),
        Some((Err(why), _)) => Found::Missing(why),
        None => Found::NotRust,
    }
}

/// `sam build` runs `cargo lambda build --release [--bin Binary]` in the code directory.
fn cargo_lambda(scope: &Scope<'_>, function: &Function, dir: Option<&str>, at: Span) -> Found {
    let cargo = scope.cargo;
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
            None => match scope.by_name(dir, &named.value) {
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
fn serverless(scope: &Scope<'_>, function: &Function, base: &str, at: Span) -> Found {
    let cargo = scope.cargo;
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
    match found.map_or_else(|| scope.by_name(base, binary), Ok) {
        Ok(bin) => Found::Binary(bin, Evidence::Declared(span)),
        Err(why) => Found::Missing(format!("its handler `{}` names `{binary}`, which {why}", handler.value)),
    }
}

/// A recipe `build-<LogicalId>` names the binary it builds or copies.
fn makefile(scope: &Scope<'_>, name: &str, dir: Option<&str>, place: Span) -> Found {
    let Some(dir) = dir else {
        return Found::Missing("its `CodeUri` leads out of the scanned directory".to_owned());
    };
    let recipe = scope.cargo.recipes.iter().find(|recipe| recipe.function == name && recipe.dir == dir);
    let Some(recipe) = recipe else {
        return Found::NotRust;
    };
    // `build-OrdersFunction: orders`: another rule builds the binary of that name.
    let made = recipe.prerequisites.iter().find_map(|(name, span)| Some((scope.by_name(dir, name).ok()?, *span)));
    if let (Known::Absent, Some((target, span))) = (&recipe.binary, made) {
        return Found::Binary(target, Evidence::Artifact(span));
    }
    if !recipe.lines.iter().any(|(line, _)| line.contains("cargo") || line.contains("target/")) {
        return Found::NotRust;
    }
    match &recipe.binary {
        Known::Is(binary) => match scope.by_name(dir, &binary.value) {
            Ok(target) => Found::Binary(target, Evidence::Artifact(binary.span)),
            Err(why) => Found::Missing(format!("its recipe builds `{}`, which {why}", binary.value)),
        },
        _ => match scope.single_binary(dir) {
            Some(target) => {
                let span = recipe.lines.first().map_or(place, |(_, span)| *span);
                Found::Binary(target, Evidence::Artifact(span))
            }
            None => Found::Missing("its recipe does not say which binary it builds".to_owned()),
        },
    }
}

/// Nothing names a build: the code directory may be a package with one binary, the names may agree, or there is only
/// one that it can be.
fn unstated(scope: &Scope<'_>, id: FunctionId, dir: Option<&str>, at: Span) -> Found {
    let function = scope.deploy.function(id);
    if function.runtime.one().is_none() {
        return Found::NotRust;
    }
    if let Some(target) = dir.and_then(|dir| scope.single_binary(dir)) {
        return Found::Binary(target, Evidence::Artifact(at));
    }
    if let Some((target, span)) = delivered(scope, id) {
        return Found::Binary(target, Evidence::Artifact(span));
    }
    match alike::by_names(scope, id) {
        Ok(only) => Found::Binary(only, Evidence::SameName),
        Err(several) => match alike::only_one(scope, id) {
            Some(only) => Found::Binary(only, Evidence::SameName),
            None if several > 1 => Found::Missing(format!("{several} binaries have a name like it")),
            None if function.package.in_bucket => Found::Missing(
                "its code is an object of S3, and neither the object nor its name leads to one; what builds and \
                 uploads it is not known"
                    .to_owned(),
            ),
            None => Found::Missing("neither its code path nor its name leads to one".to_owned()),
        },
    }
}

/// What the scripts of the project put into the function, or into the archive that it is deployed from, if that is one
/// binary.
fn delivered(scope: &Scope<'_>, id: FunctionId) -> Option<(TargetId, Span)> {
    let function = scope.deploy.function(id);
    let resource = scope.deploy.resource(function.resource);
    let name = resource.name.one().map(|name| Destination::Function(name.clone()));
    let file = function.package.path.one().and_then(|path| path.rsplit('/').next());
    let archive = file.filter(|file| !file.is_empty()).map(|file| Destination::Archive(file.to_owned()));
    let into = [name, archive];
    let found: Vec<&Delivery> =
        scope.cargo.deliveries.iter().filter(|delivery| into.iter().flatten().any(|to| *to == delivery.to)).collect();
    let first = found.first()?;
    let target = scope.by_name(&first.dir, &first.binary).ok()?;
    let same = |other: &&Delivery| scope.by_name(&other.dir, &other.binary) == Ok(target);
    found.iter().all(same).then_some((target, first.span))
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
