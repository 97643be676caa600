//! From a path in a module to what it names: items, uses, globs, re-exports, other crates.

use super::crates::{CrateId, Extern};
use super::index::Index;
use super::kinds::{Opened, Res, Scope, Space};
use crate::source::parse::declared::{Import, TypeKind};
use crate::source::parse::ir::Ty;
use std::cell::Cell;
use std::collections::HashSet;

/// Hops of re-exports and aliases followed for one name.
const MAX_HOPS: u32 = 24;
/// Names looked up for one path: re-exports of paths through re-exports multiply.
const MAX_LOOKUPS: u32 = 1024;

/// How a path is followed: hops of re-exports and aliases that are left, whether globs count, and the namespace of its
/// last part.
#[derive(Debug, Clone, Copy)]
struct Way<'q> {
    hops: u32,
    globs: bool,
    space: Space,
    /// Lookups left for the whole question.
    left: &'q Cell<u32>,
}

impl<'q> Way<'q> {
    fn of(space: Space, left: &'q Cell<u32>) -> Self {
        Self { hops: MAX_HOPS, globs: true, space, left }
    }

    /// Takes one of the lookups that are left; false if there is none.
    fn spend(self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn next(self) -> Self {
        Self { hops: self.hops.saturating_sub(1), ..self }
    }

    /// The way of a part of a path: only its last is not a type.
    fn part(self, last: bool) -> Self {
        if last { self } else { Self { space: Space::Types, ..self } }
    }
}

impl Index<'_> {
    /// What a path names where a value stands: the callee of a call, a static.
    pub(crate) fn resolve(&self, krate: CrateId, module: &[String], path: &[String]) -> Res {
        self.resolve_at(krate, module, path, Way::of(Space::Values, &Cell::new(MAX_LOOKUPS)))
    }

    /// What a path names where a type, a trait or an attribute stands.
    pub(crate) fn resolve_type(&self, krate: CrateId, module: &[String], path: &[String]) -> Res {
        self.resolve_at(krate, module, path, Way::of(Space::Types, &Cell::new(MAX_LOOKUPS)))
    }

    fn resolve_at(&self, krate: CrateId, module: &[String], path: &[String], way: Way<'_>) -> Res {
        let Some((first, rest)) = path.split_first() else {
            return Res::None;
        };
        if way.hops == 0 || !way.spend() {
            return Res::None;
        }
        let start = match first.as_str() {
            "crate" => Res::Module { krate, path: Vec::new() },
            "self" => Res::Module { krate, path: module.to_vec() },
            "super" => match module.split_last() {
                Some((_, parent)) => Res::Module { krate, path: parent.to_vec() },
                None => Res::None,
            },
            name => self.name(krate, module, name, way.part(rest.is_empty())),
        };
        self.descend(start, rest, way)
    }

    /// A single name in a module: its items, uses, globs, then crates and the prelude.
    fn name(&self, krate: CrateId, module: &[String], name: &str, way: Way<'_>) -> Res {
        if let Some(scope) = self.scope(krate, module) {
            if let Some(found) = scope.items(way.space).get(name) {
                return found.clone();
            }
            if let Some(import) = scope.uses.get(name) {
                let found = self.use_path(krate, module, &import.path, name, way.next());
                if way.space.has(&found) {
                    return found;
                }
            }
            if let Some(found) = self.glob(krate, module, name, way) {
                return found;
            }
            // A unit struct stands where a value is asked for.
            if let Some(found) = scope.types.get(name) {
                return found.clone();
            }
        }
        match self.crates.krates[krate].externs.get(name) {
            Some(Extern::Workspace(other)) => Res::Module { krate: *other, path: Vec::new() },
            Some(Extern::Outside(package)) => Res::Outside(vec![package.clone()]),
            None => match name {
                "std" | "core" | "alloc" => Res::Outside(vec!["std".to_owned()]),
                // The prelude, and crates a manifest may bring in ways we do not see.
                _ => Res::Outside(vec![name.to_owned()]),
            },
        }
    }

    /// `use a::b` may begin at a crate or at an item of the module; a name cannot import itself.
    fn use_path(&self, krate: CrateId, module: &[String], path: &[String], name: &str, way: Way<'_>) -> Res {
        if path.first().map(String::as_str) == Some(name) && path.len() == 1 {
            return match self.crates.krates[krate].externs.get(name) {
                Some(Extern::Workspace(other)) => Res::Module { krate: *other, path: Vec::new() },
                Some(Extern::Outside(package)) => Res::Outside(vec![package.clone()]),
                None => Res::Outside(path.to_vec()),
            };
        }
        self.resolve_at(krate, module, path, way)
    }

    /// What the globs of a scope name. Their own paths are not looked for through globs: that would not end.
    fn opened(&self, krate: CrateId, module: &[String]) -> Option<&Opened> {
        let scope = self.scope(krate, module)?;
        Some(scope.opened.get_or_init(|| {
            let mut opened = Opened::default();
            for Import { path, public } in &scope.globs {
                let left = Cell::new(MAX_LOOKUPS);
                let way = Way { globs: false, ..Way::of(Space::Types, &left) };
                match self.resolve_at(krate, module, path, way) {
                    Res::Module { krate: other, path } if (other, path.as_slice()) != (krate, module) => {
                        opened.modules.push((other, path, *public));
                    }
                    Res::Outside(path) => opened.outside.push(path),
                    _ => {}
                }
            }
            opened
        }))
    }

