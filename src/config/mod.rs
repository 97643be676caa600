//! The user's file: ids and raw values. Knows no check; parameters are checked against their declarations.

mod allow;
mod folder;
mod locate;
mod schema;

pub use self::allow::{Allow, AllowEntry};
pub use self::folder::Folder;
pub use self::schema::schema;

use crate::finding::{Audience, Severity};
use crate::rule::{Literal, Params, RuleSpec, peers};
use crate::text::{locate as locate_byte, path};
use globset::{Glob, GlobSet, GlobSetBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Names the file may have, at the scanned root and in folders below it.
pub const FILE_NAMES: [&str; 2] = ["faaslint.yaml", ".faaslint.yaml"];
/// A config larger than this is a mistake.
pub const MAX_BYTES: usize = 1 << 20;

/// What `faaslint.yaml` may say.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "faaslint.yaml")]
pub struct Config {
    /// Folders with rule files of the user's own, relative to the config.
    pub rules: Vec<String>,
    /// Folders with files that say what libraries of the user's own mean, relative to the config.
    pub libraries: Vec<String>,
    /// Only these rules.
    pub select: Vec<String>,
    /// Not these rules.
    pub ignore: Vec<String>,
    /// Tools that run in the same project: what they find as well, in the files they read, is left to them.
    pub peers: Vec<String>,
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
    /// Rules that are silent in some places.
    pub allow: Vec<AllowEntry>,
    /// A file of accepted findings, relative to the config.
    pub baseline: Option<String>,
    /// The traffic of the application, for `cost` and `fit`: a file, relative to the config; in a manifest also a table
    /// of what such a file says.
    pub traffic: Option<serde_json::Value>,
    /// What `fit` expects.
    pub fit: FitConfig,
    /// The text it was read from.
    #[serde(skip)]
    source: String,
}

/// What `fit` expects of an application.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FitConfig {
    /// Milliseconds in which callers want their answers.
    pub latency_target_ms: Option<u64>,
    /// What is accepted as it is: `stateful`, `heavy-compute`, `long-running`, …
    pub allow: Vec<String>,
    /// The worst verdict of a function, by name or pattern: `fits`, `watch`, `fits with change`, `poor fit`.
    pub expect: BTreeMap<String, String>,
}

/// Changes to one rule.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
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

/// Reads `faaslint.yaml`.
///
/// # Errors
/// If it is too large, not valid YAML, or says something no config may say.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    gate(text)?;
    if text.trim().is_empty() {
        return Ok(Config::default());
    }
    let config: Config = serde_yaml::from_str(text).map_err(|error| ConfigError {
        at: error.location().map(|at| (at.line(), at.column())),
        reason: hinted(&error.to_string()),
    })?;
    let config = Config { source: text.to_owned(), ..config };
    config.stay_inside()?;
    Ok(config)
}

/// The parts of a manifest that lead to a config.
#[derive(Deserialize)]
struct Manifest {
    workspace: Option<Scope>,
    package: Option<Scope>,
}

#[derive(Deserialize)]
struct Scope {
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    faaslint: Option<Config>,
}

/// Reads `[workspace.metadata.faaslint]` or `[package.metadata.faaslint]` of a manifest; none if it has neither.
///
/// # Errors
/// If the table says something no config may say. A manifest that is not valid is not this reader's concern.
pub fn parse_manifest(text: &str) -> Result<Option<Config>, ConfigError> {
    if !text.contains("metadata.faaslint") || toml::from_str::<toml::Table>(text).is_err() {
        return Ok(None);
    }
    let manifest: Manifest = toml::from_str(text).map_err(|error| ConfigError {
        at: error.span().map(|span| place(text, span.start)),
        reason: hinted(error.message()),
    })?;
    let mut scopes =
        manifest.workspace.into_iter().chain(manifest.package).filter_map(|scope| scope.metadata?.faaslint);
    let config = scopes.next().map(|config| Config { source: text.to_owned(), ..config });
    config.as_ref().map_or(Ok(()), Config::stay_inside)?;
    Ok(config)
}

