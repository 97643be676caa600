//! Functions and their effective settings.

use super::aws::Lambda;
use super::target::Text;
use crate::model::platform::Platform;
use crate::model::value::{Known, Setting};
use crate::text::{ResourceId, Span};
use std::collections::BTreeMap;

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

/// How a tool that deploys learns that code has changed while its path has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeHash {
    /// In its own way, or from a hash the config gives.
    ByTool,
    /// From the hash of another archive.
    OfOther(Span, String),
    /// The config gives none.
    Absent,
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
    /// Whether the tool that deploys sends the archive in the API call rather than through S3, as far as the config
    /// tells.
    pub direct_upload: bool,
    /// Whether the archive is an object of S3 that something else puts there.
    pub in_bucket: bool,
    /// Whether the tool that deploys compares a hash of the code with what is deployed, where it needs to be told one.
    pub hash: CodeHash,
    /// The Dockerfile of an image, relative to the scanned root, where the config names it.
    pub dockerfile: Option<String>,
}

/// A deployed function and its effective settings: those every platform has, and what only one has.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its resource.
    pub resource: ResourceId,
    /// Where it runs.
    pub platform: Platform,
    /// Runtime identifier, for example `provided.al2023`.
    pub runtime: Setting<String>,
    /// Code package.
    pub package: Package,
    /// `x86_64` or `arm64`.
    pub architecture: Setting<String>,
    /// Seconds.
    pub timeout_s: Setting<i64>,
    /// MiB.
    pub memory_mb: Setting<i64>,
    /// Environment variables.
    pub env: Environment,
    /// Requests one environment serves at a time.
    pub concurrency: Setting<i64>,
    /// What only its platform has.
    pub extra: Extra,
}

/// What only one platform has.
#[derive(Debug, Clone)]
pub enum Extra {
    /// Nothing.
    None,
    /// AWS Lambda.
    Aws(Box<Lambda>),
}

impl Function {
    /// Whether its runtime, if one is known, runs whatever is packed, and so may run Rust.
    pub fn may_run_rust(&self) -> bool {
        self.runtime.one().is_none_or(|runtime| runtime.starts_with("provided") || runtime == "rust")
    }

    /// What it has as a Lambda function, if it is one.
    pub fn aws(&self) -> Option<&Lambda> {
        match &self.extra {
            Extra::Aws(lambda) => Some(lambda),
            Extra::None => None,
        }
    }

    /// The same, for what is declared apart from the function.
    pub fn aws_mut(&mut self) -> Option<&mut Lambda> {
        match &mut self.extra {
            Extra::Aws(lambda) => Some(lambda),
            Extra::None => None,
        }
    }
}
