//! What a subcommand scans: the tree, the config that applies to it, and how a run goes.

use super::args::{ScanArgs, When};
use super::configs::{load_config, nested};
use super::cost_output::today;
use super::place;
use super::place::Place;
use super::rule_files;
use super::rule_files::placed;
use super::save;
use crate::cache::Cache;
use crate::config;
use crate::config::{Config, ConfigError};
use crate::crates::Trust;
use crate::deployments::Choices;
use crate::engine;
use crate::engine::{Base, ConfigFile, Options, Outcome, UseCargo};
use crate::finding::{Audience, Severity};
use crate::knowledge::{Library, dialect, lexicon};
use crate::report;
use crate::report::Input;
use crate::rule;
use crate::rule::{RuleSpec, World};
use crate::source::STACK_BYTES;
use crate::text::path;
use crate::tree;
use crate::tree::git;
use crate::tree::git::Revision;
use crate::tree::{Disk, Tree};
use anyhow::{Context, anyhow, bail};
use globset::GlobSet;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Runs shorter than this show no progress line.
const PROGRESS_AFTER: Duration = Duration::from_millis(400);

/// Bytes of a job summary, with room for what other tools add.
const MOST_SUMMARY: usize = 900_000;

/// Lines wider than this are hard to read, however wide the terminal.
const MOST_COLUMNS: usize = 120;

/// What is scanned, with the config that applies.
pub(super) struct Scan {
    pub(super) tree: Disk,
    pub(super) config: Config,
    /// The file the config was read from, if it lies in the tree.
    config_file: Option<ConfigFile>,
    /// Configs of folders below the root, with their files.
    nested: Vec<(String, Config)>,
    /// The only paths below the root to read; all if there are none.
    keep: Vec<String>,
    /// Paths below the root that findings must touch; all do if there are none.
    shown: Vec<String>,
    /// Globs of files that are not read, each set below its folder.
    excluded: Vec<(String, GlobSet)>,
    specs: Vec<RuleSpec>,
    /// What the user says of libraries.
    libraries: Vec<Library>,
    /// What leads from the working directory to the root; empty if that is it or above it.
    pub(super) prefix: String,
    /// What leads from the root to the working directory below it.
    pub(super) inside: String,
}

impl Scan {
    pub(super) fn open(args: &ScanArgs) -> anyhow::Result<Self> {
        let place = place::of(&args.path)?;
        let tree = Disk::open(&place.root).map_err(|reason| anyhow!(reason))?;
        Self::over(args, place, tree)
    }

    /// The same over the files of a place that were listed already.
    pub(super) fn over(args: &ScanArgs, place: Place, mut tree: Disk) -> anyhow::Result<Self> {
        let Place { root, read: keep, shown } = place;
        let (config, config_file) = load_config(args, &tree)?;
        let nested = nested(args, &tree, &keep)?;
        let mut excluded = vec![(String::new(), config.excluded()?)];
        for (file, folder) in &nested {
            excluded.push((
                path::parent(file).to_owned(),
                folder.excluded().map_err(|error| placed(file, error.at, &error))?,
            ));
        }
        tree.retain(|path| is_asked(path, &keep));
        tree.exclude(|path| is_excluded(path, &excluded));
        let mut specs = rule::embedded();
        for folder in &config.rules {
            for rule in rule_files::read(&tree, rule_files::folder(folder))? {
                if specs.iter().any(|known| known.id == rule.id) {
                    bail!("`rules`: {folder}: there is a rule `{}` already", rule.id);
                }
                specs.push(rule);
            }
        }
        let libraries = load_libraries(&tree, &config.libraries)?;
        let (prefix, inside) = ways(&root);
        Ok(Self { tree, config, config_file, nested, keep, shown, excluded, specs, libraries, prefix, inside })
    }

    /// The accepted findings: those of a file that the command line names, else of one that the config does.
    pub(super) fn baseline(&self, named: Option<&Path>) -> anyhow::Result<BTreeSet<String>> {
        let (name, text) = match (named, &self.config.baseline) {
            (Some(path), _) => (path.display().to_string(), tree::named(self.tree.root(), path)),
            (None, Some(path)) => (path.clone(), self.tree.text(path)),
            (None, None) => return Ok(BTreeSet::new()),
        };
        let text = text.map_err(|error| anyhow!("the baseline `{name}` {error}"))?;
        engine::read_baseline(&text).map_err(|error| anyhow!("`{name}` {error}"))
    }

