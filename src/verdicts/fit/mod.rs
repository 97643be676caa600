//! Whether each function is work for a serverless platform: evidence for and against, each with its place, and a word
//! for all of it. No word without evidence; what is not known counts for nothing.

mod config;
mod evidence;
mod hints;
mod judge;
mod source;
mod traffic;

pub use self::evidence::{Class, Fit, Item, Row, Strength, Verdict, Wanted};
pub use self::hints::movable;
pub use self::judge::{judge, one};
pub use self::traffic::{Steady, WORTHWHILE_USD, steady};
