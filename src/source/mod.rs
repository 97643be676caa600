//! Rust source: from target roots to plain facts of what each binary does.

pub(crate) mod facts;
pub(crate) mod flow;
mod memory;
pub(crate) mod names;
pub(crate) mod parse;
pub(crate) mod reach;
mod roots;
pub(crate) mod types;
mod unreached;

pub use self::memory::Memory;
pub(crate) use self::parse::places::Places;
pub(crate) use self::parse::scan::{Scan, Token};
pub use self::roots::{Roots, roots};

use crate::knowledge::{Lexicon, event_types};
use crate::model::Project;
use crate::model::crates::TargetId;
use crate::tree::Tree;
use rayon::prelude::*;

/// Bytes of stack a thread needs to parse anything the nesting gate lets pass.
pub const STACK_BYTES: usize = 128 << 20;

/// Reads the binaries and the workspace libraries they use into `project.programs`.
pub fn read(tree: &dyn Tree, roots: &Roots, lexicon: &Lexicon, memory: Option<&Memory>, project: &mut Project) {
    let crates = names::modules::load(tree, &roots.targets, lexicon, memory, project);
    let index = names::index::Index::new(&crates, lexicon, &event_types().always_present);
    let starters = unreached::starters(&index, project);
    let program = |&target: &TargetId| {
        Some(facts::program(&index, crates.of(target)?, target, roots.served.contains(&target), &starters))
    };
    let (programs, started): (Vec<_>, Vec<_>) = roots.targets.par_iter().filter_map(program).unzip();
    project.programs = programs;
    unreached::note(&index, &starters, &started.concat(), project);
}

/// Parses one file and drops the result: the floor that analysis is measured against.
pub fn parse_only(text: &str) -> bool {
    parse::file(text, &[]).is_ok()
}
