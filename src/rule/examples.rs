//! The examples of a rule: its tests and its docs. A run that checks something does not need them.

use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::OnceLock;

/// One example of a rule: a whole small project.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Primary lines as `path:line`, for files that cannot hold a marker.
    #[serde(default)]
    pub at: Vec<String>,
    /// Dependencies of a `Cargo.toml` that is made for the example.
    #[serde(default)]
    pub crates: Vec<String>,
    /// Bytes of files that a build left, by path.
    #[serde(default)]
    pub built: BTreeMap<String, u64>,
    /// Files by path; `#~ here` or `//~ here` marks the primary line of each finding.
    pub files: BTreeMap<String, String>,
}

impl Example {
    /// Every file of the example, the manifest that `crates` stands for included.
    pub fn tree(&self) -> BTreeMap<String, String> {
        let mut files = self.files.clone();
        if !self.crates.is_empty() {
            let mut manifest =
                "[package]\nname = \"worker\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n".to_owned();
            for name in &self.crates {
                manifest.push_str(&format!("{name} = \"*\"\n"));
            }
            files.insert("Cargo.toml".to_owned(), manifest);
        }
        files
    }
}

/// The examples of a rule: its tests and its docs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Each must give exactly the marked findings.
    #[serde(default)]
    pub bad: Vec<Example>,
    /// Each must give none.
    #[serde(default)]
    pub good: Vec<Example>,
    /// Whether it asks a setting of everything, which good examples of other rules leave out: it runs on its own alone.
    #[serde(default)]
    pub alone: bool,
}

/// The examples of a rule, read when they are first asked for: they are three quarters of what rule files say.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// As JSON, for rules that ship with the program.
    text: &'static str,
    read: OnceLock<Examples>,
}

impl Shown {
    pub(super) fn embedded(text: &'static str) -> Self {
        Self { text, read: OnceLock::new() }
    }
}

impl Deref for Shown {
    type Target = Examples;

    /// # Panics
    /// If embedded examples are broken; a test reads them all.
    fn deref(&self) -> &Examples {
        self.read.get_or_init(|| match self.text {
            "" => Examples::default(),
            text => serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}")),
        })
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { text: "", read: Examples::deserialize(deserializer)?.into() })
    }
}
