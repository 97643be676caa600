//! Which values are derived from the event: taint analysis, asked of a value and answered by going back to what it is
//! made of. See [`super::trace`] for an example.

use super::trace::{At, Tracer};
use crate::knowledge::{Meaning, Role};
use crate::model::Verdict;
use crate::source::parse::ir::{Kind, LocalId, Source};
use crate::source::reach::regions::RegionId;

impl Tracer<'_> {
    /// Whether a value is derived from the event.
    pub(crate) fn is_from_event(&self, at: At) -> Verdict {
        self.tainted(at, 16)
    }

    /// Whether a binding is derived from the event.
    pub(crate) fn is_local_from_event(&self, region: RegionId, local: LocalId) -> Verdict {
        self.local_tainted(region, local, 16)
    }

    fn tainted(&self, (region, id): At, hops: u32) -> Verdict {
        if hops == 0 {
            return Verdict::Unknown;
        }
        let context = self.context(region);
        let mut verdict = Verdict::No;
        for inner in context.body.subtree(id) {
            if let Kind::Local(local) = context.body.kind(inner) {
                verdict = verdict.max(self.local_tainted(region, *local, hops - 1));
                if verdict == Verdict::Yes {
                    break;
                }
            }
        }
        verdict
    }

    fn local_tainted(&self, region: RegionId, id: LocalId, hops: u32) -> Verdict {
        if hops == 0 {
            return Verdict::Unknown;
        }
        if let Some(known) = self.taints.borrow().get(&(region, id)) {
            return *known;
        }
        // What depends on itself adds nothing to what it depends on besides.
        self.taints.borrow_mut().insert((region, id), Verdict::No);
        let mut verdict = self.binding_tainted(region, id, hops);
        if verdict == Verdict::No && self.is_filled_from_event(region, id, hops - 1) {
            verdict = Verdict::Yes;
        }
        self.taints.borrow_mut().insert((region, id), verdict);
        verdict
    }

    fn binding_tainted(&self, region: RegionId, id: LocalId, hops: u32) -> Verdict {
        let context = self.context(region);
        let here = &self.reach.regions[region];
        match &context.body.locals[id as usize].source {
            Source::Param(_) if here.handler => self.is_event_parameter(region, id),
            Source::Param(index) => match self.argument(region, *index) {
                Some(at) => self.tainted(at, hops),
                None => Verdict::Unknown,
            },
            Source::Closure { closure, .. } if here.handler && *closure == here.root => Verdict::Yes,
            Source::Closure { closure, .. } => {
                // The closure of an adapter sees what it is called on: `records.iter().map(|r| …)`.
                match context.body.parent_kind(*closure) {
                    Some(Kind::Method { receiver, .. }) => self.tainted((region, *receiver), hops),
                    _ => Verdict::Unknown,
                }
            }
            Source::Init { init, .. } => self.tainted((region, *init), hops),
            Source::Item { iterable } => self.tainted((region, *iterable), hops),
            Source::Receiver => Verdict::No,
            Source::Unset => Verdict::Unknown,
        }
    }

    /// Whether a binding is the event itself or one of its records, not something taken from it.
    pub(crate) fn is_event(&self, region: RegionId, id: LocalId) -> bool {
        let here = &self.reach.regions[region];
        let context = self.context(region);
        match &context.body.locals[id as usize].source {
            Source::Param(_) if here.handler => self.is_event_parameter(region, id) == Verdict::Yes,
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

    /// Whether something from the event is put into a binding after it was made: `list.push(record)`.
    fn is_filled_from_event(&self, region: RegionId, id: LocalId, hops: u32) -> bool {
        let body = self.context(region).body;
        body.locals[id as usize].uses.iter().take(64).any(|&used| match body.parent_kind(used) {
            Some(Kind::Method { receiver, name, args, .. }) if *receiver == used => {
                self.reach.index.lexicon.method(name).has(Meaning::Fills)
                    && args.iter().any(|&arg| self.tainted((region, arg), hops) == Verdict::Yes)
            }
            Some(Kind::Assign { target, value }) if *target == used => {
                self.tainted((region, *value), hops) == Verdict::Yes
            }
            _ => false,
        })
    }

    /// Of a handler's parameters, clients and state are not the event.
    fn is_event_parameter(&self, region: RegionId, id: LocalId) -> Verdict {
        let context = self.context(region);
        let local = &context.body.locals[id as usize];
        let Some(declared) = &local.ty else {
            return Verdict::Yes;
        };
        let ty = context.lower(declared);
        let lexicon = context.index.lexicon;
        let shared = ty.path().is_some_and(|path| {
            let name = path.rsplit("::").next().unwrap_or(path);
            lexicon.means(path, Meaning::Shared) || lexicon.says(name, Role::SharedState)
        });
        (!shared).into()
    }
}
