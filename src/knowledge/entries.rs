//! How functions begin on the platforms whose limits we do not know: `rules/data/platforms/`.

use serde::Deserialize;
use std::sync::LazyLock;

/// What a platform calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Entry {
    /// A process it starts.
    Binary,
    /// A library it loads.
    Library,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Platform {
    entry: Entry,
    /// The file beside which a host looks for what it starts.
    host_file: Option<String>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "date")]
    _date: String,
}

macro_rules! platform {
    ($id:literal) => {
        (
            $id,
            serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/rules/data/platforms/", $id, ".json")))
                .expect(concat!("rules/data/platforms/", $id, ".yaml is valid; a test reads it")),
        )
    };
}

static PLATFORMS: LazyLock<Vec<(&str, Platform)>> =
    LazyLock::new(|| vec![platform!("cloudflare-workers"), platform!("spin"), platform!("azure-functions")]);

/// Files beside which a platform's host looks for what it starts.
pub fn host_files() -> impl Iterator<Item = &'static str> {
    PLATFORMS.iter().filter_map(|(_, platform)| platform.host_file.as_deref())
}

/// Whether the functions of a platform are libraries.
pub fn runs_libraries(id: &str) -> bool {
    PLATFORMS.iter().any(|(known, platform)| *known == id && platform.entry == Entry::Library)
}

#[cfg(test)]
mod tests {
    use super::{host_files, runs_libraries};

    #[test]
    fn components_are_libraries_and_hosts_have_a_file() {
        assert!(runs_libraries("spin") && runs_libraries("cloudflare-workers"));
        assert!(!runs_libraries("aws-lambda") && !runs_libraries("azure-functions"));
        assert_eq!(host_files().collect::<Vec<_>>(), ["host.json"]);
    }
}