/// What a manifest says to configure this program, of workspace and package. None if it says nothing.
pub fn manifest_table(text: &str) -> Option<[Option<toml::Value>; 2]> {
    let manifest: toml::Table = toml::from_str(text).ok()?;
    let of = |scope: &str| manifest.get(scope)?.get("metadata")?.get("faaslint").cloned();
    let tables = [of("workspace"), of("package")];
    tables.iter().any(Option::is_some).then_some(tables)
}

/// An error about an unknown key, with the nearest that is known.
fn hinted(reason: &str) -> String {
    let mut words = reason.split('`').skip(1).step_by(2).map(str::to_owned);
    match (reason.contains("unknown field"), words.next()) {
        (true, Some(wrong)) => {
            let known: Vec<String> = words.collect();
            let hint = nearest(&wrong, &known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("{reason}{hint}")
        }
        _ => reason.to_owned(),
    }
}

/// `serde_yaml` is quadratic on deeply nested flow input; the other parser refuses that at once.
///
/// # Errors
/// If the text is too large or not valid YAML.
pub fn gate(text: &str) -> Result<(), ConfigError> {
    if text.len() > MAX_BYTES {
        return Err(ConfigError::new(format!("is larger than {} MiB", MAX_BYTES >> 20)));
    }
    match locate::tree(text).error {
        Some((reason, span)) => Err(ConfigError { reason, at: Some(place(text, span.start as usize)) }),
        None => Ok(()),
    }
}

/// 1-based line and column of a byte.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let at = locate_byte(text, byte);
    (at.line as usize, at.column as usize)
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
    /// The config is a file of the scanned tree, which may be a stranger's: it names nothing outside.
    fn stay_inside(&self) -> Result<(), ConfigError> {
        let lists = [("rules", &self.rules), ("libraries", &self.libraries), ("var_files", &self.var_files)];
        let listed = lists.into_iter().flat_map(|(key, paths)| paths.iter().map(move |path| (key, path)));
        let single = [("plan", &self.plan), ("baseline", &self.baseline)];
        let single = single.into_iter().filter_map(|(key, path)| Some((key, path.as_ref()?)));
        match listed.chain(single).find(|(_, path)| path::join("", path).is_none()) {
            Some((key, path)) => {
                let reason = format!("`{key}`: `{path}` lies outside the scanned directory");
                Err(self.placed(ConfigError::new(reason), std::slice::from_ref(path)))
            }
            None => Ok(()),
        }
    }

    /// The globs of files that are not read.
    ///
    /// # Errors
    /// If a glob is not valid.
    pub fn excluded(&self) -> Result<GlobSet, ConfigError> {
        glob_set("exclude", &self.exclude).map_err(|error| self.placed(error, &self.exclude))
    }

    /// Where rules are silent.
    ///
    /// # Errors
    /// If an entry has no reason, names no rule, or has a glob that is not valid.
    pub fn allows(&self) -> Result<Vec<Allow>, ConfigError> {
        let places = locate::items(&self.source, "allow");
        let place = |index: usize| places.get(index).copied().unwrap_or((0, 0));
        self.allow.iter().enumerate().map(|(index, entry)| Allow::new(entry, place(index))).collect()
    }

    /// An error with the place of the first of the words that is written in the config.
    fn placed(&self, mut error: ConfigError, words: &[String]) -> ConfigError {
        error.at = error.at.or_else(|| {
            let said = words.iter().find(|word| error.reason.contains(word.as_str()))?;
            locate::scalar(&self.source, said).map(|span| place(&self.source, span.start as usize))
        });
        error
    }

    /// Applies the selection and the overrides to the known rules.
    ///
    /// # Errors
    /// If an id or parameter does not exist, with the nearest one that does.
    pub fn apply(&self, specs: Vec<RuleSpec>) -> Result<Vec<Selected>, ConfigError> {
        let known: Vec<String> = specs.iter().map(|spec| spec.id.clone()).collect();
        let allowed = self.allow.iter().flat_map(|entry| &entry.rules);
        let named = self.select.iter().chain(&self.ignore).chain(self.overrides.keys()).chain(allowed);
        for id in named {
            if !known.contains(id) {
                return Err(self.placed(ConfigError::new(unknown(id, &known)), std::slice::from_ref(id)));
            }
        }
        let tools: Vec<String> = peers().beside().map(str::to_owned).collect();
        if let Some(name) = self.peers.iter().find(|name| !tools.contains(name)) {
            let hint = match nearest(name, &tools) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", tools.join(", ")),
            };
            let error = ConfigError::new(format!("`peers`: no tool `{name}` is known; {hint}"));
            return Err(self.placed(error, std::slice::from_ref(name)));
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
                    params.set(name, value.clone()).map_err(|reason| {
                        let error = ConfigError::new(format!("`overrides.{}`: {reason}", spec.id));
                        self.placed(error, std::slice::from_ref(name))
                    })?;
                }
            }
            selected.push(Selected { spec, params });
        }
        Ok(selected)
    }
}

