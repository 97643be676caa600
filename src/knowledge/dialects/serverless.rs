//! Defaults and events of the Serverless Framework: `rules/data/dialects/serverless-framework.yaml`.

use super::sheet::{Declared, Dialect, Word};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerlessFramework {
    /// What is known of every dialect.
    pub dialect: Dialect,
    /// Settings of functions.
    pub functions: ServerlessFunctions,
    /// Plugins that build Rust.
    pub rust_plugins: Names,
    /// The documents the events were taken from.
    pub source: String,
    /// When they were read, ISO 8601.
    pub date: String,
    /// Events by their key.
    pub events: BTreeMap<String, ServerlessEvent>,
}

/// Settings of functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerlessFunctions {
    /// Keys to property paths; `[]` makes a list of a single value.
    pub settings: BTreeMap<String, String>,
    /// Properties the framework sets when the key is absent.
    pub defaults: BTreeMap<String, String>,
    /// Where they are described.
    pub source: String,
    /// When that was read, ISO 8601.
    pub date: String,
}

impl ServerlessFramework {
    /// The key of a property of a function, of an event with this key, or of raw CloudFormation below `resources`.
    pub(super) fn word(&self, declared: Declared, header: &str, property: &str) -> Option<Word> {
        match declared {
            Declared::Function => word(&self.functions.settings, property),
            Declared::Event => {
                let event = self.events.get(header.trim_matches(['"', '\'']))?;
                let short = event.short.as_deref().and_then(|short| word(&event.settings, short));
                let short = short.map(|short| short.path.join("."));
                Some(Word { short, ..word(&event.settings, property)? })
            }
            Declared::Resource => Some(Word::raw(property)),
        }
    }
}

fn word(settings: &BTreeMap<String, String>, property: &str) -> Option<Word> {
    let (key, known) = settings.iter().find(|(_, known)| known.trim_end_matches("[]") == property)?;
    Some(Word { single: known.ends_with("[]"), ..Word::of(key) })
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
