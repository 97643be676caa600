//! The deployment, dialect-neutral: resources, functions, triggers, queues and what ties them.
//! Units are in the field names; `Opaque` values come from references no file resolves.

pub mod machine;
pub mod physical;
mod target;
pub(crate) mod trigger;

pub use self::target::{Target, Text};
pub use self::trigger::{
    EventPattern, Invocation, Mapping, Names, ObjectFilter, Qualifier, Route, Trigger, TriggerKind,
};
pub use crate::text::{FunctionId, MachineId, ResourceId, StackId};

use self::machine::StateMachine;
use self::physical::{Home, Named, PhysicalNames};
use super::suppression::Suppression;
use super::value::{Known, Setting, Verdict};
use crate::text::Span;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Which language a template is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// AWS Serverless Application Model.
    Sam,
    /// Raw CloudFormation, written by hand or by a tool.
    CloudFormation,
    /// CloudFormation synthesised by the CDK.
    Cdk,
    /// Terraform's language, or its JSON form.
    Terraform,
    /// The Serverless Framework.
    ServerlessFramework,
    /// What `cargo lambda deploy` reads from manifests.
    CargoLambda,
}

impl Dialect {
    /// The name its users know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sam => "SAM",
            Self::CloudFormation => "CloudFormation",
            Self::Cdk => "CDK",
            Self::Terraform => "Terraform",
            Self::ServerlessFramework => "Serverless Framework",
            Self::CargoLambda => "cargo-lambda",
        }
    }
}

/// One template.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Its file, relative to the scanned root.
    pub path: String,
    /// Its language.
    pub dialect: Dialect,
    /// The same for all stacks that are nested in one another.
    pub family: StackId,
}

/// A resource as the template declares it.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The template.
    pub stack: StackId,
    /// Its name inside the template; for what the CDK synthesised, the path of its construct below the stack.
    pub logical_id: String,
    /// The type, for example `AWS::SQS::Queue`.
    pub type_name: String,
    /// The logical id in the file.
    pub span: Span,
    /// The id of the CDK construct it belongs to.
    pub construct: Option<String>,
    /// The physical name, when the template fixes one.
    pub name: Known<String>,
}

/// A construct of a CDK app, as its source has it.
#[derive(Debug, Clone)]
pub struct Construct {
    /// Its class, for example `RustFunction`.
    pub kind: String,
    /// Its id in its scope.
    pub id: String,
    /// The id in the source.
    pub span: Span,
    /// Its arguments after the id.
    pub arguments: Span,
    /// The directory of its source file.
    pub dir: String,
    /// `manifestPath`, relative to that directory or to the app's.
    pub manifest: Option<String>,
    /// `binaryName`.
    pub binary: Option<String>,
    /// The path of an asset it takes its code from.
    pub asset: Option<String>,
}

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

/// What a function may do.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// All statements that could be read.
    pub statements: Vec<Statement>,
    /// Whether that is all there is: no external role, no unreadable policy.
    pub closed: bool,
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

/// A deployed function and its effective settings.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its resource.
    pub resource: ResourceId,
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

/// A delivery from one resource to another that is no function: a topic to a queue, a bucket to a topic.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// What delivers.
    pub from: ResourceId,
    /// What receives.
    pub to: ResourceId,
    /// The declaration.
    pub span: Span,
    /// Whether a filter decides what is delivered.
    pub filtered: bool,
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

/// Everything the deployment files say.
#[derive(Debug, Default)]
pub struct Deploy {
    /// Templates.
    pub stacks: Vec<Stack>,
    /// Resources of all templates.
    pub resources: Vec<Resource>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Triggers of all functions.
    pub triggers: Vec<Trigger>,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Aliases of functions, as resources of their own.
    pub aliases: Vec<Alias>,
    /// Deliveries between services without a function in between.
    pub links: Vec<Link>,
    /// What templates say to silence findings.
    pub suppressions: Vec<Suppression>,
    /// Constructs of CDK apps; empty unless an app was synthesised.
    pub constructs: Vec<Construct>,
    /// Step Functions state machines.
    pub machines: Vec<StateMachine>,
    /// Whether a route leads out of a subnet, for subnets whose route table is in the project.
    pub ways_out: HashMap<ResourceId, bool>,
    /// Services with a VPC endpoint, by the last part of their name; `*` for one that cannot be told.
    pub endpoints: Vec<String>,
    /// Configs in dialects that are not read yet; what they say of functions is unknown.
    pub unread: Vec<String>,
    function_of: HashMap<ResourceId, FunctionId>,
    queue_of: HashMap<ResourceId, usize>,
    triggers_of: HashMap<FunctionId, Vec<usize>>,
    named: PhysicalNames,
    /// How many functions have a name, and how many resources of a type.
    functions_called: HashMap<String, u32>,
    resources_called: HashMap<(String, String), u32>,
}

