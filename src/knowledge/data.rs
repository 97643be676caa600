//! Facts about platforms and crates that live in `rules/data/`, each with its source and date.

use super::features::covers;
use super::lambda::{Edge, Invoking, Runtimes, WebAdapter};
use super::{FeatureEdit, HeavyCrate};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A setting's default and bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What the platform uses when nothing is written.
    pub default: i64,
    /// Lowest value accepted.
    pub min: i64,
    /// Highest value accepted.
    pub max: i64,
    /// Unit of all three.
    pub unit: String,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

/// A single fact.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact<T> {
    /// The fact.
    pub value: T,
    /// Its unit, for numbers.
    #[serde(default)]
    pub unit: String,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

/// Environment variables that exist without being configured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeEnvironment {
    /// Exact names.
    pub names: Vec<String>,
    /// Prefixes.
    pub prefixes: Vec<String>,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

impl RuntimeEnvironment {
    /// Whether a variable exists without being configured.
    pub fn provides(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
            || self.prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
    }
}

/// AWS Lambda and the services that invoke it; fields are rows of `rules/data/aws-lambda.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AwsLambda {
    pub timeout_s: Limit,
    pub memory_mb: Limit,
    pub memory_per_vcpu_mb: Fact<i64>,
    pub init_s: Fact<i64>,
    pub zip_direct_bytes: Fact<u64>,
    pub unzipped_bytes: Fact<u64>,
    pub ephemeral_mb: Limit,
    pub architecture: Fact<String>,
    pub http_payload_version: Fact<String>,
    pub managed_instance_concurrency: Fact<i64>,
    pub async_max_retries: Limit,
    pub async_max_event_age_s: Limit,
    pub queue_visibility_s: Limit,
    pub queue_retention_s: Limit,
    pub queue_visibility_factor: Fact<i64>,
    pub sqs_batch_size: Limit,
    pub stream_batch_size: Limit,
    pub stream_max_retries: Limit,
    pub stream_max_record_age_s: Limit,
    pub rest_integration_ms: Limit,
    pub http_integration_ms: Limit,
    pub websocket_integration_ms: Limit,
    pub sdk_connect_timeout_ms: Fact<i64>,
    pub sdk_connect_timeout_since: Fact<String>,
    pub function_services_since: Fact<String>,
    pub sdk_attempts: Fact<i64>,
    pub queue_receives: Fact<i64>,
    pub queue_pollers: Fact<i64>,
    pub edge: Edge,
    pub runtimes: Runtimes,
    pub verifiers: Fact<Vec<String>>,
    pub stage_variable: Fact<String>,
    pub invoking: Invoking,
    pub library_functions: Fact<Vec<String>>,
    pub writable_paths: Fact<Vec<String>>,
    pub same_host: Fact<Vec<String>>,
    pub transient_errors: Fact<Vec<String>>,
    pub runtime_environment: RuntimeEnvironment,
    pub web_adapter: WebAdapter,
}

impl AwsLambda {
    /// Whether an address is that of an extension or sidecar on the same host.
    pub fn is_same_host(&self, address: &str) -> bool {
        let host = address.split("://").nth(1).unwrap_or(address);
        self.same_host.value.iter().any(|known| host.starts_with(known.as_str()))
    }
}

/// The platforms we know limits of.
#[derive(Debug, Clone)]
pub struct Platforms {
    /// AWS Lambda.
    pub aws_lambda: AwsLambda,
}

/// A SAM policy template.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTemplate {
    /// Its parameters; the first names the resource.
    pub parameters: Vec<String>,
    /// The IAM actions it grants.
    pub actions: Vec<String>,
}

/// Crates of which a second version costs something; `rules/data/watched-crates.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedCrates {
    /// Package names.
    pub crates: Vec<String>,
    /// Why these.
    pub sources: Vec<String>,
}

/// Which crates C symbols come from; `rules/data/c-symbols.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CSymbols {
    /// Package names by what their symbols begin with.
    pub prefixes: BTreeMap<String, String>,
    /// Where they were seen.
    pub sources: Vec<String>,
}

