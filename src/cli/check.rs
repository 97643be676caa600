//! `check`, `model`, `graph` and `deps`: from arguments to a run and a report.

use super::args::{CheckArgs, DepsArgs, GraphArgs, ModelArgs};
use super::complain::complain;
use super::fix;
use super::kept::{self, Kept, Known};
use super::place;
use super::scan;
use super::scan::{Scan, colored};
use crate::crates::built::Depth;
use crate::engine;
use crate::engine::{Base, Outcome};
use crate::finding::{Audience, Severity};
use crate::model::application::graph::{Node, Pattern};
use crate::report;
use crate::report::{DepsInput, Drawing, Input, Log, Report};
use crate::rule::{RuleSpec, World};
use anyhow::{anyhow, bail};
use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};

/// Reports anti-patterns.
pub(super) fn check(args: &CheckArgs) -> anyhow::Result<u8> {
    let named = scan::format_of(args.format.as_deref(), args.output.as_deref(), report::FILE_FORMATS);
    let format = report::format(named).ok_or_else(|| anyhow!("there is no format `{named}`"))?;
    if args.diff && args.format.is_some() {
        bail!("`--diff` writes a patch; it has no other format");
    }
    if args.statistics && !matches!(named, "human" | "json") {
        bail!("`--statistics` is for the formats `human` and `json`");
    }
    let place = place::of(&args.scan.path)?;
    let (kept, walked) = match Kept::look(args, &place.root, named)? {
        Known::Shown(code) => return Ok(code),
        Known::Not(kept, walked) => (kept, walked),
    };
    let tree = match walked {
        Some(tree) => *tree,
        None => kept::open(&place.root, kept.is_some()).map_err(|reason| anyhow!(reason))?,
    };
    let mut scan = Scan::over(&args.scan, place, tree)?;
    scan.config.select.extend(args.select.iter().cloned());
    scan.config.ignore.extend(args.ignore.iter().cloned());
    let severity = args.severity.or(scan.config.severity).unwrap_or(Severity::Info);
    let audience = args.audience.or(scan.config.audience).unwrap_or(Audience::Regular);
    let mut options = scan.options(&args.scan, severity, audience, BTreeSet::new())?;
    if !args.write_baseline && !args.no_baseline {
        options.baseline = scan.baseline(args.baseline.as_deref())?;
    }
    options.suppress = !args.no_suppressions;
    let revision = args.since.as_ref().map(|name| scan.revision(name)).transpose()?;
    let base = revision.as_ref().map(|revision| Base::new(revision));
    let mut outcome = scan.run(&args.scan, base.as_ref(), &options)?;
    if args.fix.is_some() || args.diff {
        let mended = fix::mend(&scan, args, base.as_ref(), &options, outcome)?;
        if args.diff {
            let diff = fix::diff(&scan, &mended.texts)?;
            // A runner's log takes lines for commands; elsewhere it is to be applied, byte for byte.
            let shown = io::stdout().is_terminal() || scan::is_ci();
            let diff = if shown { report::harmless_lines(&diff) } else { diff };
            io::stdout().lock().write_all(diff.as_bytes())?;
            return Ok(u8::from(!mended.texts.is_empty() || fails(args, &mended.outcome)));
        }
        outcome = fix::keep(&scan, mended, args.quiet)?;
    }
    if args.write_baseline {
        let path = scan.baseline_file(args.baseline.as_deref())?;
        let text = engine::write_baseline(&outcome.project.sources, &outcome.findings);
        scan.write(&path, text.as_bytes())?;
        complain(&format!("wrote {} findings to {}", outcome.findings.len(), path.display()));
        return Ok(0);
    }
    let counts = outcome.silenced.counts();
    let unread = scan.unread();
    let specs: Vec<&RuleSpec> = options.rules.iter().map(|rule| &rule.spec).collect();
    let file = scan::output(args.output.as_deref());
    let color = file.is_none() && colored(args.scan.color);
    let title = if named == "html" { scan.title() } else { Default::default() };
    let input = Input {
        project: &outcome.project,
        rules: &specs,
        findings: &outcome.findings,
        silenced: &counts,
        unread: &unread,
        prefix: &scan.prefix,
        inside: &scan.inside,
        title: [&title.0, &title.1],
        color,
        hyperlinks: color && scan::hyperlinks(),
        width: if file.is_none() { scan::width() } else { None },
        verbose: args.verbose,
        quiet: args.quiet,
        statistics: args.statistics,
    };
    scan.demand_choices(&options, &outcome)?;
    let mut report = Vec::new();
    match file {
        Some(path) => {
            let mut text = Vec::new();
            written(format, &input, &mut text)?;
            scan.write(path, &text)?;
        }
        // What nobody keeps need not be there as a whole.
        None if kept.is_none() => {
            let mut out = BufWriter::new(io::stdout().lock());
            written(format, &input, &mut out)?;
            out.flush()?;
        }
        None => {
            written(format, &input, &mut report)?;
            kept::print(&report)?;
        }
    }
    for path in &args.also {
        let format = report::format(scan::format_of(None, Some(path), report::FILE_FORMATS));
        let format = format.ok_or_else(|| anyhow!("there is no format for `{}`", path.display()))?;
        let plain = Input { color: false, hyperlinks: false, width: None, ..input };
        let mut text = Vec::new();
        written(format, &plain, &mut text)?;
        scan.write(path, &text)?;
    }
    if named == "github" {
        scan::append_job_summary(&input)?;
    }
    // A hook must not stop commits in a project that has no function yet.
    if args.since.is_none() || outcome.project.gaps.len() > outcome.silencers {
        scan.demand(&outcome, true)?;
    }
    let code = u8::from(fails(args, &outcome));
    if let Some(kept) = kept {
        kept.keep(&scan.tree, &outcome, code, &report);
    }
    // The process ends: what it knows need not be taken apart.
    std::mem::forget(outcome);
    Ok(code)
}

