//! Which expressions talk to something outside the process, directly or through workspace functions.

use super::requests::{operation, request};
use super::trace::{At, Tracer};
use crate::knowledge::{Meaning, Role, platforms};
use crate::model::source::Operand;
use crate::source::names::kinds::FnId;
use crate::source::parse::ir::{Body, ExprId, Kind, Source};
use crate::source::reach::regions::Code;
use crate::source::types::infer::Context;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::collections::BTreeSet;

/// What a remote call does to what it talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// Only looks.
    Read,
    /// Changes something.
    Write,
}

impl Effect {
    fn of(reads: bool) -> Self {
        if reads { Self::Read } else { Self::Write }
    }
}

/// Remote work of one binary.
pub(crate) struct Remote {
    /// The calls themselves.
    direct: HashMap<At, Effect>,
    /// Those that go to something on the same host, which answers or fails at once.
    beside: HashSet<At>,
    /// Workspace functions that lead to one.
    functions: HashMap<FnId, Effect>,
    /// Workspace functions that wait for something that is not in the workspace.
    waits: HashSet<FnId>,
    /// Workspace functions an expression calls.
    callees: HashMap<At, Vec<FnId>>,
}

impl Remote {
    /// From the calls themselves up through their callers.
    pub(crate) fn new(tracer: &Tracer<'_>) -> Self {
        let reach = tracer.reach;
        let mut direct = HashMap::new();
        for region in reach.regions.ids() {
            let context = tracer.context(region);
            let found = reach.expressions(region).filter_map(|id| Some(((region, id), effect(&context, id)?)));
            direct.extend(found);
        }
        let beside: HashSet<At> = direct.keys().copied().filter(|&at| is_same_host(tracer, at)).collect();
        let mut functions: HashMap<FnId, Effect> = HashMap::new();
        let mut raise = |code: Code, effect: Effect| match code {
            Code::Fn(id) => {
                let known = functions.get(&id).copied();
                functions.insert(id, known.map_or(effect, |known| known.max(effect)));
                known.is_none_or(|known| known < effect).then_some((id, effect))
            }
            Code::Static(_) => None,
        };
        let mut open: Vec<(FnId, Effect)> = away(&direct, &beside)
            .filter_map(|((region, _), effect)| raise(reach.regions[region].code, effect))
            .collect();
        // Each function is raised at most twice, so this ends.
        while let Some((callee, effect)) = open.pop() {
            for &(caller, _) in tracer.callers(callee) {
                open.extend(raise(reach.regions[caller].code, effect));
            }
        }
        let mut callees: HashMap<At, Vec<FnId>> = HashMap::new();
        for &(region, call, callee) in &reach.calls {
            callees.entry((region, call)).or_default().push(callee);
        }
        let mut remote = Self { direct, beside, functions, waits: HashSet::new(), callees };
        remote.find_waits(tracer);
        remote
    }

    /// Finds the functions that wait for something outside, up through their callers.
    fn find_waits(&mut self, tracer: &Tracer<'_>) {
        let reach = tracer.reach;
        let mut open = Vec::new();
        for region in reach.regions.ids() {
            let Code::Fn(function) = reach.regions[region].code else { continue };
            let context = tracer.context(region);
            let waits = reach.expressions(region).any(|id| self.waits_outside(&context, (region, id)));
            open.extend(waits.then_some(function));
        }
        while let Some(callee) = open.pop() {
            if self.waits.insert(callee) {
                let callers = tracer.callers(callee).iter();
                open.extend(callers.filter_map(|&(caller, _)| match reach.regions[caller].code {
                    Code::Fn(id) => Some(id),
                    Code::Static(_) => None,
                }));
            }
        }
    }

    /// Whether an expression awaits a future that no workspace function makes, other than that of reading a document.
    fn waits_outside(&self, context: &Context<'_>, (region, id): At) -> bool {
        let Kind::Await(inner) = context.body.kind(id) else { return false };
        let reads = [Meaning::Parses, Meaning::ReadsDocument];
        match context.body.kind(*inner) {
            Kind::Method { name, .. } => {
                self.callees((region, *inner)).is_empty() && !context.index.lexicon.method(name).any(&reads)
            }
            Kind::Call { callee, .. } => context.outside(*callee).is_some() && !context.meaning(*callee).any(&reads),
            _ => false,
        }
    }

