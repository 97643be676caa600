//! From each target's root file along `mod`, `#[path]`, inline modules and `include!`.
//! Files no target reaches are never read.

use super::crates::{CrateId, Crates, Extern, Krate, LoadedFile, Module, ParsedId};
use super::expansion;
use crate::knowledge::{Lexicon, Meaning};
use crate::model::crates::{Cargo, DependencyKind, PackageId, TargetId};
use crate::model::{Gap, Project};
use crate::source::memory::Memory;
use crate::source::parse::declared::FileFacts;
use crate::source::parse::{self, Unread};
use crate::text::{Span, path};
use crate::tree::{ReadError, Tree};
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use rayon::prelude::*;
use std::sync::Arc;

/// Modules of one crate; far above any real one, it stops `#[path]` cycles.
const MAX_MODULES: usize = 20_000;
/// Modules of one crate that may be the same file: `#[path]` and `include!` could name it without end.
const MAX_SAME: usize = 16;
/// Nesting of modules.
const MAX_NESTING: usize = 64;

/// A module whose file is not read yet.
struct Pending {
    krate: CrateId,
    path: Vec<String>,
    file: String,
    /// Directory in which its child modules lie.
    children: String,
}

/// Where files come from, and what is known of them.
#[derive(Clone, Copy)]
struct From<'r> {
    tree: &'r dyn Tree,
    memory: Option<&'r Memory>,
}

impl From<'_> {
    fn facts(self, path: &str, text: &Arc<str>) -> Result<Arc<FileFacts>, Unread> {
        if let Some(known) = self.memory.and_then(|memory| memory.recall(path, text)) {
            return Ok(known);
        }
        let facts = Arc::new(parse::file(text, &[])?);
        if let Some(memory) = self.memory {
            memory.note(path, text, &facts);
        }
        Ok(facts)
    }
}

/// Loads the targets and the workspace libraries they use.
pub(crate) fn load(
    tree: &dyn Tree,
    targets: &[TargetId],
    lexicon: &Lexicon,
    memory: Option<&Memory>,
    project: &mut Project,
) -> Crates {
    let mut crates = Crates::default();
    for &target in targets {
        add_crate(&project.cargo, target, lexicon, &mut crates);
    }
    let mut parsed: HashMap<String, Option<ParsedId>> = HashMap::new();
    let from = From { tree, memory };
    follow(from, &mut parsed, &mut crates, project);
    if expansion::expand(&mut crates, lexicon, project) {
        // A macro may declare modules.
        for krate in crates.krates.ids() {
            crates.krates[krate].modules.clear();
        }
        follow(from, &mut parsed, &mut crates, project);
    }
    note_what_was_left(&crates, project);
    crates
}

/// Fills in the modules of all crates, from their roots; files that are parsed already are not read again.
fn follow(from: From<'_>, parsed: &mut HashMap<String, Option<ParsedId>>, crates: &mut Crates, project: &mut Project) {
    let mut pending: Vec<Pending> = Vec::new();
    for (krate, loaded) in crates.krates.iter() {
        let root = project.cargo.target(loaded.target).root.clone();
        let children = path::parent(&root).to_owned();
        pending.push(Pending { krate, path: Vec::new(), file: root, children });
    }
    let mut seen: HashSet<(CrateId, Vec<String>, String)> = HashSet::new();
    let mut times: HashMap<(CrateId, ParsedId), usize> = HashMap::new();
    while !pending.is_empty() {
        parse_wave(from, &pending, parsed, crates, project);
        let mut next = Vec::new();
        for module in std::mem::take(&mut pending) {
            let Some(&Some(file)) = parsed.get(&module.file) else {
                continue;
            };
            let fresh = seen.insert((module.krate, module.path.clone(), module.file.clone()));
            let full = crates.krates[module.krate].modules.len() >= MAX_MODULES;
            if !fresh || full || module.path.len() >= MAX_NESTING {
                continue;
            }
            let times = times.entry((module.krate, file)).or_insert(0);
            *times += 1;
            if *times <= MAX_SAME {
                register(from.tree, module, file, crates, project, &mut next);
            } else if *times == MAX_SAME + 1 {
                let reason = format!("is more than {MAX_SAME} modules of one crate; the others are not followed");
                let gap = Gap::file(&module.file, reason);
                if !project.gaps.contains(&gap) {
                    project.gaps.push(gap);
                }
            }
        }
        pending = next;
    }
}

/// Gaps for code that was left because it would have been too much, and the places of what macros wrote.
fn note_what_was_left(crates: &Crates, project: &mut Project) {
    for (_, file) in crates.files.iter() {
        let deep = file.facts.too_deep.map(|at| (at, "an expression chains too deep; it is not followed"));
        let much = file.facts.too_much.map(|at| (at, "a macro expands to more code than is followed"));
        for (at, reason) in [deep, much].into_iter().flatten() {
            let gap = Gap::at(&project.sources, file.span(at), reason);
            project.gaps.push(gap);
        }
        project.expanded.extend(file.facts.expanded.iter().map(|&at| file.span(at)));
    }
}

