//! Functions and their effective settings.

use super::aws::{AsyncConfig, FunctionUrl, Role, Vpc};
use super::target::Text;
use crate::model::platform::Platform;
use crate::model::value::{Known, Setting};
use crate::text::{ResourceId, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An environment variable of a function.
#[derive(Debug, Clone)]
pub struct EnvVar {
    /// The key in the file.
    pub key: Span,
    /// Its value.
    pub value: Known<Text>,
}

/// The environment of a function.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Variables by name, `Globals` merged in.
    pub vars: BTreeMap<String, EnvVar>,
    /// The place that keeps the list open (an unresolvable map), if any.
    pub open: Option<Span>,
    /// The `Variables` key, for pointing at what is missing.
    pub span: Option<Span>,
}

/// How a function's code reaches the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageType {
    /// A zip archive.
    Zip,
    /// A container image.
    Image,
}

/// What builds a function's artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildTool {
    /// `sam build` with `BuildMethod: rust-cargolambda`: always a release build.
    SamCargoLambda,
    /// `sam build` with `BuildMethod: makefile`.
    Makefile,
    /// A plugin of the Serverless Framework that builds what the handler names.
    ServerlessPlugin,
    /// Nothing said; the path may tell.
    Unstated,
}

/// The package of a function.
#[derive(Debug, Clone)]
pub struct Package {
    /// Zip or image.
    pub kind: PackageType,
    /// `CodeUri`, `Code` or image path as written; relative to the template.
    pub path: Setting<String>,
    /// What builds it.
    pub tool: BuildTool,
    /// The binary the build is told to make (`BuildProperties.Binary`).
    pub binary: Known<String>,
    /// Whether the tool that deploys sends the archive in the API call rather than through S3, as far as the config tells.
    pub direct_upload: bool,
    /// The Dockerfile of an image, relative to the scanned root, where the config names it.
    pub dockerfile: Option<String>,
}

/// How a function gets versions that can be invoked apart from its newest code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// With an alias the function names (`AutoPublishAlias`).
    ByAlias,
    /// The tool publishes a version and an alias, and lets events invoke that.
    ByTool,
    /// As resources of their own.
    Declared,
}

/// A deployed function and its effective settings.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its resource.
    pub resource: ResourceId,
    /// Where it runs.
    pub platform: Platform,
    /// Runtime identifier, for example `provided.al2023`.
    pub runtime: Setting<String>,
    /// Handler string.
    pub handler: Setting<String>,
    /// Code package.
    pub package: Package,
    /// `x86_64` or `arm64`.
    pub architecture: Setting<String>,
    /// Seconds.
    pub timeout_s: Setting<i64>,
    /// MiB.
    pub memory_mb: Setting<i64>,
    /// Ephemeral storage in MiB.
    pub ephemeral_mb: Setting<i64>,
    /// Environment variables.
    pub env: Environment,
    /// Reserved concurrent executions.
    pub reserved_concurrency: Setting<i64>,
    /// Provisioned concurrent executions.
    pub provisioned_concurrency: Setting<i64>,
    /// The alias or version they are for, where the dialect says so beside the function.
    pub provisioned_qualifier: Setting<String>,
    /// Where its versions come from.
    pub versions: Versions,
    /// Alias that is published on deploy (`AutoPublishAlias`).
    pub alias: Setting<String>,
    /// Requests one environment serves at a time; more than 1 only on managed instances.
    pub environment_concurrency: Setting<i64>,
    /// Asynchronous invocation settings.
    pub async_config: AsyncConfig,
    /// Function URL.
    pub url: Option<FunctionUrl>,
    /// The VPC configuration, when there is one.
    pub vpc: Option<Vpc>,
    /// `Active` or `PassThrough`.
    pub tracing: Setting<String>,
    /// `Text` or `JSON`.
    pub log_format: Setting<String>,
    /// `Allow` or `Terminate`.
    pub recursive_loop: Setting<String>,
    /// Durable execution configuration, when there is one.
    pub durable: Option<Span>,
    /// Permissions; functions with one role share them.
    pub role: Arc<Role>,
}
