//! The walk from `main` and the handlers: which regions each expression leads to. It is the call graph, cut by phase.
//!
//! ```text
//! static NAME: LazyLock<String> = LazyLock::new(|| read("NAME"));
//! async fn main() { let db = connect().await; run(service_fn(|event| handle(event, &db))).await }
//! async fn handle(event: Event, db: &Db) { db.put(&NAME, event).await }
//!
//!      region                    phase    found because
//!   1  main                      init     the program begins there; `|event| …` is a hole in it, as it runs later
//!   2  |event| handle(…)         invoke   `run` starts a runtime: what it is given is the handler. Looked for first,
//! in                                         all of `main`, so that the closure is a hole before anything in it is met
//!   3  connect                   init     region 1 names it
//!   4  handle                    invoke   region 2 names it
//!   5  NAME                      once     region 4 names it; `|| read(…)` is a hole in it
//!   6  || read("NAME")           once     `LazyLock::new` runs what it is given at most once
//!   7  read                      once     region 6 names it
//! ```
//!
//! Each region remembers the expression that led to it (`via`); a finding's trail is that way backwards: `handle` was
//! entered from the closure, and there the handler's own code begins. Had `main` called `read` as well, `read` would be
//! two regions, one for each phase; a region is a body, a root in it and a phase, and is walked once however often it
//! is met.

use super::regions::{Code, Reach, RegionId};
use super::{elsewhere, handlers};
use crate::finding::Confidence;
use crate::knowledge::Meaning;
use crate::model::source::Phase;
use crate::source::names::crates::CrateId;
use crate::source::names::index::Index;
use crate::source::names::kinds::{FnId, Head, Res};
use crate::source::parse::ir::{ExprId, Generic, Kind, Ty};
use crate::source::types::infer::Context;
use crate::text::Id;

impl<'p> Reach<'p> {
    /// Follows everything from `main` and from functions that attributes make handlers; of a binary that is `served`,
    /// the server that it starts is the handler.
    pub(crate) fn of_binary(index: &'p Index<'p>, krate: CrateId, served: bool) -> Self {
        let mut reach = Self::empty(index, krate, served);
        let own: Vec<FnId> = index.functions_of(krate).collect();
        // A `cfg` may choose between several.
        let mut mains: Vec<FnId> = own.iter().copied().filter(|&id| index.is_main(id)).collect();
        if mains.is_empty() {
            mains.extend(handlers::made_main(index, &own));
        }
        for &main in mains.iter().filter(|&&main| handlers::by_attribute(index, main).is_none()) {
            reach.enter(Code::Fn(main), 0, Phase::Init, Confidence::High, None, false);
        }
        for id in own {
            if let Some(entry) = handlers::by_attribute(index, id) {
                reach.enter(Code::Fn(id), 0, Phase::Invoke, Confidence::High, None, true);
                reach.entries.push(entry);
            }
        }
        let mut walked = 0;
        // Walking finds further regions, and types whose methods calls through traits lead to.
        while walked < reach.regions.len() || reach.resume() {
            if walked < reach.regions.len() {
                reach.walk(RegionId::at(walked));
                walked += 1;
            }
        }
        if mains.is_empty() && reach.entries.is_empty() {
            reach.entries.extend(index.root_macro(krate).map(|(span, path)| handlers::opaque(index, span, &path)));
        }
        reach
    }

    fn walk(&mut self, at: RegionId) {
        let region = self.regions[at].clone();
        let body = self.body(region.code);
        let context = self.context(region.code);
        let mut id = region.root;
        let end = body.expr(region.root).end;
        if region.phase == Phase::Init {
            for branch in (id..end).filter_map(|id| elsewhere::branch(&context, id)) {
                self.carve(at, branch);
            }
        }
        // Handlers first: what is handed to the runtime is bound above the call that starts it.
        if region.phase == Phase::Init {
            let dead = self.regions[at].holes.clone();
            for call in (id..end).filter(|call| !dead.iter().any(|hole| hole.contains(call))) {
                self.register_entry(at, &context, call);
            }
        }
        while id < end {
            if let Some(hole) = self.regions[at].holes.iter().find(|hole| hole.contains(&id)) {
                id = hole.end;
                continue;
            }
            self.visit(at, &context, id);
            id += 1;
        }
    }

