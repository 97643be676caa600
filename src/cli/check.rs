//! `check` and `model`: from arguments to a run and a report.

use super::args::{CheckArgs, GraphArgs, ModelArgs, ScanArgs, When};
use crate::checks;
use crate::config::{self, Config};
use crate::engine::{self, Options, Outcome, UseCargo};
use crate::finding::{Audience, Severity};
use crate::frontends::cargo::Trust;
use crate::frontends::deploy::Choices;
use crate::frontends::rust::STACK_BYTES;
use crate::frontends::tree::{Disk, Tree};
use crate::model::graph::Pattern;
use crate::report::{self, Drawing, Input};
use crate::spec::{self, RuleSpec, World};
use anyhow::{Context, anyhow, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Runs shorter than this show no progress line.
const PROGRESS_AFTER: Duration = Duration::from_millis(400);

/// Reports anti-patterns.
pub(super) fn check(args: &CheckArgs) -> anyhow::Result<u8> {
    let mut scan = Scan::open(&args.scan)?;
    scan.config.select.extend(args.select.iter().cloned());
    scan.config.ignore.extend(args.ignore.iter().cloned());
    let severity = args.severity.or(scan.config.severity).unwrap_or(Severity::Info);
    let audience = args.audience.or(scan.config.audience).unwrap_or(Audience::Regular);
    let options = scan.options(&args.scan, severity, audience, BTreeSet::new())?;
    let outcome = scan.run(&args.scan, &options)?;
    let specs: Vec<&RuleSpec> = options.rules.iter().map(|rule| &rule.spec).collect();
    let input = Input {
        project: &outcome.project,
        rules: &specs,
        findings: &outcome.findings,
        below_severity: outcome.silenced.severity,
        other_audience: outcome.silenced.audience,
        prefix: &scan.prefix,
        color: args.output.is_none() && colored(args.scan.color),
        verbose: args.verbose,
        quiet: args.quiet,
    };
    let report = report::format(&args.format).ok_or_else(|| anyhow!("there is no format `{}`", args.format))?;
    match &args.output {
        Some(path) => {
            let mut text = Vec::new();
            report.write(&input, &mut text)?;
            write_file(path, &text)?;
        }
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            report.write(&input, &mut out)?;
            out.flush()?;
        }
    }
    check_stacks(&options, &outcome)?;
    if outcome.is_empty() {
        let why = if outcome.project.gaps.is_empty() { "" } else { "; what could not be read is listed above" };
        bail!("nothing to analyse in `{}`: no deployment config and no Rust function was found{why}", scan.shown());
    }
    let found = outcome.findings.iter().any(|finding| finding.severity >= Severity::Warning);
    let gaps = args.strict && !outcome.project.gaps.is_empty();
    Ok(u8::from(found || gaps))
}

/// A stack that does not exist is a mistake, not an application without findings.
fn check_stacks(options: &Options, outcome: &Outcome) -> anyhow::Result<()> {
    if !options.choices.stacks.is_empty() && outcome.project.deploy.stacks.is_empty() {
        bail!("no stack is called `{}`; what there is, is listed above", options.choices.stacks.join("`, `"));
    }
    Ok(())
}

/// Prints effective values.
pub(super) fn model(args: &ModelArgs) -> anyhow::Result<u8> {
    let scan = Scan::open(&args.scan)?;
    let read = BTreeSet::from([World::Source, World::Deploy]);
    let mut options = scan.options(&args.scan, Severity::Info, Audience::Regular, read)?;
    options.rules.clear();
    let outcome = scan.run(&args.scan, &options)?;
    if outcome.is_empty() {
        bail!("nothing to analyse in `{}`: no deployment config and no Rust function was found", scan.shown());
    }
    let mut out = BufWriter::new(io::stdout().lock());
    report::write_model(&outcome.project, args.function.as_deref(), &mut out)?;
    for gap in &outcome.project.gaps {
        writeln!(out, "gap {}:{}: {}", report::clean(&gap.path), gap.line, report::clean(&gap.reason))?;
    }
    out.flush()?;
    Ok(0)
}

