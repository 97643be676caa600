//! Joins: functions with binaries, and the edges that triggers and calls make.

mod binaries;
mod closures;
mod flows;
mod graph;
mod leftovers;
mod patterns;

pub use self::binaries::units;
pub use self::closures::closures;
pub use self::flows::flows;
pub use self::graph::graph;
pub use self::leftovers::settle;
