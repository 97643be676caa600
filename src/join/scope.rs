//! Binaries by name and place, and what is known of them: where functions begin, once the source is read.

use crate::model::crates::{Cargo, Dockerfile, PackageId, TargetId, TargetKind};
use crate::model::deployments::{Deploy, FunctionId};
use crate::model::source::{Platform, Program};
use crate::model::{Project, Verdict};
use crate::text::Span;
use crate::text::path::parent;
use crate::tree::Tree;
use std::collections::HashMap;

/// What functions and binaries are looked up in.
pub(super) struct Scope<'p> {
    pub(super) deploy: &'p Deploy,
    pub(super) cargo: &'p Cargo,
    /// What was read of the binaries; nothing before the source is.
    programs: Option<HashMap<TargetId, &'p Program>>,
    pub(super) tree: &'p dyn Tree,
}

impl<'p> Scope<'p> {
    /// Before the source is read: names and places only.
    pub(super) fn unread(project: &'p Project, tree: &'p dyn Tree) -> Self {
        Self { deploy: &project.deploy, cargo: &project.cargo, programs: None, tree }
    }

    /// With what was found in the source.
    pub(super) fn read(project: &'p Project, tree: &'p dyn Tree) -> Self {
        let programs = project.programs.iter().map(|program| (program.target, program)).collect();
        Self { programs: Some(programs), ..Self::unread(project, tree) }
    }

    /// Whether the source was read.
    pub(super) fn is_read(&self) -> bool {
        self.programs.is_some()
    }

    fn program(&self, target: TargetId) -> Option<&'p Program> {
        self.programs.as_ref()?.get(&target).copied()
    }

    /// Whether a function begins in a binary. A binary that was not read depends on no runtime.
    pub(super) fn begins(&self, target: TargetId) -> Verdict {
        match (&self.programs, self.program(target)) {
            (None, _) => Verdict::Unknown,
            (Some(_), Some(program)) => (!program.handlers.is_empty()).into(),
            (Some(_), None) => Verdict::No,
        }
    }

    /// The platform of what begins in a binary.
    pub(super) fn platform(&self, target: TargetId) -> Option<Platform> {
        self.program(target)?.platform()
    }

    /// The directory of a function's template.
    pub(super) fn dir_of(&self, id: FunctionId) -> &'p str {
        let resource = self.deploy.resource(self.deploy.function(id).resource);
        parent(&self.deploy.stack(resource.stack).path)
    }

    /// The directory of a binary's package.
    pub(super) fn home(&self, target: TargetId) -> &'p str {
        &self.cargo.package(self.cargo.target(target).package).dir
    }

    /// All binaries.
    pub(super) fn binaries(&self) -> impl Iterator<Item = TargetId> {
        self.cargo.target_ids().filter(|&id| self.cargo.target(id).kind == TargetKind::Bin)
    }

    /// The binary of a name; among several, the one whose package lies nearest to the directory, and where a
    /// function begins rather than a tool. The error says why there is none: no binary, or several that fit equally
    /// well.
    pub(super) fn by_name(&self, dir: &str, name: &str) -> Result<TargetId, String> {
        let called = self.binaries().filter(|&id| self.cargo.target(id).name == name);
        self.nearest(dir, called.collect()).map_err(|found| match found {
            0 => "is no binary of the workspace".to_owned(),
            several => format!("is the name of {several} binaries that lie equally near"),
        })
    }

    /// The binary that the image of a Dockerfile runs, and the place that says so: what was built to the artifact that
    /// it copies, or what is called like the program it starts. None if that is nothing of Rust.
    pub(super) fn run_by(&self, file: &Dockerfile) -> Option<(Result<TargetId, String>, Span)> {
        let dir = parent(&file.path);
        if let Some((binary, span)) = &file.binary {
            let found = self.by_name(dir, binary).map_err(|why| format!("its image runs `{binary}`, which {why}"));
            return Some((found, *span));
        }
        let (program, span) = file.command.as_ref()?;
        let found = self.by_name(dir, program).ok()?;
        Some((Ok(found), *span))
    }

    /// The binary that a package of a name, or in a directory of that name, is there for.
    pub(super) fn of_package(&self, dir: &str, is: impl Fn(&str) -> bool) -> Option<TargetId> {
        let packages = (0..self.cargo.packages.len()).map(|index| PackageId(index as u32));
        let named = packages.filter(|&id| {
            let package = self.cargo.package(id);
            is(&package.name) || package.dir.rsplit('/').next().is_some_and(&is)
        });
        self.nearest(dir, named.filter_map(|id| self.main_binary(id)).collect()).ok()
    }

    /// Of a package: the binary called `bootstrap` as the platform wants it, else the only one where a function
    /// begins.
    fn main_binary(&self, package: PackageId) -> Option<TargetId> {
        let bins: Vec<TargetId> = self.cargo.binaries_of(package).collect();
        let begins = |&&bin: &&TargetId| self.begins(bin) == Verdict::Yes;
        match bins.as_slice() {
            [only] => (self.cargo.target(*only).name == "bootstrap" || begins(&only)).then_some(*only),
            several => one(several.iter().filter(begins).copied()),
        }
    }

    /// The only binary of the package in a directory, or the only one there where a function begins.
    pub(super) fn single_binary(&self, dir: &str) -> Option<TargetId> {
        let package = self.cargo.package_in(dir)?;
        one(self.cargo.binaries_of(package))
            .or_else(|| one(self.cargo.binaries_of(package).filter(|&bin| self.begins(bin) == Verdict::Yes)))
    }

    /// The only one of some binaries whose package shares most of a directory's path, those where a function begins
    /// before others; else how many they are.
    pub(super) fn nearest(&self, dir: &str, binaries: Vec<TargetId>) -> Result<TargetId, usize> {
        let shared = |id: TargetId| {
            let common = dir.split('/').zip(self.home(id).split('/')).take_while(|(a, b)| a == b).count();
            (self.begins(id) != Verdict::No, common)
        };
        let near: Vec<_> = binaries.into_iter().map(|id| (shared(id), id)).collect();
        let most = near.iter().map(|(shared, _)| *shared).max();
        let best: Vec<TargetId> = near.iter().filter(|(shared, _)| Some(*shared) == most).map(|(_, id)| *id).collect();
        match best.as_slice() {
            [only] => Ok(*only),
            several => Err(several.len()),
        }
    }
}

/// The only item, if there is exactly one.
pub(super) fn one<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}
