//! Name resolution: which file is which module, and what a path names.

mod asked;
pub(crate) mod crates;
mod expansion;
pub(crate) mod index;
pub(crate) mod kinds;
pub(crate) mod modules;
pub(crate) mod resolve;
