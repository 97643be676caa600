//! Which values are derived from the event: taint analysis, asked of a value and answered by going back to what it is
//! made of. See [`super::trace`] for an example.
//!
//! What a service answers to a question about the event is derived from it, and still no data that the caller sent:
//! `table.get(event.id)`. The second way to ask stops at remote calls.

use super::remote::Remote;
use super::trace::{At, Tracer};
use crate::knowledge::{Meaning, Role};
use crate::model::Verdict;
use crate::source::names::kinds::{Head, Type};
use crate::source::parse::ir::{ExprId, Kind, LocalId, Source};
use crate::source::reach::regions::RegionId;
use crate::source::types::infer::Context;

impl Tracer<'_> {
    /// Whether a value is derived from the event.
    pub(crate) fn is_from_event(&self, at: At) -> Verdict {
        self.tainted(at, 16, None)
    }

    /// Whether a value is data of the event itself, not what something remote answered.
    pub(crate) fn is_event_data(&self, remote: &Remote, at: At) -> bool {
        self.tainted(at, 16, Some(remote)) == Verdict::Yes
    }

    /// Whether a binding is derived from the event.
    pub(crate) fn is_local_from_event(&self, region: RegionId, local: LocalId) -> Verdict {
        self.local_tainted(region, local, 16, None)
    }

    fn tainted(&self, (region, id): At, hops: u32, stops: Option<&Remote>) -> Verdict {
        if hops == 0 {
            return Verdict::Unknown;
        }
        let context = self.context(region);
        let mut verdict = Verdict::No;
        let mut inner = id;
        while inner < context.body.expr(id).end {
            if stops.is_some_and(|remote| is_answer(remote, &context, (region, inner))) {
                inner = context.body.expr(inner).end;
                continue;
            }
            if stops.is_some()
                && let Kind::Method { receiver, name, .. } = context.body.kind(inner)
                && context.index.lexicon.method(name).has(Meaning::LooksUp)
            {
                // What is found in a table of the program is data of the program, whatever is looked up in it.
                verdict = verdict.max(self.tainted((region, *receiver), hops - 1, stops));
                inner = context.body.expr(inner).end;
                continue;
            }
            if stops.is_some()
                && let Some(value) = field_of_literal(&context, inner)
            {
                verdict = verdict.max(self.tainted((region, value), hops - 1, stops));
                inner = context.body.expr(inner).end;
                continue;
            }
            if stops.is_some() && is_moment(&context, inner) {
                inner = context.body.expr(inner).end;
                continue;
            }
            if stops.is_some()
                && let Some(given) = self.given_here(&context, inner)
            {
                // Of a struct that holds data of the event, what the field was given wherever such a struct is made.
                let (base, given) = given;
                let mut of_field = self.tainted((region, base), hops - 1, stops);
                if of_field == Verdict::Yes {
                    of_field = Verdict::any(given.iter().map(|&value| self.tainted(value, hops - 1, stops)));
                }
                verdict = verdict.max(of_field);
                inner = context.body.expr(inner).end;
                continue;
            }
            if let Kind::Local(local) = context.body.kind(inner) {
                verdict = verdict.max(self.local_tainted(region, *local, hops - 1, stops));
                if verdict == Verdict::Yes {
                    break;
                }
            }
            inner += 1;
        }
        verdict
    }

    fn local_tainted(&self, region: RegionId, id: LocalId, hops: u32, stops: Option<&Remote>) -> Verdict {
        if hops == 0 {
            return Verdict::Unknown;
        }
        let known = &self.taints[usize::from(stops.is_some())];
        if let Some(known) = known.borrow().get(&(region, id)) {
            return *known;
        }
        // What depends on itself adds nothing to what it depends on besides.
        known.borrow_mut().insert((region, id), Verdict::No);
        let mut verdict = self.binding_tainted(region, id, hops, stops);
        if verdict == Verdict::No && self.is_filled_from_event(region, id, hops - 1, stops) {
            verdict = Verdict::Yes;
        }
        if stops.is_some() && is_typed_answer(&self.context(region), id) {
            verdict = Verdict::No;
        }
        known.borrow_mut().insert((region, id), verdict);
        verdict
    }

    fn binding_tainted(&self, region: RegionId, id: LocalId, hops: u32, stops: Option<&Remote>) -> Verdict {
        let context = self.context(region);
        let here = &self.reach.regions[region];
        match &context.body.locals[id as usize].source {
            Source::Param(_) if here.handler => self.is_event_parameter(region, id),
            Source::Param(index) => match self.argument(region, *index) {
                Some(at) => self.tainted(at, hops, stops),
                None => Verdict::Unknown,
            },
            Source::Closure { closure, .. } if here.handler && *closure == here.root => Verdict::Yes,
            Source::Closure { closure, .. } => {
                // The closure of an adapter sees what it is called on: `records.iter().map(|r| …)`.
                match context.body.parent_kind(*closure) {
                    Some(Kind::Method { receiver, .. }) => self.tainted((region, *receiver), hops, stops),
                    _ => Verdict::Unknown,
                }
            }
            Source::Init { init, .. } => self.tainted((region, *init), hops, stops),
            Source::Item { iterable } => self.tainted((region, *iterable), hops, stops),
            // What a part of the event is asked about itself: `event.location.bucket()`.
            Source::Receiver => match self.receiver(region).filter(|_| is_document(&context)) {
                Some(at) => self.tainted(at, hops, stops),
                None => Verdict::No,
            },
            Source::Unset => Verdict::Unknown,
        }
    }

    /// Whether a binding is the event itself or one of its records, not something taken from it.
    pub(crate) fn is_event(&self, region: RegionId, id: LocalId) -> bool {
        let here = &self.reach.regions[region];
        let context = self.context(region);
        match &context.body.locals[id as usize].source {
            Source::Param(_) if here.handler => {
                let part = self.declared(region, id).is_some_and(|ty| {
                    ty.path().is_some_and(|path| context.index.lexicon.means(path, Meaning::PartOfRequest))
                });
                !part && self.is_event_parameter(region, id) == Verdict::Yes
            }
            Source::Closure { closure } => here.handler && *closure == here.root,
            Source::Item { iterable } => {
                let items = context.body.peeled(*iterable);
                context.body.subtree(items).any(|inner| match context.body.kind(inner) {
                    Kind::Field { name, .. } => context.index.lexicon.field(name).has(Meaning::Batch),
                    _ => false,
                })
            }
            _ => false,
        }
    }

    /// The values that a field is given of a struct that only this program makes.
    fn given_here(&self, context: &Context<'_>, id: ExprId) -> Option<(ExprId, &[At])> {
        let Kind::Field { base, name } = context.body.kind(id) else { return None };
        let Head::Local(owner) = context.type_of(*base).head else { return None };
        let given = self.given(owner, name);
        (!context.index.type_item(owner).deserialize && !given.is_empty()).then_some((*base, given))
    }

    /// Whether something from the event is put into a binding after it was made: `list.push(record)`.
    fn is_filled_from_event(&self, region: RegionId, id: LocalId, hops: u32, stops: Option<&Remote>) -> bool {
        let body = self.context(region).body;
        body.locals[id as usize].uses.iter().take(64).any(|&used| match body.parent_kind(used) {
            Some(Kind::Method { receiver, name, args, .. }) if *receiver == used => {
                self.reach.index.lexicon.method(name).has(Meaning::Fills)
                    // A key that the caller sent makes no data of the caller of what is kept under it.
                    && args.iter().skip(if stops.is_some() { args.len().saturating_sub(1) } else { 0 })
                        .any(|&arg| self.tainted((region, arg), hops, stops) == Verdict::Yes)
            }
            Some(Kind::Assign { target, value }) if *target == used => {
                self.tainted((region, *value), hops, stops) == Verdict::Yes
            }
            _ => false,
        })
    }

    /// Of a handler's parameters, clients and state are not the event, nor what an extractor of the program's own made.
    fn is_event_parameter(&self, region: RegionId, id: LocalId) -> Verdict {
        let context = self.context(region);
        let Some(ty) = self.declared(region, id) else { return Verdict::Yes };
        let lexicon = context.index.lexicon;
        let shared = ty.path().is_some_and(|path| {
            let name = path.rsplit("::").next().unwrap_or(path);
            lexicon.means(path, Meaning::Shared) || lexicon.says(name, Role::SharedState)
        });
        let routed = || self.reach.entries.iter().any(|entry| entry.name == "router");
        let extracted = matches!(ty.head, Head::Local(owner) if !context.index.type_item(owner).deserialize);
        (!(shared || extracted && routed())).into()
    }

    /// What a handler's parameter is declared as; a pattern takes its bindings out of that.
    fn declared(&self, region: RegionId, id: LocalId) -> Option<Type> {
        let context = self.context(region);
        let local = &context.body.locals[id as usize];
        let whole = match local.source {
            Source::Param(index) if self.reach.regions[region].root == 0 => {
                context.function.and_then(|of| of.params.get(index))
            }
            _ => None,
        };
        whole.or(local.ty.as_ref()).map(|ty| context.lower(ty))
    }
}

