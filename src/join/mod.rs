//! Joins: functions with binaries, and the edges that triggers and calls make.

mod alike;
mod binaries;
mod closures;
mod flows;
mod graph;
mod patterns;
mod scope;

pub use self::binaries::{settle, units};
pub use self::closures::closures;
pub use self::flows::flows;
pub use self::graph::graph;
