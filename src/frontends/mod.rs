//! Bytes to facts: the only code that reads. One folder for each world.

pub mod artifact;
pub mod cargo;
pub mod deploy;
pub mod git;
pub mod rust;
pub mod suppressions;
pub mod tree;