    fn register_entry(&mut self, at: RegionId, context: &Context<'p>, id: ExprId) {
        let (path, args) = match context.body.kind(id) {
            Kind::Call { callee, args } => match context.outside(*callee) {
                Some(path) => (path, args),
                None => return,
            },
            // `lambda!(handler)` of the first releases of the runtime.
            Kind::Macro { path, args, .. } if self.index.lexicon.macro_of(path).has(Meaning::EntryPoint) => {
                (path.join("::"), args)
            }
            Kind::Method { receiver, name, args, .. }
                if self.served && self.index.lexicon.method(name).has(Meaning::StartsServer) =>
            {
                let of = context.type_of(*receiver);
                let path = of.path().map_or_else(|| name.clone(), |path| format!("{path}::{name}"));
                handlers::register_server(self, at, context, (&path, id), args);
                return;
            }
            _ => return,
        };
        let means = self.index.lexicon.of(&path);
        if self.served && means.has(Meaning::StartsServer) {
            handlers::register_server(self, at, context, (&path, id), args);
        } else if means.has(Meaning::EntryPoint) {
            handlers::register(self, at, context, &path, args);
        } else if means.has(Meaning::BesideInvocations) {
            // Extensions and shutdown hooks run beside invocations, not in them and not before them.
            args.iter().for_each(|&arg| self.carve(at, arg));
        } else if !means.has(Meaning::RegistersRoute) {
            handlers::register_wrapper(self, at, &path, args);
        }
    }

    fn visit(&mut self, at: RegionId, context: &Context<'p>, id: ExprId) {
        let (phase, confidence) = (self.regions[at].phase, self.regions[at].confidence);
        self.note_made(context, id);
        match context.body.kind(id) {
            Kind::Call { callee, args } => {
                if let Some(path) = context.outside(*callee) {
                    let means = self.index.lexicon.of(&path);
                    if means.has(Meaning::Once) {
                        self.defer(at, args);
                    } else if means.has(Meaning::RegistersRoute) {
                        handlers::register_routes(self, at, context, args, true);
                    }
                } else if let Some(callee) = context.workspace_fn(*callee) {
                    self.calls.push((at, id, callee));
                }
            }
            Kind::Method { receiver, name, args, .. } => {
                let means = self.index.lexicon.method(name);
                if means.has(Meaning::Once) {
                    self.defer(at, args);
                }
                let closures = means.has(Meaning::RegistersRoute);
                if closures || means.has(Meaning::RegistersRouteFn) {
                    handlers::register_routes(self, at, context, args, closures);
                }
                let receiver = context.receiver(*receiver, name);
                if let Head::Outside(path) = &receiver.head
                    && self.index.lexicon.knows_name(name)
                    && self.index.lexicon.means(&format!("{path}::{name}"), Meaning::RegistersRoute)
                {
                    handlers::register_routes(self, at, context, args, true);
                }
                let mut through_trait = false;
                let (callees, sure) = match &receiver.head {
                    Head::Local(owner) => match self.index.methods(*owner, name) {
                        // A derive, a macro or a blanket `impl` gives it the method: one of the traits' own.
                        [] => (self.index.dispatched(name).to_vec(), Confidence::Medium),
                        own => (own.to_vec(), Confidence::High),
                    },
                    Head::Bounds(traits) => {
                        through_trait = true;
                        let all: Vec<FnId> =
                            traits.iter().flat_map(|&of_trait| self.index.trait_methods(of_trait, name)).collect();
                        let sure = if all.len() > 1 { Confidence::Medium } else { Confidence::High };
                        (all, sure)
                    }
                    Head::Outside(path) if let Some(own) = self.index.extension(path, name) => {
                        (vec![own], Confidence::High)
                    }
                    // A generic parameter that nothing bounds says as little as no type.
                    Head::Outside(path) if !is_parameter(path) => (Vec::new(), Confidence::High),
                    // Without a type, a name that only one method has is followed, with less confidence.
                    Head::Unknown | Head::Outside(_) if !means.has(Meaning::CommonName) => {
                        (self.index.only_method(name, &self.parts).into_iter().collect(), Confidence::Medium)
                    }
                    Head::Unknown | Head::Outside(_) => (Vec::new(), Confidence::High),
                };
                let mut found = false;
                for callee in callees {
                    // Another binary may implement the same trait.
                    if !self.is_part(callee) {
                        continue;
                    }
                    found = true;
                    if through_trait {
                        self.dispatch((at, id), callee, confidence.min(sure));
                        continue;
                    }
                    self.calls.push((at, id, callee));
                    if self.enter(Code::Fn(callee), 0, phase, confidence.min(sure), Some((at, id)), false).is_none() {
                        self.miss_for_room(at, id, callee);
                    }
                }
                if !found {
                    self.miss_method(at, id, &receiver, name, means.has(Meaning::CommonName));
                }
            }
            Kind::Path { path, .. } => match context.resolve(path) {
                Res::Fn(callee) => {
                    let sure = if self.index.function(callee).in_trait { Confidence::Medium } else { Confidence::High };
                    if self.enter(Code::Fn(callee), 0, phase, confidence.min(sure), Some((at, id)), false).is_none() {
                        self.miss_for_room(at, id, callee);
                    }
                }
                Res::Static(id_of) => {
                    self.enter(Code::Static(id_of), 0, Phase::Once, confidence, Some((at, id)), false);
                }
                found => self.of_trait(at, context, id, path, &found),
            },
            _ => {}
        }
    }

