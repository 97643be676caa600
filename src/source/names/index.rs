//! Every item of the loaded crates by path, with the methods and implementations of types and traits.

use super::asked::Asked;
use super::crates::{CrateId, Crates, Extern, ParsedId};
use super::kinds::{Def, FnId, Named, Res, Scope, StaticId, Type, TypeId};
use crate::knowledge::{Lexicon, Meaning};
use crate::source::parse::declared::{FileFacts, Function, StaticItem, TypeItem, TypeKind};
use crate::source::parse::ir::{Body, ExprId, Kind, Projection, Source, Ty};
use crate::text::Span;
use foldhash::{HashMap, HashMapExt, HashSet};
use std::borrow::Cow;
use std::sync::OnceLock;

/// Implementations that a call may be dispatched to.
const MAX_DISPATCHED: usize = 32;

/// Aliases of aliases that are followed.
const MAX_ALIASES: usize = 8;
/// Traits whose methods are asked for a call of one that demands them.
const MAX_SUPERTRAITS: usize = 16;

/// Something known of each expression of a function, once it was asked.
type Cells<T> = OnceLock<Box<[OnceLock<T>]>>;

/// Every item of the loaded crates, by path.
pub(crate) struct Index<'p> {
    pub(crate) crates: &'p Crates,
    pub(crate) lexicon: &'p Lexicon,
    /// Fields of events that are never absent.
    pub(crate) always_present: &'p [String],
    pub(crate) fns: Vec<Def>,
    types: Vec<Def>,
    statics: Vec<Def>,
    scopes: HashMap<CrateId, HashMap<Vec<String>, Scope>>,
    /// Methods by their type.
    methods: HashMap<TypeId, HashMap<String, Vec<FnId>>>,
    /// The types that functions are methods of.
    owners: HashMap<FnId, TypeId>,
    /// Methods with bodies by name, for receivers of unknown type.
    by_name: HashMap<String, Vec<FnId>>,
    /// Methods of the implementations of each trait, and its default bodies.
    implementations: HashMap<TypeId, Vec<FnId>>,
    /// Methods with bodies of implementations of the workspace's traits, default bodies included, by name.
    dispatched: HashMap<String, Vec<FnId>>,
    /// Methods with bodies that the workspace gives types from outside, by name, with the path of the type.
    extensions: HashMap<String, Vec<(String, FnId)>>,
    /// What each function asks of its values, found out once.
    asked: Vec<OnceLock<Asked>>,
    /// Types of the expressions of each function, found out once.
    types_of: Vec<Cells<Box<Type>>>,
    /// What the path expressions of each function name, found out once.
    names_of: Vec<Cells<Box<Named>>>,
}

/// Where the items of a module stand in the lists of their file.
#[derive(Default)]
struct Items {
    functions: Vec<usize>,
    types: Vec<usize>,
    statics: Vec<usize>,
    uses: Vec<usize>,
}

impl Items {
    fn by_module(facts: &FileFacts) -> HashMap<&[String], Self> {
        let mut modules: HashMap<&[String], Self> = HashMap::new();
        for (at, item) in facts.functions.iter().enumerate() {
            modules.entry(&item.module).or_default().functions.push(at);
        }
        for (at, item) in facts.types.iter().enumerate() {
            modules.entry(&item.module).or_default().types.push(at);
        }
        for (at, item) in facts.statics.iter().enumerate() {
            modules.entry(&item.module).or_default().statics.push(at);
        }
        for (at, item) in facts.uses.iter().enumerate() {
            modules.entry(&item.module).or_default().uses.push(at);
        }
        modules
    }
}

impl<'p> Index<'p> {
    pub(crate) fn new(crates: &'p Crates, lexicon: &'p Lexicon, always_present: &'p [String]) -> Self {
        let mut index = Self {
            crates,
            lexicon,
            always_present,
            fns: Vec::new(),
            types: Vec::new(),
            statics: Vec::new(),
            scopes: HashMap::new(),
            methods: HashMap::new(),
            owners: HashMap::new(),
            by_name: HashMap::new(),
            implementations: HashMap::new(),
            dispatched: HashMap::new(),
            extensions: HashMap::new(),
            asked: Vec::new(),
            types_of: Vec::new(),
            names_of: Vec::new(),
        };
        for krate in crates.krates.ids() {
            index.collect(krate);
        }
        index.attach_methods();
        index.asked.resize_with(index.fns.len(), OnceLock::new);
        index.types_of.resize_with(index.fns.len(), OnceLock::new);
        index.names_of.resize_with(index.fns.len(), OnceLock::new);
        index
    }

