//! Name resolution: from a path in a module to an item of the workspace or a canonical outside path.

use super::ir::{Function, StaticItem, Ty, TypeItem, TypeKind};
use super::modules::{Crates, Extern};
use super::types::Type;
use crate::spec::RustApis;
use crate::text::{FileId, Span};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A function of the loaded crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FnId(pub(super) u32);
/// A struct, enum, trait or alias of the loaded crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TypeId(pub(super) u32);
/// A static or constant of the loaded crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct StaticId(pub(super) u32);

/// Hops of re-exports and aliases followed for one name.
const MAX_HOPS: u32 = 24;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Res {
    Fn(FnId),
    Type(TypeId),
    Static(StaticId),
    Module {
        krate: usize,
        path: Vec<String>,
    },
    /// Something outside the workspace, canonical.
    Outside(Vec<String>),
    None,
}

/// Where an item lives.
#[derive(Debug, Clone)]
pub(super) struct Def {
    pub(super) krate: usize,
    pub(super) module: Vec<String>,
    pub(super) file: usize,
    index: usize,
}

#[derive(Debug, Default)]
struct Scope {
    items: HashMap<String, Res>,
    uses: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// What the globs name, found out once.
    opened: OnceLock<Opened>,
    /// Names looked for through globs, with what was found.
    through_globs: Mutex<HashMap<String, Option<Res>>>,
}

/// What the globs of a scope bring in.
#[derive(Debug, Default)]
struct Opened {
    modules: Vec<(usize, Vec<String>)>,
    outside: Vec<Vec<String>>,
}

/// How a path is followed: hops of re-exports and aliases that are left, and whether globs count.
#[derive(Debug, Clone, Copy)]
struct Way {
    hops: u32,
    globs: bool,
}

impl Way {
    fn next(self) -> Self {
        Self { hops: self.hops.saturating_sub(1), ..self }
    }
}

