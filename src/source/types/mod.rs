//! Types as far as the text says them.

pub(crate) mod chains;
pub(crate) mod containers;
pub(crate) mod infer;
pub(crate) mod members;
