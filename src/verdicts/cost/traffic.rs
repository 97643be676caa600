//! The traffic of an application, as its people write it down: `faaslint-traffic.yaml`.

use super::quantity::{MOST_REQUESTS, bytes, milliseconds, monthly, number, share};
use super::{HOURS_OF_A_MONTH, SECONDS_OF_A_MONTH};
use crate::document;
use crate::document::tree::{Doc, Kind, NodeId};
use crate::exact::Exact;
use crate::model::Project;
pub use crate::model::TRAFFIC_FILE;
use crate::text::{FileId, Span, Spanned};
use globset::{Glob, GlobMatcher};
use std::collections::BTreeMap;

/// The version of the format.
const VERSION: &str = "1";

/// What is wrong with a traffic file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficError {
    /// What; no full stop.
    pub reason: String,
    /// Where.
    pub span: Span,
}

/// What is known of the traffic of a function.
#[derive(Debug, Clone, Default)]
pub struct FunctionTraffic {
    /// Invocations a month.
    pub requests: Option<Spanned<Exact>>,
    /// Invocations a second at the busiest.
    pub peak: Option<Exact>,
    /// Mean billed duration in milliseconds.
    pub duration_ms: Option<Spanned<Exact>>,
    /// Share of invocations that start cold.
    pub cold_share: Option<Exact>,
    /// Duration of a cold start in milliseconds.
    pub init_ms: Option<Exact>,
    /// Share of invocations that fail, and are tried again where the platform does that.
    pub failing: Option<Exact>,
    /// Bytes an invocation writes to its log.
    pub logs: Option<u64>,
    /// CPU time of an invocation in milliseconds, for platforms that bill it.
    pub cpu_ms: Option<Exact>,
    /// Milliseconds in which a caller wants its answer.
    pub latency_ms: Option<Spanned<Exact>>,
}

/// What is known of what feeds functions.
#[derive(Debug, Clone)]
pub struct SourceTraffic {
    /// The name of a queue, a topic, a stream, a state machine.
    pub name: Spanned<String>,
    /// Messages, records or executions a month.
    pub messages: Option<Spanned<Exact>>,
    /// How many arrive in one batch, on average.
    pub batch: Option<Exact>,
}

/// A pattern of names with what is said of them.
#[derive(Debug, Clone)]
struct Entry {
    name: Spanned<String>,
    /// None if it is a plain name.
    pattern: Option<GlobMatcher>,
    traffic: FunctionTraffic,
}

/// What a traffic file says.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// The region.
    pub region: Option<Spanned<String>>,
    /// What feeds functions.
    pub sources: Vec<SourceTraffic>,
    defaults: FunctionTraffic,
    entries: Vec<Entry>,
}

/// A time of the week with a rate.
struct Profile {
    monthly: Exact,
    peak: Exact,
}

impl Traffic {
    /// Reads a traffic file.
    ///
    /// # Errors
    /// If it is no YAML, or says something no traffic file may say.
    pub fn read(file: FileId, text: &str) -> Result<Self, TrafficError> {
        let doc = document::read(file, text);
        if let Some((reason, span)) = &doc.error {
            return Err(TrafficError { reason: format!("is not valid YAML: {reason}"), span: *span });
        }
        match doc.roots.first() {
            Some(&root) => Reader { doc: &doc, profiles: BTreeMap::new() }.traffic(root),
            None => Ok(Self::default()),
        }
    }

    /// What is said of the traffic of a project; nothing if there is no file, or one that cannot be read.
    pub fn of_project(project: &Project) -> Self {
        let Some(file) = project.traffic else { return Self::default() };
        let text = project.sources.text(file);
        let read = match project.sources.path(file).ends_with(".toml") {
            true => Self::read_manifest(file, text).unwrap_or_else(|| Ok(Self::default())),
            false => Self::read(file, text),
        };
        read.unwrap_or_default()
    }

    /// Reads the traffic in the metadata of a manifest; none if there is none.
    ///
    /// # Errors
    /// If it says something no traffic file may say.
    pub fn read_manifest(file: FileId, text: &str) -> Option<Result<Self, TrafficError>> {
        let doc = document::toml::read(file, text);
        let root = *doc.roots.first()?;
        let within = |scope: &str| {
            let keys = [scope, "metadata", "faaslint", "traffic"];
            keys.iter().try_fold(root, |at, key| doc.get(at, key))
        };
        // A path leads to a file of its own.
        let found = within("workspace").or_else(|| within("package")).filter(|&id| doc.text(id).is_none())?;
        Some(Reader { doc: &doc, profiles: BTreeMap::new() }.traffic(found))
    }

