//! `allow`: which rules are silent where, and why.

use super::{ConfigError, glob_set};
use globset::GlobSet;
use schemars::JsonSchema;
use serde::Deserialize;

/// An entry as the file has it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowEntry {
    /// Ids of rules.
    pub rules: Vec<String>,
    /// Globs of paths, relative to the scanned directory; all if there are none.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Globs of names of deployed functions; all if there are none.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Why the rules do not apply there.
    pub reason: String,
}

/// An entry with its globs compiled.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Ids of rules.
    pub rules: Vec<String>,
    paths: Option<GlobSet>,
    functions: Option<GlobSet>,
    /// Bytes of the config where the entry begins and ends.
    pub place: (usize, usize),
}

impl Allow {
    /// Compiles an entry.
    ///
    /// # Errors
    /// If a glob is not valid, or no reason is given.
    pub(super) fn new(entry: &AllowEntry, place: (usize, usize)) -> Result<Self, ConfigError> {
        if entry.reason.trim().is_empty() {
            return Err(ConfigError::new("`allow`: an entry needs a `reason`"));
        }
        if entry.rules.is_empty() {
            return Err(ConfigError::new("`allow`: an entry names no rule; `ignore` and `exclude` silence more"));
        }
        let globs = |patterns: &[String]| -> Result<Option<GlobSet>, ConfigError> {
            if patterns.is_empty() { Ok(None) } else { glob_set("allow", patterns).map(Some) }
        };
        Ok(Self { rules: entry.rules.clone(), paths: globs(&entry.paths)?, functions: globs(&entry.functions)?, place })
    }

    /// Whether a finding is covered.
    pub fn covers(&self, rule: &str, path: &str, function: Option<&str>) -> bool {
        self.rules.iter().any(|known| known == rule)
            && self.paths.as_ref().is_none_or(|globs| globs.is_match(path))
            && self.functions.as_ref().is_none_or(|globs| function.is_some_and(|name| globs.is_match(name)))
    }
}