/// Adds a crate and, before it, the workspace libraries it depends on.
fn add_crate(cargo: &Cargo, target: TargetId, lexicon: &Lexicon, crates: &mut Crates) -> CrateId {
    if let Some(&index) = crates.by_target.get(&target) {
        return index;
    }
    let index = crates.krates.push(Krate { target, modules: Vec::new(), externs: HashMap::new() });
    crates.by_target.insert(target, index);
    let package: PackageId = cargo.target(target).package;
    let mut externs = HashMap::new();
    if let Some(library) = cargo.library_of(package).filter(|&library| library != target) {
        let name = cargo.target(library).name.clone();
        externs.insert(name, Extern::Workspace(add_crate(cargo, library, lexicon, crates)));
    }
    for dependency in &cargo.package(package).dependencies {
        if dependency.kind != DependencyKind::Normal {
            continue;
        }
        let local = dependency
            .path
            .as_deref()
            .filter(|_| !is_runtime(lexicon, &dependency.package))
            .and_then(|dir| cargo.package_in(dir))
            .and_then(|package| cargo.library_of(package));
        let found = match local {
            Some(library) => Extern::Workspace(add_crate(cargo, library, lexicon, crates)),
            None => Extern::Outside(dependency.package.replace('-', "_")),
        };
        // A path dependency is named by its library unless the manifest renames it.
        let name = match local {
            Some(library) if dependency.alias == dependency.package.replace('-', "_") => {
                cargo.target(library).name.clone()
            }
            _ => dependency.alias.clone(),
        };
        externs.insert(name, found);
    }
    crates.krates[index].externs = externs;
    index
}

/// Whether a package is a function runtime or its events, wherever it lies: a fork, a vendored copy, the runtime's own
/// workspace. What its paths mean is known, and following them inside would lose that. A single word (`lambda`) is more
/// likely a crate of the workspace.
fn is_runtime(lexicon: &Lexicon, package: &str) -> bool {
    let library = package.replace('-', "_");
    library.contains('_')
        && (lexicon.runtime(package).is_some() || lexicon.means(&format!("{library}::_"), Meaning::EventType))
}

/// Reads and parses the files of a wave that are new, in parallel.
fn parse_wave(
    from: From<'_>,
    pending: &[Pending],
    parsed: &mut HashMap<String, Option<ParsedId>>,
    crates: &mut Crates,
    project: &mut Project,
) {
    let mut fresh: Vec<&str> = Vec::new();
    for module in pending {
        if !parsed.contains_key(&module.file) {
            parsed.insert(module.file.clone(), None);
            fresh.push(&module.file);
        }
    }
    let outcomes: Vec<_> = fresh
        .par_iter()
        .map(|path| {
            let text = from.tree.text(path).map_err(|error| match error {
                ReadError::NotUtf8 { valid, .. } => format!("is not UTF-8 (byte {valid}); not analysed"),
                error => error.to_string(),
            });
            let text: Result<Arc<str>, String> = text.map(Into::into);
            let facts = text.as_ref().map(|text| from.facts(path, text)).map_err(Clone::clone);
            (*path, text, facts)
        })
        .collect();
    for (path, text, facts) in outcomes {
        let (text, facts) = match (text, facts) {
            (Ok(text), Ok(facts)) => (text, facts),
            (Err(reason), _) | (_, Err(reason)) => {
                project.gaps.push(Gap::file(path, reason));
                continue;
            }
        };
        let id = project.sources.add(path, text);
        match facts {
            Ok(facts) => {
                let file = crates.files.push(LoadedFile { id, facts });
                parsed.insert(path.to_owned(), Some(file));
            }
            Err(unread) => {
                let starts = project.sources.line_starts(id);
                let line = starts.get(unread.line - 1).copied().unwrap_or(0);
                let rest = project.sources.text(id).get(line as usize..).unwrap_or("");
                let column: usize = rest.chars().take(unread.column - 1).map(char::len_utf8).sum();
                let at = line + column as u32;
                let gap = Gap::at(&project.sources, Span::new(id, at, at), unread.reason);
                project.gaps.push(gap);
            }
        }
    }
}

/// Adds a file's modules to its crate and queues the files it names.
fn register(
    tree: &dyn Tree,
    module: Pending,
    file: ParsedId,
    crates: &mut Crates,
    project: &mut Project,
    next: &mut Vec<Pending>,
) {
    let facts = Arc::clone(&crates.files[file].facts);
    let id = crates.files[file].id;
    let krate = &mut crates.krates[module.krate];
    krate.modules.push(Module { path: module.path.clone(), file, inner: Vec::new() });
    for inner in &facts.inline {
        let path = [module.path.as_slice(), inner].concat();
        krate.modules.push(Module { path, file, inner: inner.clone() });
    }
    for declared in &facts.modules {
        let mut path = [module.path.as_slice(), &declared.module].concat();
        path.push(declared.name.clone());
        let mut dir = module.children.clone();
        for part in &declared.module {
            dir = join(&dir, part);
        }
        let candidates = match &declared.path {
            Some(explicit) => {
                let base = if declared.module.is_empty() { path::parent(&module.file) } else { dir.as_str() };
                path::join(base, explicit).into_iter().collect()
            }
            None => {
                vec![join(&dir, &format!("{}.rs", declared.name)), join(&dir, &format!("{}/mod.rs", declared.name))]
            }
        };
        match candidates.iter().find(|candidate| tree.contains(candidate)) {
            Some(found) => {
                let children = match &declared.path {
                    Some(_) => path::parent(found).to_owned(),
                    None => join(&dir, &declared.name),
                };
                next.push(Pending { krate: module.krate, path, file: found.clone(), children });
            }
            None => {
                let span = Span::new(id, declared.span.0, declared.span.1);
                let reason = format!("module `{}` has no file; generated code is not analysed", declared.name);
                let gap = Gap::at(&project.sources, span, reason);
                if !project.gaps.contains(&gap) {
                    project.gaps.push(gap);
                }
            }
        }
    }
    for (inner, reference) in &facts.includes {
        let path = [module.path.as_slice(), inner].concat();
        if let Some(found) = path::join(path::parent(&module.file), reference).filter(|found| tree.contains(found)) {
            let children = path::parent(&found).to_owned();
            next.push(Pending { krate: module.krate, path, file: found, children });
        }
    }
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}