/// Writes a report; what people read goes through what makes it harmless.
fn written(format: &dyn Report, input: &Input<'_>, to: &mut dyn Write) -> io::Result<()> {
    if format.is_log() {
        let mut log = Log::new(to, input.color);
        format.write(input, &mut log)?;
        return log.flush();
    }
    format.write(input, to)
}

/// Whether what was found makes the run fail.
fn fails(args: &CheckArgs, outcome: &Outcome) -> bool {
    let found = outcome.findings.iter().any(|finding| finding.severity >= Severity::Warning);
    found || (args.strict && !outcome.project.gaps.is_empty())
}

/// Says on standard error what could not be read, for commands whose output is no report.
fn say_gaps(outcome: &Outcome) {
    for gap in &outcome.project.gaps {
        complain(&format!("gap {}:{}: {}", report::clean(&gap.path), gap.line, report::clean(&gap.reason)));
    }
}

/// Prints effective values.
pub(super) fn model(args: &ModelArgs) -> anyhow::Result<u8> {
    let scan = Scan::open(&args.scan)?;
    let read = BTreeSet::from([World::Source, World::Deploy]);
    let mut options = scan.options(&args.scan, Severity::Info, Audience::Regular, read)?;
    options.rules.clear();
    let outcome = scan.run(&args.scan, None, &options)?;
    scan.demand_choices(&options, &outcome)?;
    if outcome.is_empty() {
        say_gaps(&outcome);
    }
    scan.demand(&outcome, !outcome.project.gaps.is_empty())?;
    if let Some(name) = args.function.as_ref().filter(|name| !report::has_unit(&outcome.project, name)) {
        bail!("no function or binary is called `{name}`");
    }
    if args.format == "json" {
        let mut out = BufWriter::new(io::stdout().lock());
        report::write_model_json(&outcome.project, args.function.as_deref(), &mut out)?;
        out.flush()?;
        return Ok(0);
    }
    let mut out = Log::new(BufWriter::new(io::stdout().lock()), false);
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
    let outcome = scan.run(&args.scan, None, &options)?;
    scan.demand_choices(&options, &outcome)?;
    if outcome.project.deploy.functions.is_empty() && outcome.project.deploy.machines.is_empty() {
        say_gaps(&outcome);
        bail!("nothing to draw in `{}`: no deployed function was found", scan.shown());
    }
    let whole = &outcome.project.graph;
    let mut drawn = whole.clone();
    if let Some(name) = &args.function {
        let called = |node: &Node| node.label == *name || outcome.project.plain_name(&node.id) == Some(name);
        if !whole.nodes.iter().any(called) {
            bail!("no function is called `{name}`");
        }
        drawn = whole.around(|at| called(&whole.nodes[at]), true);
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
    let format = scan::format_of(args.format.as_deref(), args.output.as_deref(), report::GRAPH_FILES);
    report::write_graph(format, &drawing, &mut text)?;
    match scan::output(args.output.as_deref()) {
        Some(path) => scan.write(path, &text)?,
        None => io::stdout().lock().write_all(&text)?,
    }
    Ok(0)
}

/// Prints what the crates of each binary weigh.
pub(super) fn deps(args: &DepsArgs) -> anyhow::Result<u8> {
    let scan = Scan::open(&args.scan)?;
    let read = BTreeSet::from([World::Source, World::Crates, World::Deploy, World::Binaries]);
    let mut options = scan.options(&args.scan, Severity::Info, Audience::Regular, read)?;
    options.rules.clear();
    options.depth = Depth::Symbols;
    let outcome = scan.run(&args.scan, None, &options)?;
    let project = &outcome.project;
    say_gaps(&outcome);
    let names: Vec<&str> = project
        .units
        .iter()
        .filter_map(|unit| unit.target())
        .map(|id| project.cargo.target(id).name.as_str())
        .collect();
    match &args.bin {
        Some(name) if !names.contains(&name.as_str()) => bail!("no function's binary is called `{name}`"),
        None if names.is_empty() => bail!("nothing to weigh in `{}`: no Rust function was found", scan.shown()),
        _ => {}
    }
    if project.closures.is_empty() {
        bail!("there is no Cargo.lock to read; `cargo generate-lockfile` makes one");
    }
    let input = DepsInput { project, bin: args.bin.as_deref(), depth: args.depth, all: args.all };
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format.as_str() {
        "json" => report::write_deps_json(&input, &mut out)?,
        _ => {
            let mut log = Log::new(&mut out, false);
            report::write_deps_text(&input, &mut log)?;
            log.flush()?;
        }
    }
    out.flush()?;
    Ok(0)
}
