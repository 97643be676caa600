//! Joins: functions with binaries, and the edges that triggers and calls make.

mod binaries;
mod flows;

pub use binaries::{add_undeployed, units};
pub use flows::flows;
