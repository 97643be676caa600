//! What a binary's `main` and handler reach, and when it runs: init, once, or on every invocation.

use super::handlers;
use super::handlers::Entry;
use crate::finding::Confidence;
use crate::model::source::{Phase, Site};
use crate::source::names::index::{FnId, Index, Res, StaticId};
use crate::source::names::modules::CrateId;
use crate::source::parse::ir::{Body, ExprId, Kind, LoopKind, Range};
use crate::source::types::infer::{Context, Head};
use crate::text::{Arena, Span};
use std::collections::{HashMap, HashSet};

/// Regions of one binary; a workspace of a million lines stays below it.
const MAX_REGIONS: usize = 50_000;

/// A body that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Code {
    Fn(FnId),
    Static(StaticId),
}

crate::text::id! {
    /// A region of one binary.
    pub(crate) struct RegionId;
}

/// A part of a body that runs in one phase.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    pub(crate) code: Code,
    /// The subtree that runs.
    pub(crate) root: ExprId,
    pub(crate) phase: Phase,
    pub(crate) confidence: Confidence,
    /// The region and expression that lead here.
    pub(crate) via: Option<(RegionId, ExprId)>,
    /// Subtrees that run in another phase.
    pub(crate) holes: Vec<std::ops::Range<ExprId>>,
    /// Whether the runtime calls it with the event.
    pub(crate) handler: bool,
}

/// All regions of a binary, and the calls between them.
pub(crate) struct Reach<'p> {
    pub(crate) index: &'p Index<'p>,
    pub(crate) regions: Arena<RegionId, Region>,
    /// Calls of workspace functions: caller region, call, callee.
    pub(crate) calls: Vec<(RegionId, ExprId, FnId)>,
    pub(crate) entries: Vec<Entry>,
    seen: HashMap<(Code, ExprId, Phase), RegionId>,
    by_code: HashMap<Code, Vec<RegionId>>,
    /// The crates the binary consists of.
    parts: HashSet<CrateId>,
}

impl<'p> Reach<'p> {
    /// Follows everything from `main` and from functions that attributes make handlers.
    pub(crate) fn of_binary(index: &'p Index<'p>, krate: CrateId) -> Self {
        let mut reach = Self {
            index,
            regions: Arena::default(),
            calls: Vec::new(),
            entries: Vec::new(),
            seen: HashMap::new(),
            by_code: HashMap::new(),
            parts: index.parts_of(krate),
        };
        let main = index.root_fn(krate, "main");
        if let Some(main) = main.filter(|&main| handlers::by_attribute(index, main).is_none()) {
            reach.enter(Code::Fn(main), 0, Phase::Init, Confidence::High, None, false);
        }
        for id in index.functions_of(krate) {
            if let Some(entry) = handlers::by_attribute(index, id) {
                reach.enter(Code::Fn(id), 0, Phase::Invoke, Confidence::High, None, true);
                reach.entries.push(entry);
            }
        }
        let mut walked = 0;
        while let Some(next) = reach.regions.ids().nth(walked) {
            reach.walk(next);
            walked += 1;
        }
        if main.is_none() && reach.entries.is_empty() {
            reach.entries.extend(index.root_macro(krate).map(|(span, path)| handlers::opaque(span, &path)));
        }
        reach
    }

