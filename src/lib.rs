//! `cargo faaslint`: finds serverless anti-patterns by joining Rust handler source, the Cargo
//! dependency tree and the deployment config.
//!
//! Dependencies only look down (`tests/layering.rs` holds the table):
//!
//! ```text
//! L5  cli
//! L4  engine
//! L3  frontends  link  config  checks  report     siblings never import each other
//! L2  model  spec
//! L1  finding
//! L0  text
//! ```

pub mod checks;
pub mod cli;
pub mod config;
pub mod engine;
pub mod finding;
pub mod fixes;
pub mod frontends;
pub mod link;
pub mod model;
pub mod report;
pub mod spec;
pub mod text;