    /// `T::load(…)` of a bounded parameter, `Store::load(…)` of a trait with several implementations: any of them.
    fn of_trait(&mut self, at: RegionId, context: &Context<'p>, id: ExprId, path: &[String], found: &Res) {
        let Some((name, owner)) = path.split_last().filter(|(_, owner)| !owner.is_empty()) else { return };
        let bounded = |generics: &[Generic]| generics.iter().any(|generic| generic.name == owner[0]);
        let of_parameter = owner.len() == 1 && context.function.is_some_and(|function| bounded(&function.generics));
        if !(of_parameter || *found == Res::None) {
            return;
        }
        let Head::Bounds(traits) = context.lower(&Ty::Path { path: owner.to_vec(), args: Vec::new() }).head else {
            if *found == Res::None
                && matches!(context.body.parent_kind(id), Some(Kind::Call { callee, .. }) if *callee == id)
            {
                self.miss_path(at, id, context, path);
            }
            return;
        };
        let confidence = self.regions[at].confidence.min(Confidence::Medium);
        let called = match context.body.parent_kind(id) {
            Some(Kind::Call { callee, .. }) if *callee == id => context.body.expr(id).parent,
            _ => id,
        };
        for callee in traits.iter().flat_map(|&of_trait| self.index.trait_methods(of_trait, name)) {
            if self.is_part(callee) {
                self.dispatch((at, called), callee, confidence);
            }
        }
    }

    /// Arguments whose code runs at most once.
    fn defer(&mut self, at: RegionId, args: &[ExprId]) {
        let (code, confidence) = (self.regions[at].code, self.regions[at].confidence);
        let body = self.body(code);
        for &arg in args {
            self.regions[at].holes.push(body.subtree(arg));
            self.enter(code, arg, Phase::Once, confidence, Some((at, arg)), false);
        }
    }
}

/// Whether a type is written like a generic parameter: `T`, `K2`.
pub(super) fn is_parameter(path: &str) -> bool {
    path.len() <= 2 && path.starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Id, Reach, RegionId};
    use crate::knowledge::lexicon;
    use crate::model::Project;
    use crate::model::crates::TargetId;
    use crate::source::names::{index::Index, modules};
    use crate::tree::Memory;

    #[test]
    fn the_example_above_holds() {
        let code = "use std::sync::LazyLock;
            static NAME: LazyLock<String> = LazyLock::new(|| read(\"NAME\"));
            async fn main() { let db = connect().await; lambda_runtime::run(service_fn(|event| handle(event, \
            &db))).await }
            async fn handle(event: Event, db: &Db) { db.put(&NAME, event).await }
            async fn connect() -> Db { Db }
            fn read(key: &str) -> String { key.to_owned() }";
        let manifest = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nlambda_runtime = \"1\"\n";
        let files = [("Cargo.toml", manifest), ("src/main.rs", code)];
        let tree = Memory::new(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
        let mut project = Project::default();
        crate::crates::read(&tree, &mut project);
        let crates = modules::load(&tree, &[TargetId::at(0)], lexicon(), None, &mut project);
        let index = Index::new(&crates, lexicon(), &[]);
        let reach = Reach::of_binary(&index, crates.of(TargetId::at(0)).expect("the binary is read"), false);
        let shown = |id: RegionId| {
            let region = &reach.regions[id];
            let part = if region.root == 0 { "" } else { " closure" };
            let via = region.via.map(|(from, _)| from.position() + 1);
            (format!("{}{part}", reach.name(region.code)), region.phase.as_str(), via)
        };
        let found: Vec<_> = reach.regions.ids().map(shown).collect();
        let found: Vec<_> = found.iter().map(|(name, phase, via)| (name.as_str(), *phase, *via)).collect();
        assert_eq!(
            found,
            [
                ("main", "init", None),
                ("main closure", "invoke", Some(1)),
                ("connect", "init", Some(1)),
                ("handle", "invoke", Some(2)),
                ("NAME", "once", Some(4)),
                ("NAME closure", "once", Some(5)),
                ("read", "once", Some(6)),
            ]
        );
    }
}
