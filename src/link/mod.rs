//! Joins: functions with binaries, and the edges that triggers and calls make.

mod binaries;
mod closures;
mod flows;
mod graph;
mod patterns;

pub use binaries::{add_undeployed, units};
pub use closures::closures;
pub use flows::flows;
pub use graph::graph;