/// Draws the application.
pub(super) fn graph(args: &GraphArgs) -> anyhow::Result<u8> {
    let scan = Scan::open(&args.scan)?;
    let read = BTreeSet::from([World::Source, World::Deploy]);
    let mut options = scan.options(&args.scan, Severity::Info, Audience::Regular, read)?;
    if !args.findings {
        options.rules.clear();
    }
    let outcome = scan.run(&args.scan, &options)?;
    check_stacks(&options, &outcome)?;
    if outcome.project.deploy.functions.is_empty() && outcome.project.deploy.machines.is_empty() {
        bail!("nothing to draw in `{}`: no deployed function was found", scan.shown());
    }
    let whole = &outcome.project.graph;
    let mut drawn = whole.clone();
    if let Some(name) = &args.function {
        if !whole.nodes.iter().any(|node| node.label == *name) {
            bail!("no function is called `{name}`");
        }
        drawn = whole.around(|at| whole.nodes[at].label == *name, true);
    }
    if let Some(name) = &args.pattern {
        let shapes: Vec<&Pattern> = drawn.patterns.iter().filter(|pattern| pattern.name == name).collect();
        if shapes.is_empty() {
            bail!("there is no `{name}` in this application");
        }
        let inside: BTreeSet<usize> = shapes.iter().flat_map(|pattern| pattern.nodes.iter().copied()).collect();
        drawn = drawn.around(|at| inside.contains(&at), false);
    }
    let drawing = Drawing { project: &outcome.project, graph: &drawn, findings: &outcome.findings };
    let mut text = Vec::new();
    report::write_graph(&args.format, &drawing, &mut text)?;
    match &args.output {
        Some(path) => write_file(path, &text)?,
        None => io::stdout().lock().write_all(&text)?,
    }
    Ok(0)
}

/// What is scanned, with the config that applies.
struct Scan {
    tree: Disk,
    config: Config,
    specs: Vec<RuleSpec>,
    /// What leads from the working directory to the root.
    prefix: String,
}

impl Scan {
    fn open(args: &ScanArgs) -> anyhow::Result<Self> {
        let (root, keep) = root_of(&args.path)?;
        let mut tree = Disk::open(&root).map_err(|reason| anyhow!(reason))?;
        let config = load_config(args, &tree)?;
        let excluded = config.excluded()?;
        tree.retain(|path| {
            let kept = keep.is_empty() || keep.iter().any(|only| path == only || path.starts_with(&format!("{only}/")));
            kept && !excluded.is_match(path)
        });
        let mut specs = spec::embedded();
        for folder in &config.rules {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            load_rules(&tree, folder, &mut specs)?;
        }
        let prefix = root.to_str().unwrap_or_default().replace(std::path::MAIN_SEPARATOR, "/");
        let prefix = prefix.trim_start_matches("./").trim_end_matches('/');
        let prefix = if prefix == "." { String::new() } else { prefix.to_owned() };
        Ok(Self { tree, config, specs, prefix })
    }

    fn shown(&self) -> &str {
        if self.prefix.is_empty() { "." } else { &self.prefix }
    }

    fn options(
        &self,
        args: &ScanArgs,
        severity: Severity,
        audience: Audience,
        read: BTreeSet<World>,
    ) -> anyhow::Result<Options> {
        let trust = if args.trust_workspace { Trust::Yes } else { Trust::No };
        let cargo = if args.no_cargo { UseCargo::No } else { UseCargo::Yes(trust) };
        Ok(Options {
            rules: self.config.apply(self.specs.clone())?,
            severity,
            audience,
            cargo,
            read,
            choices: self.choices(args)?,
        })
    }

    /// What the command line chooses, else what the config does.
    fn choices(&self, args: &ScanArgs) -> anyhow::Result<Choices> {
        let root = self.tree.root().ok_or_else(|| anyhow!("nothing is scanned"))?;
        let inside = |path: &PathBuf| -> anyhow::Result<String> {
            let full = path.canonicalize().with_context(|| format!("cannot read `{}`", path.display()))?;
            let relative = full.strip_prefix(root).ok().and_then(Path::to_str);
            let relative =
                relative.ok_or_else(|| anyhow!("`{}` lies outside the scanned directory", path.display()))?;
            Ok(relative.replace(std::path::MAIN_SEPARATOR, "/"))
        };
        let var_files = args.var_file.iter().map(inside).collect::<anyhow::Result<Vec<_>>>()?;
        let plan = args.plan.as_ref().map(inside).transpose()?;
        let config = &self.config;
        Ok(Choices {
            stage: args.stage.clone().or_else(|| config.stage.clone()),
            stacks: if args.stack.is_empty() { config.stacks.clone() } else { args.stack.clone() },
            var_files: if var_files.is_empty() { config.var_files.clone() } else { var_files },
            plan: plan.or_else(|| config.plan.clone()),
        })
    }

    /// Runs on threads with stacks deep enough for the parser.
    fn run(&self, args: &ScanArgs, options: &Options) -> anyhow::Result<Outcome> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(args.jobs.unwrap_or(0))
            .stack_size(STACK_BYTES)
            .build()
            .context("cannot start threads")?;
        let line = progress_line();
        let outcome = pool.install(|| {
            engine::run(&self.tree, options, &|stage| {
                if let Some(line) = &line {
                    line.set_message(stage.to_owned());
                }
            })
        });
        if let Some(line) = line {
            line.finish_and_clear();
        }
        Ok(outcome)
    }
}

