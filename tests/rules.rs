//! Every example of every rule is a test: a bad one gives exactly the marked findings, a good one none,
//! and no rule speaks up on another rule's good examples.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::checks;
use faaslint::config::Selected;
use faaslint::engine::{self, Options, Outcome};
use faaslint::rule::{self, Example, Params, RuleSpec};
use faaslint::source::STACK_BYTES;
use faaslint::tree::{Built, Memory, ReadError, Tree};
use std::collections::BTreeMap;

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
        let file = tempfile::tempfile().expect("a file");
        file.set_len(bytes).expect("a sparse file");
        Some(Built { file, bytes, modified: None })
    }
}

fn run(example: &Example, rules: &[RuleSpec]) -> Outcome {
    let tree = Files { texts: Memory::new(example.tree()), built: &example.built };
    let rules =
        rules.iter().map(|spec| Selected { spec: spec.clone(), params: Params::defaults(&spec.params) }).collect();
    let options = Options::new(rules);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build().expect("threads start");
    pool.install(|| engine::run(&tree, None, &options, &|_| {}))
}

fn places(outcome: &Outcome, rule: &str) -> Vec<String> {
    let sources = &outcome.project.sources;
    let mut found: Vec<String> = outcome
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .map(|finding| {
            let span = finding.primary.span;
            format!("{}:{}", sources.path(span.file), sources.position(span.file, span.start).line)
        })
        .collect();
    found.sort();
    found
}

fn marked(example: &Example) -> Vec<String> {
    let mut wanted = example.at.clone();
    for (path, text) in &example.files {
        for (index, line) in text.lines().enumerate() {
            if line.contains("#~ here") || line.contains("//~ here") {
                wanted.push(format!("{path}:{}", index + 1));
            }
        }
    }
    wanted.sort();
    wanted
}

fn describe(outcome: &Outcome) -> String {
    let gaps: Vec<String> =
        outcome.project.gaps.iter().map(|gap| format!("{}:{}: {}", gap.path, gap.line, gap.reason)).collect();
    gaps.join("\n      ")
}

#[test]
fn bad_examples_give_exactly_the_marked_findings() {
    let mut failures = Vec::new();
    for rule in rule::embedded() {
        for example in &rule.examples.bad {
            let outcome = run(example, std::slice::from_ref(&rule));
            let (found, wanted) = (places(&outcome, &rule.id), marked(example));
            assert!(!wanted.is_empty(), "{}: `{}` marks no line", rule.id, example.name);
            if found != wanted {
                failures.push(format!(
                    "{}: `{}`\n   wanted {wanted:?}\n   found  {found:?}\n   gaps   {}",
                    rule.id,
                    example.name,
                    describe(&outcome)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} of the bad examples fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn good_examples_are_silent_for_every_rule() {
    let rules = rule::embedded();
    let mut failures = Vec::new();
    for rule in &rules {
        for example in &rule.examples.good {
            let outcome = run(example, &rules);
            for finding in &outcome.findings {
                let span = finding.primary.span;
                let line = outcome.project.sources.position(span.file, span.start).line;
                failures.push(format!(
                    "{}: `{}`: {} at {}:{line}: {}",
                    rule.id,
                    example.name,
                    finding.rule,
                    outcome.project.sources.path(span.file),
                    finding.message
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} noisy:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_rule_has_examples_texts_and_known_names() {
    for rule in rule::embedded() {
        assert!(!rule.examples.bad.is_empty() && !rule.examples.good.is_empty(), "{}: examples of both kinds", rule.id);
        assert!(!rule.links.is_empty(), "{}: a source", rule.id);
        for text in [&rule.what, &rule.why, &rule.fix] {
            assert!(text.trim().len() > 40 && text.trim().ends_with(['.', '`', ')']), "{}: {text}", rule.id);
        }
        let capital = rule.title.starts_with(|c: char| c.is_uppercase()) && !rule.title.starts_with("HTTP");
        assert!(!rule.title.ends_with('.') && !capital, "{}", rule.title);
        if let Err(reason) = checks::validate(&rule) {
            panic!("{}: {reason}", rule.id);
        }
    }
}
