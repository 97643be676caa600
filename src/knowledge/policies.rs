//! What permissions of functions mean that no template writes out: `rules/data/lambda-policies.yaml`.

use super::data::embedded;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Managed policies and actions, by what they mean for a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaPolicies {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "date")]
    _date: String,
    /// What every function needs to run, whatever it does.
    pub housekeeping: Housekeeping,
    /// Managed policies that allow every action of a service; `*` is every service.
    #[serde(rename = "full-access")]
    pub full_access: BTreeMap<String, String>,
}

/// What every function needs to run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Housekeeping {
    /// Managed policies that allow nothing else.
    pub policies: Vec<String>,
    /// How actions begin that do nothing else.
    actions: Vec<String>,
}

impl LambdaPolicies {
    /// Whether an action only lets a function run.
    pub fn is_housekeeping(&self, action: &str) -> bool {
        self.housekeeping.actions.iter().any(|prefix| action.starts_with(prefix.as_str()))
    }
}

/// What permissions of functions mean.
pub fn lambda_policies() -> &'static LambdaPolicies {
    static KNOWN: LazyLock<LambdaPolicies> = LazyLock::new(|| embedded!("lambda-policies"));
    &KNOWN
}

#[cfg(test)]
mod tests {
    use super::lambda_policies;

    #[test]
    fn housekeeping_is_no_access_to_data() {
        let known = lambda_policies();
        assert!(known.is_housekeeping("logs:PutLogEvents") && known.is_housekeeping("xray:*"));
        assert!(!known.is_housekeeping("s3:GetObject") && !known.is_housekeeping("*"));
        assert!(known.full_access.keys().all(|name| !known.housekeeping.policies.contains(name)));
    }
}
