//! Types, lightly: where they are written, or follow from a known constructor.

use super::containers;
use crate::knowledge::{Meaning, Meanings};
use crate::source::names::index::Index;
use crate::source::names::kinds::{Def, FnId, Head, Named, Res, Type, TypeId};
use crate::source::parse::declared::{Function, TypeKind};
use crate::source::parse::ir::{Body, ExprId, Kind, Local, LocalId, Projection, Source, Ty};
use std::borrow::Cow;
use std::cell::Cell;
use std::sync::OnceLock;

/// Steps in a row that one question may take.
pub(crate) const MAX_STEPS: u32 = 48;
/// Parts of types that one question may look at: aliases of aliases multiply where each is named twice.
const MAX_PARTS: u32 = 512;
/// Expressions that one question may look at, each time it comes to them.
const MAX_ASKED: u32 = 1024;

/// What is left of a question: steps in a row, and looks altogether.
#[derive(Clone, Copy)]
pub(super) struct Steps<'q> {
    deep: u32,
    all: &'q Cell<u32>,
}

impl<'q> Steps<'q> {
    pub(super) fn of(all: &'q Cell<u32>) -> Self {
        Self { deep: MAX_STEPS, all }
    }

    /// One step further; none when the question has taken all it may.
    fn next(self) -> Option<Self> {
        let all = self.all.get().checked_sub(1)?;
        self.all.set(all);
        Some(Self { deep: self.deep.checked_sub(1)?, ..self })
    }
}

/// A body with the names its paths are resolved in.
#[derive(Clone, Copy)]
pub(crate) struct Context<'p> {
    pub(crate) index: &'p Index<'p>,
    pub(crate) def: &'p Def,
    pub(crate) function: Option<&'p Function>,
    /// The function, when its types are kept.
    pub(crate) id: Option<FnId>,
    pub(crate) body: &'p Body,
}

impl<'p> Context<'p> {
    /// The context of a function's body.
    pub(crate) fn of_fn(index: &'p Index<'p>, id: FnId) -> Self {
        let function = index.function(id);
        Self { index, def: index.def(id), function: Some(function), id: Some(id), body: &function.body }
    }

    /// What a path expression names; `Self` is the type of the `impl`.
    pub(crate) fn resolve(&self, path: &[String]) -> Res {
        self.whole(path).map_or(Res::None, |path| self.index.resolve(self.def.krate, &self.def.module, &path))
    }

    /// What a path names where a type stands.
    pub(crate) fn resolve_type(&self, path: &[String]) -> Res {
        self.whole(path).map_or(Res::None, |path| self.index.resolve_type(self.def.krate, &self.def.module, &path))
    }

