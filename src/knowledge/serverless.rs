//! Defaults and events of the Serverless Framework: `rules/data/serverless-framework.yaml`.

use super::data::Fact;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerlessFramework {
    /// Timeout it sets, in seconds.
    pub timeout_s: Fact<String>,
    /// Memory it sets, in MiB.
    pub memory_mb: Fact<String>,
    /// Plugins that build Rust.
    pub rust_plugins: Names,
    /// The documents the events were taken from.
    pub source: String,
    /// When they were read, ISO 8601.
    pub date: String,
    /// Events by their key.
    pub events: BTreeMap<String, ServerlessEvent>,
}

/// Names of packages, with their source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Package names.
    pub names: Vec<String>,
    /// Where they are described.
    pub source: String,
    /// When that was read, ISO 8601.
    pub date: String,
}

/// One event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerlessEvent {
    /// The SAM event it corresponds to.
    pub sam: String,
    /// The property of its short form.
    pub short: Option<String>,
    /// Settings to property paths.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Settings whose value decides the SAM event; `*` for any value.
    #[serde(default)]
    pub variants: BTreeMap<String, BTreeMap<String, String>>,
    /// Properties the framework sets when the setting is absent.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
}
