//! What `cargo lambda deploy` reads: `rules/data/dialects/cargo-lambda.yaml`.

use super::serverless::Names;
use super::sheet::{Dialect, Word};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CargoLambda {
    /// What is known of every dialect.
    pub dialect: Dialect,
    /// The documents it was taken from.
    pub source: String,
    /// When they were read, ISO 8601.
    pub date: String,
    /// Settings of a function.
    pub settings: Vec<CargoLambdaSetting>,
    /// Crates that make a binary a function.
    pub runtimes: Names,
}

impl CargoLambda {
    /// The key of a property.
    pub(super) fn word(&self, property: &str) -> Option<Word> {
        self.settings.iter().find(|setting| setting.property == property).map(|setting| Word::of(&setting.key))
    }
}

/// One setting.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CargoLambdaSetting {
    /// The key in `deploy`.
    pub key: String,
    /// Other spellings of the key.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The property path.
    pub property: String,
    /// What cargo-lambda uses when the key is absent.
    pub default: Option<String>,
    /// Where the value comes from when the key is absent, if that is no place in the project.
    pub elsewhere: Option<String>,
    /// Words that are spelled otherwise there.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
}
