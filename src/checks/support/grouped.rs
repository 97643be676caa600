//! One cause, one finding: facts of a function that say the same, told once with their places.

use crate::finding::Finding;
use crate::model::source::Site;
use crate::text::{FileId, Span};
use std::collections::HashMap;
use std::hash::Hash;

/// Other places that a finding names.
const MAX_PLACES: usize = 8;

/// Facts with the same key, in the order of the first of each.
pub(crate) fn grouped<'f, F, K: Hash + Eq>(
    facts: impl IntoIterator<Item = &'f F>,
    key: impl Fn(&'f F) -> K,
) -> Vec<Vec<&'f F>> {
    let mut groups: Vec<Vec<&F>> = Vec::new();
    let mut at: HashMap<K, usize> = HashMap::new();
    for fact in facts {
        let index = *at.entry(key(fact)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[index].push(fact);
    }
    groups
}

/// The function a fact lies in, as it was reached.
pub(crate) fn function(site: &Site) -> (FileId, &[String]) {
    (site.span.file, &site.trail)
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl Finding {
    /// Adds the other places of one cause.
    pub(crate) fn places(&mut self, others: impl IntoIterator<Item = Span>, note: &str) -> &mut Self {
        let own = self.primary.span;
        for span in others.into_iter().filter(|span| *span != own).take(MAX_PLACES) {
            self.also(Some(span), note);
        }
        self
    }
}
