//! Rust source: from target roots to plain facts of what each binary does.

pub(crate) mod facts;
pub(crate) mod flow;
pub(crate) mod names;
pub(crate) mod parse;
pub(crate) mod reach;
mod roots;
pub(crate) mod types;

pub(crate) use self::parse::places::Places;
pub use self::roots::roots;

use crate::knowledge::{Lexicon, event_types};
use crate::model::Project;
use crate::model::crates::TargetId;
use crate::tree::Tree;
use parse::ir::FileFacts;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of stack a thread needs to parse anything the nesting gate lets pass.
pub const STACK_BYTES: usize = 128 << 20;

/// What files said that were parsed, for a run over nearly the same files.
#[derive(Default)]
pub struct Memory {
    files: Mutex<HashMap<String, (Arc<str>, Arc<FileFacts>)>>,
}

impl Memory {
    fn recall(&self, path: &str, text: &str) -> Option<Arc<FileFacts>> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(path).filter(|(of, _)| **of == *text).map(|(_, facts)| Arc::clone(facts))
    }

    fn note(&self, path: &str, text: &Arc<str>, facts: &Arc<FileFacts>) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), (Arc::clone(text), Arc::clone(facts)));
    }
}

/// Reads the binaries and the workspace libraries they use into `project.programs`.
pub fn read(tree: &dyn Tree, targets: &[TargetId], lexicon: &Lexicon, memory: Option<&Memory>, project: &mut Project) {
    let crates = names::modules::load(tree, targets, lexicon, memory, project);
    let index = names::index::Index::new(&crates, lexicon, &event_types().always_present);
    project.programs =
        targets.par_iter().filter_map(|&target| Some(facts::program(&index, crates.of(target)?, target))).collect();
}

/// Parses one file and drops the result: the floor that analysis is measured against.
pub fn parse_only(text: &str) -> bool {
    parse::file(text, &[]).is_ok()
}
