//! How a run is to go.

use crate::cache::Cache;
use crate::config::{Allow, Folder, Selected};
use crate::crates::Trust;
use crate::crates::built::Depth;
use crate::deployments::Choices;
use crate::finding::{Audience, Severity};
use crate::knowledge::Library;
use crate::rule::World;
use std::collections::BTreeSet;

/// Whether cargo may be asked to resolve the dependency graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseCargo {
    /// Never: lock files are read instead.
    No,
    /// Yes, with the checkout trusted or not.
    Yes(Trust),
}

/// How a run is to go.
#[derive(Debug, Clone)]
pub struct Options {
    /// The rules, with their parameters.
    pub rules: Vec<Selected>,
    /// Least severity that is shown.
    pub severity: Severity,
    /// Who listens.
    pub audience: Audience,
    /// Whether cargo may be run.
    pub cargo: UseCargo,
    /// Where answers of cargo are kept between runs.
    pub cache: Option<Cache>,
    /// Worlds to read although no rule needs them (`model` shows everything).
    pub read: BTreeSet<World>,
    /// How much to read of executables that a build left.
    pub depth: Depth,
    /// What the user says of libraries.
    pub libraries: Vec<Library>,
    /// What the user chose of what configs leave open.
    pub choices: Choices,
    /// Where the config silences rules.
    pub allows: Vec<Allow>,
    /// The file the config was read from, if there is one.
    pub config: Option<ConfigFile>,
    /// Tools that run in the same project, to which is left what they find as well.
    pub peers: Vec<String>,
    /// Configs of folders below the root, outer ones first.
    pub folders: Vec<Folder>,
    /// Paths below the root that findings and gaps must touch; all do if there are none.
    pub shown: Vec<String>,
    /// The file that says what the traffic is, relative to the scanned root; the usual one if none is named.
    pub traffic: Option<String>,
    /// Ids of all rules there are, selected or not.
    pub known: Vec<String>,
    /// Files and folders of the tree that decide what is reported: configs and what they name.
    pub decides: Vec<String>,
    /// Whether what people wrote to silence findings counts.
    pub suppress: bool,
    /// Fingerprints of accepted findings.
    pub baseline: BTreeSet<String>,
}

/// The text of a config, for findings about it.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Its path, relative to the scanned root.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Options {
    /// A run of rules that shows everything and runs no program.
    pub fn new(rules: Vec<Selected>) -> Self {
        Self {
            known: rules.iter().map(|rule| rule.spec.id.clone()).collect(),
            rules,
            severity: Severity::Info,
            audience: Audience::Auditor,
            cargo: UseCargo::No,
            cache: None,
            read: BTreeSet::new(),
            depth: Depth::Headers,
            libraries: Vec::new(),
            choices: Choices::default(),
            allows: Vec::new(),
            config: None,
            traffic: None,
            decides: Vec::new(),
            suppress: true,
            peers: Vec::new(),
            folders: Vec::new(),
            shown: Vec::new(),
            baseline: BTreeSet::new(),
        }
    }
}
