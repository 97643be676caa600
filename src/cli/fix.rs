//! `--fix` and `--diff`: fixes are tried on a copy in memory, kept if they mend what they were for, and written whole.

use super::args::{CheckArgs, FixMode};
use super::complain::complain;
use super::save;
use super::scan::Scan;
use crate::engine::{Base, Options, Outcome, UseCargo};
use crate::finding::Finding;
use crate::fixes;
use crate::report::clean;
use crate::tree::{Overlay, Tree, repository};
use anyhow::anyhow;
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{MAIN_SEPARATOR, Path};

/// A fix may uncover another; no chain is longer than this.
const MOST_PASSES: usize = 10;

/// What fixing came to.
pub(super) struct Mended {
    /// The run over the new texts.
    pub(super) outcome: Outcome,
    /// New texts by path.
    pub(super) texts: BTreeMap<String, String>,
    /// The texts these files had when they were read.
    read: BTreeMap<String, String>,
    /// Findings that are gone, in order.
    fixed: Vec<String>,
    /// Fixes that were not made, with the reason.
    skipped: Vec<String>,
}

/// Applies what may be applied, until nothing is left that can.
pub(super) fn mend(
    scan: &Scan,
    args: &CheckArgs,
    base: Option<&Base<'_>>,
    options: &Options,
    first: Outcome,
) -> anyhow::Result<Mended> {
    let unsafe_too = args.fix == Some(FixMode::Unsafe);
    let mut mended = Mended {
        outcome: first,
        texts: BTreeMap::new(),
        read: BTreeMap::new(),
        fixed: Vec::new(),
        skipped: Vec::new(),
    };
    let mut refused: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MOST_PASSES {
        let (project, findings) = (&mended.outcome.project, &mended.outcome.findings);
        let excluded: Vec<usize> =
            (0..findings.len()).filter(|&index| refused.contains(&findings[index].fingerprint)).collect();
        let applied = fixes::apply(&project.sources, findings, unsafe_too, &excluded);
        let named = |index: usize| named(&mended.outcome, index, unsafe_too);
        if applied.findings.is_empty() {
            for skipped in applied.skipped {
                mended.skipped.push(format!("{}: {}", named(skipped.finding), skipped.reason));
            }
            break;
        }
        let mut texts = mended.texts.clone();
        texts.extend(applied.files.clone());
        let mut options = options.clone();
        if texts.keys().any(|path| path.ends_with("Cargo.toml")) {
            // Cargo sees the files on disk only, and refuses a lock file that does not fit.
            options.cargo = UseCargo::No;
        }
        let overlay = Overlay::new(&scan.tree, texts.clone());
        let after = scan.run_over(&args.scan, &overlay, base, &options)?;
        let wrong = ineffective(&mended.outcome, &after, &applied, unsafe_too);
        if wrong.is_empty() {
            for path in texts.keys() {
                let sources = &mended.outcome.project.sources;
                if let (false, Some(file)) = (mended.read.contains_key(path), sources.find(path)) {
                    mended.read.insert(path.clone(), sources.text(file).to_owned());
                }
            }
            mended.fixed.extend(applied.findings.iter().map(|&index| named(index)));
            mended.texts = texts;
            mended.outcome = after;
            continue;
        }
        // Without the culprits, the next pass tries the rest again on what was there.
        for (index, reason) in wrong {
            refused.insert(mended.outcome.findings[index].fingerprint.clone());
            mended.skipped.push(format!("{}: {reason}", named(index)));
        }
    }
    for skipped in &mended.skipped {
        complain(&format!("not fixed: {skipped}"));
    }
    Ok(mended)
}

/// Writes what was mended, says what that is, and hands over the run over it.
pub(super) fn keep(scan: &Scan, mended: Mended, quiet: bool) -> anyhow::Result<Outcome> {
    let mixed = save::uncommitted(&scan.tree, &mended.read);
    save::replace(&scan.tree, &mended.texts, &mended.read)?;
    if !mixed.is_empty() {
        complain(&save::mixed(&mixed));
    }
    if !quiet {
        for fixed in &mended.fixed {
            complain(&format!("fixed: {fixed}"));
        }
    }
    if mended.texts.keys().any(|path| path.ends_with("Cargo.toml")) {
        complain("manifests changed: the next build refreshes Cargo.lock");
    }
    Ok(mended.outcome)
}