impl Deploy {
    /// Adds a resource.
    pub fn add_resource(&mut self, resource: Resource) {
        if let Some(name) = resource.name.one() {
            let id = ResourceId(self.resources.len() as u32);
            self.named.add(name, id);
        }
        *self.resources_called.entry((resource.type_name.clone(), resource.logical_id.clone())).or_insert(0) += 1;
        self.resources.push(resource);
    }

    /// Every setting of provisioned concurrency that is for a function: its own, and those of its aliases.
    pub fn provisioned(&self, id: FunctionId) -> impl Iterator<Item = &Setting<i64>> {
        let of_aliases = self.aliases.iter().filter(move |alias| alias.function == id);
        let own = std::iter::once(&self.function(id).provisioned_concurrency);
        own.chain(of_aliases.map(|alias| &alias.provisioned_concurrency))
            .filter(|setting| setting.value.is_set() != Verdict::No)
    }

    /// Adds a function.
    pub fn add_function(&mut self, function: Function) {
        self.function_of.insert(function.resource, FunctionId(self.functions.len() as u32));
        let name = self.resource(function.resource).logical_id.clone();
        *self.functions_called.entry(name).or_insert(0) += 1;
        self.functions.push(function);
    }

    /// Adds a queue.
    pub fn add_queue(&mut self, queue: Queue) {
        self.queue_of.insert(queue.resource, self.queues.len());
        self.queues.push(queue);
    }

    /// Adds a trigger.
    pub fn add_trigger(&mut self, trigger: Trigger) {
        self.triggers_of.entry(trigger.function).or_default().push(self.triggers.len());
        self.triggers.push(trigger);
    }

    /// What a name, an ARN or a URL of a service means to a stack.
    pub fn named(&self, name: &str, from: StackId, service: &str) -> Named {
        let home = |stack: StackId| Home { stack, family: self.stack(stack).family };
        let fits = |id: ResourceId| physical::is_of_service(&self.resource(id).type_name, service);
        self.named.find(physical::called(name), home(from), fits, |id| home(self.resource(id).stack))
    }

    /// The template of an id.
    pub fn stack(&self, id: StackId) -> &Stack {
        &self.stacks[id.0 as usize]
    }

    /// The resource of an id.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// The function of an id.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The logical id a function is known by.
    pub fn function_name(&self, id: FunctionId) -> &str {
        &self.resource(self.function(id).resource).logical_id
    }

    /// Whether several functions have a name.
    pub(super) fn is_shared_by_functions(&self, name: &str) -> bool {
        self.functions_called.get(name).is_some_and(|&count| count > 1)
    }

    /// Whether several resources of a type have the name of one.
    pub(super) fn is_shared_by_resources(&self, id: ResourceId) -> bool {
        let resource = self.resource(id);
        let key = (resource.type_name.clone(), resource.logical_id.clone());
        self.resources_called.get(&key).is_some_and(|&count| count > 1)
    }

    /// The state machine of an id.
    pub fn machine(&self, id: MachineId) -> &StateMachine {
        &self.machines[id.0 as usize]
    }

    /// Every state machine with its id.
    pub fn machines(&self) -> impl Iterator<Item = (MachineId, &StateMachine)> {
        self.machines.iter().enumerate().map(|(index, machine)| (MachineId(index as u32), machine))
    }

    /// Where a function is declared.
    pub fn function_span(&self, id: FunctionId) -> Span {
        self.resource(self.function(id).resource).span
    }

    /// Every function id.
    pub fn function_ids(&self) -> impl Iterator<Item = FunctionId> + use<> {
        (0..self.functions.len()).map(|index| FunctionId(index as u32))
    }

    /// The function a resource is, if it is one.
    pub fn function_of(&self, resource: ResourceId) -> Option<FunctionId> {
        self.function_of.get(&resource).copied()
    }

    /// The queue a resource is, if it is one.
    pub fn queue_of(&self, resource: ResourceId) -> Option<&Queue> {
        self.queue_of.get(&resource).map(|&index| &self.queues[index])
    }

    /// The queue a target is, if it is one of this project.
    pub fn queue_at(&self, target: &Known<Target>) -> Option<&Queue> {
        match target.one()? {
            Target::Resource(id) => self.queue_of(*id),
            Target::External(_) => None,
        }
    }

    /// The triggers of a function.
    pub fn triggers_of(&self, function: FunctionId) -> impl Iterator<Item = &Trigger> {
        let indices = self.triggers_of.get(&function).map_or(&[][..], Vec::as_slice);
        indices.iter().map(|&index| &self.triggers[index])
    }
}
