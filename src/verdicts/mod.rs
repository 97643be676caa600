//! Judgements that are more than a finding: numbers and words with what they rest on.

pub mod cost;
pub mod fit;
