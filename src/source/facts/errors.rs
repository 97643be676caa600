//! Errors of work on the event that reach neither the caller nor a list of failures.

use super::collector::{Collector, Phases};
use crate::knowledge::{Lexicon, Meaning, Role};
use crate::model::Verdict;
use crate::model::source::{ErrorDrop, ErrorDropKind, Facts};
use crate::source::flow::branch::{begins, in_error_branch};
use crate::source::flow::fate::{Next, bound, next};
use crate::source::flow::remote::call_name;
use crate::source::flow::view::Here;
use crate::source::names::kinds::{FnId, Head};
use crate::source::parse::ir::{Arm, Body, ExprId, Kind, Lit, LoopKind, Source, Ty};
use crate::source::parse::nodes::Nodes;
use crate::source::types::infer::Context;

/// An error that is dropped: the work, how, whether the caller is answered, and where.
type Drop = (ExprId, ErrorDropKind, bool, ExprId);

/// Dropped errors of a region.
pub(crate) const COLLECTOR: Collector = Collector {
    phases: Phases::INVOKE,
    nodes: Nodes::CALLS.or(Nodes::IF).or(Nodes::LET).or(Nodes::LOOP).or(Nodes::MATCH),
    run: collect,
};

fn collect(here: Here<'_>, into: &mut Facts) {
    let context = here.context();
    let body = context.body;
    let found = match body.kind(here.id) {
        Kind::Match { scrutinee, arms } => in_match(here, *scrutinee, arms),
        Kind::If { condition, then, other } => in_condition(here, *condition, *then, *other),
        Kind::Let { init, diverge: Some(diverge), heads } if begins(heads, "Ok") => {
            let dropped = judge(here, *diverge, false).kind();
            dropped.map(|(_, answers)| (*init, ErrorDropKind::Ignored, answers, here.id))
        }
        Kind::Loop { kind: LoopKind::While, head: Some(head), .. } => in_join_loop(&context, *head, here.id),
        Kind::Call { .. } | Kind::Method { .. } => by_adapter(here),
        _ => None,
    };
    let Some((work, kind, answers, at)) = found else { return };
    let joined = kind == ErrorDropKind::Joined;
    let Some(call) = failing_work(here, work).or(joined.then_some(work)) else { return };
    let over = here.tracer().iterated(here.at());
    let per_element = over.is_some_and(|over| here.tracer().is_from_event(over) == Verdict::Yes);
    let about_event = joined || per_element || here.is_from_event(work) == Verdict::Yes;
    let name = call_name(body, call);
    if !about_event || context.index.lexicon.says(&name, Role::UnimportantWork) || tells_of_failure(body, here.id) {
        return;
    }
    // The condition with its call; else what the branch consists of, or the brace that opens it.
    let shown = first_in(body, at);
    let (start, end) = body.expr(shown).span;
    let range = match body.kind(shown) {
        _ if body.subtree(at).contains(&call) => (start, body.expr(call).span.1.max(start)),
        Kind::Block { .. } => (start, end.min(start + 1).max(start)),
        _ => (start, end.max(start)),
    };
    into.push(ErrorDrop {
        kind,
        answers,
        work: name,
        remote: here.remote_within(work).is_some(),
        per_element: per_element || joined,
        site: here.site(range),
    });
}

/// Whether work stands where something failed already, so that its own error loses nothing: in an error branch, or in a
/// block that ends in an error.
fn tells_of_failure(body: &Body, id: ExprId) -> bool {
    let ends_in_error = |block: ExprId| {
        let Kind::Block { statements, tail } = body.kind(block) else { return false };
        let last = tail.or(statements.last().copied()).map(|last| body.peeled(last));
        last.is_some_and(|last| match body.kind(last) {
            Kind::Return(Some(value)) => body.calls(body.peeled(*value), "Err"),
            _ => body.calls(last, "Err"),
        })
    };
    in_error_branch(body, id) || body.ancestors(id).any(ends_in_error)
}

/// Whether the other branch notes that the work was done, so that somebody knows when it was not.
fn notes_success(body: &Body, done: ExprId) -> bool {
    body.subtree(done).any(|id| match body.kind(id) {
        Kind::Assign { target, value } => {
            matches!(body.kind(body.peeled(*target)), Kind::Local(_))
                && matches!(body.kind(body.peeled(*value)), Kind::Lit(Lit::Bool(true)))
        }
        _ => false,
    })
}

/// The first statement of a block; anything else itself.
fn first_in(body: &Body, id: ExprId) -> ExprId {
    match body.kind(id) {
        Kind::Block { statements, tail } => statements.first().copied().or(*tail).unwrap_or(id),
        _ => id,
    }
}

