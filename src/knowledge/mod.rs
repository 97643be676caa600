//! The knowledge in `rules/data/`, as types.

mod compute;
pub(crate) mod data;
pub(crate) mod dialects;
mod entries;
pub(crate) mod features;
mod lambda;
pub(crate) mod lexicon;
mod prices;
mod standing;
pub(crate) mod weights;

pub use compute::{Engine, engine_of_path, engine_of_program, engines};
pub use data::{
    AwsLambda, BatchTwin, CSymbols, EventType, EventTypes, Fact, FeatureEdit, FeatureModules, HeavyCrate, Limit,
    Platforms, PolicyTemplate, SdkOperations, WatchedCrates, c_symbols, crate_weights, default_features,
    duplicate_causes, event_types, feature_edits, heavy_crates, platforms, sam_connectors, sam_policies,
    sdk_operations, watched_crates,
};
pub use dialects::{
    CargoLambda, CargoLambdaSetting, Declared, Dialect, Resources, ServerlessEvent, ServerlessFramework, Terraform,
    TerraformAttributes, TerraformList, TerraformModule, TerraformResource, Word, Writes, cargo_lambda, cdk, dialect,
    dialects, serverless_framework, terraform,
};
pub use entries::{host_files, runs_libraries};
pub use features::{DefaultFeatures, DefaultsFrom, DuplicateCause, compare as compare_versions};
pub use lambda::{Edge, Invoking, RuntimeLife, Runtimes, WebAdapter};
pub use lexicon::{LIBRARIES, Lexicon, Library, LibraryError, Meaning, Meanings, Role, lexicon};
pub use prices::{Machine, Price, Tier, machines, price, prices};
pub use standing::{StandingCost, standing_costs};
pub use weights::{CrateWeight, CrateWeights, compatible};
