//! Whether a rule file names only what there is, and compares facts with what they can be compared with.

use super::mend;
use super::predicate::{Part, parts};
use super::vocabulary;
use super::vocabulary::Entry;
use crate::knowledge::dialect;
use crate::model::Platform;
use crate::rule::{Literal, Match, Placement, Predicate, RuleSpec, peers};

/// What is wrong with a rule, and the path of keys and indices that leads there.
pub(crate) struct Invalid {
    pub(crate) path: Vec<String>,
    pub(crate) reason: String,
}

/// Everything that is wrong with a rule.
pub(crate) fn validate(spec: &RuleSpec) -> Vec<Invalid> {
    let mut found = Vec::new();
    for (index, name) in spec.platforms.iter().enumerate() {
        let known = Platform::ALL.map(Platform::id);
        if !known.contains(&name.as_str()) {
            let reason = format!("there is no platform `{name}`; there are: {}", known.join(", "));
            found.push(Invalid { path: vec!["platforms".to_owned(), index.to_string()], reason });
        }
    }
    for (index, peer) in spec.peers.iter().enumerate() {
        let mut wrong = |key: &str, reason: String| {
            let path = vec!["peers".to_owned(), index.to_string(), key.to_owned()];
            found.push(Invalid { path, reason });
        };
        if !peers().tools.contains_key(&peer.tool) {
            let known: Vec<&str> = peers().tools.keys().map(String::as_str).collect();
            wrong("tool", format!("there is no tool `{}`; there are: {}", peer.tool, known.join(", ")));
        }
        if let Some(name) = peer.reads.iter().find(|name| dialect(name).is_none()) {
            wrong("reads", format!("there is no dialect `{name}`"));
        }
    }
    if let (Some(matches), Some(placement)) = (&spec.matches, &spec.report) {
        let facts = vocabulary::entries(matches.each);
        let mut names = Names { spec, facts, path: Vec::new(), found: &mut found };
        names.condition(matches);
        names.placement(matches, placement);
    }
    found
}

/// A walk through a rule, with the way it has come.
struct Names<'s> {
    spec: &'s RuleSpec,
    facts: Vec<Entry>,
    path: Vec<String>,
    found: &'s mut Vec<Invalid>,
}

impl Names<'_> {
    fn at(&mut self, key: impl ToString, visit: impl FnOnce(&mut Self)) {
        self.path.push(key.to_string());
        visit(self);
        self.path.pop();
    }

    fn wrong(&mut self, reason: String) {
        self.found.push(Invalid { path: self.path.clone(), reason });
    }

    fn condition(&mut self, matches: &Match) {
        self.at("match", |names| names.at("when", |names| names.predicate(&matches.when)));
    }

    fn placement(&mut self, matches: &Match, placement: &Placement) {
        self.at("report", |names| {
            names.at("primary", |names| names.fact(&placement.primary));
            names.at("related", |names| {
                for (index, name) in placement.related.iter().enumerate() {
                    names.at(index, |names| names.fact(name));
                }
            });
            names.at("message", |names| names.text(&placement.message));
            names.at("note", |names| names.text(&placement.note));
            names.at("fix", |names| names.fix(matches, placement.fix.as_deref()));
            names.at("raise", |names| {
                for (index, raise) in placement.raise.iter().enumerate() {
                    names.at(index, |names| {
                        names.at("when", |names| names.predicate(&raise.when));
                        names.at("because", |names| names.text(&raise.because));
                    });
                }
            });
        });
    }

    fn fact(&mut self, name: &str) {
        if !self.facts.iter().any(|fact| fact.name == name) {
            let known: Vec<&str> = self.facts.iter().map(|fact| fact.name).collect();
            self.wrong(format!("there is no fact `{name}` here; there are: {}", known.join(", ")));
        }
    }

    fn text(&mut self, text: &str) {
        for part in parts(text) {
            match part {
                Part::Fact(name) => self.fact(name),
                Part::Text(text) if text.contains(['{', '}']) => {
                    self.wrong("a brace stands alone; `{fact}` is replaced by a fact's value".to_owned());
                }
                Part::Text(_) => {}
            }
        }
    }

    fn fix(&mut self, matches: &Match, fix: Option<&str>) {
        let Some(name) = fix else { return };
        let known: Vec<&str> =
            mend::NAMES.iter().filter(|(_, subject)| *subject == matches.each).map(|(name, _)| *name).collect();
        if !known.contains(&name) {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            self.wrong(format!("there is no fix `{name}` for a {}; there are: {known}", matches.each.word()));
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::All(inner) => self.at("all", |names| names.each(inner)),
            Predicate::Any(inner) => self.at("any", |names| names.each(inner)),
            Predicate::Not(inner) => self.at("not", |names| names.predicate(inner)),
            Predicate::Atom { fact, operator, operand } => {
                self.at("fact", |names| names.fact(fact));
                self.at(operator.word(), |names| {
                    let Some(operand) = names.operand(operand) else { return };
                    let kind = names.facts.iter().find(|known| known.name == fact).map(|known| known.kind);
                    if let Some(Err(reason)) = kind.map(|kind| kind.accepts(*operator, &operand)) {
                        names.wrong(format!("`{fact}`: {reason}"));
                    }
                });
            }
        }
    }

    fn each(&mut self, predicates: &[Predicate]) {
        for (index, part) in predicates.iter().enumerate() {
            self.at(index, |names| names.predicate(part));
        }
    }

    /// What an operand stands for: itself, or the default of a parameter.
    fn operand(&mut self, operand: &Literal) -> Option<Literal> {
        match operand {
            Literal::Text(name) if name.starts_with('$') => {
                let parameter = self.spec.params.get(&name[1..]);
                if parameter.is_none() {
                    let known: Vec<&str> = self.spec.params.keys().map(String::as_str).collect();
                    let known = if known.is_empty() {
                        "it has none".to_owned()
                    } else {
                        format!("it has: {}", known.join(", "))
                    };
                    self.wrong(format!("the rule has no parameter `{name}`; {known}"));
                }
                parameter.map(|parameter| parameter.default.clone())
            }
            Literal::List(items) if items.iter().any(|item| item.starts_with('$')) => {
                self.wrong("a parameter stands for the whole list, not for a part of it".to_owned());
                None
            }
            other => Some(other.clone()),
        }
    }
}
