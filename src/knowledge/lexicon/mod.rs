//! The lexicon: what names of libraries and words of names mean; compiled from `rules/data/libraries/`, and from
//! the files in which users describe their own.

mod file;
mod meaning;
mod meanings;
mod pattern;
mod role;
mod vocabulary;

pub use self::file::{Library, LibraryError, Row};
pub use self::meaning::Meaning;
pub use self::meanings::Meanings;
pub use self::role::Role;

use self::pattern::{Names, Table};
use crate::words::Phrases;
use foldhash::HashMap;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// Descriptions that lead to each other; a circle ends here.
const MAX_LIKES: u32 = 4;

/// What names mean.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    paths: Table<Arc<Known>>,
    /// Paths that mean what others do.
    likes: HashMap<Box<str>, Box<str>>,
    /// Last segments of everything that is known by path.
    names: Names<()>,
    methods: Names<Meanings>,
    macros: Names<Meanings>,
    fields: Names<Meanings>,
    words: BTreeMap<Role, Phrases>,
    runtimes: BTreeMap<String, String>,
    reexports: HashMap<String, String>,
    globs: HashMap<String, Vec<String>>,
    records: HashMap<String, String>,
    /// What was asked before.
    memo: Memo,
}

/// Answers by path. A program asks of the same few hundred paths again and again, and patterns are tried one by one.
#[derive(Debug, Default)]
struct Memo(RwLock<HashMap<Box<str>, Arc<Answer>>>);

/// What is known of a path.
#[derive(Debug, Default)]
struct Answer {
    means: Meanings,
    /// The rows that are about it, then those about what it is like.
    rows: Vec<Arc<Known>>,
}

impl Clone for Memo {
    /// A copy is made to be added to.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Memo {
    fn get<T>(&self, path: &str, find: impl FnOnce() -> Answer, ask: impl FnOnce(&Arc<Answer>) -> T) -> T {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return ask(known);
        }
        let found = Arc::new(find());
        let answer = ask(&found);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(path.into(), found);
        answer
    }
}

#[derive(Debug, Clone, Default)]
struct Known {
    means: Meanings,
    row: Row,
}