/// A finding in a line.
fn named(outcome: &Outcome, index: usize, unsafe_too: bool) -> String {
    let finding = &outcome.findings[index];
    let place = clean(&outcome.project.sources.place(finding.primary.span));
    let title = finding.fix_to_apply(unsafe_too).map_or("", |fix| fix.title.as_str());
    format!("{place} {}: {title}", finding.rule)
}

/// Fixes after which a file could not be read any more, or what they were for is still found.
fn ineffective(before: &Outcome, after: &Outcome, applied: &fixes::Applied, unsafe_too: bool) -> Vec<(usize, String)> {
    let gaps = |outcome: &Outcome, path: &str| outcome.project.gaps.iter().filter(|gap| gap.path == path).count();
    let broken: BTreeSet<&String> =
        applied.files.keys().filter(|path| gaps(after, path) > gaps(before, path)).collect();
    let mut found: HashMap<(String, Option<String>, String), i64> = HashMap::new();
    let key = |outcome: &Outcome, finding: &Finding| {
        let path = outcome.project.sources.path(finding.primary.span.file).to_owned();
        // Ids are of one run; labels are the same in both.
        (finding.rule.clone(), finding.subject.map(|subject| outcome.project.label(subject)), path)
    };
    for finding in &before.findings {
        *found.entry(key(before, finding)).or_insert(0) += 1;
    }
    for finding in &after.findings {
        *found.entry(key(after, finding)).or_insert(0) -= 1;
    }
    let mut expected: HashMap<(String, Option<String>, String), i64> = HashMap::new();
    for &index in &applied.findings {
        *expected.entry(key(before, &before.findings[index])).or_insert(0) += 1;
    }
    applied
        .findings
        .iter()
        .filter_map(|&index| {
            let finding = &before.findings[index];
            let touched = finding.fix_to_apply(unsafe_too).into_iter().flat_map(|fix| &fix.edits);
            let mut paths = touched.map(|edit| before.project.sources.path(edit.span.file).to_owned());
            if paths.any(|path| broken.contains(&path)) {
                return Some((index, "the file could not be read after it; left as it was".to_owned()));
            }
            let key = key(before, finding);
            let still = found.get(&key).copied().unwrap_or(0) < expected.get(&key).copied().unwrap_or(0);
            still.then(|| (index, "it would not have mended it; left as it was".to_owned()))
        })
        .collect()
}

/// The changes as a unified diff. In a repository it is one as git writes them, with paths from its top, so that
/// `git apply` takes it wherever it is called; elsewhere paths are as they are reached from the working directory.
/// Source: git, apply.c: paths of a patch with a `diff --git` line are relative to the top, others to the working
/// directory.
pub(super) fn diff(scan: &Scan, texts: &BTreeMap<String, String>) -> anyhow::Result<String> {
    let mut out = String::new();
    let root = scan.tree.root().and_then(|root| root.canonicalize().ok());
    let below = root.and_then(|root| Some(root.strip_prefix(repository(&root)?).ok()?.to_owned()));
    let below = below.as_deref().and_then(Path::to_str).map(|below| below.replace(MAIN_SEPARATOR, "/"));
    let prefix = below.as_deref().unwrap_or(&scan.prefix);
    for (path, text) in texts {
        let old = scan.tree.read(path).map_err(|reason| anyhow!("`{path}` {reason}"))?;
        let old = String::from_utf8_lossy(&old);
        let shown = if prefix.is_empty() { path.clone() } else { format!("{prefix}/{path}") };
        if below.is_some() {
            out.push_str(&format!("diff --git a/{shown} b/{shown}\n"));
        }
        let diff = TextDiff::from_lines(old.as_ref(), text.as_str());
        out.push_str(&diff.unified_diff().header(&format!("a/{shown}"), &format!("b/{shown}")).to_string());
    }
    Ok(out)
}
