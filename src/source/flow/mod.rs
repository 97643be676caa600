//! Data flow: where a value comes from, where it goes, and what stands around an expression.

pub(crate) mod answer;
pub(crate) mod attempts;
pub(crate) mod branch;
pub(crate) mod called;
pub(crate) mod chain;
pub(crate) mod channels;
pub(crate) mod error_branch;
pub(crate) mod fate;
pub(crate) mod infallible;
pub(crate) mod outlives;
pub(crate) mod payload;
pub(crate) mod remote;
pub(crate) mod requests;
pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod settings;
pub(crate) mod shape;
pub(crate) mod taint;
pub(crate) mod trace;
pub(crate) mod view;