    /// What is known of a function that is known by several names: what is said of a name itself, else of the first
    /// pattern, else the defaults.
    pub fn of(&self, names: &[&str]) -> FunctionTraffic {
        let plain = self.entries.iter().find(|entry| names.contains(&entry.name.value.as_str()));
        let matches =
            |entry: &&Entry| entry.pattern.as_ref().is_some_and(|of| names.iter().any(|name| of.is_match(name)));
        let said = plain.or_else(|| self.entries.iter().find(matches)).map(|entry| entry.traffic.clone());
        let (said, defaults) = (said.unwrap_or_default(), self.defaults.clone());
        FunctionTraffic {
            requests: said.requests,
            peak: said.peak,
            duration_ms: said.duration_ms.or(defaults.duration_ms),
            cold_share: said.cold_share.or(defaults.cold_share),
            init_ms: said.init_ms.or(defaults.init_ms),
            failing: said.failing.or(defaults.failing),
            logs: said.logs.or(defaults.logs),
            cpu_ms: said.cpu_ms.or(defaults.cpu_ms),
            latency_ms: said.latency_ms.or(defaults.latency_ms),
        }
    }

    /// What is known of a source by one of its names.
    pub fn source(&self, names: &[&str]) -> Option<&SourceTraffic> {
        self.sources.iter().find(|source| names.contains(&source.name.value.as_str()))
    }

    /// Names of functions that no function has.
    pub fn unmatched<'t>(
        &'t self,
        known: impl Fn(&dyn Fn(&str) -> bool) -> bool + 't,
    ) -> impl Iterator<Item = &'t Spanned<String>> {
        let names = self.entries.iter().filter(move |entry| {
            let fits = |name: &str| entry.pattern.as_ref().is_some_and(|pattern| pattern.is_match(name));
            let is = |name: &str| entry.name.value == name || fits(name);
            !known(&is)
        });
        names.map(|entry| &entry.name)
    }
}

struct Reader<'d> {
    doc: &'d Doc,
    profiles: BTreeMap<String, Profile>,
}

