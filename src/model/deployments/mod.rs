//! The deployment, dialect-neutral: resources, functions, triggers, queues and what ties them.
//! Units are in the field names; `Opaque` values come from references no file resolves.

mod access;
mod aws;
mod function;
pub mod machine;
mod operations;
pub mod physical;
mod resource;
mod standing;
mod target;
pub(crate) mod trigger;

pub use self::access::{Delivery, EdgeAssociation, Exclusive, Permission, StageName};
pub use self::aws::{Alias, AsyncConfig, FunctionUrl, Lambda, Queue, Role, RoleId, Statement, Versions, Vpc};
pub use self::function::{BuildTool, CodeHash, EnvVar, Environment, Extra, Function, Package, PackageType};
pub use self::operations::{Alarm, Invoker, MachineLog, Stage, StageKind, Traced};
pub use self::resource::{Construct, Link, Resource, ResourceKind};
pub use self::standing::Standing;
pub use self::target::{Target, Text};
pub use self::trigger::{
    Details, EventPattern, Invocation, Mapping, Names, ObjectFilter, Qualifier, Route, Schedule, Trigger, TriggerKind,
};
pub use crate::text::{FunctionId, MachineId, ResourceId, StackId};

use self::machine::StateMachine;
use self::physical::{Home, Named, PhysicalNames};
use super::suppression::Suppression;
use super::value::{Known, Setting, Verdict};
use crate::text::{FileId, Span, step};
use std::collections::{HashMap, HashSet};

/// The language a template is written in: the name of a file of `rules/data/dialects/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialectId(pub &'static str);

/// Where a stack is deployed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// For example `eu-west-1`.
    pub name: String,
    /// The file that says so, relative to the scanned root.
    pub path: String,
}

/// One template.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Its file, relative to the scanned root.
    pub path: String,
    /// Its language.
    pub dialect: DialectId,
    /// The same for all stacks that are nested in one another.
    pub family: StackId,
    /// The region it is deployed to, where a file says so.
    pub region: Option<Region>,
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
    /// Who may invoke which function.
    pub permissions: Vec<Permission>,
    /// Functions that run at the edge.
    pub edges: Vec<EdgeAssociation>,
    /// Configurations of which their owner has one.
    pub exclusives: Vec<Exclusive>,
    /// Deliveries to what is no function of the project.
    pub deliveries: Vec<Delivery>,
    /// What stands before the paths of APIs.
    pub stage_names: Vec<StageName>,
    /// APIs behind a domain name of their own.
    pub behind_domains: HashSet<ResourceId>,
    /// What is paid for while it exists.
    pub standing: Vec<Standing>,
    /// What templates say to silence findings.
    pub suppressions: Vec<Suppression>,
    /// Constructs of CDK apps; empty unless an app was synthesised.
    pub constructs: Vec<Construct>,
    /// Step Functions state machines.
    pub machines: Vec<StateMachine>,
    /// What APIs are served under.
    pub stages: Vec<Stage>,
    /// Services beside functions whose requests may be traced.
    pub traced: Vec<Traced>,
    /// What state machines log.
    pub machine_logs: Vec<MachineLog>,
    /// Alarms on metrics.
    pub alarms: Vec<Alarm>,
    /// Stacks whose alarms are made where nobody reads: by a macro, a plugin, or a program.
    pub alarms_elsewhere: Vec<StackId>,
    /// Services that a permission lets invoke a function.
    pub invokers: Vec<Invoker>,
    /// Whether a route leads out of a subnet, for subnets whose route table is in the project.
    pub ways_out: HashMap<ResourceId, bool>,
    /// Services with a VPC endpoint, by the last part of their name; `*` for one that cannot be told.
    pub endpoints: Vec<String>,
    /// Configs in dialects that are not read yet; what they say of functions is unknown.
    pub unread: Vec<String>,
    /// Programs that were read as they are written, and not run: what they say is likely, not certain.
    pub followed: HashSet<FileId>,
    function_of: HashMap<ResourceId, FunctionId>,
    queue_of: HashMap<ResourceId, usize>,
    triggers_of: HashMap<FunctionId, Vec<usize>>,
    triggers_from: HashMap<ResourceId, Vec<usize>>,
    named: PhysicalNames,
    /// How many functions have a name, and how many resources of a type.
    functions_called: HashMap<String, u32>,
    resources_called: HashMap<(String, String), u32>,
    logical_ids: HashSet<String>,
}

impl Deploy {
    /// Adds a resource.
    pub fn add_resource(&mut self, resource: Resource) {
        if let Some(name) = resource.name.one() {
            let id = ResourceId(self.resources.len() as u32);
            self.named.add(name, id);
        }
        *self.resources_called.entry((resource.type_name.clone(), resource.logical_id.clone())).or_insert(0) += 1;
        if !self.logical_ids.contains(&resource.logical_id) {
            self.logical_ids.insert(resource.logical_id.clone());
        }
        self.resources.push(resource);
    }

    /// Whether some resource has a logical id.
    pub fn declares(&self, logical_id: &str) -> bool {
        self.logical_ids.contains(logical_id)
    }

    /// Every setting of provisioned concurrency that is for a function: its own, and those of its aliases.
    pub fn provisioned(&self, id: FunctionId) -> impl Iterator<Item = &Setting<i64>> {
        let of_aliases = self.aliases.iter().filter(move |alias| alias.function == id);
        let own = self.function(id).aws().map(|lambda| &lambda.provisioned_concurrency).into_iter();
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
        if let Some(Target::Resource(source)) = trigger.source.one() {
            self.triggers_from.entry(*source).or_default().push(self.triggers.len());
        }
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

    /// The language a resource is declared in.
    pub fn dialect_of(&self, id: ResourceId) -> DialectId {
        self.stack(self.resource(id).stack).dialect
    }

    /// The resource of an id.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        step();
        &self.resources[id.0 as usize]
    }

    /// The function of an id.
    pub fn function(&self, id: FunctionId) -> &Function {
        step();
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

    /// The triggers whose source is certainly a resource.
    pub fn triggers_from(&self, source: ResourceId) -> impl Iterator<Item = &Trigger> {
        let indices = self.triggers_from.get(&source).map_or(&[][..], Vec::as_slice);
        indices.iter().map(|&index| &self.triggers[index])
    }

    /// The triggers of a function.
    pub fn triggers_of(&self, function: FunctionId) -> impl Iterator<Item = &Trigger> {
        let indices = self.triggers_of.get(&function).map_or(&[][..], Vec::as_slice);
        indices.iter().map(|&index| &self.triggers[index])
    }
}