impl Lexicon {
    /// This lexicon with what users say of their own libraries.
    pub fn with(&self, libraries: &[Library]) -> Cow<'_, Self> {
        let mut all = Cow::Borrowed(self);
        for library in libraries {
            all.to_mut().add(library.clone());
        }
        all
    }

    /// Reads a file of the user's, in which every path that something is like must be known, or described beside it.
    ///
    /// # Errors
    /// If it is not valid, or a path that something is like is not known.
    pub fn read_own(&self, text: &str) -> Result<Library, LibraryError> {
        let library = Library::parse(text)?;
        let all = self.with(std::slice::from_ref(&library));
        let mut likes = library.paths.values().chain(library.types.values()).filter_map(|row| row.like.as_deref());
        match likes.find(|like| !all.knows(like)) {
            Some(like) => {
                let near = self.nearest(like).map_or(String::new(), |near| format!("; there is `{near}`"));
                let reason = format!("`like: {like}`: nothing is known of that path{near}");
                Err(LibraryError { reason, at: file::place(text, like) })
            }
            None => Ok(library),
        }
    }

    /// Whether anything is known of a path, or of something below it.
    pub fn knows(&self, path: &str) -> bool {
        let below = format!("{path}::");
        self.paths.names(path) || self.paths.plain().any(|known| known.starts_with(&below))
    }

    /// The known path that is nearest to one that is not, of the same last name or crate.
    pub fn nearest(&self, path: &str) -> Option<&str> {
        let (krate, last) = (path.split("::").next(), path.rsplit("::").next());
        let alike = |known: &&str| known.split("::").next() == krate && known.rsplit("::").next() == last;
        let same_crate = |known: &&str| known.split("::").next() == krate;
        let first = |wanted: &dyn Fn(&&str) -> bool| self.paths.plain().filter(wanted).min();
        first(&alike).or_else(|| first(&same_crate))
    }

    /// Adds what a file says; what it says of a path that is known comes first.
    pub fn add(&mut self, library: Library) {
        self.memo = Memo::default();
        for (path, row) in library.paths.into_iter().chain(library.types) {
            self.add_row(&path, row);
        }
        for (receiver, methods) in library.methods {
            for (meaning, names) in methods {
                for name in names {
                    if receiver == "*" {
                        self.methods.row(&name).extend([meaning].into_iter().collect());
                    } else {
                        self.add_row(&format!("{receiver}::{name}"), Row { means: vec![meaning], ..Row::default() });
                    }
                }
            }
        }
        for (table, named) in [(&mut self.macros, library.macros), (&mut self.fields, library.fields)] {
            for (meaning, names) in named {
                for name in names {
                    table.row(&name).extend([meaning].into_iter().collect());
                }
            }
        }
        for (role, written) in library.words {
            self.words.entry(role).or_default().extend(Phrases::new(written));
        }
        self.runtimes.extend(library.runtimes);
        self.reexports.extend(library.reexports);
        self.globs.extend(library.globs);
        self.records.extend(library.records);
    }

    fn add_row(&mut self, path: &str, row: Row) {
        if let Some(like) = &row.like {
            self.likes.insert(path.into(), like.as_str().into());
        }
        // `regex::*` says nothing of names.
        if let Some(name) = path.rsplit("::").next().filter(|name| *name != "*") {
            self.names.row(name);
        }
        let known = Arc::make_mut(self.paths.row(path));
        known.means.extend(row.means.iter().copied().collect());
        known.row = row.or(std::mem::take(&mut known.row));
    }

    /// What a path means.
    pub fn of(&self, path: &str) -> Meanings {
        self.memo.get(path, || self.find(path), |answer| answer.means)
    }

    /// Whether a path means something.
    pub fn means(&self, path: &str, meaning: Meaning) -> bool {
        self.of(path).has(meaning)
    }

    /// The first thing a question finds in what is known of a path.
    pub fn detail<T>(&self, path: &str, find: impl Fn(&Row) -> Option<T>) -> Option<T> {
        let answer = self.memo.get(path, || self.find(path), Arc::clone);
        answer.rows.iter().find_map(|known| find(&known.row))
    }

    fn find(&self, path: &str) -> Answer {
        let mut answer = Answer::default();
        let mut like = None;
        for _ in 0..=MAX_LIKES {
            let path = like.as_deref().unwrap_or(path);
            answer.rows.extend(self.paths.about(path).cloned());
            like = if self.likes.is_empty() { None } else { self.like(path) };
            if like.is_none() {
                break;
            }
        }
        answer.rows.iter().for_each(|known| answer.means.extend(known.means));
        answer
    }

    /// The path that a path is described to be like, itself or one it lies below.
    fn like(&self, path: &str) -> Option<String> {
        let mut end = path.len();
        loop {
            if let Some(target) = self.likes.get(&path[..end]) {
                return Some(format!("{target}{}", &path[end..]));
            }
            end = path[..end].rfind("::")?;
        }
    }

    /// A path by the library that it is described to be like in the end.
    pub fn canonical(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for _ in 0..MAX_LIKES {
            match self.like(&path) {
                Some(same) => path = same,
                None => break,
            }
        }
        path
    }

    /// Whether anything that is known by path ends in a name: whether its receiver's type is worth finding out.
    pub fn knows_name(&self, name: &str) -> bool {
        self.names.about(name).next().is_some()
    }

    /// The service of the client that a type is.
    pub fn service(&self, path: &str) -> Option<String> {
        let written = self.detail(path, |row| row.service.clone())?;
        let Some((before, after)) = written.split_once('*') else { return Some(written) };
        let path = self.canonical(path);
        let name = path.split("::").next()?.strip_prefix(before)?.strip_suffix(after)?;
        Some(name.to_owned())
    }

    /// What a method means whatever it is called on.
    pub fn method(&self, name: &str) -> Meanings {
        all(&self.methods, name)
    }

    /// What a macro means, by its path.
    pub fn macro_of(&self, path: &[String]) -> Meanings {
        path.last().map_or_else(Meanings::default, |name| all(&self.macros, name))
    }

    /// The kind of trigger whose records hold a field of a name.
    pub fn record_of(&self, field: &str) -> Option<&str> {
        self.records.get(field).map(String::as_str)
    }

    /// What a field, key or literal value of an event means, by its name.
    pub fn field(&self, name: &str) -> Meanings {
        all(&self.fields, name)
    }

    /// Whether the words of a name say something.
    pub fn says(&self, name: &str, role: Role) -> bool {
        self.words.get(&role).is_some_and(|phrases| phrases.stand_in(name))
    }

    /// Whether a package is known to start web servers.
    pub fn serves(&self, package: &str) -> bool {
        let library = package.replace('-', "_");
        let of = |path: &&str| path.split("::").next() == Some(&*library);
        self.paths.plain().filter(of).any(|path| self.means(path, Meaning::StartsServer))
    }

    /// The platform of a package that is a runtime.
    pub fn runtime(&self, package: &str) -> Option<&str> {
        self.runtimes.get(package).map(String::as_str)
    }

    /// The path of the crate that defines what another one re-exports.
    pub fn reexport(&self, path: &str) -> Option<&str> {
        self.reexports.get(path).map(String::as_str)
    }

    /// Whether a glob of a path brings in a name.
    pub fn glob_has(&self, path: &str, name: &str) -> bool {
        self.globs.get(path).is_some_and(|known| known.iter().any(|known| known == name))
    }
}

fn all(table: &Names<Meanings>, name: &str) -> Meanings {
    let mut found = Meanings::default();
    table.about(name).for_each(|&means| found.extend(means));
    found
}

// The files in `rules/data/libraries/`, sorted: see `build.rs`.
include!(concat!(env!("OUT_DIR"), "/libraries.rs"));

/// What ships with the program.
///
/// # Panics
/// If an embedded file is broken; a test reads them all.
pub fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
        let mut lexicon = Lexicon::default();
        for (name, json) in LIBRARIES {
            match Library::embedded(json) {
                Ok(library) => lexicon.add(library),
                Err(error) => panic!("rules/data/libraries/{name}.yaml: {error}"),
            }
        }
        lexicon
    });
    &LEXICON
}
