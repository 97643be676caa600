//! Crates that weigh on a function, and what to use instead; `rules/data/crates.yaml`.

use super::features::covers;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is known of a crate that weighs on a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeavyCrate {
    /// Package name; a trailing `*` matches a prefix.
    pub name: String,
    /// Versions the row is about, as a prefix; empty for all.
    #[serde(default)]
    pub version: String,
    /// Why it weighs.
    pub reason: String,
    /// What to use or switch off instead; empty where that depends on who brings it in.
    #[serde(default)]
    pub instead: String,
    /// What crates that bring it in offer instead.
    #[serde(default)]
    pub choices: BTreeMap<String, String>,
    /// Crates that hold its weight.
    #[serde(default)]
    pub weight_in: Vec<String>,
    /// Worth knowing although another path may keep it.
    #[serde(default)]
    pub worth_anyway: bool,
    /// Whether its work before the first event is done where a client is built.
    #[serde(default)]
    pub at_client: bool,
    /// Only information.
    #[serde(default)]
    pub minor: bool,
    /// Whether what it brings is too small, or leaving it too much work, to interrupt anyone.
    #[serde(default)]
    pub rewrite: bool,
    /// A crate it must depend on.
    #[serde(default)]
    pub with: Option<String>,
    /// A crate it must not depend on.
    #[serde(default)]
    pub without: Option<String>,
    /// Of these the binary must link at least one: crates, or crates with a feature behind `/`.
    #[serde(default)]
    pub if_linked: Vec<String>,
    /// Of these the binary must link none, written the same way.
    #[serde(default)]
    pub unless_linked: Vec<String>,
    /// Crates that keep it if a line of the project asks for them too.
    #[serde(default)]
    pub beside: Vec<String>,
    /// The crate that makes its HTTP stack; if something else keeps that, the stack is not its own.
    #[serde(default)]
    pub stack: Option<String>,
    /// Whether its work is done by a library that is compiled elsewhere, which the Cargo profile does not reach.
    #[serde(default)]
    pub built_elsewhere: bool,
    /// Only heavy while its default features are on.
    #[serde(default)]
    pub default_features_only: bool,
    /// Only worth saying when the manifest asks for it itself.
    #[serde(default)]
    pub direct_only: bool,
    /// Only heavy while one of these features is asked for.
    #[serde(default)]
    pub features: Vec<String>,
    /// Compiles C or C++.
    #[serde(default)]
    pub native_build: bool,
    /// Belongs to machine-learning, media or similar work.
    #[serde(default)]
    pub compute: bool,
    /// The row of the measured weights that is about this form.
    #[serde(default)]
    pub weighed: Option<String>,
    /// The row that is about what to use instead.
    #[serde(default)]
    pub lighter: Option<String>,
    /// Where the fact comes from.
    pub source: String,
    /// When it was read or measured, ISO 8601.
    pub date: String,
}

impl HeavyCrate {
    /// Whether it is about a version of a package.
    pub fn is_about(&self, package: &str, version: &str) -> bool {
        covers(&self.name, package) && version.starts_with(&self.version)
    }
}
