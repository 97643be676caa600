//! Where a value comes from: back through bindings, parameters, fields and statics to what made it. Taint analysis
//! asks the same way back: a value is from the event if anything it is made of is.
//!
//! ```text
//! async fn main() { let app = App { db: Client::new() }; run(service_fn(|e| handle(e, &app))).await }
//! async fn handle(event: Event, app: &App) {
//!     let db = &app.db;
//!     let key = format!("order/{}", event.id);
//!     db.put(key).await
//! }
//!
//! origin of `db` in the last line             is `key` there from the event?
//!   db          a binding: what it was bound to  key        a binding: is what it was bound to?
//!   &app.db     a reference: what is behind it   format!(…) does it hold a binding that is? `event`
//!   app.db      a field: the only value that     event      a parameter: what the caller passes, in the region that
//!               any `App` is given for it                   led here (`via`)
//!   Client::new()  in `main`, of phase init      e          the parameter of the handler's closure: yes
//! ```
//!
//! Each step may leave the region, so that an origin is a pair of region and expression. A field that two struct
//! literals fill differently has no origin beyond itself; a parameter is followed to the caller that was met first.

use super::settings;
use crate::knowledge::Meaning;
use crate::model::Verdict;
use crate::model::source::{Operand, Phase};
use crate::source::names::kinds::{FnId, Head, Res, TypeId};
use crate::source::parse::ir::{ExprId, Kind, Lit, LocalId, Projection, Source};
use crate::source::reach::regions::{Code, Reach, RegionId};
use crate::source::types::infer::Context;
use foldhash::{HashMap, HashMapExt};
use std::cell::RefCell;
use std::collections::HashSet;

/// Hops one question may take.
const MAX_HOPS: u32 = 32;

/// Values one question may look into; each of them is looked at once.
const MAX_INGREDIENTS: usize = 64;

/// An expression of a region.
pub(crate) type At = (RegionId, ExprId);

/// Answers questions about values of one binary; struct literals are indexed once.
pub(crate) struct Tracer<'p> {
    pub(crate) reach: &'p Reach<'p>,
    /// Values given to each field of each workspace struct.
    fields: HashMap<(TypeId, String), Vec<At>>,
    /// Calls by callee.
    callers: HashMap<FnId, Vec<At>>,
    /// Structs that are filled from the environment.
    settings: HashMap<TypeId, settings::Style>,
    /// Bindings whose derivation from the event is known, or being found out; the second stops at remote calls.
    pub(super) taints: [RefCell<HashMap<(RegionId, LocalId), Verdict>>; 2],
    /// Functions that keep what they fetch, asked once for each.
    remembers: RefCell<HashMap<Code, bool>>,
}

impl<'p> Tracer<'p> {
    pub(crate) fn new(reach: &'p Reach<'p>) -> Self {
        let mut fields: HashMap<_, Vec<At>> = HashMap::new();
        let mut settings = HashMap::new();
        for region in reach.regions.ids() {
            let context = reach.context(reach.regions[region].code);
            for id in reach.expressions(region) {
                settings.extend(settings::deserialised(&context, id));
                if let Kind::Struct { fields: given, .. } = context.body.kind(id)
                    && let Head::Local(owner) = context.type_of(id).head
                {
                    for (name, value) in given {
                        fields.entry((owner, name.clone())).or_default().push((region, *value));
                    }
                }
            }
        }
        let mut callers: HashMap<FnId, Vec<At>> = HashMap::new();
        for &(region, call, callee) in &reach.calls {
            callers.entry(callee).or_default().push((region, call));
        }
        Self { reach, fields, callers, settings, taints: Default::default(), remembers: RefCell::default() }
    }