    /// What a function asks of its values; a body that is no function's is read each time.
    pub(crate) fn asked(&self, id: Option<FnId>, body: &Body) -> Cow<'_, Asked> {
        let read = || Asked::read(self.lexicon, body, |value| self.value_names(body, value));
        match id.and_then(|id| self.asked.get(id.0 as usize)) {
            Some(cell) => Cow::Borrowed(cell.get_or_init(read)),
            None => Cow::Owned(read()),
        }
    }

    /// The names a value goes by: `.lines` of the field `order.lines`, `lines` of a binding, and both of a binding of
    /// what a field holds. A field and a binding that only have the same name are two values.
    pub(crate) fn value_names(&self, body: &Body, id: ExprId) -> Vec<Box<str>> {
        match body.kind(body.peeled(id)) {
            Kind::Field { name, .. } => vec![format!(".{name}").into()],
            Kind::Local(local) => {
                let local = &body.locals[*local as usize];
                let mut names = vec![local.name.as_str().into()];
                match &local.source {
                    Source::Init { init, projection } => {
                        let field = projection.iter().rev().find_map(|step| match step {
                            Projection::Field(name) => Some(name),
                            _ => None,
                        });
                        let mut at = body.peeled(*init);
                        while let Kind::Method { receiver, name, .. } = body.kind(at) {
                            // Who asks what was unwrapped asks too late.
                            if self.lexicon.method(name).has(Meaning::Unwraps) {
                                break;
                            }
                            at = body.peeled(*receiver);
                        }
                        let held = match body.kind(at) {
                            Kind::Field { name, .. } => Some(name),
                            _ => None,
                        };
                        names.extend(field.or(held).map(|name| format!(".{name}").into()));
                    }
                    // What a caller passes may well be a field of that name.
                    Source::Param(_) | Source::Closure { .. } => names.push(format!(".{}", local.name).into()),
                    _ => {}
                }
                names
            }
            _ => Vec::new(),
        }
    }

    /// The place where the type of an expression is kept.
    pub(crate) fn type_cell(&self, id: FnId, expression: u32) -> Option<&OnceLock<Box<Type>>> {
        self.cell(&self.types_of, id, expression)
    }

    /// The place where it is kept what a path expression names.
    pub(crate) fn name_cell(&self, id: FnId, expression: u32) -> Option<&OnceLock<Box<Named>>> {
        self.cell(&self.names_of, id, expression)
    }

    fn cell<'c, T>(&self, of: &'c [Cells<T>], id: FnId, expression: u32) -> Option<&'c OnceLock<T>> {
        let cells = of[id.0 as usize].get_or_init(|| {
            let count = self.function(id).body.exprs.len();
            std::iter::repeat_with(OnceLock::new).take(count).collect()
        });
        cells.get(expression as usize)
    }

    fn collect(&mut self, krate: CrateId) {
        let mut files: HashMap<ParsedId, HashMap<&[String], Items>> = HashMap::new();
        let none = Items::default();
        let mut scopes: HashMap<Vec<String>, Scope> = HashMap::new();
        for module in &self.crates.krates[krate].modules {
            let facts = &self.crates.files[module.file].facts;
            let items = files.entry(module.file).or_insert_with(|| Items::by_module(facts));
            let items = items.get(module.inner.as_slice()).unwrap_or(&none);
            let def = |index: usize| Def { krate, module: module.path.clone(), file: module.file, index };
            let mut scope = scopes.remove(&module.path).unwrap_or_default();
            for &at in &items.functions {
                let function = &facts.functions[at];
                let id = FnId(self.fns.len() as u32);
                self.fns.push(def(at));
                if function.self_ty.is_none() && !function.in_trait {
                    scope.values.insert(function.name.clone(), Res::Fn(id));
                }
            }
            for &at in &items.types {
                scope.types.insert(facts.types[at].name.clone(), Res::Type(TypeId(self.types.len() as u32)));
                self.types.push(def(at));
            }
            for &at in &items.statics {
                scope.values.insert(facts.statics[at].name.clone(), Res::Static(StaticId(self.statics.len() as u32)));
                self.statics.push(def(at));
            }
            for item in items.uses.iter().map(|&at| &facts.uses[at]) {
                if item.name.is_empty() {
                    scope.globs.push(item.import.clone());
                } else {
                    scope.uses.insert(item.name.clone(), item.import.clone());
                }
            }
            scopes.insert(module.path.clone(), scope);
        }
        for module in &self.crates.krates[krate].modules {
            if let Some((name, parent)) = module.path.split_last()
                && let Some(scope) = scopes.get_mut(parent)
            {
                let res = Res::Module { krate, path: module.path.clone() };
                scope.types.entry(name.clone()).or_insert(res);
            }
        }
        self.scopes.insert(krate, scopes);
    }

    /// What a module of a crate holds.
    pub(super) fn scope(&self, krate: CrateId, module: &[String]) -> Option<&Scope> {
        self.scopes.get(&krate)?.get(module)
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
                Some(Ty::Path { path, .. }) => self.unaliased(self.resolve_type(def.krate, &def.module, path)),
                _ => Res::None,
            };
            let of_trait = match &function.of_trait {
                Some(path) => self.resolve_type(def.krate, &def.module, path),
                None => Res::None,
            };
            let has_body = !function.body.exprs.is_empty();
            if let (Res::Outside(path), true) = (&owner, has_body) {
                self.extensions.entry(name.clone()).or_default().push((path.join("::"), id));
            }
            if let Res::Type(owner) = owner {
                self.owners.insert(id, owner);
                self.methods.entry(owner).or_default().entry(name.clone()).or_default().push(id);
            }
            if has_body && matches!(of_trait, Res::Type(_)) {
                self.dispatched.entry(name.clone()).or_default().push(id);
            }
            if has_body {
                self.by_name.entry(name).or_default().push(id);
            }
            if let Res::Type(of_trait) = of_trait {
                self.implementations.entry(of_trait).or_default().push(id);
            }
        }
    }

    /// What a type alias of the workspace stands for.
    fn unaliased(&self, of: Res) -> Res {
        let mut of = of;
        for _ in 0..MAX_ALIASES {
            let Res::Type(id) = of else { break };
            let TypeKind::Alias(Ty::Path { path, .. }) = &self.type_item(id).kind else { break };
            let def = self.type_def(id);
            of = self.resolve_type(def.krate, &def.module, path);
        }
        of
    }

    pub(crate) fn function(&self, id: FnId) -> &'p Function {
        let def = &self.fns[id.0 as usize];
        &self.crates.files[def.file].facts.functions[def.index]
    }

    pub(crate) fn def(&self, id: FnId) -> &Def {
        &self.fns[id.0 as usize]
    }

    pub(crate) fn type_item(&self, id: TypeId) -> &'p TypeItem {
        let def = &self.types[id.0 as usize];
        &self.crates.files[def.file].facts.types[def.index]
    }

    pub(crate) fn type_def(&self, id: TypeId) -> &Def {
        &self.types[id.0 as usize]
    }

    pub(crate) fn static_item(&self, id: StaticId) -> &'p StaticItem {
        let def = &self.statics[id.0 as usize];
        &self.crates.files[def.file].facts.statics[def.index]
    }

    pub(crate) fn static_def(&self, id: StaticId) -> &Def {
        &self.statics[id.0 as usize]
    }

    pub(crate) fn span(&self, def: &Def, range: (u32, u32)) -> Span {
        self.crates.files[def.file].span(range)
    }

    /// Whether a function is the free function `main` of the root of its crate.
    pub(crate) fn is_main(&self, id: FnId) -> bool {
        let function = self.function(id);
        function.name == "main" && self.def(id).module.is_empty() && function.self_ty.is_none() && !function.in_trait
    }

    /// The first macro in item position of a crate's root, which may make its `main`.
    pub(crate) fn root_macro(&self, krate: CrateId) -> Option<(Span, String)> {
        let root = self.crates.krates[krate].modules.iter().find(|module| module.path.is_empty())?;
        let file = &self.crates.files[root.file];
        let (_, path, range) = file.facts.macros.iter().find(|(module, ..)| *module == root.inner)?;
        Some((file.span(*range), path.join("::")))
    }

    /// Functions of a crate with attributes.
    pub(crate) fn functions_of(&self, krate: CrateId) -> impl Iterator<Item = FnId> + '_ {
        (0..self.fns.len()).filter(move |&at| self.fns[at].krate == krate).map(|at| FnId(at as u32))
    }

    /// The methods of a type with a name, inherent and of traits.
    pub(crate) fn methods(&self, owner: TypeId, name: &str) -> &[FnId] {
        self.methods.get(&owner).and_then(|methods| methods.get(name)).map_or(&[], Vec::as_slice)
    }

    /// The type of the workspace a function is a method of.
    pub(crate) fn owner(&self, id: FnId) -> Option<TypeId> {
        self.owners.get(&id).copied()
    }

    /// Implementations of a method of a trait or of the traits it demands, default bodies included.
    pub(crate) fn trait_methods(&self, of_trait: TypeId, name: &str) -> Vec<FnId> {
        self.members_of(of_trait)
            .filter(|&id| self.function(id).name == name && !self.function(id).body.exprs.is_empty())
            .collect()
    }

    /// Methods that implement one of the workspace's traits, by name: what a derive, a macro or a blanket `impl` may
    /// lead a type to that has no such method itself. None if there are too many to mean anything.
    pub(crate) fn dispatched(&self, name: &str) -> &[FnId] {
        let all = self.dispatched.get(name).map_or(&[][..], Vec::as_slice);
        if all.len() <= MAX_DISPATCHED { all } else { &[] }
    }

    /// The method of a trait of the workspace that a type from outside has by an `impl` of the workspace.
    pub(crate) fn extension(&self, path: &str, name: &str) -> Option<FnId> {
        let all = self.extensions.get(name)?;
        all.iter().find(|(of, _)| of == path).map(|(_, id)| *id)
    }

    /// The only method with a body of that name among the crates a binary consists of.
    pub(crate) fn only_method(&self, name: &str, parts: &HashSet<CrateId>) -> Option<FnId> {
        let mut found = self.by_name.get(name)?.iter().filter(|&&id| parts.contains(&self.def(id).krate));
        let only = found.next()?;
        found.next().is_none().then_some(*only)
    }

    /// Methods with bodies of a name.
    pub(crate) fn methods_named(&self, name: &str) -> impl Iterator<Item = FnId> + '_ {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// Whether traits of the workspace have more implementations of a method than a call is dispatched to.
    pub(crate) fn is_overloaded(&self, name: &str) -> bool {
        self.dispatched.get(name).is_some_and(|all| all.len() > MAX_DISPATCHED)
    }

    /// The methods of a trait and of those it demands, as declared and as implemented.
    fn members_of(&self, of_trait: TypeId) -> impl Iterator<Item = FnId> + '_ {
        let mut traits = vec![of_trait];
        let mut at = 0;
        while let Some(&next) = traits.get(at).filter(|_| at < MAX_SUPERTRAITS) {
            at += 1;
            let TypeKind::Trait(demanded) = &self.type_item(next).kind else { continue };
            let def = self.type_def(next);
            for bound in demanded {
                if let Ty::Path { path, .. } = bound
                    && let Res::Type(found) = self.resolve_type(def.krate, &def.module, path)
                    && !traits.contains(&found)
                {
                    traits.push(found);
                }
            }
        }
        traits.into_iter().flat_map(|id| self.implementations.get(&id).into_iter().flatten().copied())
    }

    /// Whether a trait of the workspace, or one it demands, has a method of a name.
    pub(crate) fn declares(&self, of_trait: TypeId, name: &str) -> bool {
        self.members_of(of_trait).any(|id| self.function(id).in_trait && self.function(id).name == name)
    }

    /// The crates a binary consists of: itself and the workspace libraries it uses. Other binaries are not.
    pub(crate) fn parts_of(&self, krate: CrateId) -> HashSet<CrateId> {
        let mut parts: HashSet<CrateId> = std::iter::once(krate).collect();
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
}
