//! What a branch does about an error: hand it on, record it where somebody looks, or pass over it.

use super::fate;
use super::remote::call_name;
use super::view::Here;
use crate::knowledge::{Lexicon, Meaning, Role};
use crate::model::source::ErrorDropKind;
use crate::source::names::kinds::{FnId, Head};
use crate::source::parse::ir::{Body, ExprId, Kind, LocalId, Source};
use crate::source::types::infer::Context;

/// Bindings that a note of a failure is followed through.
const MAX_NOTES: u32 = 4;

/// Calls on the way from the handler through which its answer is handed on.
const MAX_CALLS: usize = 6;

/// What a branch does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Branch {
    /// Returns, records, forwards or counts it.
    Handles,
    /// Logs at most, and goes on.
    PassesOver,
    /// Counts or lists it where only the successful answer shows it, or nothing.
    Counts,
    /// Ends in the success of the function, with an answer or without.
    Succeeds { answers: bool },
}

impl Branch {
    pub(crate) fn kind(self) -> Option<(ErrorDropKind, bool)> {
        match self {
            Self::Handles => None,
            Self::PassesOver => Some((ErrorDropKind::Logged, false)),
            Self::Counts => Some((ErrorDropKind::Counted, false)),
            Self::Succeeds { answers } => Some((ErrorDropKind::TurnedIntoSuccess, answers)),
        }
    }
}

/// Judges a branch: it logs, counts or goes on; or it does something about the error.
pub(crate) fn judge(here: Here<'_>, branch: ExprId, value_used: bool) -> Branch {
    let context = here.context();
    let body = context.body;
    let exit = body.subtree(branch).find(|&id| is_ok(body, id) && ends(body, branch, id));
    let answer = exit.and_then(|exit| match body.kind(exit) {
        Kind::Call { args, .. } => args.first().copied(),
        _ => None,
    });
    let lexicon = context.index.lexicon;
    let skipped = answer.map_or(0..0, |answer| body.subtree(answer));
    if skipped.clone().any(|id| reports_failures(&context, id)) {
        return Branch::Handles;
    }
    let mut counts = false;
    let mut id = branch;
    while id < body.expr(branch).end {
        let at = here.on(id);
        if skipped.contains(&id) {
            id = skipped.end.max(id + 1);
        } else if notes_in_vain(at, MAX_NOTES) {
            counts = true;
            id = body.expr(id).end;
        } else if acts(at, MAX_NOTES) {
            return Branch::Handles;
        } else {
            id += 1;
        }
    }
    match answer {
        Some(answer) if is_nothing(lexicon, body, answer) => Branch::Succeeds { answers: false },
        // Only the handler's own answer goes to the caller; a helper's fallback value is a decision.
        Some(_) if here.is_handler() => Branch::Succeeds { answers: true },
        Some(_) => Branch::Handles,
        // A branch with a value of its own hands the error on in some form.
        None if value_used && !is_nothing(lexicon, body, branch) => Branch::Handles,
        None if counts => Branch::Counts,
        None => Branch::PassesOver,
    }
}

/// Whether an expression counts a failure or adds it to a list that reaches nobody but the reader of the answer.
fn notes_in_vain(here: Here<'_>, steps: u32) -> bool {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let noted = match body.kind(here.id) {
        Kind::Assign { target, .. } => *target,
        Kind::Method { receiver, name, .. } if lexicon.method(name).has(Meaning::RecordsError) => *receiver,
        _ => return false,
    };
    let named = body.subtree(here.id).any(|id| reports_failures(&context, id));
    !named && answers_caller(here) && made_here(body, noted).is_some_and(|local| reaches_nobody(here, local, steps))
}

/// The number or list that a place belongs to, if the function made it.
fn made_here(body: &Body, id: ExprId) -> Option<LocalId> {
    let mut at = body.peeled(id);
    loop {
        at = match body.kind(at) {
            Kind::Field { base, .. } => body.peeled(*base),
            Kind::Local(local) => {
                let Source::Init { init, projection } = &body.locals[*local as usize].source else { return None };
                let fresh = matches!(
                    body.kind(body.peeled(*init)),
                    Kind::Lit(_) | Kind::Call { .. } | Kind::Struct { .. } | Kind::Macro { .. } | Kind::Array(_)
                );
                return (fresh && projection.is_empty()).then_some(*local);
            }
            _ => return None,
        };
    }
}

