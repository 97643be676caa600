//! What resources cost while they exist: `rules/data/standing-costs.yaml`.

use super::data::embedded;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a resource costs while it exists.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingCost {
    /// What people call it.
    pub kind: String,
    /// The name of its price; none if none is known.
    #[serde(default)]
    pub price: Option<String>,
    /// Whether an hour is billed; else a month.
    #[serde(default)]
    pub hourly: bool,
    /// The property that says how many.
    #[serde(default)]
    pub count: Option<StandingCount>,
    /// The property that decides whether it is billed so.
    #[serde(default)]
    pub when: Option<StandingCondition>,
}

/// A number among the properties of a resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingCount {
    /// Its path.
    pub property: String,
    /// What it is where nothing is written.
    #[serde(default)]
    pub default: Option<i64>,
}

/// A word among the properties of a resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingCondition {
    /// Its path.
    pub property: String,
    /// What it is where nothing is written.
    #[serde(default)]
    pub default: Option<String>,
    /// The words it may be.
    pub is: Vec<String>,
}

/// What resources cost while they exist, by type.
pub fn standing_costs() -> &'static BTreeMap<String, Vec<StandingCost>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(rename = "source")]
        _source: String,
        #[serde(rename = "date")]
        _date: String,
        types: BTreeMap<String, Vec<StandingCost>>,
    }
    static COSTS: LazyLock<File> = LazyLock::new(|| embedded!("standing-costs"));
    &COSTS.types
}

#[cfg(test)]
mod tests {
    use super::standing_costs;
    use crate::knowledge::price;

    #[test]
    fn prices_that_are_named_are_there() {
        for row in standing_costs().values().flatten() {
            assert!(row.price.as_ref().is_none_or(|name| price(name).is_some()), "{}", row.kind);
            assert!(!row.kind.is_empty());
        }
    }
}