    /// A path with `Self` replaced by the type of the `impl`.
    fn whole<'t>(&self, path: &'t [String]) -> Option<Cow<'t, [String]>> {
        if path.first().map(String::as_str) != Some("Self") {
            return Some(Cow::Borrowed(path));
        }
        match self.function.and_then(|function| function.self_ty.as_ref()) {
            Some(Ty::Path { path: own, .. }) => Some(own.iter().chain(&path[1..]).cloned().collect()),
            _ => None,
        }
    }

    /// What a path expression names. Collectors ask it of every call, so it is kept with the function.
    fn asked<T>(&self, id: ExprId, ask: impl FnOnce(&Named) -> Option<T>) -> Option<T> {
        let Kind::Path { path, .. } = self.body.kind(id) else { return None };
        let find = || match self.resolve(path) {
            Res::Outside(path) => {
                let path = path.join("::");
                let means = self.index.lexicon.of(&path);
                Named::Outside(path, means)
            }
            Res::Fn(id) => Named::Function(id),
            _ => Named::Else,
        };
        match self.id.and_then(|of| self.index.name_cell(of, id)) {
            Some(cell) => ask(cell.get_or_init(|| Box::new(find()))),
            None => ask(&find()),
        }
    }

    /// The canonical outside path an expression names, such as the callee of a call.
    pub(crate) fn outside(&self, id: ExprId) -> Option<String> {
        self.asked(id, |named| match named {
            Named::Outside(path, _) => Some(path.clone()),
            _ => None,
        })
    }

    /// What the outside path that an expression names means: the callee of a call.
    pub(crate) fn meaning(&self, id: ExprId) -> Meanings {
        let means = self.asked(id, |named| match named {
            Named::Outside(_, means) => Some(*means),
            _ => None,
        });
        means.unwrap_or_default()
    }

    /// Whether a call hands on its argument: a wrapper such as `Some`, or a constructor of a type that means something.
    pub(crate) fn hands_on(&self, callee: &str, of_type: Meaning) -> bool {
        let lexicon = self.index.lexicon;
        let means = lexicon.of(callee);
        means.has(Meaning::Wraps)
            || means.has(of_type)
            || callee.rsplit_once("::").is_some_and(|(owner, last)| {
                lexicon.method(last).has(Meaning::HandsOn) && lexicon.means(owner, of_type)
            })
    }

    /// The workspace function an expression names.
    pub(crate) fn workspace_fn(&self, id: ExprId) -> Option<FnId> {
        self.asked(id, |named| match named {
            Named::Function(id) => Some(*id),
            _ => None,
        })
    }

    /// A written type, resolved where it is written.
    pub(crate) fn lower(&self, ty: &Ty) -> Type {
        self.lower_at(ty, Steps::of(&Cell::new(MAX_PARTS)))
    }

    fn lower_at(&self, ty: &Ty, steps: Steps<'_>) -> Type {
        let Some(next) = steps.next() else { return Type::unknown() };
        match ty {
            Ty::Path { path, args } => {
                if let ([name], Some(function)) = (path.as_slice(), self.function)
                    && let Some(generic) = function.generics.iter().find(|generic| generic.name == *name)
                {
                    return self.bounds_at(&generic.bounds, next);
                }
                let args = args.iter().map(|arg| self.lower_at(arg, next)).collect();
                match self.resolve_type(path) {
                    Res::Type(id) => self.named(id, args, next),
                    Res::Outside(path) => Type { head: Head::Outside(path.join("::")), args },
                    _ => Type::unknown(),
                }
            }
            Ty::Tuple(items) => Type {
                head: Head::Outside("()".to_owned()),
                args: items.iter().map(|item| self.lower_at(item, next)).collect(),
            },
            Ty::Bounds(bounds) => self.bounds_at(bounds, next),
            Ty::Unknown => Type::unknown(),
        }
    }

    fn named(&self, id: TypeId, args: Vec<Type>, steps: Steps<'_>) -> Type {
        match &self.index.type_item(id).kind {
            TypeKind::Alias(target) => {
                let inner = Self { def: self.index.type_def(id), function: None, ..*self };
                let mut found = inner.lower_at(target, steps);
                // `type Result<T> = std::result::Result<T, Error>`: the alias's own arguments count.
                if found.head != Head::Unknown && !args.is_empty() {
                    found.args = args;
                }
                found
            }
            TypeKind::Trait(_) => Type { head: Head::Bounds(vec![id]), args },
            _ => Type { head: Head::Local(id), args },
        }
    }

    /// What bounds say of a type.
    pub(crate) fn bounds(&self, bounds: &[Ty]) -> Type {
        self.bounds_at(bounds, Steps::of(&Cell::new(MAX_PARTS)))
    }

    fn bounds_at(&self, bounds: &[Ty], steps: Steps<'_>) -> Type {
        let mut traits = Vec::new();
        for bound in bounds {
            let Ty::Path { path, args } = bound else {
                continue;
            };
            match self.resolve_type(path) {
                Res::Type(id) => traits.push(id),
                // `impl Future<Output = T>` and `impl Fn() -> T` lead to a `T`.
                Res::Outside(path) if self.index.lexicon.means(&path.join("::"), Meaning::LeadsTo) => {
                    if let [only] = args.as_slice() {
                        return self.lower_at(only, steps);
                    }
                }
                _ => {}
            }
        }
        if traits.is_empty() { Type::unknown() } else { Type { head: Head::Bounds(traits), args: Vec::new() } }
    }

    /// The type with smart pointers, `Result`, `Option`, locks and extractors taken off.
    pub(crate) fn peel(&self, ty: Type) -> Type {
        let mut ty = ty;
        for _ in 0..8 {
            let lexicon = self.index.lexicon;
            let held = ty.path().filter(|path| lexicon.means(path, Meaning::SeeThrough));
            let held = held.map(|path| lexicon.detail(path, |row| row.holds).unwrap_or(0));
            match held.or_else(|| self.around_client(&ty)).and_then(|at| ty.args.get(at)) {
                Some(inner) => ty = inner.clone(),
                None => break,
            }
        }
        ty
    }

    /// Which argument of an outside type that nobody described is a client: a cell or guard around it, most likely.
    fn around_client(&self, ty: &Type) -> Option<usize> {
        let lexicon = self.index.lexicon;
        let path = ty.path().filter(|path| path.contains("::") && lexicon.of(path).is_empty())?;
        let [only] = ty.args.as_slice() else { return None };
        let is_client = |held: &str| {
            lexicon.means(held, Meaning::Service)
                || lexicon.of(&format!("{held}::new")).any(&[
                    Meaning::SdkClient,
                    Meaning::HttpClient,
                    Meaning::Connection,
                ])
        };
        (!lexicon.means(path, Meaning::HoldsNothing) && only.path().is_some_and(is_client)).then_some(0)
    }

    /// The type of an expression, peeled; unknown if it does not follow from the text.
    pub(crate) fn type_of(&self, id: ExprId) -> Type {
        self.expr(id, Steps::of(&Cell::new(MAX_ASKED)))
    }

    pub(super) fn expr(&self, id: ExprId, steps: Steps<'_>) -> Type {
        let Some(next) = steps.next() else { return Type::unknown() };
        let cell = self.id.and_then(|of| self.index.type_cell(of, id));
        if let Some(known) = cell.and_then(OnceLock::get) {
            return Type::clone(known);
        }
        let found = self.infer(id, next);
        // What was cut short for want of steps may be known later, unless the question was about itself.
        let whole = steps.deep > MAX_STEPS / 2 && (steps.all.get() > 0 || steps.deep == MAX_STEPS);
        if let Some(cell) = cell.filter(|_| whole || found.head != Head::Unknown) {
            let _ = cell.set(Box::new(found.clone()));
        }
        found
    }

    fn infer(&self, id: ExprId, next: Steps<'_>) -> Type {
        let found = match self.body.kind(id) {
            Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) | Kind::Discard(inner) | Kind::Async(inner) => {
                self.expr(*inner, next)
            }
            Kind::Local(local) => self.local(*local, next),
            Kind::Path { path, .. } => match self.resolve(path) {
                Res::Static(id) => {
                    let context = Self { def: self.index.static_def(id), function: None, ..*self };
                    context.lower(&self.index.static_item(id).ty)
                }
                // The value of a unit struct.
                Res::Type(id) => Type { head: Head::Local(id), args: Vec::new() },
                _ => self.owner(path),
            },
            Kind::Struct { path, .. } => match self.lower(&Ty::Path { path: path.clone(), args: Vec::new() }) {
                Type { head: Head::Unknown, .. } => self.owner(path),
                found => found,
            },
            Kind::Tuple(items) => containers::tuple(items.iter().map(|&item| self.expr(item, next)).collect()),
            Kind::Array(items) => {
                containers::list(items.first().map_or_else(Type::unknown, |&first| self.expr(first, next)))
            }
            Kind::Macro { path, args, .. } if self.index.lexicon.macro_of(path).has(Meaning::List) => {
                containers::list(args.first().map_or_else(Type::unknown, |&first| self.expr(first, next)))
            }
            Kind::Index { base, index } => {
                let base = self.expr(*base, next);
                match self.body.kind(self.body.peeled(*index)) {
                    Kind::Range { .. } => base,
                    _ => containers::element(self.index.lexicon, &base).unwrap_or_else(Type::unknown),
                }
            }
            Kind::Field { base, name } => {
                let base = self.expr(*base, next);
                self.field(&base, name)
            }
            Kind::Call { callee, args } => self.call(*callee, args, next),
            Kind::Method { receiver, name, args, generic, .. } => {
                let receiver = self.expr(*receiver, next);
                self.chained(&receiver, name, args, generic.as_deref(), next)
                    .unwrap_or_else(|| self.method(&receiver, name))
            }
            Kind::Block { tail: Some(tail), .. } => self.expr(*tail, next),
            Kind::If { then, other, .. } => {
                let found = self.expr(*then, next);
                match (found.head == Head::Unknown, other) {
                    (true, Some(other)) => self.expr(*other, next),
                    _ => found,
                }
            }
            Kind::Match { arms, .. } => arms
                .iter()
                .take(4)
                .map(|arm| self.expr(arm.body, next))
                .find(|found| found.head != Head::Unknown)
                .unwrap_or_else(Type::unknown),
            _ => Type::unknown(),
        };
        self.peel(found)
    }

    /// The type of a binding, peeled.
    pub(crate) fn type_of_local(&self, id: LocalId) -> Type {
        self.peel(self.local(id, Steps::of(&Cell::new(MAX_ASKED))))
    }

    fn local(&self, id: LocalId, steps: Steps<'_>) -> Type {
        let local = &self.body.locals[id as usize];
        if let Some(declared) = &local.ty {
            let mut found = self.along(self.lower(declared), &local.way);
            // `let all: Vec<_> = …` leaves the elements to the initialiser.
            if found.args.iter().any(|arg| arg.head == Head::Unknown) {
                let made = self.of_source(local, steps);
                found = containers::completed(self.index.lexicon, found, made);
            }
            if found.head != Head::Unknown {
                return found;
            }
        }
        let found = self.of_source(local, steps);
        if local.ty.is_none() { self.along(found, &local.way) } else { found }
    }

    /// The part of a type that a pattern takes.
    fn along(&self, ty: Type, way: &[Projection]) -> Type {
        let mut at = ty;
        for step in way {
            at = match step {
                Projection::Payload(variant) => self.payload(&at, variant, "0"),
                Projection::Field(name) => {
                    let owner = self.peel(at);
                    self.field(&owner, name)
                }
                Projection::Index(index) if at.path() == Some("()") => {
                    at.args.get(*index).cloned().map_or_else(Type::unknown, |item| self.peel(item))
                }
                Projection::Index(_) => Type::unknown(),
            };
        }
        at
    }

    fn of_source(&self, local: &Local, steps: Steps<'_>) -> Type {
        match &local.source {
            Source::Receiver => match self.function.and_then(|function| function.self_ty.as_ref()) {
                Some(own) => self.lower(own),
                None => Type::unknown(),
            },
            Source::Init { init, projection } => self.along(self.expr(*init, steps), projection),
            Source::Item { iterable } => {
                let collection = self.expr(*iterable, steps);
                containers::item_of(self.index.lexicon, &collection).map_or_else(Type::unknown, |item| self.peel(item))
            }
            // The closure of an adapter takes what is in the list or option it is called on.
            Source::Closure { closure } => match self.body.parent_kind(*closure) {
                Some(Kind::Method { receiver, .. }) => {
                    let over = self.expr(*receiver, steps);
                    containers::item_of(self.index.lexicon, &over).map_or(over, |item| self.peel(item))
                }
                _ => Type::unknown(),
            },
            _ => Type::unknown(),
        }
    }

    /// The declared return type of a workspace function.
    pub(crate) fn returns(&self, id: FnId) -> Type {
        let context = Context::of_fn(self.index, id);
        context.peel(context.lower(&self.index.function(id).output))
    }

    fn call(&self, callee: ExprId, args: &[ExprId], steps: Steps<'_>) -> Type {
        let Kind::Path { path, .. } = self.body.kind(callee) else {
            return Type::unknown();
        };
        match self.resolve(path) {
            Res::Fn(id) => self.returns(id),
            Res::Outside(path) => {
                let whole = path.join("::");
                if let Some(known) = self.index.lexicon.detail(&whole, |row| row.returns.clone()) {
                    return Type::outside(known);
                }
                // `Arc::new(x)`, `Some(x)`, `Extension(x)`: what is inside counts.
                let last = path.last().map(String::as_str).unwrap_or_default();
                let owner = path.len().checked_sub(2).map(|at| path[at].as_str()).unwrap_or_default();
                if self.hands_on(&whole, Meaning::SeeThrough) {
                    return args.first().map_or_else(Type::unknown, |&arg| self.expr(arg, steps));
                }
                if self.index.lexicon.method(last).has(Meaning::Collects)
                    && let [of] = args
                {
                    let collection = Type::outside(path[..path.len() - 1].join("::"));
                    return containers::completed(self.index.lexicon, collection, self.expr(*of, steps));
                }
                if owner.starts_with(|c: char| c.is_ascii_uppercase())
                    && last.starts_with(|c: char| c.is_ascii_lowercase())
                {
                    let owner = path[..path.len() - 1].join("::");
                    return if last == "builder" {
                        Type::outside(format!("{owner}Builder"))
                    } else {
                        Type::outside(owner)
                    };
                }
                Type::unknown()
            }
            // A tuple struct's constructor.
            Res::Type(id) => Type { head: Head::Local(id), args: Vec::new() },
            _ => self.owner(path),
        }
    }

    /// The type that a path leads through although nothing of the workspace is called like its last part: a variant, or
    /// what a derive or macro wrote (`Task::default()`, `Row::from_row(…)`), which almost always makes one.
    fn owner(&self, path: &[String]) -> Type {
        let Some((_, owner)) = path.split_last().filter(|(_, owner)| !owner.is_empty()) else {
            return Type::unknown();
        };
        match self.lower(&Ty::Path { path: owner.to_vec(), args: Vec::new() }) {
            found @ Type { head: Head::Local(_), .. } => found,
            _ => Type::unknown(),
        }
    }

    /// What a method of a type returns.
    pub(crate) fn method(&self, receiver: &Type, name: &str) -> Type {
        match &receiver.head {
            Head::Local(id) => match self.index.methods(*id, name) {
                [] => match self.through_deref(receiver.clone(), name) {
                    inner if inner.head != receiver.head => self.method(&inner, name),
                    _ if self.index.lexicon.method(name).has(Meaning::Identity) => receiver.clone(),
                    _ => self.index.dispatched(name).first().map_or_else(Type::unknown, |&id| self.returns(id)),
                },
                [first, ..] => self.returns(*first),
            },
            Head::Bounds(traits) => {
                let found = traits.iter().find_map(|id| self.index.trait_methods(*id, name).first().copied());
                match found {
                    Some(id) => self.returns(id),
                    // `self.store.clone()` of an `Arc<dyn Store>`.
                    None if self.index.lexicon.method(name).has(Meaning::Identity) => receiver.clone(),
                    None => Type::unknown(),
                }
            }
            Head::Outside(path) => {
                let lexicon = self.index.lexicon;
                if let Some(extension) = self.index.extension(path, name) {
                    return self.returns(extension);
                }
                if lexicon.knows_name(name)
                    && let Some(known) = lexicon.detail(&format!("{path}::{name}"), |row| row.returns.clone())
                {
                    return Type::outside(known);
                }
                if let Some(found) = containers::method(lexicon, receiver, name) {
                    return self.peel(found);
                }
                if lexicon.method(name).has(Meaning::Identity) {
                    return receiver.clone();
                }
                let last = path.rsplit("::").next().unwrap_or(path);
                match last.strip_suffix("Builder") {
                    Some(_) if name == "build" => Type::outside(path.strip_suffix("Builder").unwrap_or(path)),
                    Some(_) => receiver.clone(),
                    None if lexicon.means(path, Meaning::Builder) => receiver.clone(),
                    None => Type::unknown(),
                }
            }
            Head::Unknown => Type::unknown(),
        }
    }
}
