//! The table is the architecture: modules only look down, and no file imports itself through others. Edit it on
//! purpose.

#![allow(clippy::disallowed_methods)] // tests read and run what they test

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("words", &[]),
    ("exact", &[]),
    ("finding", &["text"]),
    ("cache", &[]),
    ("tree", &["text", "cache"]),
    ("knowledge", &["words", "exact"]),
    ("rule", &["text", "finding"]),
    ("document", &["text"]),
    ("model", &["text", "finding", "document"]),
    ("verdicts", &["text", "exact", "finding", "knowledge", "document", "model"]),
    ("source", &["text", "words", "finding", "tree", "knowledge", "model"]),
    ("crates", &["text", "tree", "cache", "knowledge", "document", "model"]),
    ("deployments", &["text", "tree", "knowledge", "document", "model"]),
    ("join", &["text", "words", "finding", "tree", "knowledge", "model"]),
    ("config", &["text", "finding", "document", "rule"]),
    ("checks", &["text", "words", "exact", "finding", "knowledge", "rule", "model", "verdicts"]),
    ("fixes", &["text", "finding", "document"]),
    ("report", &["text", "exact", "finding", "knowledge", "rule", "model", "verdicts"]),
    (
        "engine",
        &[
            "text",
            "finding",
            "tree",
            "cache",
            "knowledge",
            "rule",
            "model",
            "source",
            "crates",
            "deployments",
            "join",
            "config",
            "checks",
            "fixes",
        ],
    ),
    (
        "cli",
        &[
            "text",
            "finding",
            "tree",
            "cache",
            "knowledge",
            "rule",
            "model",
            "source",
            "crates",
            "deployments",
            "config",
            "checks",
            "report",
            "fixes",
            "engine",
            "exact",
            "verdicts",
        ],
    ),
];

/// A module path; the crate's root is empty.
type Module = Vec<String>;

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The module that a file is.
fn module_of(relative: &Path) -> Module {
    let mut module: Module =
        relative.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

/// A path as it is written, with whether it is re-exported.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    path: Vec<String>,
    exported: bool,
}

/// Every path of a file that could name a module; modules of tests are left out.
fn imports(text: &str) -> Vec<Import> {
    let tokens: TokenStream = text.parse().expect("Rust");
    let mut found = Vec::new();
    walk(tokens, &[], false, &mut found);
    found
}

fn walk(tokens: TokenStream, prefix: &[String], exported: bool, into: &mut Vec<Import>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    };
    let joined = |at: usize| {
        let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
        colon(at) && colon(at + 1)
    };
    let mut at = 0;
    let mut export = exported;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(first) => {
                if *first == "mod" && word(at + 1).is_some_and(|name| name == "tests") {
                    at += 3;
                    continue;
                }
                if *first == "use" {
                    let plain = at > 0 && word(at - 1).is_some_and(|word| word == "pub");
                    let limited = at > 1 && word(at - 2).is_some_and(|word| word == "pub");
                    export = plain || limited;
                    at += 1;
                    continue;
                }
                let mut path = prefix.to_vec();
                path.push(first.to_string());
                at += 1;
                while joined(at) {
                    match tokens.get(at + 2) {
                        Some(TokenTree::Ident(next)) => {
                            path.push(next.to_string());
                            at += 3;
                        }
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                            walk(group.stream(), &path, export, into);
                            path.clear();
                            at += 3;
                        }
                        _ => at += 2,
                    }
                }
                // The name after `as` is not a path of its own.
                if word(at).is_some_and(|word| word == "as") && !prefix.is_empty() {
                    at += 2;
                }
                if path.len() > 1 || !prefix.is_empty() {
                    into.push(Import { path, exported: export });
                }
            }
            TokenTree::Group(group) => {
                walk(group.stream(), prefix, export, into);
                at += 1;
            }
            TokenTree::Punct(mark) => {
                export = exported || (export && mark.as_char() != ';');
                at += 1;
            }
            TokenTree::Literal(_) => at += 1,
        }
    }
}

/// The files of the crate with what each imports, and where re-exports lead.
struct Files {
    texts: BTreeMap<Module, Vec<Import>>,
    exports: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

impl Files {
    fn read(root: &Path) -> Self {
        let mut paths = Vec::new();
        sources(root, &mut paths);
        let read = |path: &PathBuf| {
            let module = module_of(path.strip_prefix(root).expect("under src"));
            (module, imports(&std::fs::read_to_string(path).expect("readable")))
        };
        Self::of(paths.iter().map(read).filter(|(module, _)| *module != ["main"]).collect())
    }

    fn of(texts: BTreeMap<Module, Vec<Import>>) -> Self {
        let mut files = Self { texts, exports: BTreeMap::new() };
        for (module, imports) in &files.texts {
            let names = imports.iter().filter(|import| import.exported);
            let names =
                names.filter_map(|import| Some((import.path.last()?.clone(), files.absolute(module, &import.path)?)));
            let names = names.collect();
            files.exports.insert(module.clone(), names);
        }
        files
    }