/// Every item of the loaded crates, by path.
pub(super) struct Index<'a> {
    pub(super) crates: &'a Crates,
    pub(super) apis: &'a RustApis,
    /// Fields of events that are never absent.
    pub(super) always_present: &'a [String],
    pub(super) fns: Vec<Def>,
    types: Vec<Def>,
    statics: Vec<Def>,
    scopes: HashMap<(usize, Vec<String>), Scope>,
    /// Methods by their type.
    methods: HashMap<TypeId, HashMap<String, Vec<FnId>>>,
    /// Methods with bodies by name, for receivers of unknown type.
    by_name: HashMap<String, Vec<FnId>>,
    /// Methods of the implementations of each trait, and its default bodies.
    implementations: HashMap<TypeId, Vec<FnId>>,
    /// Types of the expressions of each function, found out once.
    types_of: Vec<OnceLock<Box<[OnceLock<Type>]>>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(crates: &'a Crates, apis: &'a RustApis, always_present: &'a [String]) -> Self {
        let mut index = Self {
            crates,
            apis,
            always_present,
            fns: Vec::new(),
            types: Vec::new(),
            statics: Vec::new(),
            scopes: HashMap::new(),
            methods: HashMap::new(),
            by_name: HashMap::new(),
            implementations: HashMap::new(),
            types_of: Vec::new(),
        };
        for krate in 0..crates.krates.len() {
            index.collect(krate);
        }
        index.attach_methods();
        index.types_of.resize_with(index.fns.len(), OnceLock::new);
        index
    }

    /// The place where the type of an expression is kept.
    pub(super) fn type_cell(&self, id: FnId, expression: u32) -> Option<&OnceLock<Type>> {
        let cells = self.types_of[id.0 as usize].get_or_init(|| {
            let count = self.function(id).body.exprs.len();
            std::iter::repeat_with(OnceLock::new).take(count).collect()
        });
        cells.get(expression as usize)
    }

    fn collect(&mut self, krate: usize) {
        for module in &self.crates.krates[krate].modules {
            let facts = &self.crates.files[module.file].facts;
            let def = |index: usize| Def { krate, module: module.path.clone(), file: module.file, index };
            let mut scope = self.scopes.remove(&(krate, module.path.clone())).unwrap_or_default();
            for (at, function) in facts.functions.iter().enumerate() {
                if function.module != module.inner {
                    continue;
                }
                let id = FnId(self.fns.len() as u32);
                self.fns.push(def(at));
                if function.self_ty.is_none() && !function.in_trait {
                    scope.items.insert(function.name.clone(), Res::Fn(id));
                }
            }
            for (at, item) in facts.types.iter().enumerate() {
                if item.module == module.inner {
                    scope.items.insert(item.name.clone(), Res::Type(TypeId(self.types.len() as u32)));
                    self.types.push(def(at));
                }
            }
            for (at, item) in facts.statics.iter().enumerate() {
                if item.module == module.inner {
                    scope.items.insert(item.name.clone(), Res::Static(StaticId(self.statics.len() as u32)));
                    self.statics.push(def(at));
                }
            }
            for item in &facts.uses {
                if item.module != module.inner {
                    continue;
                }
                if item.name.is_empty() {
                    scope.globs.push(item.path.clone());
                } else {
                    scope.uses.insert(item.name.clone(), item.path.clone());
                }
            }
            self.scopes.insert((krate, module.path.clone()), scope);
        }
        for module in &self.crates.krates[krate].modules {
            if let Some((name, parent)) = module.path.split_last()
                && let Some(scope) = self.scopes.get_mut(&(krate, parent.to_vec()))
            {
                let res = Res::Module { krate, path: module.path.clone() };
                scope.items.entry(name.clone()).or_insert(res);
            }
        }
    }

    fn attach_methods(&mut self) {
        for at in 0..self.fns.len() {
            let id = FnId(at as u32);
            let function = self.function(id);
            if function.self_ty.is_none() && !function.in_trait {
                continue;
            }
            let def = self.fns[at].clone();
            let name = function.name.clone();
            let owner = match &function.self_ty {
                Some(Ty::Path { path, .. }) => self.resolve(def.krate, &def.module, path),
                _ => Res::None,
            };
            let of_trait = match &function.of_trait {
                Some(path) => self.resolve(def.krate, &def.module, path),
                None => Res::None,
            };
            let has_body = !function.body.exprs.is_empty();
            if let Res::Type(owner) = owner {
                self.methods.entry(owner).or_default().entry(name.clone()).or_default().push(id);
            }
            if has_body {
                self.by_name.entry(name).or_default().push(id);
            }
            if let Res::Type(of_trait) = of_trait {
                self.implementations.entry(of_trait).or_default().push(id);
            }
        }
    }

    pub(super) fn function(&self, id: FnId) -> &'a Function {
        let def = &self.fns[id.0 as usize];
        &self.crates.files[def.file].facts.functions[def.index]
    }

    pub(super) fn def(&self, id: FnId) -> &Def {
        &self.fns[id.0 as usize]
    }

    pub(super) fn type_item(&self, id: TypeId) -> &'a TypeItem {
        let def = &self.types[id.0 as usize];
        &self.crates.files[def.file].facts.types[def.index]
    }

    pub(super) fn type_def(&self, id: TypeId) -> &Def {
        &self.types[id.0 as usize]
    }

    pub(super) fn static_item(&self, id: StaticId) -> &'a StaticItem {
        let def = &self.statics[id.0 as usize];
        &self.crates.files[def.file].facts.statics[def.index]
    }

    pub(super) fn static_def(&self, id: StaticId) -> &Def {
        &self.statics[id.0 as usize]
    }

    pub(super) fn file(&self, def: &Def) -> FileId {
        self.crates.files[def.file].id
    }

    pub(super) fn span(&self, def: &Def, range: (u32, u32)) -> Span {
        Span::new(self.file(def), range.0, range.1)
    }

    /// The free function of a crate's root.
    pub(super) fn root_fn(&self, krate: usize, name: &str) -> Option<FnId> {
        match self.scopes.get(&(krate, Vec::new()))?.items.get(name)? {
            Res::Fn(id) => Some(*id),
            _ => None,
        }
    }

    /// The first macro in item position of a crate's root, which may make its `main`.
    pub(super) fn root_macro(&self, krate: usize) -> Option<(Span, String)> {
        let root = self.crates.krates[krate].modules.iter().find(|module| module.path.is_empty())?;
        let file = &self.crates.files[root.file];
        let (_, path, range) = file.facts.macros.iter().find(|(module, ..)| *module == root.inner)?;
        Some((Span::new(file.id, range.0, range.1), path.join("::")))
    }

    /// Functions of a crate with attributes.
    pub(super) fn functions_of(&self, krate: usize) -> impl Iterator<Item = FnId> + '_ {
        (0..self.fns.len()).filter(move |&at| self.fns[at].krate == krate).map(|at| FnId(at as u32))
    }

    /// The methods of a type with a name, inherent and of traits.
    pub(super) fn methods(&self, owner: TypeId, name: &str) -> &[FnId] {
        self.methods.get(&owner).and_then(|methods| methods.get(name)).map_or(&[], Vec::as_slice)
    }

    /// Implementations of a trait's method, its default body included.
    pub(super) fn trait_methods(&self, of_trait: TypeId, name: &str) -> Vec<FnId> {
        let all = self.implementations.get(&of_trait).map_or(&[][..], Vec::as_slice);
        all.iter()
            .copied()
            .filter(|&id| self.function(id).name == name && !self.function(id).body.exprs.is_empty())
            .collect()
    }

    /// The only method with a body of that name among the crates a binary consists of.
    pub(super) fn only_method(&self, name: &str, parts: &HashSet<usize>) -> Option<FnId> {
        let mut found = self.by_name.get(name)?.iter().filter(|&&id| parts.contains(&self.def(id).krate));
        let only = found.next()?;
        found.next().is_none().then_some(*only)
    }

    /// The crates a binary consists of: itself and the workspace libraries it uses. Other binaries are not.
    pub(super) fn parts_of(&self, krate: usize) -> HashSet<usize> {
        let mut parts = HashSet::from([krate]);
        let mut open = vec![krate];
        while let Some(next) = open.pop() {
            for found in self.crates.krates[next].externs.values() {
                if let Extern::Workspace(other) = found
                    && parts.insert(*other)
                {
                    open.push(*other);
                }
            }
        }
        parts
    }

    /// What a path names in a module.
    pub(super) fn resolve(&self, krate: usize, module: &[String], path: &[String]) -> Res {
        self.resolve_at(krate, module, path, Way { hops: MAX_HOPS, globs: true })
    }

    fn resolve_at(&self, krate: usize, module: &[String], path: &[String], way: Way) -> Res {
        let Some((first, rest)) = path.split_first() else {
            return Res::None;
        };
        if way.hops == 0 {
            return Res::None;
        }
        let start = match first.as_str() {
            "crate" => Res::Module { krate, path: Vec::new() },
            "self" => Res::Module { krate, path: module.to_vec() },
            "super" => match module.split_last() {
                Some((_, parent)) => Res::Module { krate, path: parent.to_vec() },
                None => Res::None,
            },
            name => self.name(krate, module, name, way),
        };
        self.descend(start, rest, way)
    }

    /// A single name in a module: its items, uses, globs, then crates and the prelude.
    fn name(&self, krate: usize, module: &[String], name: &str, way: Way) -> Res {
        if let Some(scope) = self.scopes.get(&(krate, module.to_vec())) {
            if let Some(found) = scope.items.get(name) {
                return found.clone();
            }
            if let Some(path) = scope.uses.get(name) {
                let found = self.use_path(krate, module, path, name, way.next());
                if found != Res::None {
                    return found;
                }
            }
            if let Some(found) = self.glob(krate, module, name, way) {
                return found;
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
    fn use_path(&self, krate: usize, module: &[String], path: &[String], name: &str, way: Way) -> Res {
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
    fn opened(&self, krate: usize, module: &[String]) -> Option<&Opened> {
        let scope = self.scopes.get(&(krate, module.to_vec()))?;
        Some(scope.opened.get_or_init(|| {
            let mut opened = Opened::default();
            for path in &scope.globs {
                match self.resolve_at(krate, module, path, Way { hops: MAX_HOPS, globs: false }) {
                    Res::Module { krate: other, path } if (other, path.as_slice()) != (krate, module) => {
                        opened.modules.push((other, path));
                    }
                    Res::Outside(path) => opened.outside.push(path),
                    _ => {}
                }
            }
            opened
        }))
    }

    /// A name that a glob brings into a scope, directly or through globs of what it names; remembered.
    fn glob(&self, krate: usize, module: &[String], name: &str, way: Way) -> Option<Res> {
        let scope = self.scopes.get(&(krate, module.to_vec()))?;
        if !way.globs || way.hops == 0 || scope.globs.is_empty() {
            return None;
        }
        let known = scope.through_globs.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(known) = known {
            return known;
        }
        let found = self.search_globs(krate, module, name, way.next());
        scope.through_globs.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), found.clone());
        found
    }

    fn search_globs(&self, krate: usize, module: &[String], name: &str, way: Way) -> Option<Res> {
        let mut seen: HashSet<(usize, &[String])> = HashSet::new();
        let mut open: Vec<&(usize, Vec<String>)> = Vec::new();
        let mut outside: Vec<&Vec<String>> = Vec::new();
        let first = self.opened(krate, module)?;
        open.extend(first.modules.iter().rev());
        outside.extend(&first.outside);
        while let Some((other, path)) = open.pop() {
            if !seen.insert((*other, path)) {
                continue;
            }
            let Some(target) = self.scopes.get(&(*other, path.clone())) else { continue };
            if let Some(found) = target.items.get(name) {
                return Some(found.clone());
            }
            if let Some(next) = target.uses.get(name) {
                return Some(self.use_path(*other, path, next, name, way));
            }
            if let Some(next) = self.opened(*other, path) {
                open.extend(next.modules.iter().rev());
                outside.extend(&next.outside);
            }
        }
        outside.into_iter().find_map(|path| {
            let known = self.apis.glob_types.get(&path.join("::"))?;
            known.iter().any(|known| known == name).then(|| {
                let mut path = path.clone();
                path.push(name.to_owned());
                Res::Outside(self.canonical(path))
            })
        })
    }

    fn descend(&self, start: Res, rest: &[String], way: Way) -> Res {
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
                        match self.name_in(krate, &path, name, way.next()) {
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
                        let target = self.resolve_at(def.krate, &def.module, path, way.next());
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
    fn name_in(&self, krate: usize, module: &[String], name: &str, way: Way) -> Option<Res> {
        let scope = self.scopes.get(&(krate, module.to_vec()))?;
        if let Some(found) = scope.items.get(name) {
            return Some(found.clone());
        }
        if let Some(path) = scope.uses.get(name) {
            return Some(self.use_path(krate, module, path, name, way));
        }
        self.glob(krate, module, name, way)
    }

    /// An outside path by its defining crate, for the re-exports we know.
    fn canonical(&self, path: Vec<String>) -> Vec<String> {
        let mut path = path;
        for _ in 0..4 {
            let replaced = (1..=path.len()).rev().find_map(|length| {
                let target = self.apis.reexports.get(&path[..length].join("::"))?;
                let mut whole: Vec<String> = target.split("::").map(str::to_owned).collect();
                whole.extend_from_slice(&path[length..]);
                Some(whole)
            });
            match replaced {
                Some(next) if next != path => path = next,
                _ => break,
            }
        }
        path
    }
}
