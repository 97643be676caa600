//! What a function asks of its values anywhere: read once for each function, not at each place that wants to know.

use crate::knowledge::{Lexicon, Meaning};
use crate::source::parse::ir::{Body, ExprId, Kind};
use std::collections::{HashMap, HashSet};

/// What a function asks of its values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Names of what is asked whether it holds something, with how often: `list` of `list.is_empty()`.
    held: HashMap<Box<str>, usize>,
    /// Methods whose result is asked that: `headers` of `event.headers().contains_key("a")`.
    results: HashSet<Box<str>>,
    /// Last names of what is compared with something.
    compared: HashSet<Box<str>>,
}

impl Asked {
    /// Reads a body; `names` says what a value goes by.
    pub(super) fn read(lexicon: &Lexicon, body: &Body, names: impl Fn(ExprId) -> Vec<Box<str>>) -> Self {
        let mut asked = Self::default();
        for expr in &body.exprs {
            match &expr.kind {
                Kind::Method { receiver, name, .. } if lexicon.method(name).has(Meaning::ChecksPresence) => {
                    for name in names(*receiver) {
                        *asked.held.entry(name).or_insert(0) += 1;
                    }
                    if let Kind::Method { name, .. } = body.kind(body.peeled(*receiver)) {
                        asked.results.insert(name.as_str().into());
                    }
                }
                Kind::Binary(left, right) => {
                    asked
                        .compared
                        .extend([*left, *right].iter().filter_map(|&side| body.last_name(side)).map(Box::from));
                }
                _ => {}
            }
        }
        asked
    }

    /// How often a value of that name is asked whether it holds something.
    pub(crate) fn held(&self, name: &str) -> usize {
        self.held.get(name).copied().unwrap_or(0)
    }

    /// Whether what a method of that name gives is asked whether it holds something.
    pub(crate) fn result(&self, method: &str) -> bool {
        self.results.contains(method)
    }

    /// Whether a value of that name is compared with something.
    pub(crate) fn is_compared(&self, name: &str) -> bool {
        self.compared.contains(name)
    }
}
