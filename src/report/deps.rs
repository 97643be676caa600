//! `deps`: what each binary's crates weigh, as a tree of who brings in whom alone.

use super::clean::clean;
use crate::knowledge::crate_weights;
use crate::model::Project;
use crate::model::crates::artifact::{Artifact, Attribution};
use crate::model::crates::closure::Closure;
use crate::model::crates::{Cargo, CrateGraph, TargetId};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Crates that bring less than this share of the whole are summed up in one line, in percent.
const SMALL_PERCENT: u64 = 1;

/// What to print.
pub struct DepsInput<'a> {
    /// The project, closures and artifacts read.
    pub project: &'a Project,
    /// Only the binary of this name.
    pub bin: Option<&'a str>,
    /// Levels of the tree.
    pub depth: usize,
    /// Whether small crates are listed too.
    pub all: bool,
}

/// A binary with its tree; the form of `--format json`.
#[derive(Debug, Serialize)]
struct Binary {
    binary: String,
    package: String,
    artifact: Option<Built>,
    /// `symbols`: machine code by the symbols of the artifact. `estimate`: what the crate alone added when it was
    /// measured.
    weights: &'static str,
    crates: usize,
    /// Bytes of the standard library and of symbols that name no crate; only by symbols.
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_library: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unnamed: Option<u64>,
    dependencies: Vec<Node>,
}

#[derive(Debug, Serialize)]
struct Built {
    path: String,
    bytes: u64,
    unpacked: Option<u64>,
    code: Option<u64>,
    debug_info: Option<u64>,
    architecture: Option<&'static str>,
    stripped: Option<bool>,
    debug_build: bool,
    older_than_lock_file: bool,
}

#[derive(Debug, Serialize)]
struct Node {
    name: String,
    version: String,
    /// Bytes that go with it; none if they are not known.
    bytes: Option<u64>,
    /// Bytes of its own code; only by symbols.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_bytes: Option<u64>,
    /// Crates that go with it, itself included.
    crates: usize,
    /// The manifest line that asks for it; none if no package of the workspace does.
    line: Option<String>,
    dependencies: Vec<Self>,
}

/// Writes the trees as text.
///
/// # Errors
/// If the writer fails.
pub fn write_text(input: &DepsInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    for (at, binary) in binaries(input).into_iter().enumerate() {
        if at > 0 {
            writeln!(to)?;
        }
        writeln!(
            to,
            "binary {} of package {}: {} crates",
            clean(&binary.binary),
            clean(&binary.package),
            binary.crates
        )?;
        match &binary.artifact {
            Some(built) => writeln!(to, "  {}", describe(built))?,
            None => writeln!(
                to,
                "  no executable below target/; build with `cargo lambda build --release` to see its size"
            )?,
        }
        writeln!(to, "  {}", explain(binary.weights))?;
        writeln!(to, "{:>11} {:>7}  crate", "bytes", "crates")?;
        tree(&binary.dependencies, 1, input, to)?;
        for (bytes, what) in [
            (binary.standard_library, "the standard library"),
            (binary.unnamed, "C, assembly and symbols that name no crate"),
        ] {
            if let Some(bytes) = bytes {
                writeln!(to, "{:>11} {:>7}  {what}", mb(bytes), "")?;
            }
        }
    }
    Ok(())
}

/// Writes the trees as JSON.
///
/// # Errors
/// If the writer fails.
pub fn write_json(input: &DepsInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &serde_json::json!({"version": 1, "binaries": binaries(input)}))?;
    writeln!(to)
}

fn explain(weights: &str) -> &'static str {
    if weights == "symbols" {
        "machine code by the symbols of the executable, with all that goes with a crate"
    } else {
        "estimated: what each crate alone added to an empty function when it was measured; shared crates count in each"
    }
}

