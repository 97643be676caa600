//! Errors of work on the event that reach neither the caller nor a list of failures.

use super::collector::{Collector, Phases};
use crate::knowledge::{Meaning, Meanings, Role};
use crate::model::Verdict;
use crate::model::source::{ErrorDrop, ErrorDropKind, Facts, HiddenFailure};
use crate::source::flow::branch::{begins, in_error_branch};
use crate::source::flow::error_branch::{acts, is_looked_at, judge};
use crate::source::flow::fate::{Next, bound, next};
use crate::source::flow::remote::{Effect, call_name};
use crate::source::flow::trace::At;
use crate::source::flow::view::Here;
use crate::source::parse::ir::{Arm, Body, ExprId, Kind, Lit, LoopKind, Source, Ty};
use crate::source::parse::nodes::Nodes;
use crate::source::reach::regions::Code;
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
    let unimportant = context.index.lexicon.says(&name, Role::UnimportantWork);
    if unimportant || tells_of_failure(body, here.id) || is_best_effort(here, call, kind, &name) {
        return;
    }
    if !about_event {
        return hidden(here, (work, kind, answers, at), over, name, into);
    }
    let remote = here.remote_within(work).is_some();
    let reads = match body.kind(call) {
        Kind::Call { callee, .. } => context.meaning(*callee),
        _ => Meanings::default(),
    };
    // A part that cannot be decoded, and is left as it is, drops no record.
    if !reads.is_empty() && !reads.has(Meaning::ReadsDocument) && matches!(here.kind(), Kind::If { other: None, .. }) {
        return;
    }
    let reads = reads.any(&[Meaning::ReadsDocument, Meaning::Parses]);
    let parses = !joined && !remote && (reads || context.index.lexicon.says(&name, Role::ReadsInput));
    // The condition with its call; else what the branch consists of, or the brace that opens it.
    let shown = first_in(body, at);
    let (start, end) = body.expr(shown).span;
    let range = match body.kind(shown) {
        // Long chains are shown by their end.
        Kind::Method { name_span, .. } if shown != call => (name_span.0, end),
        _ if body.subtree(at).contains(&call) => (start, body.expr(call).span.1.max(start)),
        Kind::Block { .. } => (start, end.min(start + 1).max(start)),
        _ => (start, end.max(start)),
    };
    into.push(ErrorDrop {
        kind,
        answers,
        work: name,
        remote,
        per_element: per_element || joined,
        looks: kind == ErrorDropKind::Ignored
            && matches!(here.kind(), Kind::If { other: None, .. })
            && here.remote_within(work) == Some(Effect::Read),
        aside: !joined && beside_the_work(here.on(call), call, false),
        parses,
        site: here.site(range),
    });
}

/// Notes a failure of remote work that no record or event is about: for each of what a service answered, or of the only
/// thing the program changes.
fn hidden(here: Here<'_>, (work, kind, answers, at): Drop, over: Option<At>, name: String, into: &mut Facts) {
    let Some(effect) = here.remote_within(work).filter(|_| !answers) else { return };
    let answered = over.is_some_and(|over| {
        let asks = |at: At| here.view.remote.of(at).map(|_| ());
        here.tracer().ingredient(over, asks).is_some()
    });
    if !answered && (over.is_some() || effect != Effect::Write || here.view.changes() > 1) {
        return;
    }
    let shown = first_in(here.body(), at);
    let site = here.site(here.on(shown).name_range());
    into.push(HiddenFailure { kind, work: name, per_element: answered, site });
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
    // An arm for one kind of error may be a decision; the arm for all others tells what becomes of errors.
    let (rest, kinds): (Vec<&Arm>, Vec<&Arm>) = failed.into_iter().partition(|arm| is_catch_all(body, arm));
    let failed = if rest.is_empty() { kinds } else { rest };
    if arms.iter().any(|arm| begins(&arm.heads, "Ok") && notes_success(body, arm.body)) {
        return None;
    }
    let first = failed.first()?;
    let value_used = !matches!(next(body, here.id), Next::Dropped);
    let judged: Option<Vec<_>> = failed.iter().map(|arm| judge(here, arm.body, value_used).kind()).collect();
    let (kind, answers) = *judged?.first()?;
    Some((scrutinee, kind, answers, first.body))
}