    /// A name that a glob brings into a scope, directly or through globs of what it names; remembered.
    fn glob(&self, krate: CrateId, module: &[String], name: &str, way: Way<'_>) -> Option<Res> {
        let scope = self.scope(krate, module)?;
        if !way.globs || way.hops == 0 || scope.globs.is_empty() {
            return None;
        }
        let known = scope.through_globs(way.space).get(name).cloned();
        if let Some(known) = known {
            return known;
        }
        let found = self.search_globs(krate, module, name, way.next());
        scope.through_globs(way.space).insert(name.to_owned(), found.clone());
        found
    }

    fn search_globs(&self, krate: CrateId, module: &[String], name: &str, way: Way<'_>) -> Option<Res> {
        let mut seen: HashSet<(CrateId, &[String])> = HashSet::new();
        let mut open: Vec<&(CrateId, Vec<String>, bool)> = Vec::new();
        let mut outside: Vec<&Vec<String>> = Vec::new();
        let first = self.opened(krate, module)?;
        open.extend(first.modules.iter().rev());
        outside.extend(&first.outside);
        while let Some((other, path, _)) = open.pop() {
            if !seen.insert((*other, path)) {
                continue;
            }
            let Some(target) = self.scope(*other, path) else { continue };
            // What a module uses for itself is no re-export: `use crate::Order` would lead back here.
            let inside = *other == krate && module.starts_with(path);
            if let Some(found) =
                self.declared(target, *other, path, name, way, inside).filter(|found| *found != Res::None)
            {
                return Some(found);
            }
            if let Some(next) = self.opened(*other, path) {
                open.extend(next.modules.iter().rev().filter(|(.., public)| inside || *public));
                outside.extend(&next.outside);
            }
        }
        outside.into_iter().find_map(|path| {
            self.lexicon.glob_has(&path.join("::"), name).then(|| {
                let mut path = path.clone();
                path.push(name.to_owned());
                Res::Outside(self.canonical(path))
            })
        })
    }

    fn descend(&self, start: Res, rest: &[String], way: Way<'_>) -> Res {
        let mut at = start;
        for (done, name) in rest.iter().enumerate() {
            at = match at {
                Res::Module { krate, path } => {
                    if name == "super" {
                        match path.split_last() {
                            Some((_, parent)) => Res::Module { krate, path: parent.to_vec() },
                            None => Res::None,
                        }
                    } else if name == "self" {
                        Res::Module { krate, path }
                    } else {
                        match self.name_in(krate, &path, name, way.next().part(done + 1 == rest.len())) {
                            Some(found) => found,
                            None => return Res::None,
                        }
                    }
                }
                Res::Type(id) => {
                    let item = self.type_item(id);
                    if let TypeKind::Alias(Ty::Path { path, .. }) = &item.kind {
                        if way.hops <= 1 {
                            return Res::None;
                        }
                        let def = self.type_def(id).clone();
                        let target = self.resolve_at(def.krate, &def.module, path, way.next().part(false));
                        return self.descend(target, &rest[done..], way.next());
                    }
                    return match self.methods(id, name) {
                        [] => match self.trait_methods(id, name).as_slice() {
                            [only] => Res::Fn(*only),
                            _ => Res::None,
                        },
                        [first, ..] => Res::Fn(*first),
                    };
                }
                Res::Outside(mut path) => {
                    path.push(name.clone());
                    Res::Outside(path)
                }
                Res::Fn(_) | Res::Static(_) | Res::None => return Res::None,
            };
        }
        match at {
            Res::Outside(path) => Res::Outside(self.canonical(path)),
            other => other,
        }
    }

    /// A name seen from outside its module: items, re-exports, re-exported globs; never crates.
    fn name_in(&self, krate: CrateId, module: &[String], name: &str, way: Way<'_>) -> Option<Res> {
        let scope = self.scope(krate, module)?;
        self.declared(scope, krate, module, name, way, true).or_else(|| self.glob(krate, module, name, way))
    }

    /// A name that a scope declares or imports by itself; what it imports without `pub` only for those inside it.
    fn declared(
        &self,
        scope: &Scope,
        krate: CrateId,
        module: &[String],
        name: &str,
        way: Way<'_>,
        inside: bool,
    ) -> Option<Res> {
        if !way.spend() {
            return None;
        }
        if let Some(found) = scope.items(way.space).get(name) {
            return Some(found.clone());
        }
        let import = scope.uses.get(name).filter(|import| inside || import.public);
        let imported = import.map(|import| self.use_path(krate, module, &import.path, name, way));
        match imported {
            Some(found) if way.space.has(&found) => Some(found),
            imported => scope.types.get(name).cloned().or(imported),
        }
    }

    /// An outside path by its defining crate, for the re-exports we know.
    fn canonical(&self, path: Vec<String>) -> Vec<String> {
        let mut path = path;
        for _ in 0..4 {
            let whole = path.join("::");
            let (mut length, mut end) = (path.len(), whole.len());
            let replaced = loop {
                if let Some(target) = self.lexicon.reexport(&whole[..end]) {
                    let start = target.split("::").map(str::to_owned);
                    break Some(start.chain(path[length..].iter().cloned()).collect::<Vec<String>>());
                }
                if length <= 1 {
                    break None;
                }
                length -= 1;
                end -= path[length].len() + "::".len();
            };
            match replaced {
                Some(next) if next != path => path = next,
                _ => break,
            }
        }
        path
    }
}