impl Reader<'_> {
    fn wrong<T>(&self, at: NodeId, reason: impl Into<String>) -> Result<T, TrafficError> {
        Err(TrafficError { reason: reason.into(), span: self.doc.span(at) })
    }

    /// A mapping with only these keys.
    fn map(&self, at: NodeId, what: &str, known: &[&str]) -> Result<(), TrafficError> {
        match &self.doc.node(at).kind {
            Kind::Map(entries) => match entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
                Some(entry) if !known.is_empty() => Err(TrafficError {
                    reason: format!("`{what}` has no `{}`; there are: {}", entry.key, known.join(", ")),
                    span: entry.key_span,
                }),
                _ => Ok(()),
            },
            Kind::Null => Ok(()),
            _ => self.wrong(at, format!("`{what}` is not a mapping")),
        }
    }

    fn value<T>(
        &self,
        of: NodeId,
        key: &str,
        like: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Spanned<T>>, TrafficError> {
        let Some(at) = self.doc.get(of, key).filter(|&at| !matches!(self.doc.node(at).kind, Kind::Null)) else {
            return Ok(None);
        };
        match self.doc.text(at).and_then(|text| read(text.trim())) {
            Some(value) => Ok(Some(Spanned::new(value, self.doc.span(at)))),
            None => self.wrong(at, format!("`{key}: {}` is not {like}", self.doc.text(at).unwrap_or("…"))),
        }
    }

    fn traffic(mut self, root: NodeId) -> Result<Traffic, TrafficError> {
        self.map(root, "the traffic", &["version", "region", "defaults", "functions", "profiles", "sources"])?;
        if let Some((key, span)) = self.doc.duplicates.first() {
            return Err(TrafficError { reason: format!("`{key}` occurs twice"), span: *span });
        }
        self.value(root, "version", "a version this program reads; there is `1`", |text| {
            (text == VERSION).then_some(())
        })?;
        let region = self.value(root, "region", "a region", |text| (!text.is_empty()).then(|| text.to_owned()))?;
        if let Some(profiles) = self.doc.get(root, "profiles") {
            self.map(profiles, "profiles", &[])?;
            for entry in self.doc.entries(profiles) {
                let profile = self.profile(entry.value)?;
                self.profiles.insert(entry.key.clone(), profile);
            }
        }
        let defaults = match self.doc.get(root, "defaults") {
            Some(at) => self.function(at, "defaults")?,
            None => FunctionTraffic::default(),
        };
        if let Some(requests) = &defaults.requests {
            let reason = "`defaults` cannot say how often a function is invoked".to_owned();
            return Err(TrafficError { reason, span: requests.span });
        }
        let mut entries = Vec::new();
        if let Some(functions) = self.doc.get(root, "functions") {
            self.map(functions, "functions", &[])?;
            for entry in self.doc.entries(functions) {
                let pattern = match entry.key.contains(['*', '?']) {
                    false => None,
                    true => match Glob::new(&entry.key) {
                        Ok(glob) => Some(glob.compile_matcher()),
                        Err(error) => return Err(TrafficError { reason: error.to_string(), span: entry.key_span }),
                    },
                };
                let traffic = self.function(entry.value, &entry.key)?;
                entries.push(Entry { name: Spanned::new(entry.key.clone(), entry.key_span), pattern, traffic });
            }
        }
        Ok(Traffic { region, defaults, entries, sources: self.sources(root)? })
    }

    fn sources(&self, root: NodeId) -> Result<Vec<SourceTraffic>, TrafficError> {
        let Some(sources) = self.doc.get(root, "sources") else { return Ok(Vec::new()) };
        self.map(sources, "sources", &[])?;
        let read = |entry: &document::tree::Entry| {
            self.map(entry.value, &entry.key, &["messages", "batch"])?;
            let batch = |text: &str| number(text, 1, 10_000);
            Ok(SourceTraffic {
                name: Spanned::new(entry.key.clone(), entry.key_span),
                messages: self.value(entry.value, "messages", "a rate like `3M/month` or `20/s`", monthly)?,
                batch: self.value(entry.value, "batch", "a number from 1 to 10000", batch)?.map(|size| size.value),
            })
        };
        self.doc.entries(sources).iter().map(read).collect()
    }

    fn function(&self, at: NodeId, name: &str) -> Result<FunctionTraffic, TrafficError> {
        let keys = [
            "requests",
            "peak",
            "duration",
            "cold_share",
            "init",
            "failing",
            "logs",
            "cpu",
            "latency_target",
            "response",
        ];
        self.map(at, name, &keys)?;
        let per_second = |text: &str| number(text.strip_suffix("/s").unwrap_or(text), 0, MOST_REQUESTS);
        let time = "a time like `200ms` or `1.5s`";
        let size = "a size like `4KB`";
        let percent = "a share like `0.5%`";
        let profile = self.doc.get(at, "requests").and_then(|at| self.profiles.get(self.doc.text(at)?.trim()));
        let mut peak = self.value(at, "peak", "a number of requests a second", per_second)?.map(|peak| peak.value);
        let requests = match profile {
            Some(profile) => {
                peak = peak.or_else(|| Some(profile.peak.clone()));
                self.value(at, "requests", "", |_| Some(profile.monthly.clone()))?
            }
            None => self.value(at, "requests", "a rate like `10M/month`, `20/s`, or the name of a profile", monthly)?,
        };
        // How large an answer is decides about transfer, which is not counted; it is read so that it may be noted.
        self.value(at, "response", size, bytes)?;
        Ok(FunctionTraffic {
            requests,
            peak,
            duration_ms: self.value(at, "duration", time, milliseconds)?,
            cold_share: self.value(at, "cold_share", percent, share)?.map(|share| share.value),
            init_ms: self.value(at, "init", time, milliseconds)?.map(|time| time.value),
            failing: self.value(at, "failing", percent, share)?.map(|share| share.value),
            logs: self.value(at, "logs", size, bytes)?.map(|size| size.value),
            cpu_ms: self.value(at, "cpu", time, milliseconds)?.map(|time| time.value),
            latency_ms: self.value(at, "latency_target", time, milliseconds)?,
        })
    }

    /// `{days: mon-fri, hours: 8-18, per_second: 12, peak: 40}`.
    fn profile(&self, at: NodeId) -> Result<Profile, TrafficError> {
        self.map(at, "a profile", &["days", "hours", "per_second", "peak"])?;
        let days = self.value(at, "days", "days like `mon-fri`", days)?.map_or(7, |days| days.value);
        let hours = self.value(at, "hours", "hours like `8-18`", hours)?.map_or(24, |hours| hours.value);
        let rate = |text: &str| number(text, 0, MOST_REQUESTS);
        let Some(mean) = self.value(at, "per_second", "a number of requests a second", rate)? else {
            return self.wrong(at, "a profile needs `per_second`");
        };
        let peak = self.value(at, "peak", "a number of requests a second", rate)?;
        let peak = peak.map_or_else(|| mean.value.clone(), |peak| peak.value);
        let open = Exact::fraction(days, 7) * Exact::fraction(hours, 24);
        let monthly = &(&mean.value * &Exact::from(SECONDS_OF_A_MONTH)) * &open;
        if monthly > Exact::from(MOST_REQUESTS) {
            return self.wrong(at, format!("a profile of more than {MOST_REQUESTS} requests a month"));
        }
        debug_assert!(open <= Exact::from(1) && HOURS_OF_A_MONTH > 0);
        Ok(Profile { monthly, peak })
    }
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// How many days of a week `mon-fri` or `sat,sun` are.
fn days(text: &str) -> Option<u64> {
    let day = |name: &str| DAYS.iter().position(|known| name.trim().eq_ignore_ascii_case(known));
    let mut all = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let count = (last + 7 - first) % 7 + 1;
        (0..count).for_each(|step| all[(first + step) % 7] = true);
    }
    Some(all.iter().filter(|open| **open).count() as u64)
}

