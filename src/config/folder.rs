//! The config of a folder below the scanned root: what it changes for the findings that stand there.

use super::{Allow, Config, ConfigError, Selected};
use crate::finding::{Audience, Severity};
use crate::rule::{Params, RuleSpec};
use crate::text::path;
use std::collections::BTreeMap;

/// What the config of a folder changes there.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder, relative to the scanned root.
    pub path: String,
    /// The file, relative to the scanned root.
    pub file: String,
    /// Keys that count only in the config of the scanned root.
    pub unused: Vec<&'static str>,
    /// Least severity that is shown there.
    pub severity: Option<Severity>,
    /// Who listens there.
    pub audience: Option<Audience>,
    select: Vec<String>,
    ignore: Vec<String>,
    severities: BTreeMap<String, Severity>,
    params: BTreeMap<String, Params>,
    allows: Vec<Allow>,
}

impl Folder {
    /// Whether a file lies in it.
    pub fn holds(&self, file: &str) -> bool {
        path::is_within(file, &self.path)
    }

    /// Whether a rule is wanted there.
    pub fn wants(&self, rule: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|known| known == rule);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    /// Another severity of a rule.
    pub fn severity_of(&self, rule: &str) -> Option<Severity> {
        self.severities.get(rule).copied()
    }

    /// Other parameters of a rule.
    pub fn params_of(&self, rule: &str) -> Option<&Params> {
        self.params.get(rule)
    }

    /// Whether it allows a finding at a file of it.
    pub fn allows(&self, rule: &str, file: &str, function: Option<&str>) -> bool {
        let below = file.strip_prefix(&self.path).map_or(file, |rest| rest.trim_start_matches('/'));
        self.allows.iter().any(|allow| allow.covers(rule, below, function))
    }
}

impl Config {
    /// What this config changes for a folder below the root, whose rules are `selected` of `specs`.
    ///
    /// # Errors
    /// As for the config of the root.
    pub fn folder(&self, file: &str, specs: Vec<RuleSpec>, selected: &[Selected]) -> Result<Folder, ConfigError> {
        self.apply(specs)?;
        let mut params = BTreeMap::new();
        for (rule, change) in self.overrides.iter().filter(|(_, change)| !change.params.is_empty()) {
            let Some(root) = selected.iter().find(|selected| selected.spec.id == *rule) else { continue };
            let mut own = root.params.clone();
            for (name, value) in &change.params {
                own.set(name, value.clone()).map_err(ConfigError::new)?;
            }
            params.insert(rule.clone(), own);
        }
        let severities = self.overrides.iter().filter_map(|(rule, change)| Some((rule.clone(), change.severity?)));
        let unused = [
            ("rules", !self.rules.is_empty()),
            ("libraries", !self.libraries.is_empty()),
            ("peers", !self.peers.is_empty()),
            ("stacks", !self.stacks.is_empty()),
            ("stage", self.stage.is_some()),
            ("var_files", !self.var_files.is_empty()),
            ("plan", self.plan.is_some()),
            ("baseline", self.baseline.is_some()),
        ];
        Ok(Folder {
            path: path::parent(file).to_owned(),
            file: file.to_owned(),
            unused: unused.into_iter().filter(|(_, set)| *set).map(|(key, _)| key).collect(),
            severity: self.severity,
            audience: self.audience,
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            severities: severities.collect(),
            params,
            allows: self.allows()?,
        })
    }
}
