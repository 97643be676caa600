//! What computes for long: `rules/data/compute.yaml`.

use super::data::embedded;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// A library or program that computes for long.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// First segments of its paths.
    pub crates: Vec<String>,
    /// Programs that are run for it.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Types and functions of it that only write down what is to be computed.
    #[serde(default)]
    pub plans: Vec<String>,
    /// Methods of such types that compute it.
    #[serde(default)]
    pub runs: Vec<String>,
    /// What it is, with its article.
    pub is: String,
    /// Where such work goes when a function is too small for it.
    pub instead: String,
    /// Features of its crates that need a graphics processor.
    #[serde(default)]
    pub gpu: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "date")]
    _date: String,
    engines: BTreeMap<String, Engine>,
}

static FILE: LazyLock<File> = LazyLock::new(|| embedded!("compute"));

/// Every engine by name.
pub fn engines() -> &'static BTreeMap<String, Engine> {
    &FILE.engines
}

/// The engine a path belongs to.
pub fn engine_of_path(path: &str) -> Option<&'static str> {
    static BY_CRATE: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let names = |(name, engine): (&'static String, &'static Engine)| {
            engine.crates.iter().map(move |first| (first.as_str(), name.as_str()))
        };
        engines().iter().flat_map(names).collect()
    });
    let name = BY_CRATE.get(path.split("::").next()?).copied()?;
    (!engines()[name].only_plans(path)).then_some(name)
}

impl Engine {
    /// Whether a call only writes down what is to be computed.
    fn only_plans(&self, path: &str) -> bool {
        let mut parts = path.rsplit("::");
        let last = parts.next().unwrap_or_default();
        let is = |name: &str| self.plans.iter().any(|known| known == name);
        is(last) || parts.next().is_some_and(is) && !self.runs.iter().any(|runs| runs == last)
    }
}

/// The engine a program is run for.
pub fn engine_of_program(program: &str) -> Option<&'static str> {
    let program = program.rsplit('/').next().unwrap_or(program);
    let runs = |engine: &Engine| engine.programs.iter().any(|known| known == program);
    engines().iter().find(|(_, engine)| runs(engine)).map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::{engine_of_path, engine_of_program, engines};

    #[test]
    fn engines_are_known_by_their_crates_and_programs() {
        assert_eq!(engine_of_path("polars::prelude::LazyFrame::collect"), Some("polars"));
        assert_eq!(engine_of_path("polarsx::col"), None);
        assert_eq!(engine_of_path("polars::prelude::LazyFrame::default"), None);
        assert_eq!(engine_of_path("polars::prelude::col"), None);
        assert_eq!(engine_of_path("polars::prelude::DataFrame::sort"), Some("polars"));
        assert_eq!(engine_of_program("/opt/bin/ffmpeg"), Some("ffmpeg"));
        assert!(engines().values().all(|engine| engine.is.contains(' ')));
    }
}