/// How many hours of a day `8-18` or `22-6` are.
fn hours(text: &str) -> Option<u64> {
    let (first, last) = text.split_once('-')?;
    let hour = |text: &str| text.trim().parse::<u64>().ok().filter(|&hour| hour <= 24);
    let (first, last) = (hour(first)?, hour(last)?);
    match (last + 24 - first) % 24 {
        0 => (first != last).then_some(24),
        hours => Some(hours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceMap;

    fn read(text: &str) -> Result<Traffic, TrafficError> {
        Traffic::read(SourceMap::default().add(TRAFFIC_FILE, text.into()), text)
    }

    #[test]
    fn a_name_goes_before_a_pattern_and_both_before_the_defaults() {
        let text = "version: 1\nregion: eu-west-1\ndefaults: {duration: 80ms, cold_share: 0.5%}\nfunctions:\n  \
                    \"report-*\": {requests: office, duration: 1.8s}\n  report-all: {requests: 3k/month}\nprofiles:\n  \
                    office: {days: mon-fri, hours: 8-18, per_second: 12, peak: 40}\n";
        let traffic = read(text).expect("valid");
        let one = traffic.of(&["report-all"]);
        assert_eq!(one.requests.map(|count| count.value.places(0)).as_deref(), Some("3000"));
        assert_eq!(one.duration_ms.map(|time| time.value.places(0)).as_deref(), Some("80"));
        let other = traffic.of(&["ReportDay", "report-day"]);
        // 217.26 hours of 3600 seconds, twelve requests in each.
        assert_eq!(other.requests.map(|count| count.value.places(0)).as_deref(), Some("9385714"));
        assert_eq!(other.peak.map(|peak| peak.places(0)).as_deref(), Some("40"));
        assert_eq!(other.duration_ms.map(|time| time.value.places(0)).as_deref(), Some("1800"));
        assert_eq!(traffic.region.map(|region| region.value).as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        for (text, word) in [
            ("version: 2\n", "version"),
            ("functions: {a: {request: 1/s}}\n", "there are: requests"),
            ("functions: {a: {requests: 10M}}\n", "is not a rate"),
            ("functions: {a: {duration: 200}}\n", "is not a time"),
            ("defaults: {requests: 1/s}\n", "cannot say how often"),
            ("profiles: {p: {days: mon-xxx, per_second: 1}}\n", "is not days"),
            ("functions: [a]\n", "is not a mapping"),
            ("a: b: c\n", "not valid YAML"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.reason.contains(word), "{text}: {}", error.reason);
        }
        assert!(read("").is_ok() && read("# nothing\n").is_ok());
    }
}
