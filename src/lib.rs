//! `cargo faaslint`: finds serverless anti-patterns by joining Rust handler source, the Cargo
//! dependency tree and the deployment config.
//!
//! Dependencies only look down (`tests/layering.rs` holds the table):
//!
//! ```text
//! L7  cli
//! L6  engine
//! L5  source  crates  deployments  join  config  checks  fixes  report     siblings never import each other
//! L4  verdicts
//! L3  model
//! L2  document  knowledge  rule
//! L1  finding  tree
//! L0  text  words  exact  cache
//! ```

pub mod cache;
pub mod checks;
pub mod cli;
pub mod config;
pub mod crates;
pub mod deployments;
pub mod document;
pub mod engine;
pub mod exact;
pub mod finding;
pub mod fixes;
pub mod join;
pub mod knowledge;
pub mod model;
pub mod report;
pub mod rule;
pub mod source;
pub mod text;
pub mod tree;
pub mod verdicts;
pub mod words;