/// A line on the terminal that appears only if the run takes a while.
fn progress_line() -> Option<ProgressBar> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} … {elapsed}") {
        line.set_style(style);
    }
    let late = line.clone();
    std::thread::spawn(move || {
        std::thread::sleep(PROGRESS_AFTER);
        if !late.is_finished() {
            late.set_draw_target(ProgressDrawTarget::stderr());
            late.enable_steady_tick(Duration::from_millis(100));
        }
    });
    Some(line)
}

/// The directory to scan and, for files or several paths, what to keep of it.
fn root_of(paths: &[PathBuf]) -> anyhow::Result<(PathBuf, Vec<String>)> {
    for path in paths {
        path.metadata().with_context(|| format!("cannot read `{}`", path.display()))?;
    }
    let inside = |root: &Path, path: &Path| -> anyhow::Result<String> {
        let relative = path.strip_prefix(root).unwrap_or(path);
        let text = relative.to_str().ok_or_else(|| anyhow!("`{}` is not UTF-8", path.display()))?;
        Ok(text.replace(std::path::MAIN_SEPARATOR, "/").trim_end_matches('/').to_owned())
    };
    match paths {
        [] => Ok((PathBuf::from("."), Vec::new())),
        [only] if only.is_dir() => Ok((only.clone(), Vec::new())),
        [only] => {
            let parent = only.parent().filter(|parent| !parent.as_os_str().is_empty());
            let root = parent.unwrap_or(Path::new(".")).to_path_buf();
            let name = inside(&root, only)?;
            Ok((root, vec![name]))
        }
        several => {
            let mut root = several[0].clone();
            while !several.iter().all(|path| path.starts_with(&root)) || !root.is_dir() {
                if !root.pop() {
                    break;
                }
            }
            if root.as_os_str().is_empty() {
                root = PathBuf::from(".");
            }
            let base = if root == Path::new(".") { PathBuf::new() } else { root.clone() };
            let keep = several
                .iter()
                .map(|path| inside(&base, path.strip_prefix(".").unwrap_or(path)))
                .collect::<Result<_, _>>()?;
            Ok((root, keep))
        }
    }
}

fn load_config(args: &ScanArgs, tree: &Disk) -> anyhow::Result<Config> {
    let (name, text) = match &args.config {
        Some(path) => {
            let text = read_file(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            (path.display().to_string(), text)
        }
        None => match config::FILE_NAMES.iter().find(|name| tree.contains(name)) {
            Some(name) => {
                let bytes = tree.read(name).map_err(|reason| anyhow!("`{name}` {reason}"))?;
                ((*name).to_owned(), String::from_utf8(bytes).with_context(|| format!("`{name}` is not UTF-8"))?)
            }
            None => return Ok(Config::default()),
        },
    };
    config::parse(&text).map_err(|error| match error.at {
        Some((line, column)) => anyhow!("{name}:{line}:{column}: {error}"),
        None => anyhow!("{name}: {error}"),
    })
}

/// Reads the user's own rules; every one is checked before any runs.
fn load_rules(tree: &Disk, folder: &str, specs: &mut Vec<RuleSpec>) -> anyhow::Result<()> {
    let prefix = format!("{folder}/");
    let files: Vec<&String> =
        tree.files().iter().filter(|path| path.starts_with(&prefix) && path.ends_with(".yaml")).collect();
    if files.is_empty() {
        bail!("`rules`: there is no rule file in `{folder}`");
    }
    for path in files {
        let bytes = tree.read(path).map_err(|reason| anyhow!("`{path}` {reason}"))?;
        let text = String::from_utf8(bytes).with_context(|| format!("`{path}` is not UTF-8"))?;
        config::gate(&text).map_err(|error| anyhow!("{path}: {error}"))?;
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".yaml");
        let rule = spec::parse(stem, &text).map_err(|error| match error.at {
            Some((line, column)) => anyhow!("{path}:{line}:{column}: {error}"),
            None => anyhow!("{path}: {error}"),
        })?;
        checks::validate(&rule).map_err(|reason| anyhow!("{path}: {reason}"))?;
        if specs.iter().any(|known| known.id == rule.id) {
            bail!("{path}: there is a rule `{}` already", rule.id);
        }
        specs.push(rule);
    }
    Ok(())
}

#[allow(clippy::disallowed_methods)] // the command line names this file; it may lie anywhere
fn read_file(path: &Path) -> io::Result<String> {
    std::fs::read_to_string(path)
}

#[allow(clippy::disallowed_methods)] // `--output` is the one file the check writes
fn write_file(path: &Path, text: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

#[allow(clippy::disallowed_methods)] // the environment decides about colour by convention
fn colored(when: When) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}
