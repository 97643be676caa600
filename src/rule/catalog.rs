//! The rules that ship with the program, and the reader for rules users bring.

use super::RuleSpec;
use super::examples::Shown;
use super::place::place;

/// Why a rule file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SpecError {
    /// What is wrong.
    pub reason: String,
    /// 1-based line and column, where the parser knows them.
    pub at: Option<(u32, u32)>,
}

// The id of every file in `rules/` with what it says, and its examples, as JSON, sorted: see `build.rs`.
include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Every rule that ships with the program, sorted by id.
///
/// # Panics
/// If an embedded rule file is broken; a test reads them all.
pub fn embedded() -> Vec<RuleSpec> {
    CATALOG
        .iter()
        .map(|(id, json, examples)| match serde_json::from_str::<RuleSpec>(json) {
            Ok(spec) => RuleSpec { examples: Shown::embedded(examples), ..spec },
            Err(error) => panic!("rules/{id}.yaml: {error}"),
        })
        .collect()
}

/// Reads a rule file; `stem` is its file name without extension.
///
/// # Errors
/// If it is not valid YAML, says something no rule file may say, or contradicts itself.
pub fn parse(stem: &str, text: &str) -> Result<RuleSpec, SpecError> {
    let spec: RuleSpec = serde_yaml::from_str(text).map_err(|error| SpecError {
        at: error.location().map(|at| (at.line() as u32, at.column() as u32)),
        reason: error.to_string(),
    })?;
    let fail = |key: &str, reason: String| Err(SpecError { reason, at: place(text, &[key.to_owned()]) });
    if spec.id != stem {
        return fail("id", format!("the id is `{}` but the file is named `{stem}`", spec.id));
    }
    match (&spec.matches, &spec.report, &spec.builtin) {
        (Some(_), Some(_), None) | (None, None, Some(_)) => Ok(spec),
        _ => fail("builtin", "a rule has either `match` and `report`, or `builtin`".to_owned()),
    }
}