/// Whether an arm takes every error: `Err(e)`, `_`, without a guard.
fn is_catch_all(body: &Body, arm: &Arm) -> bool {
    let guarded = matches!(body.kind(arm.body), Kind::Block { statements, .. } if !statements.is_empty());
    let all = |head: &Vec<String>| match head.as_slice() {
        [only] => only == "Err" || only == "_",
        [first, second] => first == "Err" && second == "_",
        _ => false,
    };
    !guarded && arm.heads.iter().any(all)
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
            if let Some(work) = thrown_away(here, *receiver, name, args) {
                return Some((work, ErrorDropKind::Ignored, false, here.id));
            }
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

/// The work whose errors an adapter over a collection throws away: `filter_map(|r| work(r).ok())`,
/// `map(work).filter_map(Result::ok)`, `map(work).flatten()`, and the same over streams.
fn thrown_away(here: Here<'_>, receiver: ExprId, name: &str, args: &[ExprId]) -> Option<ExprId> {
    let context = here.context();
    let body = context.body;
    let lexicon = context.index.lexicon;
    let means = lexicon.method(name);
    if means.has(Meaning::DropsError) && args.is_empty() {
        // What the closure of an adapter yields, or leaves with `?`.
        let mut at = here.id;
        while let Next::Try(outer) = next(body, at) {
            at = outer;
        }
        let through = at != here.id;
        let closure = match next(body, at) {
            Next::Yielded(closure) => Some(closure),
            _ if through => body.ancestors(at).find(|&id| matches!(body.kind(id), Kind::Closure { .. })),
            _ => None,
        }?;
        let adapter = body.parent_kind(closure)?;
        let skips = matches!(adapter, Kind::Method { name, .. } if lexicon.method(name).has(Meaning::SkipsNothing));
        return (skips && !tells_on_the_way(here, receiver)).then_some(receiver);
    }
    // `filter_map(Result::ok)`, `flatten()`: what made the results stands before.
    let plain = match args {
        [] => means.has(Meaning::SkipsErrors),
        &[only] => {
            let path = matches!(body.kind(only), Kind::Path { path, .. }
                if path.last().is_some_and(|last| lexicon.method(last).has(Meaning::DropsError)));
            path && means.has(Meaning::SkipsNothing)
        }
        _ => false,
    };
    let Kind::Method { name: maker, args: makers, .. } = body.kind(body.peeled(receiver)) else { return None };
    let &maker = makers.first().filter(|_| plain && lexicon.method(maker).has(Meaning::GivesMapped))?;
    let made = match body.kind(maker) {
        Kind::Closure { body: inner } => tail(body, *inner),
        _ => maker,
    };
    (failing_work(here, made).is_some() && !tells_on_the_way(here, made)).then_some(made)
}

/// The value of a block or `async` block; anything else itself.
fn tail(body: &Body, id: ExprId) -> ExprId {
    let mut at = id;
    loop {
        at = match body.kind(at) {
            Kind::Block { tail: Some(tail), .. } => *tail,
            Kind::Async(inner) => *inner,
            _ => return at,
        };
    }
}

/// Whether somebody hears of an error before it is thrown away: `work(r).map_err(|e| failures.push(e)).ok()`.
fn tells_on_the_way(here: Here<'_>, work: ExprId) -> bool {
    let body = here.body();
    let mut at = body.peeled(work);
    while let Kind::Method { receiver, name, args, .. } = body.kind(at) {
        let hears = here.context().index.lexicon.method(name).has(Meaning::OnError);
        if hears && args.iter().any(|&arg| body.subtree(arg).any(|id| acts(here.on(id), 1))) {
            return true;
        }
        at = body.peeled(*receiver);
    }
    false
}

/// Whether a call whose error is passed over is no loss of the work on a record: words to somebody, a status, a look,
/// or something that is thrown away on purpose, beside work on the same record whose own outcome is looked at.
fn is_best_effort(here: Here<'_>, call: ExprId, kind: ErrorDropKind, name: &str) -> bool {
    let lexicon = here.context().index.lexicon;
    let status = lexicon.says(name, Role::TellsState);
    let looks = here.view.remote.of(here.of(call)) == Some(Effect::Read);
    let on_purpose = kind == ErrorDropKind::Ignored && matches!(here.kind(), Kind::Call { .. } | Kind::Method { .. });
    let tells = lexicon.says(name, Role::TellsSomebody) && says_the_same(here, call);
    // What is prepared and cannot be tells of itself when the work begins.
    let prepares = on_purpose && here.view.remote.of(here.of(call)).is_none() && before_the_work(here, call);
    let told_before = || status && precedes_work(here, call);
    tells
        || prepares
        || (status || looks || on_purpose) && beside_the_work(here, call, status)
        || told_before()
        || marks_for_caller(here)
}

/// Whether a place lies in a function that only tells how far the work has come, by its name, and answers nothing: what
/// counts is what stands around its call.
fn marks_for_caller(here: Here<'_>) -> bool {
    let tracer = here.tracer();
    let Code::Fn(id) = here.code() else { return false };
    let function = here.context().index.function(id);
    let silent = matches!(&function.output, Ty::Tuple(parts) if parts.is_empty());
    let Some((region, call)) = tracer.reach.regions[here.region].via.filter(|_| silent && !here.is_handler()) else {
        return false;
    };
    let caller = Here { region, id: call, ..here };
    here.context().index.lexicon.says(&function.name, Role::TellsState) && beside_the_work(caller, call, true)
}

/// Whether the work itself follows a call that tells of its beginning, in the block around it.
fn precedes_work(here: Here<'_>, call: ExprId) -> bool {
    let body = here.body();
    let block = body.ancestors(call).find_map(|id| match body.kind(id) {
        Kind::Block { statements, tail } => Some(statements.iter().chain(tail).copied()),
        _ => None,
    });
    let after = block.into_iter().flatten();
    let mut works = after.filter(|&id| id > call).flat_map(|root| body.subtree(root));
    works.any(|id| failing_work(here, id) == Some(id) && is_looked_at(here, id))
}

/// Whether work that can fail comes after a call in its block, and its outcome is looked at.
fn before_the_work(here: Here<'_>, call: ExprId) -> bool {
    let body = here.body();
    let Some(block) = body.ancestors(call).find(|&id| matches!(body.kind(id), Kind::Block { .. })) else {
        return false;
    };
    let Kind::Block { statements, tail } = body.kind(block) else { return false };
    let after = statements.iter().chain(tail).copied().filter(|&id| id > call);
    let mut works = after.flat_map(|root| body.subtree(root));
    works.any(|id| failing_work(here, id) == Some(id) && is_looked_at(here, id))
}

/// Whether a call is given a text that is the same for every record.
fn says_the_same(here: Here<'_>, call: ExprId) -> bool {
    let (Kind::Call { args, .. } | Kind::Method { args, .. }) = here.body().kind(call) else { return false };
    args.iter().any(|&arg| match here.body().kind(here.body().peeled(arg)) {
        Kind::Path { .. } | Kind::Local(_) | Kind::Lit(_) => {
            matches!(here.tracer().constant(here.of(arg)), Some(Lit::Str(text)) if text.contains(' '))
        }
        _ => false,
    })
}

/// Whether work that comes before a call on every way to it has an outcome that is looked at: in an earlier statement,
/// or what is matched around. A status may be that of anything that can fail, other calls need a change beside them.
fn beside_the_work(here: Here<'_>, call: ExprId, status: bool) -> bool {
    let body = here.body();
    let mut at = call;
    for ancestor in body.ancestors(call) {
        let before: Vec<ExprId> = match body.kind(ancestor) {
            Kind::Block { statements, .. } => statements.iter().copied().take_while(|&id| id < at).collect(),
            Kind::Match { scrutinee, .. } if *scrutinee != at => vec![*scrutinee],
            Kind::If { condition, .. } if *condition != at => vec![*condition],
            Kind::Loop { .. } | Kind::Closure { .. } => return false,
            _ => Vec::new(),
        };
        let works = |id: ExprId| match status {
            true => failing_work(here, id) == Some(id),
            false => here.view.remote.of(here.of(id)) == Some(Effect::Write),
        };
        if before.into_iter().flat_map(|root| body.subtree(root)).any(|id| works(id) && is_looked_at(here, id)) {
            return true;
        }
        at = ancestor;
    }
    false
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
                return context.meaning(*callee).any(&[Meaning::ReadsDocument, Meaning::Parses]).then_some(at);
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