fn glob_set(key: &str, patterns: &[String]) -> Result<GlobSet, ConfigError> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).map_err(|error| ConfigError::new(format!("`{key}`: {error}")))?);
    }
    builder.build().map_err(|error| ConfigError::new(format!("`{key}`: {error}")))
}

/// "There is no rule X", with the nearest id.
pub fn unknown(id: &str, known: &[String]) -> String {
    match nearest(id, known) {
        Some(near) => format!("there is no rule `{id}`; did you mean `{near}`?"),
        None => format!("there is no rule `{id}`; `cargo faaslint rules` lists them"),
    }
}

/// Words less alike than this (1 is equal, 0 has nothing in common) are no slip of the fingers.
const ALIKE: f64 = 0.6;

/// The known word that is nearest, if one is near.
pub fn nearest<'k>(word: &str, known: &'k [String]) -> Option<&'k str> {
    let score = |other: &str| strsim::normalized_damerau_levenshtein(word, other);
    let near = known.iter().map(|other| (score(other), other)).max_by(|(a, _), (b, _)| a.total_cmp(b));
    near.filter(|(score, _)| *score >= ALIKE).map(|(_, near)| near.as_str())
}

#[cfg(test)]
mod tests {
    use super::{parse, parse_manifest, unknown};

    #[test]
    fn errors_name_their_place() {
        let error = parse("select: [a]\nselekt: []\n").expect_err("unknown key");
        assert!(error.reason.contains("selekt"), "{error}");
        assert!(error.at.is_some());
    }

    #[test]
    fn unknown_keys_and_rules_are_placed_with_a_suggestion() {
        let error = parse("overides: {}\n").expect_err("unknown key");
        assert!(error.reason.ends_with("did you mean `overrides`?") && error.at.is_some(), "{error}");
        let config = parse("severity: info\nignore:\n  - heavy-dependencies\n").expect("valid");
        let error = config.apply(crate::rule::embedded()).expect_err("unknown rule");
        assert_eq!(error.at, Some((3, 5)), "{error}");
        let config = parse("overrides:\n  heavy-dependency:\n    params: {minimum: 3}\n").expect("valid");
        assert_eq!(config.apply(crate::rule::embedded()).expect_err("unknown parameter").at, Some((3, 14)));
        let config = parse("allow: [{rules: [heavy-dependency], reason: ' '}]\n").expect("valid");
        assert!(config.allows().expect_err("no reason").reason.contains("reason"));
    }

    #[test]
    fn a_manifest_may_hold_the_config() {
        let text = "[workspace]\nmembers = []\n[workspace.metadata.faaslint]\nignore = [\"heavy-dependency\"]\n";
        assert_eq!(parse_manifest(text).expect("valid").expect("there").ignore, ["heavy-dependency"]);
        assert!(parse_manifest("[package]\nname = \"a\"\n").expect("valid").is_none());
        let error = parse_manifest("[package.metadata.faaslint]\nignor = []\n").expect_err("unknown key");
        assert!(error.reason.contains("did you mean `ignore`?") && error.at == Some((2, 1)), "{error:?}");
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
