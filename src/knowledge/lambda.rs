//! Facts of AWS Lambda with several parts: runtimes and their days, who invokes how, what the edge takes.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What CloudFront takes of functions it runs at its edge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// How the identifiers of its runtimes begin.
    pub runtimes: Vec<String>,
    /// How events of viewers begin.
    pub viewer_events: String,
    /// The longest timeout for events of viewers, in seconds.
    pub viewer_timeout_s: i64,
    /// The longest timeout for events of origins, in seconds.
    pub origin_timeout_s: i64,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

/// How services invoke functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invoking {
    /// How the actions begin that let somebody do so, in small letters.
    pub actions: String,
    /// Services that wait for the answer, by the first part of their names.
    pub wait: Vec<String>,
    /// Services that ask whether they may before they are configured, and refuse to be.
    pub ask: Vec<String>,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

/// Runtimes without a language of their own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtimes {
    /// Their identifiers, with the days of their lives.
    pub known: BTreeMap<String, RuntimeLife>,
    /// How their identifiers begin.
    pub prefix: String,
    /// The one to use.
    pub newest: String,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601: what is past and what is to come is judged by this day.
    pub date: String,
}

/// The days of the life of a runtime, ISO 8601.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuntimeLife {
    /// From when on it gets no updates.
    pub deprecated: String,
    /// From when on no function can be created with it.
    pub create_blocked: String,
    /// From when on no function with it can be updated.
    pub update_blocked: String,
}

/// How a function shows that the Lambda Web Adapter hands its events to a server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebAdapter {
    /// Names of its layers.
    pub layers: Vec<String>,
    /// How the names of its variables begin.
    pub variables: String,
    /// The wrapper script that its layer brings along.
    pub wrapper: String,
    /// Where an image has it.
    pub extension: String,
    /// The end of the name of the image it is copied from.
    pub image: String,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}