/// What operations of the AWS SDK need from their callers; keys are `service.operation`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SdkOperations {
    /// Setters of requests that cannot be batched, or must not.
    pub single_setters: Vec<String>,
    /// Setters and methods of requests that ask for a page on purpose, or follow the pages.
    pub page_setters: Vec<String>,
    /// Setters of requests for what one key or prefix holds, which seldom fills a page.
    pub narrow_setters: Vec<String>,
    /// Services whose lists seldom fill a page.
    pub short_lists: Vec<String>,
    /// Accessors of someone who wants one item.
    pub single_reads: Vec<String>,
    /// Setters with which a request may be repeated.
    pub guarding_setters: Vec<String>,
    /// Operations that cost or show something once more when they are repeated.
    pub repeated_effects: BTreeMap<String, RepeatedEffect>,
    /// Services that almost every function uses, by the prefix of their actions.
    pub plain_services: Vec<String>,
    /// Operations that change nothing although their names begin like no read; a trailing `*` matches a prefix.
    pub reads_too: Vec<String>,
    /// Operations with which a worker says that it is alive.
    pub heartbeats: Vec<String>,
    /// Services whose calls tell others and change nothing that would have to be undone.
    pub messages: Vec<String>,
    /// How calls flow to what they act on, by service and operation; what is not named moves nothing.
    pub flows: BTreeMap<String, BTreeMap<String, String>>,
    /// Operations after which a bucket tells of a new object.
    pub creates_objects: Vec<String>,
    /// Builder methods that name what an operation acts on, by service.
    pub targets: BTreeMap<String, Vec<String>>,
    /// Builder methods of the entries of a batch request that tell whom they reach, by service.
    pub entries: BTreeMap<String, Vec<String>>,
    /// What entries act on that name nothing, by service.
    pub own_targets: BTreeMap<String, String>,
    /// Operations that succeed although entries failed, with the accessors that tell.
    pub partial_failures: BTreeMap<String, Vec<String>>,
    /// Operations that return one page, with what tells that there are more.
    pub paginated: BTreeMap<String, Vec<String>>,
    /// Operations on one item, with the one that takes many.
    pub batch_twins: BTreeMap<String, BatchTwin>,
    /// Operations that hand work over to something that may take longer than a function.
    pub hands_over: Vec<String>,
    /// Operations that ask how far such work is.
    pub asks_about: Vec<String>,
    /// Methods of libraries that fetch every page of an operation.
    pub in_pages: BTreeMap<String, String>,
    /// Operations that fetch what changes rarely.
    pub secrets: Vec<String>,
    /// Names of VPC endpoints that differ from the service's crate.
    pub endpoint_names: BTreeMap<String, String>,
    /// Prefix of IAM actions by service.
    pub iam_prefixes: BTreeMap<String, String>,
    /// Actions of operations that are not called like them, without the prefix; any one will do.
    pub iam_actions: BTreeMap<String, Vec<String>>,
    /// Where each part was read.
    pub sources: Vec<String>,
}

impl SdkOperations {
    /// Whether an operation changes nothing although its name begins like no read.
    pub fn only_computes(&self, operation: &str) -> bool {
        self.reads_too.iter().any(|name| covers(name, operation))
    }

    /// How a call flows, as `flows` says.
    pub fn flow(&self, service: &str, operation: &str) -> Option<&str> {
        let rows = self.flows.get(service)?;
        rows.iter().find(|(name, _)| covers(name, operation)).map(|(_, mode)| mode.as_str())
    }
}

/// What an operation does once more when it is repeated.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatedEffect {
    /// In words.
    pub does: String,
    /// Whether it does so only under an identifier that is new on every run.
    #[serde(default)]
    pub fresh: bool,
    /// The setter without which it is something else.
    pub only_with: Option<String>,
}

/// An operation that takes many items at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchTwin {
    /// Its name.
    pub operation: String,
    /// Most items it takes.
    pub most: u32,
}