/// `match work { Ok(_) => …, Err(e) => error!(…) }`.
fn in_match(here: Here<'_>, scrutinee: ExprId, arms: &[Arm]) -> Option<Drop> {
    let body = here.body();
    if !arms.iter().any(|arm| begins(&arm.heads, "Ok")) {
        return None;
    }
    let failed = arms.iter().filter(|arm| begins(&arm.heads, "Err") || begins(&arm.heads, "_"));
    let failed: Vec<&Arm> = failed.collect();
    if arms.iter().any(|arm| begins(&arm.heads, "Ok") && notes_success(body, arm.body)) {
        return None;
    }
    let first = failed.first()?;
    let value_used = !matches!(next(body, here.id), Next::Dropped);
    let judged: Option<Vec<_>> = failed.iter().map(|arm| judge(here, arm.body, value_used).kind()).collect();
    let (kind, answers) = *judged?.first()?;
    Some((scrutinee, kind, answers, first.body))
}

/// `if let Err(e) = work { error!(…) }`, `if let Ok(x) = work { … }` without `else`.
fn in_condition(here: Here<'_>, condition: ExprId, then: ExprId, other: Option<ExprId>) -> Option<Drop> {
    let body = here.body();
    let Kind::LetCondition { init, heads } = body.kind(condition) else { return None };
    let used = !matches!(next(body, here.id), Next::Dropped);
    let (failed, done) = if begins(heads, "Err") { (Some(then), other) } else { (other, Some(then)) };
    if failed.is_some() && done.is_some_and(|done| notes_success(body, done)) {
        return None;
    }
    if begins(heads, "Err") && !heads.iter().any(|head| head.len() > 1) {
        let (kind, answers) = judge(here, then, used).kind()?;
        return Some((*init, kind, answers, condition));
    }
    if begins(heads, "Ok") && !used {
        let Some(other) = other else { return Some((*init, ErrorDropKind::Ignored, false, condition)) };
        let (kind, answers) = judge(here, other, false).kind()?;
        return Some((*init, kind, answers, condition));
    }
    None
}

/// `while let Some(_) = set.join_next().await {}` and the like, with nothing looking at the result.
fn in_join_loop(context: &Context<'_>, head: ExprId, at: ExprId) -> Option<Drop> {
    let body = context.body;
    let Kind::LetCondition { init, heads } = body.kind(head) else { return None };
    let Kind::Method { name, .. } = body.kind(body.peeled(*init)) else { return None };
    if name != "join_next" || !begins(heads, "Some") {
        return None;
    }
    let ignored = heads.iter().any(|head| head.get(1).is_some_and(|word| word == "_"));
    let unused = !ignored && bound(body, *init).all(|local| body.locals[local as usize].uses.is_empty());
    (ignored || unused).then_some((body.peeled(*init), ErrorDropKind::Joined, false, at))
}

/// `join_all(tasks).await;`, `work.ok();`, `let _ = work;`, `work.map_or_else(|e| log, |_| ())`.
fn by_adapter(here: Here<'_>) -> Option<Drop> {
    let context = here.context();
    let body = context.body;
    match body.kind(here.id) {
        Kind::Call { callee, .. } => {
            let joins = context.meaning(*callee).has(Meaning::KeepsOutcomes);
            if joins && next(body, here.id) == Next::Dropped && body.is_awaited(here.id) {
                return Some((here.id, ErrorDropKind::Joined, false, here.id));
            }
            discarded(here)
        }
        Kind::Method { receiver, name, args, .. } => {
            let means = context.index.lexicon.method(name);
            let dropped = next(body, here.id) == Next::Dropped;
            if dropped && means.has(Meaning::DropsError) {
                return Some((*receiver, ErrorDropKind::Ignored, false, here.id));
            }
            if !dropped || !means.has(Meaning::FallsBack) {
                return discarded(here);
            }
            let first = args.first()?;
            let on_error = match body.kind(*first) {
                Kind::Closure { body: inner } => *inner,
                _ => *first,
            };
            let (kind, answers) = judge(here, on_error, false).kind()?;
            Some((*receiver, kind, answers, here.id))
        }
        _ => None,
    }
}

/// `let _ = work(record).await;` of something that returns a `Result`.
fn discarded(here: Here<'_>) -> Option<Drop> {
    let body = here.body();
    let parents: Vec<ExprId> = body.ancestors(here.id).take(3).collect();
    let explicit = parents.iter().any(|&at| matches!(body.kind(at), Kind::Let { heads, .. } if begins(heads, "_")));
    (explicit && next(body, here.id) == Next::Dropped && failing_work(here, here.id) == Some(here.id)).then_some((
        here.id,
        ErrorDropKind::Ignored,
        false,
        here.id,
    ))
}