    pub(crate) fn context(&self, region: RegionId) -> Context<'p> {
        self.reach.context(self.reach.regions[region].code)
    }

    /// A place, and the calls that lead to it, inside out, up to the handler's own code.
    pub(crate) fn way_up(&self, at: At) -> impl Iterator<Item = At> {
        std::iter::successors(Some(at), |&(region, _)| {
            let here = &self.reach.regions[region];
            here.via.filter(|_| !here.handler)
        })
    }

    /// Whether the function of a region keeps what it fetches; `find` is asked once.
    pub(crate) fn remembers(&self, region: RegionId, find: impl FnOnce() -> bool) -> bool {
        let code = self.reach.regions[region].code;
        let known = self.remembers.borrow().get(&code).copied();
        known.unwrap_or_else(|| {
            let found = find();
            self.remembers.borrow_mut().insert(code, found);
            found
        })
    }

    /// Every call of a function, as far as they are followed.
    pub(crate) fn callers(&self, callee: FnId) -> &[At] {
        self.callers.get(&callee).map_or(&[], Vec::as_slice)
    }

    /// The expression that made a value, as far back as it can be followed.
    pub(crate) fn origin(&self, at: At) -> At {
        let mut at = at;
        for _ in 0..MAX_HOPS {
            match self.step(at) {
                Some(next) if next != at => at = next,
                _ => break,
            }
        }
        at
    }

    fn step(&self, (region, id): At) -> Option<At> {
        let context = self.context(region);
        match context.body.kind(id) {
            Kind::Wrap(inner) | Kind::Try(inner) | Kind::Await(inner) | Kind::Discard(inner) | Kind::Async(inner) => {
                Some((region, *inner))
            }
            Kind::Block { tail: Some(tail), .. } => Some((region, *tail)),
            // `match work { Ok(value) => value, Err(_) => return … }` is the value of `work`.
            Kind::Match { scrutinee, arms } => {
                let hands_on = |id: ExprId| match context.body.kind(id) {
                    Kind::Local(local) => {
                        let source = &context.body.locals[*local as usize].source;
                        matches!(source, Source::Init { init, .. } if init == scrutinee)
                    }
                    _ => false,
                };
                let tail = |body: ExprId| match context.body.kind(body) {
                    Kind::Block { tail: Some(tail), .. } => context.body.peeled(*tail),
                    _ => body,
                };
                arms.iter().any(|arm| hands_on(tail(arm.body))).then_some((region, *scrutinee))
            }
            Kind::Local(local) => self.local(region, *local),
            // What fills a cell is what made the value, not the empty cell.
            Kind::Method { receiver, name, args, .. } => {
                let means = self.reach.index.lexicon.method(name);
                match args.as_slice() {
                    &[filling] if means.has(Meaning::FillsCell) => Some(self.home((region, filling))),
                    _ => means.has(Meaning::Identity).then_some((region, *receiver)),
                }
            }
            Kind::Closure { body, .. } => Some(self.home((region, *body))),
            Kind::Call { callee, args } => {
                if let Some(callee) = context.workspace_fn(*callee) {
                    return self.result_of(callee, self.reach.regions[region].phase);
                }
                let path = context.outside(*callee)?;
                if context.hands_on(&path, Meaning::Shares) { args.first().map(|&arg| (region, arg)) } else { None }
            }
            Kind::Field { base, name } => self.field_value((region, *base), name),
            Kind::Path { path, .. } => match context.resolve(path) {
                Res::Static(id) => {
                    let region = *self.reach.regions_of(Code::Static(id)).first()?;
                    Some((region, 0))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The value a workspace function returns, if its body ends in one.
    pub(crate) fn result_of(&self, callee: FnId, phase: Phase) -> Option<At> {
        let of = Code::Fn(callee);
        let regions = self.reach.regions_of(of);
        let same = regions.iter().find(|&&region| self.reach.regions[region].phase == phase);
        let region = *same.or(regions.first())?;
        match self.reach.body(of).exprs.first().map(|root| &root.kind)? {
            Kind::Block { tail: Some(tail), .. } => Some(self.home((region, *tail))),
            _ => None,
        }
    }

    fn local(&self, region: RegionId, id: LocalId) -> Option<At> {
        let context = self.context(region);
        let local = &context.body.locals[id as usize];
        match &local.source {
            Source::Init { init, projection } => Some(self.projected(self.home((region, *init)), projection)),
            Source::Param(index) => self.argument(region, *index).map(|at| self.projected(at, &local.way)),
            _ => None,
        }
    }

    /// The part of a value that a pattern takes, as far as the value shows its parts; else the whole.
    fn projected(&self, at: At, projection: &[Projection]) -> At {
        let mut part = at;
        for step in projection {
            let found = match step {
                Projection::Payload(_) => continue,
                Projection::Index(index) => {
                    part = self.origin(part);
                    match self.context(part.0).body.kind(part.1) {
                        Kind::Tuple(items) => items.get(*index).map(|&item| (part.0, item)),
                        _ => None,
                    }
                }
                Projection::Field(name) => self.field_value(part, name),
            };
            match found {
                Some(found) => part = found,
                None => return at,
            }
        }
        part
    }

    /// The values a field of a struct is given.
    pub(crate) fn given(&self, owner: TypeId, name: &str) -> &[At] {
        self.fields.get(&(owner, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// The only value a field of a struct is ever given.
    fn field_value(&self, (region, base): At, name: &str) -> Option<At> {
        let context = self.context(region);
        let Head::Local(owner) = context.type_of(base).head else {
            return None;
        };
        match self.fields.get(&(owner, name.to_owned()))?.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// A closure sees bindings of the body around it; those belong to another region, often another phase.
    fn home(&self, (region, id): At) -> At {
        let here = &self.reach.regions[region];
        let body = self.reach.body(here.code);
        if body.subtree(here.root).contains(&id) {
            return (region, id);
        }
        let outer = self.reach.regions_of(here.code).iter().copied().find(|&other| {
            let other = &self.reach.regions[other];
            body.subtree(other.root).contains(&id) && !other.holes.iter().any(|hole| hole.contains(&id))
        });
        (outer.unwrap_or(region), id)
    }

    /// What the caller that leads here passes for a parameter.
    pub(crate) fn argument(&self, region: RegionId, index: usize) -> Option<At> {
        let here = &self.reach.regions[region];
        // The runtime calls a handler; where it is registered, nothing is passed to it.
        let (caller, call) = here.via.filter(|_| !here.handler)?;
        let context = self.context(caller);
        // The way here leads through the callee's path; the call is around it.
        let call = match context.body.kind(call) {
            Kind::Path { .. } => context.body.expr(call).parent,
            _ => call,
        };
        match context.body.exprs.get(call as usize).map(|expr| &expr.kind)? {
            Kind::Call { args, .. } | Kind::Method { args, .. } => args.get(index).map(|&arg| (caller, arg)),
            _ => None,
        }
    }

    /// What the method of a region is called on, by the caller that leads here.
    pub(super) fn receiver(&self, region: RegionId) -> Option<At> {
        let here = &self.reach.regions[region];
        let (caller, call) = here.via.filter(|_| !here.handler)?;
        match self.context(caller).body.kind(call) {
            Kind::Method { receiver, .. } => Some((caller, *receiver)),
            _ => None,
        }
    }

    /// The first thing a question finds in a value, or in what the names in it were bound to.
    pub(crate) fn ingredient<T>(&self, at: At, find: impl Fn(At) -> Option<T>) -> Option<T> {
        let mut seen = HashSet::from([at]);
        let mut open = vec![at];
        while let Some((region, root)) = open.pop() {
            let body = self.context(region).body;
            for id in body.subtree(root) {
                if let Some(found) = find((region, id)) {
                    return Some(found);
                }
                if matches!(body.kind(id), Kind::Local(_)) && seen.len() < MAX_INGREDIENTS {
                    let made = self.origin((region, id));
                    if seen.insert(made) {
                        open.push(made);
                    }
                }
            }
        }
        None
    }

    /// A value as text: literal, constant, or environment variable.
    pub(crate) fn operand(&self, at: At) -> (Operand, Option<At>) {
        let mut at = at;
        for _ in 0..MAX_HOPS {
            let context = self.context(at.0);
            match context.body.kind(at.1) {
                Kind::Lit(Lit::Str(text)) => return (Operand::Literal(text.clone()), Some(at)),
                Kind::Field { base, name } if !self.settings.is_empty() => {
                    if let Head::Local(owner) = context.type_of(*base).head
                        && let Some(style) = self.settings.get(&owner)
                        && let Some(key) = settings::key_of(context.index, owner, style, name)
                    {
                        return (Operand::Env(key), Some(at));
                    }
                }
                Kind::Macro { path, text: Some(text), args } if path.last().is_some_and(|name| name == "format") => {
                    return self.formatted(text, args, at);
                }
                Kind::Call { callee, args } => {
                    if let Some(path) = context.outside(*callee) {
                        let means = context.index.lexicon.of(&path);
                        if means.has(Meaning::ReadsEnv) {
                            return match args.first().map(|&arg| self.operand((at.0, arg))) {
                                Some((Operand::Literal(key), _)) => (Operand::Env(key), Some(at)),
                                _ => (Operand::Unknown, None),
                            };
                        }
                        if means.has(Meaning::TempDir) {
                            return (Operand::Literal("/tmp".to_owned()), Some(at));
                        }
                        // `String::from("x")`, `Path::new("x")`.
                        if let (true, Some(&arg)) = (means.has(Meaning::MakesText), args.first()) {
                            at = (at.0, arg);
                            continue;
                        }
                    }
                }
                Kind::Method { receiver, name, .. } if context.index.lexicon.method(name).has(Meaning::SameText) => {
                    at = (at.0, *receiver);
                    continue;
                }
                _ => {}
            }
            match self.step(at) {
                Some(next) if next != at => at = next,
                _ => break,
            }
        }
        (Operand::Unknown, None)
    }

    /// Whether a value is the name of the bucket that a record of the event tells of, as it stands there.
    pub(crate) fn is_bucket_of_record(&self, at: At) -> bool {
        let mut at = at;
        let mut named = false;
        for _ in 0..MAX_HOPS {
            let context = self.context(at.0);
            let lexicon = context.index.lexicon;
            at = match context.body.kind(at.1) {
                Kind::Field { name, .. } if named => return lexicon.field(name).has(Meaning::RecordBucket),
                Kind::Field { base, name } if name == "name" => {
                    named = true;
                    (at.0, *base)
                }
                Kind::Method { receiver, name, .. } if lexicon.method(name).has(Meaning::SameText) => (at.0, *receiver),
                _ => match self.step(at) {
                    Some(next) if next != at => next,
                    _ => return false,
                },
            };
        }
        false
    }

    /// `format!("https://…/{x}")` has a literal prefix; `format!("{base}/x")` begins with a value.
    fn formatted(&self, text: &str, args: &[ExprId], at: At) -> (Operand, Option<At>) {
        let prefix: String = text.split('{').next().unwrap_or_default().to_owned();
        if !prefix.is_empty() {
            return (Operand::Literal(prefix), Some(at));
        }
        let first = args.iter().copied().find(|&arg| !matches!(self.context(at.0).body.kind(arg), Kind::Lit(_)));
        match first {
            Some(first) if self.context(at.0).body.expr(first).parent == at.1 => self.operand((at.0, first)),
            _ => (Operand::Unknown, None),
        }
    }
}
