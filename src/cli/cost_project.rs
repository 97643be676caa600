//! `cost` of a project: its traffic file, its settings, what it costs; and `--init`, which begins the file.

use super::args::CostArgs;
use super::cost_output::{exceeds, print, stale};
use super::scan::Scan;
use crate::config::nearest;
use crate::engine::Outcome;
use crate::exact::Exact;
use crate::finding::{Audience, Severity};
use crate::model::Project;
use crate::report::{ProjectInput, clean, stub, write_project_cost};
use crate::rule::World;
use crate::text::Span;
use crate::tree::Tree;
use crate::verdicts::cost::{Question, TRAFFIC_FILE, Traffic, Volumes, project};
use anyhow::{Context, anyhow, bail};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

/// Bytes of a traffic file; a larger one is a mistake.
const MOST_BYTES: u64 = 1 << 20;

/// Prints what a project costs; 1 if that is more than `--max`.
pub(super) fn cost(args: &CostArgs) -> anyhow::Result<u8> {
    let scan = Scan::open(&args.scan)?;
    let mut outcome = read(&scan, args)?;
    let known = traffic(&scan, args.traffic.as_deref(), &mut outcome.project)?;
    if args.init {
        return init(&scan, &outcome.project, known);
    }
    let (path, traffic) = known.map_or((None, Traffic::default()), |(path, traffic)| (Some(path), traffic));
    let project_ = &outcome.project;
    check(project_, &traffic)?;
    let cost = project(&Question { project: project_, traffic: &traffic, region: args.region.as_deref() });
    let input = ProjectInput {
        project: project_,
        cost: &cost,
        prefix: &scan.prefix,
        traffic: path.as_deref(),
        stale: stale(),
        verbose: args.verbose,
    };
    let mut text = Vec::new();
    write_project_cost(&args.format, &input, &mut text)?;
    print(args, &text)?;
    let complete = cost.unknown.is_empty() && cost.functions.iter().all(|function| function.load.is_some());
    exceeds(args, &cost.known_usd, complete)
}

fn read(scan: &Scan, args: &CostArgs) -> anyhow::Result<Outcome> {
    let read = BTreeSet::from([World::Source, World::Deploy]);
    let mut options = scan.options(&args.scan, Severity::Info, Audience::Regular, read)?;
    options.rules.clear();
    let outcome = scan.run(&args.scan, None, &options)?;
    scan.demand(&outcome, false)?;
    if outcome.project.deploy.functions.is_empty() {
        bail!("nothing to price in `{}`: no deployed function was found", scan.shown());
    }
    Ok(outcome)
}

/// The traffic of a project with the file that says it: the one that was named, the config's, the one at the root.
pub(super) fn traffic(
    scan: &Scan,
    named: Option<&Path>,
    project: &mut Project,
) -> anyhow::Result<Option<(String, Traffic)>> {
    let configured = scan.config.traffic.as_ref().and_then(|value| value.as_str());
    let (shown, text) = match (named, configured) {
        (Some(path), _) => {
            let shown = path.display().to_string();
            (shown.clone(), read_file(path).with_context(|| format!("cannot read `{shown}`"))?)
        }
        (None, Some(path)) => {
            let path = path.trim_start_matches("./");
            (path.to_owned(), scan.tree.text(path).map_err(|error| anyhow!("`traffic`: `{path}` {error}"))?)
        }
        (None, None) if scan.config.traffic.is_some() => {
            let manifest = "Cargo.toml";
            let text = scan.tree.text(manifest).map_err(|error| anyhow!("`{manifest}` {error}"))?;
            let known = project.sources.find(manifest);
            let file = known.unwrap_or_else(|| project.sources.add(manifest, text.as_str().into()));
            project.traffic = Some(file);
            let read = Traffic::read_manifest(file, &text)
                .ok_or_else(|| anyhow!("`traffic`: the path of a file, or in `{manifest}` a table"))?;
            let read = read.map_err(|error| placed(project, error.span, &error.reason))?;
            return Ok(Some((manifest.to_owned(), read)));
        }
        (None, None) if scan.tree.contains(TRAFFIC_FILE) => {
            let text = scan.tree.text(TRAFFIC_FILE).map_err(|error| anyhow!("`{TRAFFIC_FILE}` {error}"))?;
            (TRAFFIC_FILE.to_owned(), text)
        }
        (None, None) => return Ok(None),
    };
    let known = project.sources.find(&shown);
    let file = known.unwrap_or_else(|| project.sources.add(&shown, text.as_str().into()));
    project.traffic = Some(file);
    let traffic = Traffic::read(file, &text).map_err(|error| placed(project, error.span, &error.reason))?;
    Ok(Some((shown, traffic)))
}