    /// Where `--write-baseline` writes: the file the command line names, else the config's, which stays in the tree.
    pub(super) fn baseline_file(&self, named: Option<&Path>) -> anyhow::Result<PathBuf> {
        if let Some(path) = named {
            return Ok(path.to_owned());
        }
        let (Some(path), Some(root)) = (&self.config.baseline, self.tree.root()) else {
            bail!("`--write-baseline` needs a file: `--baseline FILE`, or `baseline` in the config");
        };
        if Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Ok(root.join(path));
        }
        bail!("the baseline `{path}` of the config lies outside the scanned directory; name it with `--baseline`")
    }

    /// Writes a file, whole or not at all.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        save::whole(self.tree.root(), path, bytes)
    }

    /// The name of the project, and the revision and the day a report is made.
    pub(super) fn title(&self) -> (String, String) {
        let root = self.tree.root();
        let name = root.and_then(|root| root.file_name()).map_or(String::new(), |name| name.to_string_lossy().into());
        let revision = root.and_then(git::head).map_or(String::new(), |commit| format!("revision {commit}, "));
        (name, format!("{revision}{}", today()))
    }

    pub(super) fn shown(&self) -> &str {
        if self.prefix.is_empty() { "." } else { &self.prefix }
    }

    /// Fails if there was nothing to analyse; `listed` says whether the gaps have been printed.
    pub(super) fn demand(&self, outcome: &Outcome, listed: bool) -> anyhow::Result<()> {
        if outcome.is_empty() {
            let gaps = listed && !outcome.project.gaps.is_empty();
            let why = if gaps { "; what could not be read is listed above" } else { "" };
            bail!("nothing to analyse in `{}`: no deployment config and no Rust function was found{why}", self.shown());
        }
        Ok(())
    }

    /// Fails if the command line chooses a stack or a stage that nothing has: a slip, not an application without
    /// findings.
    pub(super) fn demand_choices(&self, options: &Options, outcome: &Outcome) -> anyhow::Result<()> {
        let deploy = &outcome.project.deploy;
        let choices = &options.choices;
        if !choices.stacks.is_empty() && deploy.stacks.is_empty() {
            let reasons = outcome.project.gaps.iter().map(|gap| gap.reason.as_str());
            let listed: Vec<&str> = reasons.filter(|reason| reason.starts_with("no stack is called")).collect();
            bail!("{}", report::clean(&listed.join("; ")));
        }
        let mut dialects = deploy.stacks.iter().filter_map(|stack| dialect(stack.dialect.0));
        let has_stages = dialects.any(|dialect| dialect.stages);
        if let Some(stage) = choices.stage.as_ref().filter(|_| !outcome.is_empty() && !has_stages) {
            bail!("nothing in `{}` has a stage, and so none is called `{stage}`", self.shown());
        }
        Ok(())
    }

    pub(super) fn options(
        &self,
        args: &ScanArgs,
        severity: Severity,
        audience: Audience,
        read: BTreeSet<World>,
    ) -> anyhow::Result<Options> {
        let trust = if args.trust_workspace { Trust::Yes } else { Trust::No };
        let cargo = if args.no_cargo { UseCargo::No } else { UseCargo::Yes(trust) };
        let cache = if args.no_cache { None } else { Cache::open(&self.tree.root().into_iter().collect::<Vec<_>>()) };
        let rules = self.config.apply(self.specs.clone()).map_err(|error| self.in_config(error))?;
        let folder = |(file, config): &(String, Config)| {
            config.folder(file, self.specs.clone(), &rules).map_err(|error| placed(file, error.at, &error))
        };
        let folders = self.nested.iter().map(folder).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Options {
            severity,
            audience,
            cargo,
            cache,
            read,
            libraries: self.libraries.clone(),
            choices: self.choices(args)?,
            peers: self.config.peers.clone(),
            allows: self.config.allows().map_err(|error| self.in_config(error))?,
            config: self.config_file.clone(),
            traffic: self.config.traffic.as_ref().map(|value| match value.as_str() {
                Some(path) => path.trim_start_matches("./").to_owned(),
                None => "Cargo.toml".to_owned(),
            }),
            decides: self.decides(args),
            known: self.specs.iter().map(|spec| spec.id.clone()).collect(),
            folders,
            shown: self.shown.clone(),
            ..Options::new(rules)
        })
    }

    /// Files and folders of the tree that decide what is reported.
    fn decides(&self, args: &ScanArgs) -> Vec<String> {
        let config = &self.config;
        let folders = config.rules.iter().chain(&config.libraries).map(|folder| rule_files::folder(folder).to_owned());
        let mut decides: Vec<String> = folders.chain(config.baseline.clone()).collect();
        decides.extend(self.config_file.as_ref().map(|file| file.path.clone()));
        if !args.no_config {
            decides.extend(config::FILE_NAMES.map(str::to_owned));
        }
        decides.retain(|path| !path.is_empty() && path != "Cargo.toml");
        decides.sort_unstable();
        decides.dedup();
        decides
    }

    /// What is in the tree and was not read, by who hides it.
    pub(super) fn unread(&self) -> [(&'static str, usize); 3] {
        let hidden = self.tree.hidden();
        [("excluded", self.tree.excluded()), ("ignored_files", hidden.files), ("ignored_directories", hidden.dirs)]
    }

    fn in_config(&self, error: ConfigError) -> anyhow::Error {
        match (&self.config_file, error.at) {
            (Some(file), Some(_)) => placed(&file.path, error.at, &error),
            // Only what a file says has a place; the rest is of the command line.
            _ => anyhow!("{error}"),
        }
    }

    /// A revision of the repository the tree is in, as far as the same paths go.
    pub(super) fn revision(&self, name: &str) -> anyhow::Result<Revision<'_>> {
        let mut revision = Revision::open(&self.tree, name).map_err(|error| anyhow!("--since: {error}"))?;
        revision.retain(|path| is_asked(path, &self.keep) && !is_excluded(path, &self.excluded));
        Ok(revision)
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
    pub(super) fn run(&self, args: &ScanArgs, base: Option<&Base<'_>>, options: &Options) -> anyhow::Result<Outcome> {
        self.run_over(args, &self.tree, base, options)
    }

    /// The same over another tree.
    pub(super) fn run_over(
        &self,
        args: &ScanArgs,
        tree: &dyn Tree,
        base: Option<&Base<'_>>,
        options: &Options,
    ) -> anyhow::Result<Outcome> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(args.jobs.unwrap_or(0))
            .stack_size(STACK_BYTES)
            .build()
            .context("cannot start threads")?;
        let line = progress_line();
        let outcome = pool.install(|| {
            engine::run(tree, base, options, &|stage: &str| {
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

/// The working directory.
#[allow(clippy::disallowed_methods)] // paths in reports are relative to it
pub(super) fn here() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// The text of a file that the command line names.
pub(super) fn text_of(root: &Path, path: &Path) -> Option<String> {
    tree::named(Some(root), path).ok()
}

/// What leads from the working directory to the root, and, if it lies below the root, from there to it.
fn ways(root: &Path) -> (String, String) {
    let text = |path: &Path| path.to_str().unwrap_or_default().replace(std::path::MAIN_SEPARATOR, "/");
    let here = here().and_then(|here| here.canonicalize().ok()).unwrap_or_default();
    if let Ok(inside) = here.strip_prefix(root) {
        return (String::new(), text(inside));
    }
    let common = here.components().zip(root.components()).take_while(|(a, b)| a == b).count();
    if common < 2 {
        return (text(root), String::new());
    }
    let up = std::iter::repeat_n(Component::ParentDir, here.components().count() - common);
    (text(&up.chain(root.components().skip(common)).collect::<PathBuf>()), String::new())
}

/// Whether a file belongs to what is to be scanned.
fn is_asked(path: &str, keep: &[String]) -> bool {
    keep.is_empty() || keep.iter().any(|only| path::is_within(path, only))
}

/// Whether a config says not to read a file.
fn is_excluded(file: &str, excluded: &[(String, GlobSet)]) -> bool {
    let below = |folder: &str| path::is_within(file, folder).then(|| file[folder.len()..].trim_start_matches('/'));
    excluded.iter().any(|(folder, globs)| below(folder).is_some_and(|file| globs.is_match(file)))
}

/// The YAML files of a folder of libraries, with their texts.
fn library_files<'t>(tree: &'t Disk, folder: &str) -> anyhow::Result<Vec<(&'t str, String)>> {
    let prefix = format!("{}/", folder.trim_start_matches("./").trim_end_matches('/'));
    let files = tree.files().iter().filter(|path| path.starts_with(&prefix) && path.ends_with(".yaml"));
    let read = |path: &'t String| -> anyhow::Result<(&'t str, String)> {
        let text = tree.text(path).map_err(|error| anyhow!("`{path}` {error}"))?;
        config::gate(&text).map_err(|error| placed(path, error.at, &error))?;
        Ok((path.as_str(), text))
    };
    let files = files.map(read).collect::<anyhow::Result<Vec<_>>>()?;
    if files.is_empty() {
        bail!("`libraries`: there is no YAML file in `{folder}`");
    }
    Ok(files)
}

/// Reads what the user says of libraries.
fn load_libraries(tree: &Disk, folders: &[String]) -> anyhow::Result<Vec<Library>> {
    let mut libraries = Vec::new();
    for folder in folders {
        for (path, text) in library_files(tree, folder)? {
            let known = lexicon().with(&libraries);
            let library = known.read_own(&text).map_err(|error| placed(path, error.at, &error))?;
            libraries.push(library);
        }
    }
    Ok(libraries)
}

/// The file of `--output`; none for standard output.
pub(super) fn output(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| *path != Path::new("-"))
}

/// The format that is asked for, else that of the output file's extension, else the first.
pub(super) fn format_of<'a>(asked: Option<&'a str>, file: Option<&Path>, known: &'a [(&str, &str)]) -> &'a str {
    let extension = file.and_then(|file| file.extension()).and_then(|extension| extension.to_str()).unwrap_or_default();
    let named = known.iter().find(|(name, _)| *name == extension).or(known.first());
    asked.or(named.map(|(_, format)| *format)).unwrap_or_default()
}

/// The Markdown report for the summary of a GitHub job, if this is one.
/// Source: GitHub documentation, "Workflow commands", adding a job summary: at most 1 MiB for a step.
#[allow(clippy::disallowed_methods)] // the runner names the file in the environment
pub(super) fn append_job_summary(input: &Input<'_>) -> anyhow::Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    let mut text = Vec::new();
    report::format("markdown").ok_or_else(|| anyhow!("there is no Markdown"))?.write(input, &mut text)?;
    let mut text = String::from_utf8(text)?;
    if text.len() > MOST_SUMMARY {
        let cut = text[..MOST_SUMMARY].rfind("\n### ").unwrap_or(0);
        text.truncate(cut);
        text.push_str("\n\nThe rest is in the log.\n");
    }
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&path)?;
    file.write_all(text.as_bytes()).context("cannot write the job summary")
}

/// Whether this runs for others to read the log; continuous integration says so by convention.
#[allow(clippy::disallowed_methods)]
pub(super) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Whether the terminal makes links clickable.
pub(super) fn hyperlinks() -> bool {
    supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
}

/// Columns of the terminal that the report goes to.
pub(super) fn width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0).min(MOST_COLUMNS))
}

/// Whether to write colours: what the command line says, else what the environment does. `NO_COLOR` comes first, then
/// what forces them (`CLICOLOR_FORCE`, `FORCE_COLOR`), then cargo's own `CARGO_TERM_COLOR`, then the terminal (`TERM`,
/// `CLICOLOR`).
/// Source: no-color.org, force-color.org and bixense.com/clicolors; the Cargo book, "Configuration", `term.color`.
#[allow(clippy::disallowed_methods)] // the environment decides about colour by convention
pub(super) fn colored(when: When) -> bool {
    let says = |name: &str, word: &str| std::env::var(name).is_ok_and(|value| value.eq_ignore_ascii_case(word));
    let forced = || std::env::var_os("FORCE_COLOR").is_some_and(|value| !value.is_empty() && value != "0");
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if anstyle_query::no_color() => false,
        When::Auto if anstyle_query::clicolor_force() || forced() => true,
        When::Auto if says("CARGO_TERM_COLOR", "always") => true,
        When::Auto if says("CARGO_TERM_COLOR", "never") || anstyle_query::clicolor() == Some(false) => false,
        When::Auto => io::stdout().is_terminal() && anstyle_query::term_supports_color(),
    }
}
