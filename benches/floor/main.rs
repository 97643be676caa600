//! The least that any analysis of the same files takes: the walk, the reads, and the parsers of each language over what
//! was read, without a look at what they say.
//!
//! ```text
//! floor list DIR      the files that a run reads, one a line: `P` those it parses, `R` those it only looks into
//! floor parse DIR     walks DIR, then reads and parses the files of such a list on standard input
//! ```

#![allow(clippy::disallowed_methods, clippy::print_stdout)] // measures what reads and prints

use faaslint::config::Selected;
use faaslint::engine::{self, Options};
use faaslint::rule::{self, Params};
use faaslint::source::STACK_BYTES;
use faaslint::tree::{Built, Disk, ReadError, Tree};
use mimalloc::MiMalloc;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;

/// That of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A tree that remembers what was read of it.
struct Watched {
    disk: Disk,
    read: Mutex<BTreeSet<String>>,
}

impl Tree for Watched {
    fn files(&self) -> &[String] {
        self.disk.files()
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.read.lock().expect("not poisoned").insert(path.to_owned());
        self.disk.read(path)
    }

    fn built(&self, path: &str) -> Option<Built> {
        self.disk.built(path)
    }

    fn root(&self) -> Option<&Path> {
        self.disk.root()
    }
}

fn list(dir: &Path) {
    let tree = Watched { disk: Disk::open(dir).expect("opens"), read: Mutex::default() };
    let rules =
        rule::embedded().into_iter().map(|spec| Selected { params: Params::defaults(&spec.params), spec }).collect();
    let outcome = engine::run(&tree, None, &Options::new(rules), &|_| {});
    for path in tree.read.lock().expect("not poisoned").iter() {
        let parsed = outcome.project.sources.find(path).is_some() || path.ends_with("Cargo.lock");
        println!("{} {path}", if parsed { "P" } else { "R" });
    }
}

fn walk(root: &Path) -> usize {
    let mut walk = ignore::WalkBuilder::new(root);
    walk.hidden(false).require_git(false).follow_links(false).filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        !matches!(&*name, "node_modules" | ".aws-sam" | ".git" | ".terraform" | ".serverless" | ".venv" | "target")
    });
    walk.build().flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())).count()
}

/// Whether a text was parsed by a grammar.
fn grammar(language: impl Into<tree_sitter::Language>, text: &str) -> bool {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&language.into()).is_ok() && parser.parse(text, None).is_some()
}

/// Whether a text was parsed.
fn parse(path: &str, text: &str) -> bool {
    let is = |extensions: &[&str]| extensions.iter().any(|extension| path.ends_with(extension));
    if is(&[".rs"]) {
        syn::parse_file(text).is_ok()
    } else if is(&[".tf", ".tofu", ".tfvars"]) {
        text.parse::<hcl_edit::structure::Body>().is_ok()
    } else if is(&[".toml", "Cargo.lock"]) {
        toml::de::DeTable::parse(text).is_ok()
    } else if is(&[".ts", ".mts", ".js", ".mjs", ".cjs"]) {
        grammar(tree_sitter_typescript::LANGUAGE_TYPESCRIPT, text)
    } else if is(&[".py"]) {
        grammar(tree_sitter_python::LANGUAGE, text)
    } else if is(&[".go"]) {
        grammar(tree_sitter_go::LANGUAGE, text)
    } else if is(&[".java"]) {
        grammar(tree_sitter_java::LANGUAGE, text)
    } else if text.trim_start().starts_with('{') {
        jsonc_parser::parse_to_ast(
            text,
            &jsonc_parser::CollectOptions::default(),
            &jsonc_parser::ParseOptions::default(),
        )
        .is_ok()
    } else if is(&[".yaml", ".yml", ".template"]) {
        granit_parser::Parser::new_from_str(text).all(|event| event.is_ok())
    } else {
        false
    }
}

fn floor(root: &Path) {
    let files = walk(root);
    let mut list = String::new();
    std::io::stdin().read_to_string(&mut list).expect("a list");
    let lines: Vec<(&str, &str)> = list.lines().filter_map(|line| line.split_once(' ')).collect();
    let done: Vec<(usize, usize)> = lines
        .into_par_iter()
        .map(|(kind, path)| {
            let Ok(bytes) = std::fs::read(root.join(path)) else { return (0, 0) };
            let parsed = kind == "P" && std::str::from_utf8(&bytes).is_ok_and(|text| parse(path, text));
            (bytes.len(), usize::from(parsed))
        })
        .collect();
    let (bytes, parsed) = done.iter().fold((0, 0), |(bytes, parsed), one| (bytes + one.0, parsed + one.1));
    println!("{files} files below the root, {} read, {bytes} bytes, {parsed} parsed", done.len());
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (command, dir) = (args.next().unwrap_or_default(), args.next().unwrap_or_else(|| ".".to_owned()));
    let jobs = args.next().and_then(|jobs| jobs.parse().ok()).unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).stack_size(STACK_BYTES).build().expect("threads");
    pool.install(|| match command.as_str() {
        "list" => list(Path::new(&dir)),
        "parse" => floor(Path::new(&dir)),
        _ => println!("floor list|parse DIR [JOBS]"),
    });
}
