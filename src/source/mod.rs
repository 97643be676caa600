//! Rust source: from target roots to plain facts of what each binary does.

pub(crate) mod facts;
pub(crate) mod flow;
mod memory;
pub(crate) mod names;
pub(crate) mod parse;
pub(crate) mod reach;
mod roots;
pub(crate) mod types;

pub use self::memory::Memory;
pub(crate) use self::parse::places::Places;
pub use self::roots::roots;

use crate::knowledge::{Lexicon, event_types};
use crate::model::Project;
use crate::model::crates::TargetId;
use crate::tree::Tree;
use rayon::prelude::*;

/// Bytes of stack a thread needs to parse anything the nesting gate lets pass.
pub const STACK_BYTES: usize = 128 << 20;

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
