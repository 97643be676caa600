//! The knowledge in `rules/data/`, as types.

pub(crate) mod cargo_lambda;
pub(crate) mod data;
pub(crate) mod lexicon;
pub(crate) mod serverless;
pub(crate) mod terraform;
pub(crate) mod weights;

pub use cargo_lambda::{CargoLambda, CargoLambdaSetting};
pub use data::{
    AwsLambda, BatchTwin, CSymbols, EventType, EventTypes, Fact, FeatureEdit, HeavyCrate, Limit, Platforms,
    PolicyTemplate, SdkOperations, WatchedCrates, c_symbols, cargo_lambda, crate_weights, event_types, feature_edits,
    heavy_crates, platforms, sam_connectors, sam_policies, sdk_operations, serverless_framework, terraform,
    watched_crates,
};
pub use lexicon::{LIBRARIES, Lexicon, Library, LibraryError, Meaning, Meanings, Role, lexicon};
pub use serverless::{ServerlessEvent, ServerlessFramework};
pub use terraform::{Terraform, TerraformAttributes, TerraformModule, TerraformResource};
pub use weights::{CrateWeight, CrateWeights, compatible};