fn describe(built: &Built) -> String {
    let mut text = format!("{} at {}", mb(built.bytes), clean(&built.path));
    let mut notes = Vec::new();
    notes.extend(built.unpacked.map(|bytes| format!("{} unpacked", mb(bytes))));
    notes.extend(built.architecture.map(str::to_owned));
    match built.stripped {
        Some(true) => notes.push("stripped".to_owned()),
        Some(false) => notes.push("with symbols".to_owned()),
        None => {}
    }
    notes
        .extend(built.debug_info.filter(|&bytes| bytes > 0).map(|bytes| format!("{} of debug information", mb(bytes))));
    notes.extend(built.debug_build.then(|| "a debug build".to_owned()));
    notes.extend(built.older_than_lock_file.then(|| "older than Cargo.lock".to_owned()));
    if !notes.is_empty() {
        text.push_str(&format!(" ({})", notes.join(", ")));
    }
    text
}

fn tree(nodes: &[Node], level: usize, input: &DepsInput<'_>, to: &mut dyn Write) -> io::Result<()> {
    let whole: u64 = nodes.iter().filter_map(|node| node.bytes).sum();
    let small = |node: &Node| {
        let light = node.bytes.map_or(node.crates == 1, |bytes| bytes * 100 < whole * SMALL_PERCENT);
        !input.all && light && (node.line.is_none() || node.bytes.is_some())
    };
    for node in nodes.iter().filter(|node| !small(node)) {
        let bytes = node.bytes.map_or_else(|| "?".to_owned(), mb);
        let line = node.line.as_ref().map_or(String::new(), |line| format!("  {}", clean(line)));
        let name = format!("{} {}", clean(&node.name), clean(&node.version));
        writeln!(to, "{bytes:>11} {:>7}  {:indent$}{name}{line}", node.crates, "", indent = 2 * (level - 1))?;
        if level < input.depth {
            tree(&node.dependencies, level + 1, input, to)?;
        }
    }
    let left: Vec<&Node> = nodes.iter().filter(|node| small(node)).collect();
    if !left.is_empty() {
        let bytes = left.iter().map(|node| node.bytes).sum::<Option<u64>>().map_or_else(|| "?".to_owned(), mb);
        let crates: usize = left.iter().map(|node| node.crates).sum();
        writeln!(to, "{bytes:>11} {crates:>7}  {:indent$}and {} smaller", "", left.len(), indent = 2 * (level - 1))?;
    }
    Ok(())
}

fn binaries(input: &DepsInput<'_>) -> Vec<Binary> {
    let project = input.project;
    let targets = project.unit_targets().into_iter();
    targets
        .filter(|&target| input.bin.is_none_or(|name| project.cargo.target(target).name == name))
        .filter_map(|target| binary(project, target))
        .collect()
}

fn binary(project: &Project, target: TargetId) -> Option<Binary> {
    let (closure, graph) = project.closure(target)?;
    let artifact = project.artifact(target);
    let attribution = artifact.and_then(|artifact| artifact.executable.as_ref()?.attribution.as_ref());
    let own_code = attribution.map(|attribution| own_code(closure, graph, attribution));
    let weights = match &own_code {
        Some(own) => with_dominated(closure, own.clone()),
        None => by_estimate(closure, &project.cargo, graph),
    };
    let weights = Weights { whole: &weights, own: own_code.as_deref() };
    let named: u64 = attribution.map_or(0, |found| {
        closure
            .crates(graph)
            .map(|(_, node)| &node.library)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|name| found.of(name))
            .sum()
    });
    let whole: u64 = attribution.map_or(0, |found| found.crates.values().sum());
    let own = attribution.map_or(0, |found| found.of(&project.cargo.target(target).name.replace('-', "_")));
    Some(Binary {
        binary: project.cargo.target(target).name.clone(),
        package: project.cargo.package(closure.package).name.clone(),
        artifact: artifact.map(built),
        weights: if attribution.is_some() { "symbols" } else { "estimate" },
        crates: closure.members.len() - 1,
        // The standard library's own dependencies have names that no package of the closure has.
        standard_library: attribution.map(|_| whole.saturating_sub(named + own)),
        unnamed: attribution.map(|found| found.other),
        dependencies: children(project, closure, graph, &weights, 0),
    })
}