/// Whether what a function returns is the answer of the handler.
fn answers_caller(here: Here<'_>) -> bool {
    let tracer = here.tracer();
    let mut region = here.region;
    for _ in 0..MAX_CALLS {
        let of = &tracer.reach.regions[region];
        if of.handler {
            return true;
        }
        let Some((caller, call)) = of.via else { return false };
        let body = tracer.context(caller).body;
        // The way leads through the callee's path; the call is around it.
        let call = if matches!(body.kind(call), Kind::Path { .. }) { body.expr(call).parent } else { call };
        let root = tracer.reach.regions[caller].root;
        match fate::next(body, call) {
            fate::Next::Returned => {}
            fate::Next::Yielded(closure) if closure == root => {}
            _ => return false,
        }
        region = caller;
    }
    false
}

/// Whether a binding is only logged, filled, or shown in a successful answer: nothing depends on it.
fn reaches_nobody(here: Here<'_>, local: LocalId, steps: u32) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let context = here.context();
    let typed = context.type_of_local(local);
    let response = typed.path().is_some_and(|path| context.index.lexicon.means(path, Meaning::BatchResponse));
    !response && here.body().locals[local as usize].uses.iter().all(|&used| is_idle(here, used, steps))
}

/// Whether a use of a value ends in a log line, in a list or number of the same kind, or in a successful answer.
fn is_idle(here: Here<'_>, used: ExprId, steps: u32) -> bool {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let vain = |local| reaches_nobody(here, local, steps);
    // Branches that depend on it may do something.
    let inert = |id: ExprId| !body.subtree(id).any(|inner| acts(here.on(inner), steps));
    let (mut at, mut succeeds) = (used, false);
    for ancestor in body.ancestors(used) {
        if reports_failures(&context, ancestor) {
            return false;
        }
        match body.kind(ancestor) {
            Kind::Method { receiver, name, .. } if *receiver == at => {
                if lexicon.method(name).has(Meaning::RecordsError) {
                    return true;
                }
            }
            Kind::Method { receiver, name, .. } => {
                let fills = lexicon.method(name).has(Meaning::RecordsError);
                return fills && made_here(body, *receiver).is_some_and(vain);
            }
            Kind::Assign { target, .. } if *target == at => return true,
            // `errors = count` names a field of a log line.
            Kind::Assign { .. } if names_field(body, ancestor) => {}
            Kind::Assign { target, .. } => return made_here(body, *target).is_some_and(vain),
            Kind::Macro { path, .. } => {
                let means = lexicon.macro_of(path);
                if means.any(&[Meaning::LogLine, Meaning::WritesText]) {
                    return true;
                }
                if !means.any(&[Meaning::FormatsText, Meaning::BuildsValue, Meaning::Json]) {
                    return false;
                }
            }
            Kind::Call { callee, .. } => {
                succeeds |= is_ok(body, ancestor);
                let means = context.meaning(*callee);
                let named = matches!(body.kind(*callee), Kind::Path { .. }) && reports_failures(&context, *callee);
                if named || !succeeds && !means.any(&[Meaning::Wraps, Meaning::WritesDocument]) {
                    return context.workspace_fn(*callee).is_some_and(|callee| is_logger(&context, callee));
                }
            }
            Kind::Let { init, .. } if *init == at => return fate::bound(body, at).all(vain),
            Kind::If { .. } | Kind::Match { .. } | Kind::Loop { .. } => return inert(ancestor),
            Kind::Block { tail: Some(tail), .. } if *tail == at => {}
            Kind::Block { .. } | Kind::Discard(_) => return true,
            Kind::Return(_) => return succeeds,
            Kind::Closure { .. } => return succeeds && ancestor == here.root(),
            Kind::Wrap(_)
            | Kind::Await(_)
            | Kind::Try(_)
            | Kind::Async(_)
            | Kind::Field { .. }
            | Kind::Binary(..)
            | Kind::Divide(..)
            | Kind::Not(_)
            | Kind::Struct { .. }
            | Kind::Tuple(_)
            | Kind::Array(_)
            | Kind::LetCondition { .. } => {}
            _ => return false,
        }
        at = ancestor;
    }
    succeeds
}

/// Whether an expression is where a branch ends: its value, or a `return`.
fn ends(body: &Body, branch: ExprId, id: ExprId) -> bool {
    let mut at = id;
    for ancestor in body.ancestors(id) {
        match body.kind(ancestor) {
            Kind::Return(_) => return true,
            Kind::Block { tail: Some(tail), .. } if *tail == at => {}
            Kind::Wrap(_) => {}
            _ => return false,
        }
        if ancestor == branch {
            return true;
        }
        at = ancestor;
    }
    false
}

