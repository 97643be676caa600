//! The user's file: ids and raw values. Knows no check; parameters are checked against their declarations.

use crate::finding::{Audience, Severity};
use crate::spec::{Literal, Params, RuleSpec};
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Names the file may have at the scanned root.
pub const FILE_NAMES: [&str; 2] = ["faaslint.yaml", ".faaslint.yaml"];
/// A config larger than this is a mistake.
pub const MAX_BYTES: usize = 1 << 20;

/// What `faaslint.yaml` may say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folders with rule files of the user's own, relative to the config.
    pub rules: Vec<String>,
    /// Only these rules.
    pub select: Vec<String>,
    /// Not these rules.
    pub ignore: Vec<String>,
    /// Globs of files that are not read.
    pub exclude: Vec<String>,
    /// Only these stacks: names of CDK stacks, templates, or directories of Terraform roots.
    pub stacks: Vec<String>,
    /// The stage of Serverless Framework services, or the context of cargo-lambda.
    pub stage: Option<String>,
    /// Files with values for Terraform variables, relative to the config.
    pub var_files: Vec<String>,
    /// A Terraform plan as JSON, relative to the config.
    pub plan: Option<String>,
    /// Least severity that is shown.
    pub severity: Option<Severity>,
    /// Who listens.
    pub audience: Option<Audience>,
    /// Changes to single rules.
    pub overrides: BTreeMap<String, Override>,
}

/// Changes to one rule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Override {
    /// Another severity.
    pub severity: Option<Severity>,
    /// Other parameter values.
    pub params: BTreeMap<String, Literal>,
}

/// Why a config cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ConfigError {
    /// What is wrong.
    pub reason: String,
    /// 1-based line and column, where they are known.
    pub at: Option<(usize, usize)>,
}

impl ConfigError {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), at: None }
    }
}

/// Reads a config.
///
/// # Errors
/// If it is too large, not valid YAML, or says something no config may say.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    gate(text)?;
    if text.trim().is_empty() {
        return Ok(Config::default());
    }
    serde_yaml::from_str(text).map_err(|error| ConfigError {
        at: error.location().map(|at| (at.line(), at.column())),
        reason: error.to_string(),
    })
}

/// `serde_yaml` is quadratic on deeply nested flow input; the other parser refuses that at once.
///
/// # Errors
/// If the text is too large or not valid YAML.
pub fn gate(text: &str) -> Result<(), ConfigError> {
    if text.len() > MAX_BYTES {
        return Err(ConfigError::new(format!("is larger than {} MiB", MAX_BYTES >> 20)));
    }
    let mut parser = granit_parser::Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        if let Err(error) = event {
            let marker = error.marker();
            return Err(ConfigError { reason: error.info(), at: Some((marker.line(), marker.col() + 1)) });
        }
    }
    Ok(())
}

/// A rule as it will run.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The rule, with its severity overridden where the config says so.
    pub spec: RuleSpec,
    /// Its parameters.
    pub params: Params,
}

impl Config {
    /// The globs of files that are not read.
    ///
    /// # Errors
    /// If a glob is not valid.
    pub fn excluded(&self) -> Result<GlobSet, ConfigError> {
        let mut builder = GlobSetBuilder::new();
        for pattern in &self.exclude {
            let glob = Glob::new(pattern).map_err(|error| ConfigError::new(format!("`exclude`: {error}")))?;
            builder.add(glob);
        }
        builder.build().map_err(|error| ConfigError::new(format!("`exclude`: {error}")))
    }

    /// Applies the selection and the overrides to the known rules.
    ///
    /// # Errors
    /// If an id or parameter does not exist, with the nearest one that does.
    pub fn apply(&self, specs: Vec<RuleSpec>) -> Result<Vec<Selected>, ConfigError> {
        let known: Vec<String> = specs.iter().map(|spec| spec.id.clone()).collect();
        let named = self.select.iter().chain(&self.ignore).chain(self.overrides.keys());
        for id in named {
            if !known.contains(id) {
                return Err(ConfigError::new(unknown(id, &known)));
            }
        }
        let mut selected = Vec::new();
        for mut spec in specs {
            let wanted = self.select.is_empty() || self.select.contains(&spec.id);
            if !wanted || self.ignore.contains(&spec.id) {
                continue;
            }
            let mut params = Params::defaults(&spec.params);
            if let Some(change) = self.overrides.get(&spec.id) {
                if let Some(severity) = change.severity {
                    spec.severity = severity;
                }
                for (name, value) in &change.params {
                    params
                        .set(name, value.clone())
                        .map_err(|reason| ConfigError::new(format!("`overrides.{}`: {reason}", spec.id)))?;
                }
            }
            selected.push(Selected { spec, params });
        }
        Ok(selected)
    }
}

/// "There is no rule X", with the nearest id.
pub fn unknown(id: &str, known: &[String]) -> String {
    let near = known.iter().map(|other| (common(id, other), other)).max_by_key(|(score, _)| *score);
    match near {
        Some((score, other)) if score * 2 >= id.len() => {
            format!("there is no rule `{id}`; did you mean `{other}`?")
        }
        _ => format!("there is no rule `{id}`; `cargo faaslint rules` lists them"),
    }
}

/// Length of the longest common subsequence of letters: good enough for kebab-case ids.
fn common(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row = vec![0usize; b.len() + 1];
    for x in a.chars() {
        let mut diagonal = 0;
        for (j, &y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{parse, unknown};

    #[test]
    fn errors_name_their_place() {
        let error = parse("select: [a]\nselekt: []\n").expect_err("unknown key");
        assert!(error.reason.contains("selekt"), "{error}");
        assert!(error.at.is_some());
    }

    #[test]
    fn hostile_nesting_is_refused_at_once() {
        assert!(parse(&"{a: ".repeat(100_000)).is_err());
    }

    #[test]
    fn near_ids_are_suggested() {
        let known = vec!["heavy-dependency".to_owned(), "monolithic-function".to_owned()];
        assert!(unknown("heavy-dependencies", &known).contains("did you mean `heavy-dependency`"));
        assert!(unknown("zzz", &known).contains("cargo faaslint rules"));
    }
}