    /// Whether an expression hands out what something outside the workspace answered, as far as that is known.
    pub(crate) fn answers(&self, context: &Context<'_>, at: At) -> bool {
        self.is_direct(at)
            || self.of(at).is_some()
            || self.waits_outside(context, at)
            || self.callees(at).iter().any(|callee| self.waits.contains(callee))
    }

    /// The calls that change something outside the process.
    pub(crate) fn changes(&self) -> impl Iterator<Item = At> + '_ {
        self.direct.iter().filter(|(_, effect)| **effect == Effect::Write).map(|(&at, _)| at)
    }

    /// Whether an expression itself is a call that leaves the process.
    pub(crate) fn is_direct(&self, at: At) -> bool {
        self.direct.contains_key(&at)
    }

    /// What an expression itself does, looking into the workspace functions it calls.
    pub(crate) fn of(&self, at: At) -> Option<Effect> {
        let called = self.callees.get(&at).into_iter().flatten().filter_map(|id| self.functions.get(id)).max();
        self.direct.get(&at).filter(|_| !self.beside.contains(&at)).max(called).copied()
    }

    /// What an expression or anything inside it does.
    pub(crate) fn within(&self, body: &Body, (region, root): At) -> Option<Effect> {
        body.subtree(root).filter_map(|id| self.of((region, id))).max()
    }

    /// The remote calls inside an expression, in source order.
    pub(crate) fn calls(&self, body: &Body, (region, root): At) -> Vec<(ExprId, Effect)> {
        body.subtree(root).filter_map(|id| Some((id, self.of((region, id))?))).collect()
    }

    /// The workspace functions an expression calls.
    pub(crate) fn callees(&self, at: At) -> &[FnId] {
        self.callees.get(&at).map_or(&[], Vec::as_slice)
    }
}

/// The calls that leave the host.
fn away<'r>(direct: &'r HashMap<At, Effect>, beside: &'r HashSet<At>) -> impl Iterator<Item = (At, Effect)> + 'r {
    direct.iter().filter(|(at, _)| !beside.contains(at)).map(|(&at, &effect)| (at, effect))
}

/// Whether a request goes to an extension or sidecar on the same host.
fn is_same_host(tracer: &Tracer<'_>, (region, id): At) -> bool {
    let url = request(&tracer.context(region), id).and_then(|request| request.url);
    let written = url.map(|url| tracer.operand((region, url)).0);
    matches!(written, Some(Operand::Literal(text)) if platforms().aws_lambda.is_same_host(&text))
}

/// What an expression by itself does to something outside the process.
fn effect(context: &Context<'_>, id: ExprId) -> Option<Effect> {
    match context.body.kind(id) {
        Kind::Call { .. } => request(context, id).map(|_| Effect::Read),
        Kind::Method { name, .. } => match request(context, id) {
            Some(request) => Some(Effect::of(context.index.lexicon.means(&request.path, Meaning::Reads))),
            None => operation(context, id).map(|_| Effect::of(context.index.lexicon.says(name, Role::Reads))),
        },
        _ => None,
    }
}

/// The name a call is known by in a message: the operation, method or function.
pub(crate) fn call_name(body: &Body, id: ExprId) -> String {
    match body.kind(id) {
        Kind::Method { name, .. } => name.clone(),
        Kind::Call { callee, .. } => match body.kind(*callee) {
            Kind::Path { path, .. } => path.join("::"),
            _ => "the call".to_owned(),
        },
        _ => "the call".to_owned(),
    }
}

/// The locals of a body that an expression uses but does not bind itself.
pub(crate) fn captured(body: &Body, root: ExprId) -> BTreeSet<u32> {
    let inside = body.subtree(root);
    let used = inside.clone().filter_map(|id| match body.kind(id) {
        Kind::Local(local) => Some(*local),
        _ => None,
    });
    used.filter(|&local| match &body.locals[local as usize].source {
        Source::Init { init, .. } => !inside.contains(init),
        Source::Closure { closure } => !inside.contains(closure),
        Source::Item { iterable } => !inside.contains(iterable),
        _ => true,
    })
    .collect()
}
