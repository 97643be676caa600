//! What a binary's `main` and handler reach, and when it runs: init, once, or on every invocation.

use super::made::Made;
use crate::finding::Confidence;
use crate::model::source::{Phase, Platform, Site, Unfollowed};
use crate::source::flow::branch::may_be_passed;
use crate::source::names::crates::CrateId;
use crate::source::names::index::Index;
use crate::source::names::kinds::{FnId, StaticId, Type};
use crate::source::parse::ir::{Body, ExprId, Kind, LoopKind, Range};
use crate::source::types::infer::Context;
use crate::text::{Arena, Span};
use foldhash::{HashMap, HashMapExt, HashSet};

/// Regions of one binary; a workspace of a million lines stays below it.
const MAX_REGIONS: usize = 50_000;

/// A body that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Code {
    Fn(FnId),
    Static(StaticId),
}

crate::text::ids! {
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
    /// The function that a handler's closure hands the event to.
    pub(crate) delegate: Option<FnId>,
}

/// A handler as it was registered.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) platform: Platform,
    /// The runtime call or attribute.
    pub(crate) path: String,
    pub(crate) event: Type,
    pub(crate) response: Type,
    /// Whether it is a web server that something hands the events to.
    pub(crate) served: bool,
}

/// A call that was not followed.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) code: Code,
    pub(super) call: ExprId,
    pub(super) reason: Unfollowed,
    /// The functions it may lead to.
    pub(super) candidates: Vec<FnId>,
}

/// All regions of a binary, and the calls between them.
pub(crate) struct Reach<'p> {
    pub(crate) index: &'p Index<'p>,
    pub(crate) regions: Arena<RegionId, Region>,
    /// Calls of workspace functions: caller region, call, callee.
    pub(crate) calls: Vec<(RegionId, ExprId, FnId)>,
    /// Calls that may lead to functions of the workspace and were not followed.
    pub(super) missed: Vec<Missed>,
    pub(crate) entries: Vec<Entry>,
    /// The types that are made, and calls through traits that wait for them.
    pub(super) made: Made<(RegionId, ExprId)>,
    /// Whether something hands its events to the server that it starts.
    pub(super) served: bool,
    seen: HashMap<(Code, ExprId, Phase), RegionId>,
    by_code: HashMap<Code, Vec<RegionId>>,
    /// The crates the binary consists of.
    pub(super) parts: HashSet<CrateId>,
}

impl<'p> Reach<'p> {
    /// A binary of which nothing is entered yet.
    pub(super) fn empty(index: &'p Index<'p>, krate: CrateId, served: bool) -> Self {
        Self {
            served,
            index,
            regions: Arena::default(),
            calls: Vec::new(),
            missed: Vec::new(),
            entries: Vec::new(),
            made: Made::default(),
            seen: HashMap::new(),
            by_code: HashMap::new(),
            parts: index.parts_of(krate),
        }
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

    /// Whether a function is followed.
    pub(crate) fn follows(&self, id: FnId) -> bool {
        self.by_code.contains_key(&Code::Fn(id))
    }

    /// The functions that are followed.
    pub(super) fn followed(&self) -> impl Iterator<Item = FnId> + '_ {
        self.by_code.keys().filter_map(|code| match code {
            Code::Fn(id) => Some(*id),
            Code::Static(_) => None,
        })
    }

    /// Whether there is no room for further regions.
    pub(super) fn is_full(&self) -> bool {
        self.regions.len() >= MAX_REGIONS
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
        let at = self.regions.push(Region {
            code,
            root,
            phase,
            confidence,
            via,
            holes: Vec::new(),
            handler,
            delegate: None,
        });
        self.seen.insert((code, root, phase), at);
        self.by_code.entry(code).or_default().push(at);
        Some(at)
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
        let mut conditional = may_be_passed(body, id, region.root);
        let mut entered_at = None;
        let mut next = region.via;
        // The call one step further in, with the function it stands in.
        let mut inner: Option<(FnId, Span)> = None;
        let mut at_hand = region.code;
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
            let place = self.span(from.code, body_range(self.body(from.code), call));
            conditional |= may_be_passed(self.body(from.code), call, from.root);
            if from.handler {
                // A closure that only hands the event on is not where a reader looks.
                let handed_on = from.delegate.filter(|delegate| at_hand == Code::Fn(*delegate));
                entered_at = match handed_on {
                    Some(delegate) => inner.filter(|(of, _)| *of == delegate).map(|(_, place)| place),
                    None => Some(place),
                };
                break;
            }
            inner = if let Code::Fn(of) = from.code { Some((of, place)) } else { None };
            at_hand = from.code;
            next = from.via;
        }
        trail.reverse();
        // What a macro wrote is entered where the macro is called.
        entered_at = entered_at.or_else(|| self.expanded_at(region.code, id));
        Site {
            span: self.span(region.code, range),
            phase: region.phase,
            confidence: region.confidence,
            in_loop,
            conditional,
            trail,
            entered_at,
        }
    }

    /// The call of a macro that an expression came from.
    fn expanded_at(&self, code: Code, id: ExprId) -> Option<Span> {
        let mut expanded = self.body(code).expanded.iter();
        let (_, call) = expanded.find(|(made, _)| made.contains(&id))?;
        Some(self.span(code, *call))
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