/// Which Rust types take the events of which kinds of trigger.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTypes {
    /// Optional fields that the service always fills in.
    pub always_present: Vec<String>,
    /// By the type's name, below `aws_lambda_events` or `lambda_http`.
    pub types: BTreeMap<String, EventType>,
    /// Where it was read.
    pub sources: Vec<String>,
}

/// A type of event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventType {
    /// Words of triggers whose payload it is made for.
    pub accepts: Vec<String>,
    /// Keys without which deserialising fails.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Words of triggers whose payload it also reads without an error, losing the data.
    #[serde(default)]
    pub swallows: Vec<String>,
}

/// A file of `rules/data/`, as the build turned it into JSON.
macro_rules! embedded {
    ($file:literal) => {
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/rules/data/", $file, ".json"))).expect(concat!(
            "rules/data/",
            $file,
            ".yaml is valid; a test reads it"
        ))
    };
}

pub(super) use embedded;

/// Platform limits and defaults.
pub fn platforms() -> &'static Platforms {
    static PLATFORMS: LazyLock<Platforms> =
        LazyLock::new(|| Platforms { aws_lambda: embedded!("platforms/aws-lambda") });
    &PLATFORMS
}

/// SAM policy templates by name.
pub fn sam_policies() -> &'static BTreeMap<String, PolicyTemplate> {
    static POLICIES: LazyLock<BTreeMap<String, PolicyTemplate>> = LazyLock::new(|| embedded!("sam-policy-templates"));
    &POLICIES
}

/// Crates that weigh on a function.
pub fn heavy_crates() -> &'static [HeavyCrate] {
    static CRATES: LazyLock<Vec<HeavyCrate>> = LazyLock::new(|| embedded!("crates"));
    &CRATES
}

/// Which crates C symbols come from.
pub fn c_symbols() -> &'static CSymbols {
    static SYMBOLS: LazyLock<CSymbols> = LazyLock::new(|| embedded!("c-symbols"));
    &SYMBOLS
}

/// Edits that drop default features.
pub fn feature_edits() -> &'static [FeatureEdit] {
    static EDITS: LazyLock<Vec<FeatureEdit>> = LazyLock::new(|| embedded!("feature-edits"));
    &EDITS
}

/// Crates whose older versions hold an older version of another.
pub fn duplicate_causes() -> &'static [super::DuplicateCause] {
    static CAUSES: LazyLock<Vec<super::DuplicateCause>> = LazyLock::new(|| embedded!("duplicate-causes"));
    &CAUSES
}

/// What the feature `default` of crates switches on.
pub fn default_features() -> &'static super::DefaultFeatures {
    static FEATURES: LazyLock<super::DefaultFeatures> = LazyLock::new(|| embedded!("default-features"));
    &FEATURES
}

/// Crates of which a second version costs something.
pub fn watched_crates() -> &'static WatchedCrates {
    static WATCHED: LazyLock<WatchedCrates> = LazyLock::new(|| embedded!("watched-crates"));
    &WATCHED
}

/// What crates weigh.
pub fn crate_weights() -> &'static super::CrateWeights {
    static WEIGHTS: LazyLock<super::CrateWeights> = LazyLock::new(|| embedded!("crate-weights"));
    &WEIGHTS
}

/// What SAM connectors from a function grant: destination type, then `Read` or `Write`, then actions.
pub fn sam_connectors() -> &'static BTreeMap<String, BTreeMap<String, Vec<String>>> {
    static CONNECTORS: LazyLock<BTreeMap<String, BTreeMap<String, Vec<String>>>> =
        LazyLock::new(|| embedded!("sam-connectors"));
    &CONNECTORS
}

/// What operations of the AWS SDK need from their callers.
pub fn sdk_operations() -> &'static SdkOperations {
    static OPERATIONS: LazyLock<SdkOperations> = LazyLock::new(|| embedded!("sdk-operations"));
    &OPERATIONS
}

/// What each type of event accepts.
pub fn event_types() -> &'static EventTypes {
    static TYPES: LazyLock<EventTypes> = LazyLock::new(|| embedded!("event-types"));
    &TYPES
}