    /// A path from the crate's root; nothing if it does not lead into the crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module.as_slice(), rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                Some([module.get(..module.len().checked_sub(ups)?)?, &path[ups..]].concat())
            }
            _ => {
                let child = [module.as_slice(), std::slice::from_ref(first)].concat();
                self.texts.contains_key(&child).then(|| [module.as_slice(), path].concat())
            }
        }
    }

    /// The file that defines what a path names.
    fn file(&self, path: &[String]) -> Option<Module> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let depth = (0..=path.len()).rev().find(|&depth| self.texts.contains_key(&path[..depth]))?;
            let Some(name) = path.get(depth) else { return Some(path) };
            match self.exports[&path[..depth]].get(name) {
                Some(target) if *target != path => path = [target.as_slice(), &path[depth + 1..]].concat(),
                _ => return Some(path[..depth].to_vec()),
            }
        }
        None
    }

    /// Groups of files that import each other, largest first.
    fn circles(&self) -> Vec<Vec<String>> {
        let names: Vec<&Module> = self.texts.keys().collect();
        let index: BTreeMap<&Module, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let mut graph = DiGraphMap::<usize, ()>::new();
        for (module, imports) in &self.texts {
            for import in imports.iter().filter(|import| !import.exported) {
                let target = self.absolute(module, &import.path).and_then(|path| self.file(&path));
                if let Some(target) = target.filter(|target| target != module && !target.is_empty()) {
                    graph.add_edge(index[module], index[&target], ());
                }
            }
        }
        let groups = tarjan_scc(&graph).into_iter().filter(|group| group.len() > 1);
        let mut circles: Vec<Vec<String>> =
            groups.map(|group| group.into_iter().map(|at| names[at].join("::")).collect()).collect();
        circles.iter_mut().for_each(|circle| circle.sort());
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }
}

fn allowed(layer: &str) -> &'static [&'static str] {
    LAYERS.iter().find(|(name, _)| *name == layer).map_or(&[], |(_, below)| below)
}

fn violations(layer: &str, text: &str) -> Vec<String> {
    let module = vec![layer.to_owned()];
    let files = Files::of(BTreeMap::from([(module.clone(), imports(text))]));
    let tops: BTreeSet<String> = imports(text)
        .into_iter()
        .filter_map(|import| files.absolute(&module, &import.path)?.first().cloned())
        .filter(|top| top != layer && !allowed(layer).contains(&top.as_str()))
        .collect();
    tops.into_iter().map(|top| format!("`{layer}` imports {top}")).collect()
}

#[test]
fn modules_only_look_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = Files::read(&root);
    let mut failures = BTreeSet::new();
    for (module, imports) in files.texts.iter().filter(|(module, _)| !module.is_empty()) {
        let layer = &module[0];
        assert!(LAYERS.iter().any(|(name, _)| name == layer), "`{layer}` has no row in the table");
        for import in imports {
            let Some(top) = files.absolute(module, &import.path).and_then(|path| path.first().cloned()) else {
                continue;
            };
            if top != *layer && !allowed(layer).contains(&top.as_str()) {
                failures.insert(format!("{} imports {top}", module.join("::")));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// The layers as the head of `src/lib.rs` draws them, the lowest first: `L4  source  crates  …     a remark`.
fn picture(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! L")?.split_once("  "));
    let rows = rows.map(|(_, names)| names.split("    ").next().unwrap_or(names));
    let mut rows: Vec<Vec<String>> = rows.map(|names| names.split_whitespace().map(str::to_owned).collect()).collect();
    rows.reverse();
    rows
}

#[test]
fn the_picture_is_the_table() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("readable");
    let rows = picture(&text);
    let drawn: BTreeSet<&str> = rows.iter().flatten().map(String::as_str).collect();
    let listed: BTreeSet<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(drawn, listed, "the head of src/lib.rs draws every room of the table");
    let level = |name: &str| rows.iter().position(|row| row.iter().any(|known| known == name)).expect("it is drawn");
    for (name, below) in LAYERS {
        for other in *below {
            assert!(level(other) < level(name), "`{name}` and `{other}`: the picture shows no way down");
        }
    }
}

#[test]
fn the_table_holds_no_cycle() {
    for (index, (name, below)) in LAYERS.iter().enumerate() {
        for other in *below {
            let at = LAYERS.iter().position(|(known, _)| known == other);
            assert!(at.is_some_and(|at| at < index), "`{name}` may only name rows above it, not `{other}`");
        }
    }
}

#[test]
fn no_file_imports_itself_through_others() {
    let circles = Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).circles();
    assert!(circles.is_empty(), "{} circles: {circles:#?}", circles.len());
}

#[test]
fn planted_violations_are_caught() {
    assert_eq!(violations("finding", "use crate::checks::Check;\n").len(), 1);
    assert_eq!(violations("checks", "use crate::source::facts;\n").len(), 1);
    assert_eq!(violations("model", "use crate::{text, finding, engine};\n"), ["`model` imports engine"]);
    assert_eq!(violations("model", "fn f() -> super::cli::Args { todo!() }\n").len(), 1);
    assert!(violations("model", "// crate::cli is far away\nuse crate::text::Span;\n").is_empty());
}

#[test]
fn planted_circles_are_caught() {
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Module>();
    let files = |texts: &[(&str, &str)]| {
        Files::of(texts.iter().map(|(path, text)| (module(path), imports(text))).collect()).circles()
    };
    let two = files(&[("a::b", "use super::c::C;"), ("a::c", "use crate::a::b::{B, D};"), ("a", "mod b; mod c;")]);
    assert_eq!(two, [["a::b", "a::c"]]);
    let parent = files(&[("a::b", "use super::A;"), ("a", "mod b; pub struct A; fn f() { b::g() }")]);
    assert_eq!(parent, [["a", "a::b"]]);
    let exported =
        files(&[("a::b", "use super::C;"), ("a::c", ""), ("a", "mod b; mod c; pub use c::C; pub use b::B;")]);
    assert!(exported.is_empty(), "a re-export is not an import: {exported:?}");
}
