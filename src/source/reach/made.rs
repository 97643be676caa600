//! What is known of the types a binary makes, and of the calls through traits that wait to know it.

use crate::finding::Confidence;
use crate::source::names::kinds::{FnId, TypeId};
use std::collections::HashSet;

/// A call through a trait, and an implementation it may lead to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<C> {
    pub(super) call: C,
    pub(super) callee: FnId,
    pub(super) owner: TypeId,
    pub(super) confidence: Confidence,
}

/// What is known of the types a binary makes.
#[derive(Debug)]
pub(super) struct Made<C> {
    pub(super) types: HashSet<TypeId>,
    pub(super) waiting: Vec<Candidate<C>>,
    /// Calls of which at least one implementation is followed.
    pub(super) served: HashSet<C>,
}

impl<C> Default for Made<C> {
    fn default() -> Self {
        Self { types: HashSet::new(), waiting: Vec::new(), served: HashSet::new() }
    }
}
