//! What is true of every input: the examples of the rules, changed as people and chance would, the same each time.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use faaslint::config::Selected;
use faaslint::engine::{self, Options, Outcome};
use faaslint::fixes;
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::text::Span;
use faaslint::tree::Memory;
use rayon::ThreadPool;
use std::collections::BTreeMap;

type Files = BTreeMap<String, String>;

/// Changed trees that are tried.
const CASES: usize = 800;

fn pool(threads: usize) -> ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).build().expect("threads start")
}

fn options() -> Options {
    let rules = rule::embedded().into_iter();
    Options::new(rules.map(|spec| Selected { params: Params::defaults(&spec.params), spec }).collect())
}

/// The trees of the examples, bad ones first.
fn trees() -> Vec<Files> {
    let rules = rule::embedded();
    let bad = rules.iter().flat_map(|rule| rule.examples.bad.iter()).map(|example| example.tree());
    let good = rules.iter().flat_map(|rule| rule.examples.good.iter()).map(|example| example.tree());
    bad.chain(good).collect()
}

/// Numbers that look like chance (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most.max(1)
    }
}

/// A text with one thing changed; `other` is a text of another file.
fn changed(text: &str, other: &str, chance: &mut Chance) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let boundary = |text: &str, at: usize| (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let at = chance.below(lines.len());
    let byte = boundary(text, chance.below(text.len() + 1));
    let insert = |what: &str| format!("{}{what}{}", &text[..byte], &text[byte..]);
    let but = |replaced: &[&str]| {
        let mut out: Vec<&str> = lines[..at].to_vec();
        out.extend(replaced);
        out.extend(lines.get(at + 1..).unwrap_or_default());
        out.concat()
    };
    let line = lines.get(at).copied().unwrap_or_default();
    match chance.below(12) {
        0 => text[..byte].to_owned(),
        1 => but(&[]),
        2 => but(&[line, line]),
        3 => but(&[&line.replace(|c: char| c.is_ascii_digit(), "9")]),
        4 => but(&[&format!("  {line}")]),
        5 => but(&[line.trim_start()]),
        6 => text[..byte].to_owned() + &other[boundary(other, chance.below(other.len() + 1))..],
        7 => insert(
            ["{", "}", "(", ")", "\"", "'", "`", "*", "&", "<<", "-", ":", "${", "é", "\u{feff}", "\r"]
                [chance.below(16)],
        ),
        8 => text.replace('\n', "\r\n"),
        9 => but(&[&line.repeat(50)]),
        10 => insert(&text[byte..boundary(text, (byte + chance.below(200)).min(text.len()))]),
        _ => but(&[&line.replace(": ", ": !GetAtt ").replace(" = ", " = !")]),
    }
}

fn said(outcome: &Outcome) -> Vec<String> {
    let sources = &outcome.project.sources;
    let findings = outcome.findings.iter().map(|finding| {
        let labels: Vec<String> = finding.related.iter().map(|label| sources.place(label.span) + &label.note).collect();
        format!(
            "{} {} {} {} {labels:?}",
            sources.place(finding.primary.span),
            finding.rule,
            finding.fingerprint,
            finding.message
        )
    });
    let gaps = outcome.project.gaps.iter().map(|gap| format!("{}:{} {}", gap.path, gap.line, gap.reason));
    findings.chain(gaps).collect()
}

/// Every place lies in its file, at whole characters.
fn hold(outcome: &Outcome) {
    let sources = &outcome.project.sources;
    let inside = |span: Span| {
        let text = sources.text(span.file);
        let (start, end) = (span.start as usize, span.end as usize);
        let whole = start <= end && text.is_char_boundary(start) && text.is_char_boundary(end);
        assert!(whole, "{} {span:?} of {} bytes", sources.path(span.file), text.len());
    };
    for finding in &outcome.findings {
        inside(finding.primary.span);
        finding.related.iter().for_each(|label| inside(label.span));
        finding.fixes.iter().flat_map(|fix| &fix.edits).for_each(|edit| inside(edit.span));
    }
    outcome.project.gaps.iter().filter_map(|gap| gap.span).for_each(inside);
}

#[test]
fn changed_examples_are_judged_alike_by_any_number_of_threads_and_their_fixes_can_be_read() {
    let (trees, options) = (trees(), options());
    let (one, three) = (pool(1), pool(3));
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut fixed = 0;
    for case in 0..CASES {
        let mut files = trees[chance.below(trees.len())].clone();
        let other = trees[chance.below(trees.len())].values().next().cloned().unwrap_or_default();
        for _ in 0..=chance.below(3) {
            let path = files.keys().nth(chance.below(files.len())).cloned();
            if let Some(text) = path.and_then(|path| files.get_mut(&path)) {
                *text = changed(text, &other, &mut chance);
            }
        }
        let run = |pool: &ThreadPool, files: &Files| {
            let tree = Memory::new(files.clone());
            pool.install(|| engine::run(&tree, None, &options, &|_| {}))
        };
        let outcome = run(&one, &files);
        hold(&outcome);
        assert_eq!(said(&outcome), said(&run(&three, &files)), "case {case}");
        let applied = fixes::apply(&outcome.project.sources, &outcome.findings, true, &[]);
        if applied.files.is_empty() {
            continue;
        }
        fixed += applied.findings.len();
        files.extend(applied.files);
        hold(&run(&three, &files));
    }
    assert!(fixed > 15, "the fixes were reached: {fixed}");
}

#[test]
fn the_order_of_resources_changes_nothing_that_is_found() {
    let options = options();
    let pool = pool(2);
    let mut compared = 0;
    for files in trees() {
        let Some(text) = files.get("template.yaml").filter(|text| text.contains("\nResources:\n")) else { continue };
        let Some(reversed) = reversed(text) else { continue };
        let run = |files: &Files| {
            let tree = Memory::new(files.clone());
            let outcome = pool.install(|| engine::run(&tree, None, &options, &|_| {}));
            let mut rules: Vec<String> = outcome.findings.iter().map(|finding| finding.rule.clone()).collect();
            rules.sort_unstable();
            rules
        };
        let mut other = files.clone();
        other.insert("template.yaml".to_owned(), reversed);
        assert_eq!(run(&files), run(&other), "{text}");
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}

/// A template with its resources the other way round; none if it has sections after them, or anchors.
fn reversed(text: &str) -> Option<String> {
    let (head, resources) = text.split_once("\nResources:\n")?;
    // A remark is about what follows it.
    let belongs = |line: &str| line.is_empty() || line.starts_with(' ') && !line.trim_start().starts_with('#');
    let plain = !resources.contains(['&', '\t']) && resources.lines().all(belongs);
    if !plain {
        return None;
    }
    let mut blocks: Vec<String> = Vec::new();
    for line in resources.lines() {
        let begins = line.starts_with("  ") && !line.starts_with("   ") && !line.trim_start().starts_with('#');
        match blocks.last_mut() {
            Some(block) if !begins => *block += &format!("{line}\n"),
            _ => blocks.push(format!("{line}\n")),
        }
    }
    blocks.reverse();
    (blocks.len() > 1).then(|| format!("{head}\nResources:\n{}", blocks.concat()))
}
