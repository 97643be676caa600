//! What checks share: the sink, the predicate of declarative rules with its vocabulary, questions several checks ask.

pub(crate) mod cold_start;
pub(crate) mod context;
pub(crate) mod feature_edits;
pub(crate) mod feature_modules;
pub(crate) mod fit;
pub(crate) mod gain;
pub(crate) mod grouped;
pub(crate) mod levels;
pub(crate) mod linked_with;
pub(crate) mod machines;
pub(crate) mod mend;
pub(crate) mod money;
pub(crate) mod plain_builds;
pub(crate) mod predicate;
pub(crate) mod release_profile;
pub(crate) mod routes;
pub(crate) mod sink;
pub(crate) mod validate;
pub(crate) mod versions;
pub(crate) mod vocabulary;
pub(crate) mod writes;
