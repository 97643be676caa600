//! `cargo metadata`, run so that a hostile checkout cannot make it execute the checkout's programs:
//! from an empty directory (so its `.cargo/config.toml` and toolchain file are not looked up), offline,
//! locked, and with the compiler named. `--trust-workspace` gives that up for source replacement.

#![allow(clippy::disallowed_methods)] // the one place that runs a program, hardened

use crate::model::crates::{CrateGraph, CrateNode, GraphSource};
use cargo_metadata::{DependencyKind, MetadataCommand, TargetKind};
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than any workspace we have seen by two orders of magnitude.
const PATIENCE: Duration = Duration::from_secs(60);
/// Triples a Lambda function is built for; other platforms' dependencies are not in it.
const TRIPLES: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// Whether the checkout's own cargo configuration may take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// No: the default.
    No,
    /// Yes: the user asked for it.
    Yes,
}

/// Resolved normal dependencies of a workspace for the Lambda targets.
///
/// # Errors
/// A sentence saying why cargo could not answer.
pub(crate) fn read(root: &Path, dir: &str, trust: Trust) -> Result<CrateGraph, String> {
    let manifest = root.join(dir).join("Cargo.toml");
    let empty = private_dir()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--offline", "--locked", "--manifest-path"]).arg(&manifest);
    for triple in TRIPLES {
        command.args(["--filter-platform", triple]);
    }
    if trust == Trust::Yes {
        command.current_dir(root.join(dir));
    } else {
        command
            .current_dir(&empty)
            .env("RUSTC", "rustc")
            .env("RUSTC_WRAPPER", "")
            .env("RUSTC_WORKSPACE_WRAPPER", "")
            .env_remove("RUSTUP_TOOLCHAIN");
    }
    let outcome = run(command);
    let _ = std::fs::remove_dir(&empty);
    let text = outcome?;
    let metadata = MetadataCommand::parse(text).map_err(|error| format!("its answer cannot be read: {error}"))?;
    let resolve = metadata.resolve.ok_or("it resolved nothing")?;
    let mut index = HashMap::new();
    let mut nodes = Vec::new();
    for package in &metadata.packages {
        index.insert(package.id.clone(), nodes.len());
        let linked = |target: &&cargo_metadata::Target| {
            target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib))
        };
        let library = package.targets.iter().find(linked);
        let in_compiler = |target: &cargo_metadata::Target| target.kind.contains(&TargetKind::ProcMacro);
        nodes.push(CrateNode {
            name: package.name.to_string(),
            version: package.version.to_string(),
            library: library.map_or_else(|| package.name.replace('-', "_"), |target| target.name.replace('-', "_")),
            local: package.source.is_none(),
            is_proc_macro: package.targets.iter().any(in_compiler),
            features: None,
            defaults: Some(package.features.get("default").cloned().unwrap_or_default()),
        });
    }
    let mut edges = vec![Vec::new(); nodes.len()];
    for node in &resolve.nodes {
        let Some(&from) = index.get(&node.id) else {
            continue;
        };
        nodes[from].features = Some(node.features.iter().map(ToString::to_string).collect());
        for dependency in &node.deps {
            let normal = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if let (true, Some(&to)) = (normal, index.get(&dependency.pkg)) {
                edges[from].push(to);
            }
        }
    }
    Ok(CrateGraph { source: GraphSource::Metadata, nodes, edges })
}

fn private_dir() -> Result<std::path::PathBuf, String> {
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |age| age.as_nanos());
    let dir = std::env::temp_dir().join(format!("faaslint-{}-{stamp}", std::process::id()));
    std::fs::create_dir(&dir).map_err(|error| format!("no empty directory to run it in: {error}"))?;
    Ok(dir)
}

/// Runs to the end or to the end of patience; output is drained meanwhile so the child cannot block.
fn run(mut command: Command) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    let drain = |pipe: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut pipe) = pipe {
                let _ = pipe.read_to_end(&mut text);
            }
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let output = drain(child.stdout.take().map(|pipe| Box::new(pipe) as _));
    let errors = drain(child.stderr.take().map(|pipe| Box::new(pipe) as _));
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("cargo gave no answer in {} s", PATIENCE.as_secs()));
            }
            Err(error) => return Err(format!("cargo cannot be waited for: {error}")),
        }
    };
    let (output, errors) = (output.join().unwrap_or_default(), errors.join().unwrap_or_default());
    if status.success() {
        return Ok(output);
    }
    let reason = errors.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    Err(reason.trim_start_matches("error: ").to_owned())
}
