//! Which implementations a call through a trait leads to: those of types that the binary makes somewhere on its way.
//!
//! A library may hold an implementation for the function and another for a command line tool; each binary makes one of
//! them. A type counts as made where it is written in code that is reached: `Store { … }`, `Store::new()`,
//! `run::<Store>()`; what is read from input may be made anywhere. If none of the implementations at a call is made as
//! far as that can be seen, all of them are followed.

use super::made::Candidate;
use super::regions::{Code, Reach, RegionId};
use crate::finding::Confidence;
use crate::source::names::kinds::{FnId, Head, Res};
use crate::source::parse::ir::{ExprId, Kind, Ty};
use crate::source::types::infer::Context;

impl Reach<'_> {
    /// Follows a call through a trait, now or when a type that implements it is made.
    pub(super) fn dispatch(&mut self, call: (RegionId, ExprId), callee: FnId, confidence: Confidence) {
        match self.index.owner(callee) {
            Some(owner) if !self.made.types.contains(&owner) && !self.index.type_item(owner).read => {
                self.made.waiting.push(Candidate { call, callee, owner, confidence });
            }
            _ => self.follow(call, callee, confidence),
        }
    }

    fn follow(&mut self, call: (RegionId, ExprId), callee: FnId, confidence: Confidence) {
        self.made.served.insert(call);
        self.calls.push((call.0, call.1, callee));
        let phase = self.regions[call.0].phase;
        self.enter(Code::Fn(callee), 0, phase, confidence, Some(call), false);
    }

    /// Notes the types that an expression makes.
    pub(super) fn note_made(&mut self, context: &Context<'_>, id: ExprId) {
        match context.body.kind(id) {
            Kind::Struct { .. } => {
                if let Head::Local(made) = context.type_of(id).head {
                    self.made.types.insert(made);
                }
            }
            Kind::Path { path, generic } => {
                let owner = match context.resolve(path) {
                    Res::Fn(callee) => self.index.owner(callee),
                    Res::Type(made) => Some(made),
                    _ => None,
                };
                let prefix = path.split_last().filter(|(_, owner)| !owner.is_empty());
                let written = prefix.and_then(|(_, owner)| match context.resolve_type(owner) {
                    Res::Type(made) => Some(made),
                    _ => None,
                });
                self.made.types.extend(owner.into_iter().chain(written));
                if let Some(ty) = generic {
                    self.note_named(context, ty);
                }
            }
            Kind::Method { generic: Some(ty), .. } => self.note_named(context, ty),
            _ => {}
        }
    }

    fn note_named(&mut self, context: &Context<'_>, ty: &Ty) {
        if let Head::Local(named) = context.lower(ty).head {
            self.made.types.insert(named);
        }
    }

    /// Follows what waited for a type that is made by now; else, of calls that lead nowhere, everything. Whether there
    /// was anything to follow.
    pub(super) fn resume(&mut self) -> bool {
        let waiting = std::mem::take(&mut self.made.waiting);
        let made = |of: &Candidate<_>| self.made.types.contains(&of.owner);
        let (mut ready, mut rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(made);
        if ready.is_empty() {
            (rest, ready) = rest.into_iter().partition(|of| self.made.served.contains(&of.call));
        }
        self.made.waiting = rest;
        for of in &ready {
            self.follow(of.call, of.callee, of.confidence);
        }
        !ready.is_empty()
    }
}
