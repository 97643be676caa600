//! What the feature `default` of crates switches on, version by version; `rules/data/default-features.yaml`.

use super::compatible;
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultFeatures {
    /// Changes of each crate, oldest first.
    pub crates: BTreeMap<String, Vec<DefaultsFrom>>,
    /// Where it was read.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

/// Default features from a version on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultsFrom {
    /// The version.
    pub from: String,
    /// The features.
    pub default: Vec<String>,
}

impl DefaultFeatures {
    /// What is on by default in a version of a crate; none if it is not known.
    pub fn of(&self, name: &str, version: &str) -> Option<&[String]> {
        let before = |row: &&DefaultsFrom| compare(&row.from, version) != Ordering::Greater;
        Some(&self.crates.get(name)?.iter().rev().find(before)?.default)
    }

    /// What is on by default in the newest version that a requirement without operators allows: what a workspace
    /// without a lock file builds.
    pub fn of_requirement(&self, name: &str, requirement: &str) -> Option<&[String]> {
        let plain = requirement.trim().trim_start_matches('^');
        let numbers = plain.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        let rows = self.crates.get(name).filter(|_| numbers)?;
        let wanted = compatible(plain);
        // Rows of the same series, and the one before them, which holds until they begin.
        let fits =
            |row: &&DefaultsFrom| compare(&row.from, plain) != Ordering::Greater || compatible(&row.from) == wanted;
        Some(&rows.iter().rev().find(fits)?.default)
    }
}

/// Modules of a crate that are features of the same name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureModules {
    /// What their paths begin with in source.
    pub root: String,
    /// A module between the root and them that may be left out.
    pub through: String,
    /// Modules that no feature switches on.
    pub always: Vec<String>,
    /// Modules that come with any of others.
    pub with: BTreeMap<String, Vec<String>>,
}

/// An edit that drops default features a function does not use; `rules/data/feature-edits.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureEdit {
    /// Package name; a trailing `*` matches a prefix.
    pub name: String,
    /// The rule that says so.
    pub rule: String,
    /// Default features that go.
    pub drops: Vec<String>,
    /// Whether what goes is for people who sign in where they run a program.
    #[serde(default)]
    pub sign_in: bool,
    /// Crates that ask for it without its default features: they keep none of them.
    #[serde(default)]
    pub asked_plainly_by: Vec<String>,
    /// Whether it saves too little to interrupt anyone.
    #[serde(default)]
    pub minor: bool,
    /// Features by the word of the trigger they are for: those of configured triggers stay.
    #[serde(default)]
    pub by_trigger: BTreeMap<String, String>,
    /// The features are modules: those that source names stay.
    #[serde(default)]
    pub modules: Option<FeatureModules>,
    /// The crate that everything dropped hangs on.
    #[serde(default)]
    pub through: Option<String>,
    /// What the features bring; a clause.
    pub reason: String,
    /// Text in source that needs them.
    pub unless: Vec<String>,
    /// The row of the measured weights with them.
    pub weighed: String,
    /// The row without.
    pub lighter: String,
    /// What those rows measure.
    pub measured: String,
    /// Where the fact comes from.
    pub source: String,
    /// When it was read or measured, ISO 8601.
    pub date: String,
}

impl FeatureEdit {
    /// Whether it is about a package.
    pub fn is_about(&self, package: &str) -> bool {
        covers(&self.name, package)
    }
}

/// A crate whose older versions hold an older version of another; `rules/data/duplicate-causes.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateCause {
    /// What it holds.
    pub crates: Vec<String>,
    /// The crate.
    pub through: String,
    /// The first version that does.
    pub from: String,
    /// The first of its versions that does not.
    pub before: String,
    /// Crates that `cargo update` has to move on; a trailing `*` matches a prefix.
    #[serde(default)]
    pub update: Vec<String>,
    /// Crates of which a manifest has to ask for another release.
    #[serde(default)]
    pub upgrade: Vec<String>,
    /// That release, or a later one.
    #[serde(default)]
    pub to: Option<String>,
    /// Text in source that uses what it holds; where there is none of it, the linker leaves it out.
    #[serde(default)]
    pub linked_if: Vec<String>,
    /// The feature of the crate that brings what it holds; always there if none is named.
    #[serde(default)]
    pub feature: Option<String>,
    /// Crates that switch the feature on for whoever uses them.
    #[serde(default)]
    pub asked_by: Vec<String>,
    /// Whether a second copy of it weighs next to nothing.
    #[serde(default)]
    pub minor: bool,
    /// What is left to do afterwards.
    #[serde(default)]
    pub then: Option<String>,
    /// Why it holds the older version; a clause.
    pub reason: String,
    /// Where the fact comes from.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

impl DuplicateCause {
    /// Whether a version of a package is one of those.
    pub fn holds(&self, package: &str, version: &str) -> bool {
        self.through == package
            && compare(version, &self.from) != Ordering::Less
            && compare(version, &self.before) == Ordering::Less
    }

    /// Whether updating a package helps.
    pub fn updates(&self, package: &str) -> bool {
        self.update.iter().any(|name| covers(name, package))
    }
}

/// Whether a name with or without a trailing `*` covers a package.
pub(super) fn covers(name: &str, package: &str) -> bool {
    match name.strip_suffix('*') {
        Some(prefix) => package.starts_with(prefix),
        None => package == name,
    }
}

/// Versions in their order; a pre-release counts as its release.
pub fn compare(one: &str, other: &str) -> Ordering {
    let numbers = |version: &str| -> Vec<u64> {
        version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).take(3).collect()
    };
    numbers(one).cmp(&numbers(other))
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::knowledge::default_features;
    use std::cmp::Ordering;

    #[test]
    fn default_features_are_those_of_the_version() {
        let of = |name: &str, version: &str| {
            let on = default_features().of(name, version)?;
            Some(on.iter().any(|feature| feature == "default-https-client"))
        };
        assert_eq!(of("aws-config", "1.5.18"), Some(false));
        assert_eq!(of("aws-config", "1.6.0"), Some(true));
        assert_eq!(of("aws-config", "1.99.0"), Some(true));
        assert_eq!(of("aws-sdk-nobody-knows", "1.0.0"), None);
    }

    #[test]
    fn without_a_lock_file_the_newest_version_counts() {
        let known = default_features();
        assert_eq!(known.of_requirement("aws-config", "1"), known.of("aws-config", "1.999.0"));
        assert_eq!(known.of_requirement("aws-config", "0.55"), known.of("aws-config", "0.55.3"));
        assert_eq!(known.of_requirement("aws-config", "=1.5.5"), None);
        assert_eq!(known.of_requirement("aws-config", "*"), None);
    }

    #[test]
    fn changes_are_in_the_order_of_versions() {
        for (name, rows) in &default_features().crates {
            let rising = rows.windows(2).all(|pair| compare(&pair[0].from, &pair[1].from) == Ordering::Less);
            assert!(rising && !rows.is_empty(), "{name}");
        }
        assert_eq!(compare("1.10.0", "1.9.0"), Ordering::Greater);
        assert_eq!(compare("1.2.0-rc.1", "1.2.0"), Ordering::Equal);
    }
}
