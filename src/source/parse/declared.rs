//! What one Rust file declares: functions, types, statics, imports, modules and macros, with byte spans.

use super::ir::{Body, Range, Ty};
use crate::text::FileId;
use std::collections::BTreeSet;

/// A generic parameter with its bounds.
#[derive(Debug, Clone)]
pub(crate) struct Generic {
    pub(crate) name: String,
    pub(crate) bounds: Vec<Ty>,
}

/// A function, method or the initialiser of a static.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) name_span: Range,
    /// Modules inside the file that enclose it.
    pub(crate) module: Vec<String>,
    /// The type of the `impl` block, if it is in one.
    pub(crate) self_ty: Option<Ty>,
    /// The trait of the `impl` block, or the trait that declares it.
    pub(crate) of_trait: Option<Vec<String>>,
    /// Declared in a trait, with a default body.
    pub(crate) in_trait: bool,
    pub(crate) generics: Vec<Generic>,
    pub(crate) params: Vec<Ty>,
    pub(crate) output: Ty,
    pub(crate) is_async: bool,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) body: Body,
}

/// An attribute of a function.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) path: Vec<String>,
    /// What it is given, by name: `skip(db)` is `skip` with `db`, `level = "debug"` is `level` with `debug`.
    pub(crate) settings: Vec<(String, Vec<String>)>,
    pub(crate) span: Range,
}

/// A struct, enum, trait or type alias.
#[derive(Debug, Clone)]
pub(crate) struct TypeItem {
    pub(crate) name: String,
    pub(crate) module: Vec<String>,
    pub(crate) generics: Vec<Generic>,
    pub(crate) kind: TypeKind,
    /// Names as `serde` writes them, for fields that are renamed.
    pub(crate) serde_names: Vec<String>,
    /// Whether it derives `Serialize`, `Deserialize`, and anything that makes it of something, such as a default.
    pub(crate) serialize: bool,
    pub(crate) deserialize: bool,
    pub(crate) read: bool,
}

/// A field of a struct or variant; tuple fields are named `0`, `1`, ….
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    /// The name `#[serde(rename = "…")]` gives it.
    pub(crate) rename: Option<String>,
    /// Whether it has a value without input: `#[serde(default)]`, `default_value`.
    pub(crate) default: bool,
    /// The environment variable `#[arg(env = "…")]` reads; empty for the one the name stands for.
    pub(crate) env: Option<String>,
}

/// What a type item is; a variant of an enum comes with its payload.
#[derive(Debug, Clone)]
pub(crate) enum TypeKind {
    Struct(Vec<Field>),
    Enum(Vec<(String, Vec<Field>)>),
    /// The traits it demands.
    Trait(Vec<Ty>),
    Alias(Ty),
}

/// A static, constant or thread local.
#[derive(Debug, Clone)]
pub(crate) struct StaticItem {
    pub(crate) name: String,
    pub(crate) name_span: Range,
    pub(crate) module: Vec<String>,
    pub(crate) ty: Ty,
    pub(crate) mutable: bool,
    pub(crate) constant: bool,
    pub(crate) body: Body,
}

/// One name a `use` brings into scope.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) module: Vec<String>,
    /// The name in scope; empty for a glob.
    pub(crate) name: String,
    pub(crate) import: Import,
}

/// What a `use` leads to; one without `pub` is for its module and those inside it only.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    pub(crate) public: bool,
}

/// A module declared in another file.
#[derive(Debug, Clone)]
pub(crate) struct ModDecl {
    pub(crate) name: String,
    pub(crate) module: Vec<String>,
    pub(crate) path: Option<String>,
    pub(crate) span: Range,
}

/// A `macro_rules!` item as text: token streams stay in the thread that made them. Other crates may use exported ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) exported: bool,
    /// Its rules, without the delimiters around them.
    pub(crate) rules: String,
    /// Where they begin in the file, in bytes.
    pub(crate) start: u32,
}

/// Text of another file that is read behind the end of one's own, so that what a macro wrote keeps its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Borrowed {
    /// Where it stands behind the end of the file, in bytes; `start` is where it begins in its own.
    pub(crate) range: Range,
    pub(crate) file: FileId,
    pub(crate) start: u32,
}

/// Everything one file declares.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileFacts {
    pub(crate) functions: Vec<Function>,
    pub(crate) types: Vec<TypeItem>,
    pub(crate) statics: Vec<StaticItem>,
    pub(crate) uses: Vec<Use>,
    pub(crate) modules: Vec<ModDecl>,
    /// Inline modules, by path inside the file.
    pub(crate) inline: Vec<Vec<String>>,
    /// Other macros in item position, which may make anything: module, path, place.
    pub(crate) macros: Vec<(Vec<String>, Vec<String>, Range)>,
    /// The `macro_rules!` it defines.
    pub(crate) definitions: Vec<Definition>,
    /// Definitions of other files behind its end.
    pub(crate) borrowed: Vec<Borrowed>,
    /// Last names of macros it calls that neither it nor the lexicon knows.
    pub(crate) unexpanded: BTreeSet<String>,
    /// Calls of macros that were expanded: code whose place is in one is not written there.
    pub(crate) expanded: Vec<Range>,
    /// The first call of a macro that would have made too much.
    pub(crate) too_much: Option<Range>,
    /// Files of `include!`.
    pub(crate) includes: Vec<(Vec<String>, String)>,
    /// Code that was left out because it nests too deep.
    pub(crate) too_deep: Option<Range>,
}
