//! What names stand for: ids of items, where they live, what a scope holds, what a type is.

use super::crates::{CrateId, ParsedId};
use crate::knowledge::Meanings;
use crate::source::parse::declared::Import;
use foldhash::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// A function of the loaded crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FnId(pub(crate) u32);
/// A struct, enum, trait or alias of the loaded crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) u32);
/// A static or constant of the loaded crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct StaticId(pub(crate) u32);

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Res {
    Fn(FnId),
    Type(TypeId),
    Static(StaticId),
    Module {
        krate: CrateId,
        path: Vec<String>,
    },
    /// Something outside the workspace, canonical.
    Outside(Vec<String>),
    None,
}

/// The namespaces that paths are looked up in (The Rust Reference, "Namespaces"): a function and a module may share a
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// Types, traits and modules; every part of a path before its last is one.
    Types,
    /// Functions, statics and constants, and what a type's name constructs.
    Values,
}

impl Space {
    /// Whether what was found is something of this namespace.
    pub(super) fn has(self, found: &Res) -> bool {
        match found {
            Res::Fn(_) | Res::Static(_) => self == Self::Values,
            Res::Module { .. } => self == Self::Types,
            Res::Type(_) | Res::Outside(_) => true,
            Res::None => false,
        }
    }
}

/// What a path expression names, as far as calls ask.
#[derive(Debug, Clone)]
pub(crate) enum Named {
    /// Something outside the workspace: its canonical path, and what that means.
    Outside(String, Meanings),
    /// A function of the workspace.
    Function(FnId),
    Else,
}

/// Where an item lives.
#[derive(Debug, Clone)]
pub(crate) struct Def {
    pub(crate) krate: CrateId,
    pub(crate) module: Vec<String>,
    pub(crate) file: ParsedId,
    pub(super) index: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(super) types: HashMap<String, Res>,
    pub(super) values: HashMap<String, Res>,
    pub(super) uses: HashMap<String, Import>,
    pub(super) globs: Vec<Import>,
    /// What the globs name, found out once.
    pub(crate) opened: OnceLock<Opened>,
    /// Names looked for through globs, with what was found.
    through_globs: [Mutex<HashMap<String, Option<Res>>>; 2],
}

impl Scope {
    /// The items of a namespace.
    pub(super) fn items(&self, space: Space) -> &HashMap<String, Res> {
        match space {
            Space::Types => &self.types,
            Space::Values => &self.values,
        }
    }

    /// Names of a namespace that were looked for through globs.
    pub(super) fn through_globs(&self, space: Space) -> MutexGuard<'_, HashMap<String, Option<Res>>> {
        self.through_globs[space as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the globs of a scope bring in.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    /// Modules, and whether those that look through the scope see their names too.
    pub(super) modules: Vec<(CrateId, Vec<String>, bool)>,
    pub(super) outside: Vec<Vec<String>>,
}

/// A resolved type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) head: Head,
    pub(crate) args: Vec<Self>,
}

/// What a type is at its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Head {
    /// Declared in the workspace.
    Local(TypeId),
    /// From outside, by canonical path.
    Outside(String),
    /// Known by its traits only.
    Bounds(Vec<TypeId>),
    Unknown,
}

impl Type {
    pub(crate) fn unknown() -> Self {
        Self { head: Head::Unknown, args: Vec::new() }
    }

    pub(crate) fn outside(path: impl Into<String>) -> Self {
        Self { head: Head::Outside(path.into()), args: Vec::new() }
    }

    /// The canonical path of an outside type.
    pub(crate) fn path(&self) -> Option<&str> {
        match &self.head {
            Head::Outside(path) => Some(path),
            _ => None,
        }
    }
}