/// What a field holds of a struct that the same function has put together: `order.day` of `let order = Order { day }`.
fn field_of_literal(context: &Context<'_>, id: ExprId) -> Option<ExprId> {
    let body = context.body;
    let Kind::Field { base, name } = body.kind(id) else { return None };
    let Kind::Local(local) = body.kind(body.peeled(*base)) else { return None };
    let Source::Init { init, projection } = &body.locals[*local as usize].source else { return None };
    let Kind::Struct { fields, .. } = body.kind(body.peeled(*init)) else { return None };
    let given = fields.iter().find(|(field, _)| field == name).filter(|_| projection.is_empty());
    given.map(|(_, value)| *value)
}

/// Whether a field holds a moment of the program's own clock, whatever stands beside it.
fn is_moment(context: &Context<'_>, id: ExprId) -> bool {
    matches!(context.body.kind(id), Kind::Field { .. })
        && context.type_of(id).path().is_some_and(|path| context.index.lexicon.means(path, Meaning::Moment))
}

/// Whether the methods around a body belong to a type that documents are read into.
fn is_document(context: &Context<'_>) -> bool {
    let own = context.function.and_then(|function| function.self_ty.as_ref());
    match own.map(|own| context.lower(own).head) {
        Some(Head::Local(id)) => context.index.type_item(id).deserialize,
        _ => false,
    }
}

/// Whether an expression is what a remote call answers: the call, or what is called on its answer.
fn is_answer(remote: &Remote, context: &Context<'_>, (region, id): At) -> bool {
    let body = context.body;
    if !matches!(body.kind(id), Kind::Method { .. } | Kind::Call { .. } | Kind::Await(_)) {
        return false;
    }
    if remote.answers(context, (region, id)) {
        return true;
    }
    let mut at = body.peeled(id);
    for _ in 0..64 {
        if remote.answers(context, (region, at)) {
            return true;
        }
        at = match body.kind(at) {
            // `mailer.send(&mail)` of libraries that are not known by path.
            Kind::Method { name, .. } if context.index.lexicon.method(name).has(Meaning::Sends) => return true,
            Kind::Method { receiver, .. } => body.peeled(*receiver),
            _ => return false,
        };
    }
    false
}

/// Whether a binding has a type in which services answer: an item of a table, an attribute of one.
fn is_typed_answer(context: &Context<'_>, id: LocalId) -> bool {
    let ty = context.type_of_local(id);
    let answers = |ty: &Type| ty.path().is_some_and(|path| context.index.lexicon.means(path, Meaning::Answer));
    answers(&ty) || ty.args.iter().any(answers)
}