/// Part of an answer that names failed records.
fn reports_failures(context: &Context<'_>, id: ExprId) -> bool {
    let lexicon = context.index.lexicon;
    let named = |path: &[String]| path.iter().any(|word| lexicon.means(word, Meaning::BatchResponse));
    let failures = |name: &str| lexicon.field(name).has(Meaning::BatchFailure);
    match context.body.kind(id) {
        Kind::Struct { path, fields, .. } => named(path) || fields.iter().any(|(name, _)| failures(name)),
        Kind::Path { path, .. } => named(path),
        Kind::Macro { text: Some(text), .. } => failures(text),
        _ => false,
    }
}

/// Whether an expression does something about an error.
pub(crate) fn acts(here: Here<'_>, steps: u32) -> bool {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    // A status that nobody makes sure of brings no record back.
    let marks = |at: ExprId| lexicon.says(&call_name(body, at), Role::TellsState) && !is_looked_at(here, at);
    let does_work = |at: ExprId| {
        here.view.remote.of(here.of(at)).is_some()
            || here.view.remote.callees(here.of(at)).iter().any(|&callee| !is_logger(&context, callee) && !marks(at))
    };
    match body.kind(here.id) {
        Kind::Try(_) | Kind::Struct { .. } => true,
        Kind::Assign { .. } => !names_field(body, here.id) && !notes_in_vain(here, steps),
        Kind::Return(value) | Kind::Break(value) => value.is_some_and(|value| !is_ok(body, value)),
        Kind::Macro { path, .. } => {
            let nothing = [Meaning::LogLine, Meaning::FormatsText, Meaning::WritesText, Meaning::BuildsValue];
            !lexicon.macro_of(path).any(&nothing)
        }
        Kind::Method { name, .. } => {
            lexicon.method(name).has(Meaning::RecordsError) && !notes_in_vain(here, steps) || does_work(here.id)
        }
        Kind::Call { callee, .. } => {
            let exits = context.meaning(*callee).has(Meaning::EndsProcess);
            let raises = body.calls(here.id, "Err");
            let called = context.workspace_fn(*callee);
            let called = called.is_some_and(|callee| !is_logger(&context, callee) && !marks(here.id));
            exits || raises || called || does_work(here.id)
        }
        _ => false,
    }
}

/// Whether `name = value` names a field of a log line.
fn names_field(body: &Body, id: ExprId) -> bool {
    matches!(body.parent_kind(id), Some(Kind::Macro { .. }))
}

/// Whether somebody takes the outcome of a call: `?`, a pattern, a binding that is used.
pub(crate) fn is_looked_at(here: Here<'_>, call: ExprId) -> bool {
    let body = here.body();
    let mut at = call;
    for _ in 0..64 {
        match fate::next(body, at) {
            fate::Next::Try(_) | fate::Next::Matched(_) | fate::Next::Returned | fate::Next::Yielded(_) => return true,
            fate::Next::Method(method) => {
                let Kind::Method { name, .. } = body.kind(method) else { return false };
                let means = here.context().index.lexicon.method(name);
                if means.any(&[Meaning::DropsError, Meaning::FallsBack]) {
                    return false;
                }
                at = method;
            }
            fate::Next::Bound { locals, .. } => {
                return locals.iter().any(|&local| !body.locals[local as usize].uses.is_empty());
            }
            _ => return false,
        }
    }
    false
}

/// Helpers that only write a line.
fn is_logger(context: &Context<'_>, callee: FnId) -> bool {
    let name = &context.index.function(callee).name;
    let plain = !matches!(
        Context::of_fn(context.index, callee).lower(&context.index.function(callee).output).head,
        Head::Local(_)
    );
    plain && context.index.lexicon.says(name, Role::WritesLine)
}

/// `Ok(…)`.
fn is_ok(body: &Body, id: ExprId) -> bool {
    body.calls(body.peeled(id), "Ok")
}

/// `()`, a log line, `Ok(())`, `Ok(json!(…))` or a block that ends in one.
fn is_nothing(lexicon: &Lexicon, body: &Body, branch: ExprId) -> bool {
    match body.kind(branch) {
        Kind::Block { tail, .. } => tail.is_none_or(|tail| is_nothing(lexicon, body, tail)),
        Kind::Macro { path, .. } => lexicon.macro_of(path).any(&[Meaning::LogLine, Meaning::WritesText]),
        Kind::Tuple(items) => items.is_empty(),
        Kind::Continue | Kind::Return(_) | Kind::Break(_) => true,
        Kind::Call { args, .. } if is_ok(body, branch) => args.iter().all(|&arg| match body.kind(arg) {
            Kind::Tuple(items) => items.is_empty(),
            Kind::Macro { path, .. } => lexicon.macro_of(path).has(Meaning::Json),
            _ => false,
        }),
        _ => false,
    }
}