fn built(artifact: &Artifact) -> Built {
    let executable = artifact.executable.as_ref();
    let opened = executable.filter(|_| artifact.unpacked.is_none());
    Built {
        path: artifact.path.clone(),
        bytes: artifact.bytes,
        unpacked: artifact.unpacked,
        code: opened.map(|found| found.code),
        debug_info: opened.map(|found| found.debug_info),
        architecture: executable.and_then(|found| found.architecture),
        stripped: opened.map(|found| found.is_stripped),
        debug_build: artifact.is_debug,
        older_than_lock_file: artifact.is_stale,
    }
}

/// Bytes of members: with all that goes with them, and of their own code where symbols tell.
struct Weights<'a> {
    whole: &'a [Option<u64>],
    own: Option<&'a [u64]>,
}

/// Bytes of each member's own code. Symbols do not tell versions apart: the first one has them.
fn own_code(closure: &Closure, graph: &CrateGraph, attribution: &Attribution) -> Vec<u64> {
    let mut seen = BTreeSet::new();
    let names = closure.members.iter().map(|member| &graph.nodes[member.node].library);
    names.map(|name| if seen.insert(name) { attribution.of(name) } else { 0 }).collect()
}

/// Adds to each member what it dominates: in a search in breadth it precedes that.
fn with_dominated(closure: &Closure, mut weights: Vec<u64>) -> Vec<Option<u64>> {
    for at in (1..weights.len()).rev() {
        if let Some(above) = closure.members[at].dominator {
            weights[above] += weights[at];
        }
    }
    weights.into_iter().map(Some).collect()
}

/// What was measured of each member; of one that was not, what its members were measured with.
fn by_estimate(closure: &Closure, cargo: &Cargo, graph: &CrateGraph) -> Vec<Option<u64>> {
    let mut weights: Vec<Option<u64>> = closure
        .members
        .iter()
        .enumerate()
        .map(|(at, member)| {
            let node = &graph.nodes[member.node];
            let features = closure.features(cargo, graph, at);
            let row = crate_weights().nearest(&node.name, &node.version, features.as_deref())?;
            u64::try_from(row.bytes).ok()
        })
        .collect();
    let measured: Vec<bool> = weights.iter().map(Option::is_some).collect();
    for at in (1..weights.len()).rev() {
        let above = closure.members[at].dominator.unwrap_or(0);
        if let (Some(bytes), false) = (weights[at], measured[above]) {
            weights[above] = Some(weights[above].unwrap_or(0) + bytes);
        }
    }
    weights
}

fn children(project: &Project, closure: &Closure, graph: &CrateGraph, weights: &Weights<'_>, of: usize) -> Vec<Node> {
    let mut found: Vec<Node> = (1..closure.members.len())
        .filter(|&at| closure.members[at].dominator == Some(of))
        .map(|at| {
            let node = &graph.nodes[closure.members[at].node];
            let asked = closure.line(&project.cargo, graph, at).filter(|(_, asked)| *asked == at);
            let line = asked.map(|(line, _)| project.sources.place(line.declared.span));
            Node {
                name: node.name.clone(),
                version: node.version.clone(),
                bytes: weights.whole[at],
                own_bytes: weights.own.map(|own| own[at]),
                crates: closure.members[at].exclusive,
                line,
                dependencies: children(project, closure, graph, weights, at),
            }
        })
        .collect();
    found.sort_by(|a, b| (b.bytes, b.crates, &a.name).cmp(&(a.bytes, a.crates, &b.name)));
    found
}

fn mb(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.2} MB", bytes as f64 / 1e6),
    }
}
