//! Patterns of paths, and the table that finds what is known of a path.

use foldhash::{HashMap, HashMapExt};

/// A path with wildcards: a segment `*` stands for any number of segments, none included; `*` inside a segment for any
/// letters. `*::Arc` is an `Arc` of any module, `aws_sdk_*::Client::new` the one of any service.
#[derive(Debug, Clone)]
struct Pattern(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    /// A whole segment.
    Name(Box<str>),
    /// Letters before and after a `*`; of several, only the first and the last count.
    Like(Box<str>, Box<str>),
    /// Any number of segments.
    Any,
}

impl Part {
    fn new(written: &str) -> Self {
        match written.split_once('*') {
            None => Self::Name(written.into()),
            Some(("", "")) => Self::Any,
            Some((before, after)) => Self::Like(before.into(), after.into()),
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Name(known) => **known == *name,
            Self::Like(before, after) => {
                name.len() >= before.len() + after.len() && name.starts_with(&**before) && name.ends_with(&**after)
            }
            Self::Any => true,
        }
    }
}

impl Pattern {
    fn fits(&self, path: &[&str]) -> bool {
        fits(&self.0, path)
    }
}

fn fits(parts: &[Part], path: &[&str]) -> bool {
    match (parts.split_first(), path.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((Part::Any, rest)), _) => (0..=path.len()).any(|skipped| fits(rest, &path[skipped..])),
        (Some(_), None) => false,
        (Some((part, rest)), Some((name, after))) => part.fits(name) && fits(rest, after),
    }
}

/// Rows by path. A plain path is looked up; of patterns only those are tried that may fit.
#[derive(Debug, Clone)]
pub(super) struct Table<T> {
    plain: HashMap<Box<str>, T>,
    patterns: Vec<(Pattern, T)>,
    /// Patterns by the last segment, by the first, and those where neither is a name.
    by_last: HashMap<Box<str>, Vec<usize>>,
    by_first: HashMap<Box<str>, Vec<usize>>,
    open: Vec<usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            plain: HashMap::new(),
            patterns: Vec::new(),
            by_last: HashMap::new(),
            by_first: HashMap::new(),
            open: Vec::new(),
        }
    }
}

impl<T: Default> Table<T> {
    /// The row of a path or pattern, made if there is none.
    pub(super) fn row(&mut self, path: &str) -> &mut T {
        if !path.contains('*') {
            return self.plain.entry(path.into()).or_default();
        }
        let at = self.patterns.len();
        let parts: Vec<Part> = path.split("::").map(Part::new).collect();
        match (parts.first(), parts.last()) {
            (_, Some(Part::Name(name))) => self.by_last.entry(name.clone()).or_default().push(at),
            (Some(Part::Name(name)), _) => self.by_first.entry(name.clone()).or_default().push(at),
            _ => self.open.push(at),
        }
        self.patterns.push((Pattern(parts), T::default()));
        &mut self.patterns[at].1
    }

    /// Every row that is about a path: the plain one first, then patterns.
    pub(super) fn about<'t>(&'t self, path: &str) -> impl Iterator<Item = &'t T> {
        let segments: Vec<&str> = path.split("::").collect();
        let (first, last) = (segments.first().copied().unwrap_or(""), segments.last().copied().unwrap_or(""));
        let listed =
            |table: &'t HashMap<Box<str>, Vec<usize>>, name: &str| table.get(name).map_or(&[][..], Vec::as_slice);
        let candidates = [listed(&self.by_last, last), listed(&self.by_first, first), &self.open];
        let fitting = candidates.into_iter().flatten().filter_map(move |&at| {
            let (pattern, row) = &self.patterns[at];
            pattern.fits(&segments).then_some(row)
        });
        self.plain.get(path).into_iter().chain(fitting)
    }
}

impl<T> Table<T> {
    /// Whether a row names a path, at least by its last segment.
    pub(super) fn names(&self, path: &str) -> bool {
        let segments: Vec<&str> = path.split("::").collect();
        let named = segments.last().and_then(|last| self.by_last.get(*last)).map_or(&[][..], Vec::as_slice);
        self.plain.contains_key(path) || named.iter().any(|&at| self.patterns[at].0.fits(&segments))
    }

    /// Every path without wildcards.
    pub(super) fn plain(&self) -> impl Iterator<Item = &str> {
        self.plain.keys().map(|path| &**path)
    }
}

/// Rows by name, with names that end in `*` for any that begin so.
#[derive(Debug, Clone)]
pub(super) struct Names<T> {
    plain: HashMap<Box<str>, T>,
    /// Beginnings by their first byte; that of every name has none.
    beginnings: HashMap<Option<u8>, Vec<(Box<str>, T)>>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { plain: HashMap::new(), beginnings: HashMap::new() }
    }
}

impl<T: Default> Names<T> {
    /// The row of a name, made if there is none.
    pub(super) fn row(&mut self, name: &str) -> &mut T {
        let Some(beginning) = name.strip_suffix('*') else { return self.plain.entry(name.into()).or_default() };
        let alike = self.beginnings.entry(beginning.bytes().next()).or_default();
        let known = alike.iter().position(|(known, _)| **known == *beginning);
        let at = known.unwrap_or_else(|| {
            alike.push((beginning.into(), T::default()));
            alike.len() - 1
        });
        &mut alike[at].1
    }

    /// Every row that is about a name.
    pub(super) fn about(&self, name: &str) -> impl Iterator<Item = &T> {
        let first = name.bytes().next();
        let alike = [None, first].into_iter().take(1 + usize::from(first.is_some()));
        let beginnings = alike.filter_map(|byte| self.beginnings.get(&byte)).flatten();
        let beginnings = beginnings.filter(move |(beginning, _)| name.starts_with(&**beginning));
        self.plain.get(name).into_iter().chain(beginnings.map(|(_, row)| row))
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, Table};

    #[test]
    fn names_are_whole_or_beginnings() {
        let mut names = Names::<u32>::default();
        (*names.row("get"), *names.row("get_or_*")) = (1, 2);
        let about = |name: &str| names.about(name).copied().collect::<Vec<_>>();
        assert_eq!((about("get"), about("get_or_init"), about("target")), (vec![1], vec![2], vec![]));
    }

    fn fits(pattern: &str, path: &str) -> bool {
        let mut table = Table::<u32>::default();
        *table.row(pattern) = 1;
        table.about(path).next().is_some()
    }

    #[test]
    fn wildcards_stand_for_segments_or_letters() {
        assert!(fits("tokio::spawn", "tokio::spawn") && !fits("tokio::spawn", "tokio::task::spawn"));
        assert!(fits("*::Arc", "Arc") && fits("*::Arc", "std::sync::Arc") && !fits("*::Arc", "OtherArc"));
        assert!(fits("tempfile::*", "tempfile::tempdir") && !fits("tempfile::*", "async_tempfile::x"));
        assert!(fits("aws_sdk_*::*::Client::new", "aws_sdk_s3::Client::new"));
        assert!(fits("aws_sdk_*::*::Client::new", "aws_sdk_s3::client::Client::new"));
        assert!(!fits("aws_sdk_*::*::Client::new", "aws_smithy::Client::new"));
        assert!(fits("uuid::Uuid::new_*", "uuid::Uuid::new_v4") && !fits("uuid::Uuid::new_*", "uuid::Uuid::nil"));
        assert!(fits("aws_sdk_*::*::wait_until_*", "aws_sdk_ec2::Client::wait_until_running"));
        assert!(fits("*::Atomic*", "std::sync::atomic::AtomicU64") && !fits("*::Atomic*", "std::sync::atomic"));
    }
}
