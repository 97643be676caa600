//! `rules new` and `rules test`: what somebody who writes a rule needs, for our rules and for users' own.

use super::args::{NewRuleArgs, ScanArgs};
use super::configs::load_config;
use super::rule_files;
use crate::engine::examples::{Case, cases};
use crate::report::clean;
use crate::rule;
use crate::rule::RuleSpec;
use crate::source::STACK_BYTES;
use crate::tree::Disk;
use anyhow::{Context, anyhow, bail};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

const RULE: &str = include_str!("../../rules/TEMPLATE.yaml");
const CHECK: &str = include_str!("../../rules/TEMPLATE.rs");

/// Where this project keeps its own rules and checks.
const OWN: (&str, &str) = ("rules", "src/checks");

/// Writes a first version of a rule, which works as it stands.
pub(super) fn new(args: &NewRuleArgs) -> anyhow::Result<u8> {
    let id = args.id.as_str();
    let words = id
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if !words || !id.starts_with(|first: char| first.is_ascii_lowercase()) {
        bail!("`{id}` is no id of a rule: words of lower-case letters and digits, joined by `-`");
    }
    if rule::embedded().iter().any(|known| known.id == id) {
        bail!("there is a rule `{id}` already; `cargo faaslint explain {id}` shows it");
    }
    let (own_rules, own_checks) = (Path::new(OWN.0), Path::new(OWN.1));
    let own = own_rules.join(rule_files::TEMPLATE).exists() && own_checks.join("mod.rs").exists();
    if args.builtin && !own {
        bail!("a built-in check is part of faaslint: `--builtin` is for a checkout of it");
    }
    let folders = if own { vec![OWN.0.to_owned()] } else { config_folders()? };
    let folder = match (&args.dir, folders.first()) {
        (Some(dir), _) => dir.clone(),
        (None, Some(folder)) => below(folder)?,
        (None, None) => PathBuf::from("."),
    };
    let mut said = String::new();
    let path = folder.join(format!("{id}.yaml"));
    let check = id.replace('-', "_");
    let text = RULE.replacen("id: TEMPLATE ", &format!("id: {id} "), 1);
    create(&path, &if args.builtin { builtin(&text, &check)? } else { text })?;
    let _ = writeln!(said, "wrote {}", path.display());
    if args.builtin {
        let path = own_checks.join(format!("{check}.rs"));
        create(&path, CHECK)?;
        let _ = writeln!(said, "wrote {}", path.display());
    }
    if own {
        let _ =
            writeln!(said, "The build finds it. `cargo test {id}` runs its examples; CONTRIBUTING.md says the rest.");
    } else {
        let _ = writeln!(
            said,
            "It works as it stands: `cargo faaslint rules test {}` runs its examples.",
            folder.display()
        );
        if args.dir.is_some() || folders.is_empty() {
            let _ = writeln!(said, "`rules: [{}]` in faaslint.yaml makes it part of every run.", folder.display());
        }
    }
    io::stdout().lock().write_all(said.as_bytes())?;
    Ok(0)
}

/// The template with the name of a check in place of the predicate.
fn builtin(text: &str, check: &str) -> anyhow::Result<String> {
    let (head, rest) = text.split_once("match:\n").ok_or_else(|| anyhow!("the template has no predicate"))?;
    let (_, examples) = rest.split_once("examples:\n").ok_or_else(|| anyhow!("the template has no examples"))?;
    Ok(format!("{head}builtin: {check}\nexamples:\n{examples}"))
}

/// The rule folders that the config of the working directory names.
fn config_folders() -> anyhow::Result<Vec<String>> {
    let tree = Disk::open(Path::new(".")).map_err(|reason| anyhow!(reason))?;
    Ok(load_config(&ScanArgs::default(), &tree)?.0.rules)
}

/// A folder of the config, if it lies below the working directory: a config is no leave to write elsewhere.
fn below(folder: &str) -> anyhow::Result<PathBuf> {
    let path = Path::new(folder);
    if path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Ok(path.to_owned());
    }
    bail!("`{folder}` of the config lies outside the working directory; name the folder with `--dir`")
}

/// Writes a file that must not be there yet.
fn create(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make `{}`", parent.display()))?;
    }
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.with_context(|| format!("cannot write `{}`", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Runs the examples of the rules in a folder; without one, of the config's rules or else of our own.
pub(super) fn test(dir: Option<&Path>) -> anyhow::Result<u8> {
    let (rules, own) = match dir {
        Some(dir) => {
            let tree = Disk::open(dir).map_err(|reason| anyhow!(reason))?;
            (rule_files::read(&tree, "")?, dir.join(rule_files::TEMPLATE).exists())
        }
        None => {
            let folders = config_folders()?;
            let tree = Disk::open(Path::new(".")).map_err(|reason| anyhow!(reason))?;
            let mut rules = Vec::new();
            for folder in &folders {
                rules.extend(rule_files::read(&tree, rule_files::folder(folder))?);
            }
            if folders.is_empty() { (rule::embedded(), true) } else { (rules, false) }
        }
    };
    let all: Vec<Case<'_>> = rules.iter().flat_map(cases).collect();
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build().context("cannot start threads")?;
    // Our rules must keep silent on each other's good examples; rules of a team may contradict each other's.
    let others = |case: &Case<'_>| if own { rules.clone() } else { vec![case.rule.clone()] };
    let judge = |case: &Case<'_>| case.judge(&others(case));
    let verdicts: Vec<Result<(), String>> = pool.install(|| all.par_iter().map(judge).collect());
    let (text, failed) = summary(&rules, &all, &verdicts);
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(u8::from(failed > 0))
}

/// A line for each example, what went wrong below it, and the numbers.
fn summary(rules: &[RuleSpec], all: &[Case<'_>], verdicts: &[Result<(), String>]) -> (String, usize) {
    let mut out = String::new();
    for (case, verdict) in all.iter().zip(verdicts) {
        let _ = writeln!(out, "{:<6}  {}", if verdict.is_ok() { "ok" } else { "FAILED" }, clean(&case.name()));
        for line in verdict.as_ref().err().into_iter().flat_map(|reason| reason.lines()) {
            let _ = writeln!(out, "          {}", clean(line));
        }
    }
    for rule in rules.iter().filter(|rule| cases(rule).is_empty()) {
        let _ = writeln!(out, "{:<6}  {}: it has no examples", "none", clean(&rule.id));
    }
    let failed = verdicts.iter().filter(|verdict| verdict.is_err()).count();
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (examples, of) = (count(all.len(), "example"), count(rules.len(), "rule"));
    let _ = writeln!(out, "{examples} of {of}: {} ok, {failed} failed", all.len() - failed);
    (out, failed)
}