    /// The body a region lies in.
    pub(crate) fn body(&self, code: Code) -> &'p Body {
        match code {
            Code::Fn(id) => &self.index.function(id).body,
            Code::Static(id) => &self.index.static_item(id).body,
        }
    }

    /// The regions of a body, in the order they were found.
    pub(crate) fn regions_of(&self, code: Code) -> &[RegionId] {
        self.by_code.get(&code).map_or(&[], Vec::as_slice)
    }

    /// The names a region's paths are resolved in.
    pub(crate) fn context(&self, code: Code) -> Context<'p> {
        match code {
            Code::Fn(id) => Context::of_fn(self.index, id),
            Code::Static(id) => Context {
                index: self.index,
                def: self.index.static_def(id),
                function: None,
                id: None,
                body: &self.index.static_item(id).body,
            },
        }
    }

    /// The expressions that run with a region.
    pub(crate) fn expressions(&self, region: RegionId) -> impl Iterator<Item = ExprId> + '_ {
        let region = &self.regions[region];
        let body = self.body(region.code);
        let range = if body.exprs.is_empty() { 0..0 } else { body.subtree(region.root) };
        range.filter(move |id| !region.holes.iter().any(|hole| hole.contains(id)))
    }

    pub(crate) fn enter(
        &mut self,
        code: Code,
        root: ExprId,
        phase: Phase,
        confidence: Confidence,
        via: Option<(RegionId, ExprId)>,
        handler: bool,
    ) -> Option<RegionId> {
        if let Some(&known) = self.seen.get(&(code, root, phase)) {
            let region = &mut self.regions[known];
            region.confidence = region.confidence.max(confidence);
            region.handler |= handler;
            return Some(known);
        }
        if self.regions.len() >= MAX_REGIONS || self.body(code).exprs.is_empty() {
            return None;
        }
        let at = self.regions.push(Region { code, root, phase, confidence, via, holes: Vec::new(), handler });
        self.seen.insert((code, root, phase), at);
        self.by_code.entry(code).or_default().push(at);
        Some(at)
    }

    fn walk(&mut self, at: RegionId) {
        let region = self.regions[at].clone();
        let body = self.body(region.code);
        let context = self.context(region.code);
        let mut id = region.root;
        let end = body.expr(region.root).end;
        // Handlers first: what is handed to the runtime is bound above the call that starts it.
        if region.phase == Phase::Init {
            for call in id..end {
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
            Kind::Macro { path, args, .. } if path.last().is_some_and(|name| name == "lambda") => {
                (path.join("::"), args)
            }
            _ => return,
        };
        if self.index.apis.entry_points.contains(&path) {
            handlers::register(self, at, context, &path, args);
        } else if self.index.apis.other_runtimes.iter().any(|prefix| path.starts_with(prefix.as_str())) {
            // Extensions and shutdown hooks run beside invocations, not in them and not before them.
            args.iter().for_each(|&arg| self.carve(at, arg));
        } else if !handlers::registers_route(&path) {
            handlers::register_wrapper(self, at, &path, args);
        }
    }

    fn visit(&mut self, at: RegionId, context: &Context<'p>, id: ExprId) {
        let (phase, confidence) = (self.regions[at].phase, self.regions[at].confidence);
        match context.body.kind(id) {
            Kind::Call { callee, args } => {
                if let Some(path) = context.outside(*callee) {
                    if self.index.apis.once.iter().any(|once| matches_path(once, &path)) {
                        self.defer(at, args);
                    } else if handlers::registers_route(&path) {
                        handlers::register_routes(self, at, context, args, true);
                    }
                } else if let Some(callee) = context.workspace_fn(*callee) {
                    self.calls.push((at, id, callee));
                }
            }
            Kind::Method { receiver, name, args, .. } => {
                if self.index.apis.once.iter().any(|once| once == name) {
                    self.defer(at, args);
                }
                if handlers::registers_route_method(name) {
                    // `list.any(|item| …)` and `map.get(…)` are no routers.
                    let closures = !matches!(name.as_str(), "any" | "head" | "options" | "service");
                    handlers::register_routes(self, at, context, args, closures);
                }
                let receiver = context.receiver(*receiver, name);
                let (callees, sure) = match &receiver.head {
                    Head::Local(owner) => (self.index.methods(*owner, name).to_vec(), Confidence::High),
                    Head::Bounds(traits) => {
                        let all: Vec<FnId> =
                            traits.iter().flat_map(|&of_trait| self.index.trait_methods(of_trait, name)).collect();
                        let sure = if all.len() > 1 { Confidence::Medium } else { Confidence::High };
                        (all, sure)
                    }
                    // A generic parameter that nothing bounds says as little as no type.
                    Head::Outside(path) if !is_parameter(path) => (Vec::new(), Confidence::High),
                    // Without a type, a name that only one method has is followed, with less confidence.
                    Head::Unknown | Head::Outside(_) if is_telling(name) => {
                        (self.index.only_method(name, &self.parts).into_iter().collect(), Confidence::Medium)
                    }
                    Head::Unknown | Head::Outside(_) => (Vec::new(), Confidence::High),
                };
                for callee in callees {
                    // Another binary may implement the same trait.
                    if !self.parts.contains(&self.index.def(callee).krate) {
                        continue;
                    }
                    self.calls.push((at, id, callee));
                    self.enter(Code::Fn(callee), 0, phase, confidence.min(sure), Some((at, id)), false);
                }
            }
            Kind::Path { path, .. } => match context.resolve(path) {
                Res::Fn(callee) => {
                    let sure = if self.index.function(callee).in_trait { Confidence::Medium } else { Confidence::High };
                    self.enter(Code::Fn(callee), 0, phase, confidence.min(sure), Some((at, id)), false);
                }
                Res::Static(id_of) => {
                    self.enter(Code::Static(id_of), 0, Phase::Once, confidence, Some((at, id)), false);
                }
                _ => {}
            },
            _ => {}
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

    /// Takes a subtree out of a region, because it runs at another time.
    pub(crate) fn carve(&mut self, at: RegionId, root: ExprId) {
        let hole = self.body(self.regions[at].code).subtree(root);
        self.regions[at].holes.push(hole);
    }

    /// The place of an expression as a fact shows it.
    pub(crate) fn site(&self, at: RegionId, id: ExprId, range: Range) -> Site {
        let region = &self.regions[at];
        let context = self.context(region.code);
        let body = context.body;
        let mut in_loop = false;
        for ancestor in body.ancestors(id) {
            if let Kind::Loop { kind, head, .. } = body.kind(ancestor) {
                let in_head = *kind != LoopKind::While && head.is_some_and(|head| body.subtree(head).contains(&id));
                in_loop |= !in_head;
            }
            if ancestor == region.root {
                break;
            }
        }
        let mut trail = vec![self.name(region.code)];
        let mut entered_at = None;
        let mut next = region.via;
        for _ in 0..64 {
            let Some((caller, call)) = next else { break };
            let from = &self.regions[caller];
            if from.phase != region.phase && region.phase == Phase::Invoke {
                break;
            }
            let name = self.name(from.code);
            if trail.last() != Some(&name) {
                trail.push(name);
            }
            if from.handler {
                entered_at = Some(self.span(from.code, body_range(self.body(from.code), call)));
                break;
            }
            next = from.via;
        }
        trail.reverse();
        Site {
            span: self.span(region.code, range),
            phase: region.phase,
            confidence: region.confidence,
            in_loop,
            trail,
            entered_at,
        }
    }

    /// The span of a range in the file of a body.
    pub(crate) fn span(&self, code: Code, range: Range) -> Span {
        let def = match code {
            Code::Fn(id) => self.index.def(id),
            Code::Static(id) => self.index.static_def(id),
        };
        self.index.span(def, range)
    }

    /// The name a body is known by.
    pub(crate) fn name(&self, code: Code) -> String {
        match code {
            Code::Fn(id) => {
                let function = self.index.function(id);
                match &function.self_ty {
                    Some(crate::source::parse::ir::Ty::Path { path, .. }) => {
                        format!("{}::{}", path.last().map(String::as_str).unwrap_or_default(), function.name)
                    }
                    _ => function.name.clone(),
                }
            }
            Code::Static(id) => self.index.static_item(id).name.clone(),
        }
    }
}

fn body_range(body: &Body, id: ExprId) -> Range {
    body.expr(id).span
}

/// Whether a canonical path is, or ends with, a known `Type::function`.
pub(crate) fn matches_path(known: &str, path: &str) -> bool {
    path == known || path.strip_suffix(known).is_some_and(|rest| rest.ends_with("::"))
}

/// Whether a type is written like a generic parameter: `T`, `K2`.
fn is_parameter(path: &str) -> bool {
    path.len() <= 2 && path.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Names too common to tell a workspace method from one of the standard library.
fn is_telling(name: &str) -> bool {
    !matches!(
        name,
        "new"
            | "get"
            | "set"
            | "insert"
            | "remove"
            | "push"
            | "pop"
            | "len"
            | "clear"
            | "contains"
            | "iter"
            | "next"
            | "map"
            | "filter"
            | "into_iter"
            | "collect"
            | "clone"
            | "send"
            | "recv"
            | "await"
            | "poll"
            | "read"
            | "write"
            | "lock"
            | "fmt"
            | "from"
            | "into"
            | "as_ref"
            | "as_str"
            | "to_string"
            | "parse"
            | "build"
            | "call"
            | "execute"
            | "run"
            | "start"
            | "stop"
            | "close"
            | "open"
            | "name"
            | "id"
            | "key"
            | "value"
            | "body"
            | "status"
            | "headers"
            | "json"
            | "text"
            | "bytes"
            | "default"
            | "eq"
            | "cmp"
            | "hash"
            | "drop"
            | "extend"
            | "append"
            | "find"
            | "sort"
            | "join"
            | "split"
            | "trim"
            | "take"
            | "and_then"
            | "or_else"
    )
}
