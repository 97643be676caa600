//! The knowledge in `rules/data/`, as types.

mod c_library;
mod compute;
pub(crate) mod data;
pub(crate) mod dialects;
mod entries;
pub(crate) mod features;
mod heavy;
mod lambda;
pub(crate) mod lexicon;
mod policies;
mod prices;
mod secrets;
mod standing;
mod tls;
pub(crate) mod weights;

pub use c_library::{
    CLibrary, asked_of_c_library, c_library_of, c_library_of_any_machine, c_library_of_runtime, c_library_of_zig,
};
pub use compute::{Engine, engine_of_path, engine_of_program, engines};
pub use data::{
    AwsLambda, BatchTwin, CSymbols, EventType, EventTypes, Fact, Limit, Platforms, PolicyTemplate, SdkOperations,
    WatchedCrates, c_symbols, crate_weights, default_features, duplicate_causes, event_types, feature_edits,
    heavy_crates, platforms, sam_connectors, sam_policies, sdk_operations, watched_crates,
};
pub use dialects::{
    CargoLambda, CargoLambdaSetting, Declared, Dialect, Resources, ServerlessEvent, ServerlessFramework, Terraform,
    TerraformAttributes, TerraformList, TerraformModule, TerraformResource, Word, Writes, cargo_lambda, cdk, dialect,
    dialects, serverless_framework, terraform,
};
pub use entries::{host_files, runs_libraries};
pub use features::{
    DefaultFeatures, DefaultsFrom, DuplicateCause, FeatureEdit, FeatureModules, compare as compare_versions,
};
pub use heavy::HeavyCrate;
pub use lambda::{Edge, Invoking, RuntimeLife, Runtimes, WebAdapter};
pub use lexicon::{LIBRARIES, Lexicon, Library, LibraryError, Meaning, Meanings, Role, lexicon};
pub use policies::{LambdaPolicies, lambda_policies};
pub use prices::{Machine, Price, Tier, machines, price, prices};
pub use secrets::{Secrets, secrets};
pub use standing::{StandingCost, standing_costs};
pub use tls::{TlsClient, TlsStacks, tls_stacks};
pub use weights::{CrateWeight, CrateWeights, compatible};