#[allow(clippy::disallowed_methods)] // the command line names this file; it may lie anywhere
fn read_file(path: &Path) -> io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path)?.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// An error with the place it is about.
fn placed(project: &Project, span: Span, reason: &str) -> anyhow::Error {
    let at = project.sources.position(span.file, span.start);
    anyhow!("{}:{}: {}", clean(project.sources.path(span.file)), at.line, clean(reason))
}

/// Names that no function has, and numbers that cannot be.
pub(super) fn check(project: &Project, traffic: &Traffic) -> anyhow::Result<()> {
    let volumes = Volumes::new(project, traffic);
    let names: Vec<String> = project.deploy.function_ids().flat_map(|id| volumes.names(id)).collect();
    let known = |is: &dyn Fn(&str) -> bool| names.iter().any(|name| is(name));
    if let Some(wrong) = traffic.unmatched(known).next() {
        let near = match nearest(&wrong.value, &names) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => format!("; there are: {}", names.iter().take(20).cloned().collect::<Vec<_>>().join(", ")),
        };
        return Err(placed(project, wrong.span, &format!("no function is called `{}`{near}", wrong.value)));
    }
    for source in &traffic.sources {
        let called = |id: u32| {
            let id = crate::model::deployments::ResourceId(id);
            let resource = project.deploy.resource(id);
            let label = project.deploy.resource_label(id);
            [Some(label.as_str()), Some(resource.logical_id.as_str()), resource.name.one().map(String::as_str)]
                .contains(&Some(source.name.value.as_str()))
        };
        if !(0..project.deploy.resources.len() as u32).any(called) {
            let reason = format!("no queue, topic, stream or state machine is called `{}`", source.name.value);
            return Err(placed(project, source.name.span, &reason));
        }
    }
    for id in project.deploy.function_ids() {
        contradicts(project, &volumes, id)?;
    }
    Ok(())
}

/// What the traffic file says of a function against what its config says.
fn contradicts(
    project: &Project,
    volumes: &Volumes<'_>,
    id: crate::model::deployments::FunctionId,
) -> anyhow::Result<()> {
    let said = volumes.said(id);
    let label = project.deploy.function_label(id);
    let place = |span: Span| {
        let at = project.sources.position(span.file, span.start);
        format!("{}:{}", clean(project.sources.path(span.file)), at.line)
    };
    if let (Some(given), Some(exact)) = (&said.requests, volumes.scheduled(id)) {
        let reason = format!("`requests` of `{label}` contradicts {} at {}", exact.because, place(exact.at));
        return Err(placed(project, given.span, &reason));
    }
    let timeout = &project.deploy.function(id).timeout_s;
    if let (Some(duration), Some(&seconds)) = (&said.duration_ms, timeout.one())
        && duration.value > Exact::from(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000))
    {
        let set = timeout.place().map_or_else(String::new, |at| format!(" at {}", place(at)));
        let reason = format!(
            "`{label}` cannot run for {} ms on average: its timeout is {seconds} s{set}",
            duration.value.places(0)
        );
        return Err(placed(project, duration.span, &reason));
    }
    Ok(())
}

/// Begins a traffic file, or says what is missing in the one there is.
fn init(scan: &Scan, project: &Project, known: Option<(String, Traffic)>) -> anyhow::Result<u8> {
    let mut out = io::stdout().lock();
    if let Some((path, traffic)) = known {
        match stub(project, &traffic, false) {
            Some(missing) => writeln!(
                out,
                "# `{path}` is there and was not changed. It says nothing of these functions:\n{missing}"
            )?,
            None => writeln!(out, "`{path}` speaks of every function; nothing was changed")?,
        }
        return Ok(0);
    }
    let text = stub(project, &Traffic::default(), true).ok_or_else(|| anyhow!("there is no function"))?;
    let root = scan.tree.root().ok_or_else(|| anyhow!("there is no directory"))?;
    scan.write(&root.join(TRAFFIC_FILE), text.as_bytes())?;
    let shown = Path::new(scan.shown()).join(TRAFFIC_FILE);
    writeln!(
        out,
        "wrote {}: fill in what you know and run `cargo faaslint cost`; what stays empty is listed, not counted.",
        shown.display()
    )?;
    Ok(0)
}
