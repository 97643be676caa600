//! The examples of rule files, run: a bad one gives exactly the marked findings, a good one gives none. Our own test
//! and `rules test` judge alike, because both ask here.

use super::{Options, Outcome, run};
use crate::config::Selected;
use crate::rule::{Example, Params, RuleSpec};
use crate::text::Span;
use crate::tree::{Built, Memory, ReadError, Tree};
use std::collections::BTreeMap;

/// Which findings an example is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Exactly the marked ones.
    Bad,
    /// None.
    Good,
}

/// An example of a rule.
#[derive(Debug, Clone, Copy)]
pub struct Case<'r> {
    /// The rule.
    pub rule: &'r RuleSpec,
    /// What is expected.
    pub side: Side,
    /// The files.
    pub example: &'r Example,
}

/// Every example of a rule.
pub fn cases(rule: &RuleSpec) -> Vec<Case<'_>> {
    let bad = rule.examples.bad.iter().map(|example| Case { rule, side: Side::Bad, example });
    let good = rule.examples.good.iter().map(|example| Case { rule, side: Side::Good, example });
    bad.chain(good).collect()
}

impl Case<'_> {
    /// The name it can be asked for by.
    pub fn name(&self) -> String {
        let side = if self.side == Side::Bad { "bad" } else { "good" };
        format!("{}::{side}::{}", self.rule.id, self.example.name)
    }

    /// Whether a bad example gives exactly the marked findings of its rule, or `rules` all keep silent on a good one:
    /// all but those that run on examples of their own alone.
    /// Must be called on threads with stacks of `source::STACK_BYTES`.
    ///
    /// # Errors
    /// What is missing, what is too much, and what could not be read.
    pub fn judge(&self, rules: &[RuleSpec]) -> Result<(), String> {
        let (outcome, wanted) = match self.side {
            Side::Bad => (analyse(self.example, std::slice::from_ref(self.rule)), marked(self.example)),
            Side::Good => {
                let asked = rules.iter().filter(|rule| rule.id == self.rule.id || !rule.examples.alone);
                (analyse(self.example, &asked.cloned().collect::<Vec<_>>()), Vec::new())
            }
        };
        if self.side == Side::Bad && wanted.is_empty() {
            return Err("it marks no line; `#~ here` or `//~ here` ends the line of each finding".to_owned());
        }
        let found = places(&outcome);
        let mut rest = wanted.clone();
        let mut wrong = Vec::new();
        for (place, said) in &found {
            match rest.iter().position(|wanted| wanted == place) {
                Some(at) => drop(rest.remove(at)),
                None => wrong.push(format!("not marked, but found: {place}: {said}")),
            }
        }
        wrong.extend(rest.iter().map(|place| format!("marked, but not found: {place}")));
        if wrong.is_empty() {
            return Ok(());
        }
        let gaps = outcome.project.gaps.iter();
        wrong.extend(gaps.map(|gap| format!("not analysed: {}:{}: {}", gap.path, gap.line, gap.reason)));
        Err(wrong.join("\n"))
    }
}

/// The files of an example, with what its build left as empty files of the stated sizes.
struct Files<'e> {
    texts: Memory,
    built: &'e BTreeMap<String, u64>,
}

impl Tree for Files<'_> {
    fn files(&self) -> &[String] {
        self.texts.files()
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.texts.read(path)
    }

    fn built(&self, path: &str) -> Option<Built> {
        let &bytes = self.built.get(path)?;
        let file = tempfile::tempfile().ok()?;
        file.set_len(bytes).ok()?;
        Some(Built { file, bytes, modified: None })
    }
}

fn analyse(example: &Example, rules: &[RuleSpec]) -> Outcome {
    let tree = Files { texts: Memory::new(example.tree()), built: &example.built };
    let rules = rules.iter().map(|spec| Selected { spec: spec.clone(), params: Params::defaults(&spec.params) });
    run(&tree, None, &Options::new(rules.collect()), &|_| {})
}

/// Path and line of each finding, with what it says.
fn places(outcome: &Outcome) -> Vec<(String, String)> {
    let sources = &outcome.project.sources;
    let places = |finding: &crate::finding::Finding| {
        let spans = std::iter::once(finding.primary.span).chain(finding.repeats.iter().map(|other| other.span));
        let said = format!("{}: {}", finding.rule, finding.text());
        let place = |span: Span| {
            let line = sources.position(span.file, span.start).line;
            (format!("{}:{line}", sources.path(span.file)), said.clone())
        };
        spans.map(place).collect::<Vec<_>>()
    };
    outcome.findings.iter().flat_map(places).collect()
}

/// Path and line of each finding that an example announces.
fn marked(example: &Example) -> Vec<String> {
    let mut wanted = example.at.clone();
    for (path, text) in &example.files {
        let lines = text.lines().enumerate().filter(|(_, line)| line.contains("#~ here") || line.contains("//~ here"));
        wanted.extend(lines.map(|(index, _)| format!("{path}:{}", index + 1)));
    }
    wanted
}
