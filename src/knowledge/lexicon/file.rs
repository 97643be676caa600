//! What a file of `rules/data/libraries/` may say.

use super::meaning::Meaning;
use super::role::Role;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is known of some libraries.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Library {
    /// Where its rows come from.
    pub source: String,
    /// When that was read, ISO 8601.
    pub date: String,
    /// Packages whose presence makes a binary worth reading, with their platform.
    pub runtimes: BTreeMap<String, String>,
    /// Paths under which a library re-exports another, with the path of the one that defines it.
    pub reexports: BTreeMap<String, String>,
    /// What globs of a library bring in, to tell which glob a name comes from.
    pub globs: BTreeMap<String, Vec<String>>,
    /// Functions, methods and attributes by path.
    pub paths: BTreeMap<String, Row>,
    /// Types by path.
    pub types: BTreeMap<String, Row>,
    /// Names of methods by meaning, by the type they are called on; `*` for any type.
    pub methods: BTreeMap<String, BTreeMap<Meaning, Vec<String>>>,
    /// Names of macros by meaning.
    pub macros: BTreeMap<Meaning, Vec<String>>,
    /// Names of fields of records that only those of one service have, with the kind of its trigger.
    pub records: BTreeMap<String, String>,
    /// Names of fields, keys and literal values of events by meaning.
    pub fields: BTreeMap<Meaning, Vec<String>>,
    /// Words and phrases in names, by what they say.
    pub words: BTreeMap<Role, Vec<String>>,
}

/// What is known of a path.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Row {
    /// What it means.
    pub means: Vec<Meaning>,
    /// A path that means the same, with everything below it.
    pub like: Option<String>,
    /// The type it returns.
    pub returns: Option<String>,
    /// The platform whose runtime or handler it is.
    pub platform: Option<String>,
    /// The type of the event, where handlers need not name it.
    pub event: Option<String>,
    /// The service of a client; `*` for the letters that `*` stands for in the path.
    pub service: Option<String>,
    /// The argument that holds the time in question, counted from 0.
    pub millis: Option<usize>,
    /// The argument with the path that is written.
    pub target: Option<usize>,
    /// The argument with the URL.
    pub url: Option<usize>,
    /// The generic argument that is the value.
    pub holds: Option<usize>,
    /// Microseconds of the unit of a duration.
    pub micros: Option<i64>,
    /// Connections a pool opens at most when nothing is set.
    pub connections: Option<i64>,
    /// After how long a request ends when nothing is set.
    pub limit: Option<DefaultLimit>,
    /// What stands between a prefix and the name of a variable.
    pub separator: Option<String>,
}

/// After how long a library gives up when nothing is set, and the versions that do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultLimit {
    /// The time.
    pub seconds: i64,
    /// The first version that has it; every one if there is none.
    #[serde(default)]
    pub since: Option<String>,
    /// The first version that has it no more.
    #[serde(default)]
    pub before: Option<String>,
}

impl DefaultLimit {
    /// Whether a version, or the lowest one that a requirement allows, has it; the newest one if none is given.
    pub fn holds(&self, version: Option<&str>) -> bool {
        // `*` names none.
        let version = version.filter(|version| version.contains(|c: char| c.is_ascii_digit()));
        let Some(version) = version.map(numbers) else { return self.before.is_none() };
        self.since.as_deref().is_none_or(|since| numbers(since) <= version)
            && self.before.as_deref().is_none_or(|before| version < numbers(before))
    }
}

/// The numbers of a version: `^0.9.24` are 0, 9 and 24.
fn numbers(version: &str) -> [u64; 3] {
    let mut numbers = [0; 3];
    let written = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    for (number, part) in numbers.iter_mut().zip(written.split('.')) {
        let digits: &str = &part[..part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len())];
        *number = digits.parse().unwrap_or(0);
    }
    numbers
}

impl Row {
    /// What this row says, and where it is silent what another one does.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            means: self.means,
            like: self.like.or(other.like),
            returns: self.returns.or(other.returns),
            platform: self.platform.or(other.platform),
            event: self.event.or(other.event),
            service: self.service.or(other.service),
            millis: self.millis.or(other.millis),
            target: self.target.or(other.target),
            url: self.url.or(other.url),
            holds: self.holds.or(other.holds),
            micros: self.micros.or(other.micros),
            connections: self.connections.or(other.connections),
            limit: self.limit.or(other.limit),
            separator: self.separator.or(other.separator),
        }
    }
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct LibraryError {
    /// What is wrong.
    pub reason: String,
    /// 1-based line and column, where they are known.
    pub at: Option<(usize, usize)>,
}

impl Library {
    /// Reads a file that ships with the program, as the build left it.
    ///
    /// # Errors
    /// If it has a word that nobody knows.
    pub(super) fn embedded(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it is not valid YAML, has a word that nobody knows, or describes something that is no path.
    pub fn parse(text: &str) -> Result<Self, LibraryError> {
        let library: Self = serde_yaml::from_str(text).map_err(|error| LibraryError {
            at: error.location().map(|at| (at.line(), at.column())),
            reason: error.to_string(),
        })?;
        let paths = library.paths.keys().chain(library.types.keys()).chain(library.methods.keys());
        match paths.into_iter().find(|path| !is_path(path)) {
            Some(path) => Err(LibraryError {
                reason: format!("`{path}` is no path such as `crate::Type`"),
                at: place(text, path),
            }),
            None => Ok(library),
        }
    }
}

/// Names separated by `::`, with `*` for what may vary.
fn is_path(path: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '*');
    path.split("::").all(is_name)
}

/// 1-based line and column of the first scalar with a text.
pub(super) fn place(text: &str, wanted: &str) -> Option<(usize, usize)> {
    let mut parser = granit_parser::Parser::new_from_str(text);
    while let Some(Ok((event, span))) = parser.next_event() {
        if matches!(&event, granit_parser::Event::Scalar(found, ..) if found == wanted) {
            return Some((span.start.line(), span.start.col() + 1));
        }
    }
    None
}
