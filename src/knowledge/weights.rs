//! What crates weigh, as `benches/weigh` measured it; `rules/data/crate-weights.yaml`.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Starts that differ by more say nothing about the crate.
const MOST_SPREAD_PERCENT: f64 = 10.0;

/// The measured file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrateWeights {
    /// The compiler that built it.
    pub toolchain: String,
    /// The target it was built for.
    pub target: String,
    /// The release profile.
    pub profile: String,
    /// Rows by their id.
    pub rows: BTreeMap<String, CrateWeight>,
}

/// What one crate with one choice of features adds to a function, over the function it is compared with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrateWeight {
    /// Package name.
    pub name: String,
    /// The version that was measured.
    pub version: String,
    /// Whether its default features were on.
    pub default_features: bool,
    /// Features that were asked for.
    pub features: Vec<String>,
    /// The row it is compared with; the empty function if none is named.
    #[serde(default)]
    pub over: Option<String>,
    /// Bytes of the stripped executable.
    pub bytes: i64,
    /// Bytes of it compressed.
    pub gzip_bytes: i64,
    /// Packages.
    pub crates: i64,
    /// Instructions executed until the first request for an event.
    pub init_instructions: i64,
    /// Percent between the least and the most of three starts of the whole function.
    pub init_spread_percent: f64,
    /// Seconds of the build.
    pub build_seconds: f64,
    /// Bytes of the whole executable.
    pub function_bytes: u64,
    /// When it was measured, ISO 8601.
    pub date: String,
}

impl CrateWeight {
    /// Instructions until the first event, if starts agree on them: threads of a crate may run on beside `main`.
    pub fn steady_instructions(&self) -> i64 {
        if self.init_spread_percent <= MOST_SPREAD_PERCENT { self.init_instructions } else { 0 }
    }

    /// Whether the row is about a version that is compatible with another one.
    pub fn fits(&self, name: &str, version: &str) -> bool {
        self.name == name && compatible(&self.version) == compatible(version)
    }
}

impl CrateWeights {
    /// The row that is nearest to a crate with the features that are on: the one with most features in common, and
    /// none that is off. Without knowledge of features, the one with default features and the fewest others.
    pub fn nearest(&self, name: &str, version: &str, features: Option<&[String]>) -> Option<&CrateWeight> {
        let rows = self.rows.values().filter(|row| row.over.is_none() && row.fits(name, version));
        match features {
            Some(on) => rows
                .filter(|row| row.features.iter().all(|feature| on.contains(feature)))
                .filter(|row| !row.default_features || on.iter().any(|feature| feature == "default"))
                .max_by_key(|row| (row.default_features, row.features.len())),
            None => rows.min_by_key(|row| (!row.default_features, row.features.len())),
        }
    }
}

/// The part of a version that must agree: the first number that is not zero, with what precedes it.
pub fn compatible(version: &str) -> &str {
    let mut end = 0;
    for part in version.split('.') {
        end += part.len() + usize::from(end > 0);
        if part != "0" {
            break;
        }
    }
    &version[..end]
}

#[cfg(test)]
mod tests {
    use super::compatible;
    use crate::knowledge::{crate_weights, feature_edits, heavy_crates};

    #[test]
    fn every_row_that_data_names_was_measured() {
        let rows = &crate_weights().rows;
        let named = heavy_crates().iter().flat_map(|heavy| [&heavy.weighed, &heavy.lighter]).flatten();
        let edits = feature_edits().iter().flat_map(|edit| [&edit.weighed, &edit.lighter]);
        let over = rows.values().filter_map(|row| row.over.as_ref());
        for id in named.chain(edits).chain(over) {
            assert!(rows.contains_key(id), "crate-weights.yaml has no `{id}`");
        }
        assert!(rows.len() >= 60, "{} rows", rows.len());
        for (id, row) in rows {
            assert!(row.function_bytes > 1_000_000 && row.init_spread_percent < 30.0 && row.date.len() == 10, "{id}");
        }
    }

    #[test]
    fn the_nearest_row_has_no_feature_that_is_off() {
        let on = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let nearest = |features: Option<&[String]>| {
            let row = crate_weights().nearest("aws-sdk-dynamodb", "1.9.0", features)?;
            Some((row.default_features, row.features.len()))
        };
        assert_eq!(nearest(None), Some((true, 0)));
        assert_eq!(nearest(Some(&on(&["default", "rustls", "rt-tokio", "default-https-client"]))), Some((true, 0)));
        assert_eq!(nearest(Some(&on(&["rt-tokio", "default-https-client", "test-util"]))), Some((false, 2)));
        assert_eq!(nearest(Some(&on(&["rt-tokio"]))), None);
        assert!(crate_weights().nearest("aws-sdk-dynamodb", "0.30.0", None).is_none(), "another major version");
    }

    #[test]
    fn versions_are_compatible_as_cargo_sees_it() {
        assert_eq!(compatible("1.2.3"), "1");
        assert_eq!(compatible("0.12.4"), "0.12");
        assert_eq!(compatible("0.0.3"), "0.0.3");
        assert_eq!(compatible("10.0.0-rc.1"), "10");
    }
}