/// The call inside a scrutinee that can fail: remote, a workspace function that returns a `Result`, or parsing.
fn failing_work(here: Here<'_>, work: ExprId) -> Option<ExprId> {
    let context = here.context();
    let body = context.body;
    let mut at = body.peeled(work);
    for _ in 0..64 {
        let called = here.view.remote.callees(here.of(at));
        let fails = called.iter().any(|&id| {
            let fallible = |name: &String| context.index.lexicon.means(name, Meaning::Fallible);
            matches!(&context.index.function(id).output, Ty::Path { path, .. } if path.last().is_some_and(fallible))
        });
        if fails || here.view.remote.of(here.of(at)).is_some() {
            return Some(at);
        }
        at = match body.kind(at) {
            Kind::Method { receiver, .. } => body.peeled(*receiver),
            Kind::Call { callee, .. } => {
                return context.meaning(*callee).has(Meaning::ReadsDocument).then_some(at);
            }
            Kind::Local(local) => match &body.locals[*local as usize].source {
                Source::Init { init, projection } if projection.is_empty() => body.peeled(*init),
                // `for result in join_all(work).await`: each is the outcome of some work.
                Source::Item { iterable } => return outcomes(here, *iterable).then_some(at),
                Source::Closure { closure } => {
                    let adapter = body.expr(*closure).parent;
                    return match body.kind(adapter) {
                        Kind::Method { receiver, .. } => outcomes(here, *receiver).then_some(at),
                        _ => None,
                    };
                }
                _ => return None,
            },
            _ => return None,
        };
    }
    None
}

/// Whether a collection holds the outcomes of remote or fallible work: `join_all(records.map(work)).await`.
fn outcomes(here: Here<'_>, over: ExprId) -> bool {
    let (made_in, made) = here.tracer().origin(here.of(over));
    let context = here.tracer().context(made_in);
    let joins = context.body.subtree(made).any(|id| match context.body.kind(id) {
        Kind::Call { callee, .. } => context.meaning(*callee).has(Meaning::Joins),
        Kind::Method { name, .. } => context.index.lexicon.method(name).has(Meaning::Joins),
        _ => false,
    });
    joins && here.tracer().is_from_event((made_in, made)) == Verdict::Yes
}

/// What a branch does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Branch {
    /// Returns, records, forwards or counts it.
    Handles,
    /// Logs at most, and goes on.
    PassesOver,
    /// Ends in the success of the function, with an answer or without.
    Succeeds { answers: bool },
}

impl Branch {
    fn kind(self) -> Option<(ErrorDropKind, bool)> {
        match self {
            Self::Handles => None,
            Self::PassesOver => Some((ErrorDropKind::Logged, false)),
            Self::Succeeds { answers } => Some((ErrorDropKind::TurnedIntoSuccess, answers)),
        }
    }
}

/// Judges a branch: it logs, counts or goes on; or it does something about the error.
fn judge(here: Here<'_>, branch: ExprId, value_used: bool) -> Branch {
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
    if body.subtree(branch).filter(|id| !skipped.contains(id)).any(|id| acts(here.on(id))) {
        return Branch::Handles;
    }
    match answer {
        Some(answer) if is_nothing(lexicon, body, answer) => Branch::Succeeds { answers: false },
        // Only the handler's own answer goes to the caller; a helper's fallback value is a decision.
        Some(_) if here.is_handler() => Branch::Succeeds { answers: true },
        Some(_) => Branch::Handles,
        // A branch with a value of its own hands the error on in some form.
        None if value_used && !is_nothing(lexicon, body, branch) => Branch::Handles,
        None => Branch::PassesOver,
    }
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
fn acts(here: Here<'_>) -> bool {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let does_work = |at: ExprId| {
        here.view.remote.of(here.of(at)).is_some()
            || here.view.remote.callees(here.of(at)).iter().any(|&callee| !is_logger(&context, callee))
    };
    match body.kind(here.id) {
        Kind::Try(_) | Kind::Assign { .. } | Kind::Struct { .. } => true,
        Kind::Return(value) | Kind::Break(value) => value.is_some_and(|value| !is_ok(body, value)),
        Kind::Macro { path, .. } => {
            let nothing = [Meaning::LogLine, Meaning::FormatsText, Meaning::WritesText, Meaning::BuildsValue];
            !lexicon.macro_of(path).any(&nothing)
        }
        Kind::Method { name, .. } => lexicon.method(name).has(Meaning::RecordsError) || does_work(here.id),
        Kind::Call { callee, .. } => {
            let exits = context.meaning(*callee).has(Meaning::EndsProcess);
            let raises = body.calls(here.id, "Err");
            let called = context.workspace_fn(*callee).is_some_and(|callee| !is_logger(&context, callee));
            exits || raises || called || does_work(here.id)
        }
        _ => false,
    }
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
