//! What a function asks of its values anywhere: read once for each function, not at each place that wants to know.

use crate::knowledge::{Lexicon, Meaning, Role};
use crate::source::parse::ir::{Body, ExprId, Kind, LocalId, Projection, Source};
use foldhash::{HashMap, HashSet};

/// What a function asks of its values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Names of what is asked whether it holds something, with how often: `list` of `list.is_empty()`.
    held: HashMap<Box<str>, usize>,
    /// Methods whose result is asked that: `headers` of `event.headers().contains_key("a")`.
    results: HashSet<Box<str>>,
    /// Last names of what is compared with something.
    compared: HashSet<Box<str>>,
    /// The last place that waits for one end of a channel that was made with another.
    answered: Option<ExprId>,
}

impl Asked {
    /// Reads a body; `names` says what a value goes by.
    pub(super) fn read(lexicon: &Lexicon, body: &Body, names: impl Fn(ExprId) -> Vec<Box<str>>) -> Self {
        let mut asked = Self::default();
        for (id, expr) in body.exprs.iter().enumerate() {
            let id = id as ExprId;
            match &expr.kind {
                Kind::Method { receiver, name, .. } if lexicon.method(name).has(Meaning::ChecksPresence) => {
                    for name in names(*receiver) {
                        *asked.held.entry(name).or_insert(0) += 1;
                    }
                    if let Kind::Method { name, .. } = body.kind(body.peeled(*receiver)) {
                        asked.results.insert(name.as_str().into());
                    }
                }
                // `if let None = body { return … }` asks as `is_none` does.
                Kind::LetCondition { init, heads }
                    if heads.iter().any(|head| head.last().is_some_and(|name| name == "None"))
                        || heads.iter().all(|head| head.first().is_some_and(|name| name == "Err"))
                            && is_way_out(body, id) =>
                {
                    for name in names(*init) {
                        *asked.held.entry(name).or_insert(0) += 1;
                    }
                }
                Kind::Binary(left, right) => {
                    asked
                        .compared
                        .extend([*left, *right].iter().filter_map(|&side| body.last_name(side)).map(Box::from));
                }
                Kind::Await(inner) => {
                    let waited = match body.kind(body.peeled(*inner)) {
                        Kind::Method { receiver, .. } => body.peeled(*receiver),
                        _ => body.peeled(*inner),
                    };
                    let end = matches!(body.kind(waited), Kind::Local(local) if one_of_pair(lexicon, body, *local));
                    asked.answered = asked.answered.max(end.then_some(waited));
                }
                _ => {}
            }
        }
        asked
    }

    /// Whether a place after this one waits for one end of a channel that was made with another.
    pub(crate) fn answers_after(&self, id: ExprId) -> bool {
        self.answered.is_some_and(|answered| answered > id)
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

/// Whether the branch of a condition ends in leaving the function or the turn of a loop.
fn is_way_out(body: &Body, condition: ExprId) -> bool {
    let Some(Kind::If { condition: own, then, .. }) = body.parent_kind(condition) else { return false };
    let mut at = *then;
    while let Kind::Block { statements, tail } = body.kind(at) {
        let Some(&last) = tail.as_ref().or(statements.last()) else { return false };
        at = body.peeled(last);
    }
    *own == condition && matches!(body.kind(at), Kind::Return(_) | Kind::Continue | Kind::Break(_))
}

/// Whether a binding is one of the two that making a channel gives.
fn one_of_pair(lexicon: &Lexicon, body: &Body, local: LocalId) -> bool {
    let Source::Init { init, projection } = &body.locals[local as usize].source else { return false };
    let Kind::Call { callee, .. } = body.kind(body.peeled(*init)) else { return false };
    let Kind::Path { path, .. } = body.kind(*callee) else { return false };
    let name = path.last().map_or("", String::as_str);
    matches!(projection.first(), Some(Projection::Index(_))) && lexicon.says(name, Role::MakesEnds)
}
