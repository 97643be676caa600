//! What only AWS has: settings of Lambda functions, asynchronous invocation, roles, aliases, queues with redrive
//! policies.

use super::target::Target;
use super::trigger::Qualifier;
use crate::model::value::Setting;
use crate::text::{FunctionId, ResourceId, Span};
use std::sync::Arc;

/// Asynchronous invocation settings.
#[derive(Debug, Clone)]
pub struct AsyncConfig {
    /// Retries after the first attempt.
    pub max_retries: Setting<i64>,
    /// Seconds an event may wait.
    pub max_event_age_s: Setting<i64>,
    /// Where failed events go.
    pub on_failure: Setting<Target>,
    /// The function's dead-letter queue or topic.
    pub dead_letter: Setting<Target>,
    /// What of the function the settings are for, where they are declared apart from it.
    pub qualifier: Qualifier,
}

/// A function URL.
#[derive(Debug, Clone)]
pub struct FunctionUrl {
    /// Where it is declared.
    pub span: Span,
    /// `NONE` or `AWS_IAM`.
    pub auth: Setting<String>,
    /// `BUFFERED` or `RESPONSE_STREAM`.
    pub invoke_mode: Setting<String>,
    /// Whether the tool that deploys it writes the permission a public one needs.
    pub permitted: bool,
}

/// One permission of a function's role.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Where it is written.
    pub span: Span,
    /// `service:Action` patterns; a policy template contributes the actions it stands for.
    pub actions: Vec<String>,
    /// What it applies to; `*` is `External("*")`.
    pub resources: Vec<Target>,
    /// The policy template, connector or managed policy it comes from, when it is not written out.
    pub via: Option<String>,
}

/// Which role functions share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleId {
    /// One of the project.
    Declared(ResourceId),
    /// One that a tool makes for the functions of a service, of what is written there.
    Made(Span),
}

/// What a function may do.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// All statements that could be read.
    pub statements: Vec<Statement>,
    /// Whether that is all there is: no external role, no unreadable policy.
    pub closed: bool,
    /// What functions with the same may share, and where it is declared; none if it is the function's own.
    pub shared: Option<(RoleId, Span)>,
}

/// The VPC configuration of a function.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// Where it is written.
    pub span: Span,
    /// Subnets of the project it names.
    pub subnets: Vec<ResourceId>,
    /// Whether those are all.
    pub complete: bool,
}

/// A name for a version of a function.
#[derive(Debug, Clone)]
pub struct Alias {
    /// Its resource.
    pub resource: ResourceId,
    /// The function.
    pub function: FunctionId,
    /// The version; `$LATEST`, a number, or a reference.
    pub version: Setting<String>,
    /// Provisioned concurrent executions of the alias.
    pub provisioned_concurrency: Setting<i64>,
}

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Its resource.
    pub resource: ResourceId,
    /// FIFO queue.
    pub fifo: Setting<bool>,
    /// Visibility timeout in seconds.
    pub visibility_s: Setting<i64>,
    /// Message retention in seconds.
    pub retention_s: Setting<i64>,
    /// Where messages go after too many receives.
    pub redrive: Setting<Target>,
    /// Receives before that.
    pub max_receive: Setting<i64>,
    /// Derived: something uses it as a dead-letter queue or failure destination.
    pub is_dead_letter: bool,
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

/// What only a Lambda function has.
#[derive(Debug, Clone)]
pub struct Lambda {
    /// Handler string.
    pub handler: Setting<String>,
    /// Ephemeral storage in MiB.
    pub ephemeral_mb: Setting<i64>,
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
    /// Asynchronous invocation settings.
    pub async_config: AsyncConfig,
    /// Function URL.
    pub url: Option<FunctionUrl>,
    /// The VPC configuration, when there is one.
    pub vpc: Option<Vpc>,
    /// `Active` or `PassThrough`.
    pub tracing: Setting<String>,
    /// Days for which its log group keeps what it logs.
    pub log_retention_days: Setting<i64>,
    /// `Text` or `JSON`.
    pub log_format: Setting<String>,
    /// `Allow` or `Terminate`.
    pub recursive_loop: Setting<String>,
    /// Whether layers lie below it.
    pub layered: bool,
    /// `PublishedVersions` or `None`.
    pub snap_start: Setting<String>,
    /// A module from outside the project that gets to know it, and may permit, invoke and configure it.
    pub handed: Option<Span>,
    /// What shows that the Lambda Web Adapter hands its events to a server.
    pub web_adapter: Option<Span>,
    /// Durable execution configuration, when there is one.
    pub durable: Option<Span>,
    /// Permissions; functions with one role share them.
    pub role: Arc<Role>,
}
