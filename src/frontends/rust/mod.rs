//! Rust source: from target roots to plain facts of what each binary does.

mod containers;
mod facts;
mod gate;
mod handlers;
mod ir;
mod lower;
mod members;
mod modules;
mod names;
mod reach;
mod resolve;
mod types;

use super::tree::Tree;
use crate::model::Project;
use crate::model::crates::TargetId;
use crate::spec::{RustApis, event_types};
use rayon::prelude::*;

/// Bytes of stack a thread needs to parse anything the nesting gate lets pass.
pub const STACK_BYTES: usize = 128 << 20;

/// Reads the binaries and the workspace libraries they use into `project.programs`.
pub fn read(tree: &dyn Tree, targets: &[TargetId], apis: &RustApis, project: &mut Project) {
    let crates = modules::load(tree, targets, project);
    let index = names::Index::new(&crates, apis, &event_types().always_present);
    project.programs =
        targets.par_iter().filter_map(|&target| Some(facts::program(&index, crates.of(target)?, target))).collect();
}

/// Parses one file and drops the result: the floor that analysis is measured against.
pub fn parse_only(text: &str) -> bool {
    lower::file(text).is_ok()
}
