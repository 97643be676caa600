//! Measures what crates add to a Lambda function, and writes `rules/data/crate-weights.yaml`.
//!
//! Run by hand, with valgrind and gzip installed and the registry reachable:
//!
//! ```sh
//! cargo run --release --example weigh                   # every subject; takes hours
//! cargo run --release --example weigh -- regex image    # these only; the other rows stay
//! ```
//!
//! Each subject of `subjects.yaml` becomes a minimal function that really uses the crate, built with the release
//! settings of cargo-lambda. What it weighs is the difference to the function it is compared with (`over`; the empty
//! function if it names none). Instructions are counted from the start of the process to its first request for an
//! event, against a stand-in of the Lambda Runtime API on the loopback address: unlike seconds they are repeatable.

#![allow(clippy::disallowed_methods, clippy::print_stderr)] // a program of the workbench, not of the tool

mod measure;
mod project;

use measure::Measured;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

type Error = Box<dyn std::error::Error>;

/// One thing to weigh.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    /// The crate the row is about, as the registry calls it.
    name: String,
    /// Lines of `[dependencies]`; the first is the one weighed.
    dependencies: Vec<String>,
    /// Another subject that it is compared with.
    #[serde(default)]
    over: Option<String>,
    /// What a function does with it: `State`, `init` and `call` of the template, as far as they differ.
    code: String,
}

/// A row of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    name: String,
    version: String,
    default_features: bool,
    features: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    over: Option<String>,
    bytes: i64,
    gzip_bytes: i64,
    crates: i64,
    init_instructions: i64,
    init_spread_percent: f64,
    build_seconds: f64,
    function_bytes: u64,
    date: String,
}

/// The file: how it was measured, and a row for each subject.
#[derive(Debug, Serialize, Deserialize)]
struct Weights {
    toolchain: String,
    target: String,
    profile: String,
    rows: BTreeMap<String, Row>,
}

fn main() -> Result<(), Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let subjects: BTreeMap<String, Subject> =
        serde_yaml::from_str(&std::fs::read_to_string(root.join("benches/weigh/subjects.yaml"))?)?;
    let file = root.join("rules/data/crate-weights.yaml");
    let workbench = std::env::var_os("WEIGH_DIR").map_or_else(|| root.join("target/weigh"), PathBuf::from);
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let mut weights = match std::fs::read_to_string(&file) {
        Ok(text) => serde_yaml::from_str(&text)?,
        Err(_) => {
            Weights { toolchain: String::new(), target: String::new(), profile: String::new(), rows: BTreeMap::new() }
        }
    };
    (weights.toolchain, weights.target) = project::toolchain()?;
    weights.profile = project::PROFILE.join(", ");
    let mut known: BTreeMap<String, Measured> = BTreeMap::new();
    for (id, subject) in &subjects {
        if !chosen.is_empty() && !chosen.contains(id) {
            continue;
        }
        match row(&workbench, &subjects, id, subject, &mut known) {
            Ok(row) => {
                eprintln!("{id}: {} bytes, {} crates, {} instructions", row.bytes, row.crates, row.init_instructions);
                weights.rows.insert(id.clone(), row);
                std::fs::write(&file, project::document(&weights)?)?;
            }
            Err(error) => eprintln!("{id}: not measured: {error}"),
        }
    }
    Ok(())
}

fn row(
    workbench: &Path,
    subjects: &BTreeMap<String, Subject>,
    id: &str,
    subject: &Subject,
    known: &mut BTreeMap<String, Measured>,
) -> Result<Row, Error> {
    let base = subject.over.as_deref().unwrap_or("base");
    let under = subjects.get(base).ok_or_else(|| format!("there is no subject `{base}`"))?;
    if !known.contains_key(base) {
        known.insert(base.to_owned(), measure::measure(workbench, base, under)?);
    }
    let whole = match known.get(id) {
        Some(measured) => measured.clone(),
        None => measure::measure(workbench, id, subject)?,
    };
    let less = if id == "base" { Measured::default() } else { known[base].clone() };
    let (default_features, features) = project::features(&subject.dependencies[0])?;
    let row = Row {
        name: subject.name.clone(),
        version: whole.versions.get(&subject.name).cloned().unwrap_or_default(),
        default_features,
        features,
        over: subject.over.clone(),
        bytes: whole.bytes as i64 - less.bytes as i64,
        gzip_bytes: whole.gzip_bytes as i64 - less.gzip_bytes as i64,
        crates: whole.versions_count as i64 - less.versions_count as i64,
        init_instructions: whole.init_instructions as i64 - less.init_instructions as i64,
        init_spread_percent: whole.init_spread_percent,
        build_seconds: whole.build_seconds,
        function_bytes: whole.bytes,
        date: project::today()?,
    };
    known.insert(id.to_owned(), whole);
    Ok(row)
}
