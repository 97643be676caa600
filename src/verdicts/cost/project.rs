//! What a project costs: each function with its settings and its traffic, what stands around them, what is paid for
//! while it exists. Quantities that share tiers are priced together.

use super::compare::machine_month;
use super::traffic::Traffic;
use super::volume::{Unknown, Volume, Volumes, transitions};
use super::{Architecture, DEFAULT_REGION, Line, Provisioned, SECONDS_OF_A_MONTH, Workload, gigabytes, seconds};
use crate::exact::Exact;
use crate::knowledge::{machines, platforms, price};
use crate::model::deployments::{FunctionId, Invocation, ResourceKind, TriggerKind};
use crate::model::{Mode, Project, Setting};
use crate::text::Span;
use std::collections::BTreeMap;

/// What is asked about a project.
pub struct Question<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its traffic; empty if no file says anything.
    pub traffic: &'a Traffic,
    /// The region that the user named.
    pub region: Option<&'a str>,
}

/// The region prices are of, and who says so.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The region.
    pub name: String,
    /// A phrase: who says so.
    pub by: String,
}

/// A line of the bill of a project.
#[derive(Debug, Clone)]
pub struct Priced {
    /// What is paid, how much of it, at which price.
    pub line: Line,
    /// The region of the price.
    pub region: String,
}

/// What is known of the invocations of a function.
#[derive(Debug, Clone)]
pub struct Load {
    /// How often it is invoked, and who says so.
    pub volume: Volume,
    /// The same with what the platform tries again.
    pub attempts: Exact,
    /// Mean billed duration in milliseconds.
    pub duration_ms: Exact,
    /// Invocations a second at the busiest.
    pub peak: Exact,
}

/// What is known of a function for its bill.
#[derive(Debug, Clone)]
pub struct FunctionCost {
    /// The function.
    pub id: FunctionId,
    /// Its memory in MB, if that is known.
    pub memory_mb: Option<u64>,
    /// Its instruction set, if that is known.
    pub architecture: Option<Architecture>,
    /// Its region.
    pub region: Chosen,
    /// Its traffic; none if something of it is not known.
    pub load: Option<Load>,
    /// Why there is no bill.
    pub missing: Option<String>,
    /// Lines of its bill.
    pub lines: Vec<Priced>,
    /// What a million invocations cost at most, at its timeout.
    pub most_per_million: Option<(i64, Exact)>,
    /// Of its duration, what is spent waiting for functions it calls, by callee.
    pub waits: Vec<(FunctionId, Exact)>,
}

impl FunctionCost {
    /// The sum of its lines that are known.
    pub fn known(&self) -> Exact {
        self.lines.iter().filter_map(|priced| priced.line.usd.clone()).sum()
    }
}

/// Something around the functions that is paid for.
#[derive(Debug, Clone)]
pub struct Around {
    /// What people call it.
    pub name: String,
    /// Where it is declared.
    pub at: Span,
    /// How much of what, and what that costs.
    pub priced: Priced,
}

/// Something that is paid for, of which nobody knows how much.
#[derive(Debug, Clone)]
pub struct Missing {
    /// What, and why it is not known.
    pub what: String,
    /// Where it is declared.
    pub at: Span,
}

/// What a month of a project costs.
#[derive(Debug, Clone)]
pub struct ProjectCost {
    /// Functions, in the order of their declaration.
    pub functions: Vec<FunctionCost>,
    /// What is paid for while it exists.
    pub fixed: Vec<Around>,
    /// Queues, topics, state machines and logs that carry what is known.
    pub around: Vec<Around>,
    /// What is not known.
    pub unknown: Vec<Missing>,
    /// US dollars of everything that is known.
    pub known_usd: Exact,
    /// The same if the account's free tier is not used elsewhere.
    pub after_free_usd: Exact,
}

impl ProjectCost {
    /// Every line.
    pub fn lines(&self) -> impl Iterator<Item = &Priced> {
        let functions = self.functions.iter().flat_map(|function| &function.lines);
        functions.chain(self.around.iter().chain(&self.fixed).map(|around| &around.priced))
    }

    /// Invocations of functions whose load is known.
    pub fn requests(&self) -> Exact {
        self.functions.iter().filter_map(|function| Some(function.load.as_ref()?.attempts.clone())).sum()
    }

    /// Whether a load is known.
    pub fn has_load(&self) -> bool {
        self.functions.iter().any(|function| function.load.is_some())
    }
}

/// What a project costs.
pub fn project(question: &Question<'_>) -> ProjectCost {
    let volumes = Volumes::new(question.project, question.traffic);
    let mut cost = ProjectCost {
        functions: Vec::new(),
        fixed: Vec::new(),
        around: Vec::new(),
        unknown: Vec::new(),
        known_usd: Exact::zero(),
        after_free_usd: Exact::zero(),
    };
    for id in question.project.deploy.function_ids() {
        let function = function(question, &volumes, id, &mut cost);
        cost.functions.push(function);
    }
    waits(question.project, &mut cost);
    standing(question, &mut cost);
    around(question, &volumes, &mut cost);
    together(&mut cost);
    cost
}

/// The region of a function.
fn region(question: &Question<'_>, id: FunctionId) -> Chosen {
    let deploy = &question.project.deploy;
    region_of(question, deploy.stack(deploy.resource(deploy.function(id).resource).stack))
}

fn region_of(question: &Question<'_>, stack: &crate::model::deployments::Stack) -> Chosen {
    let said = |name: &str, by: &str| Chosen { name: name.to_owned(), by: by.to_owned() };
    if let Some(name) = question.region {
        return said(name, "named");
    }
    if let Some(region) = &question.traffic.region {
        return said(&region.value, "the traffic file");
    }
    match &stack.region {
        Some(region) => said(&region.name, &region.path),
        None => said(DEFAULT_REGION, ""),
    }
}

fn whole(setting: &Setting<i64>) -> Option<u64> {
    setting.one().and_then(|&number| u64::try_from(number).ok())
}

/// One function: its bill if its traffic is known, else why there is none.
fn function(question: &Question<'_>, volumes: &Volumes<'_>, id: FunctionId, cost: &mut ProjectCost) -> FunctionCost {
    let deploy = &question.project.deploy;
    let function = deploy.function(id);
    let region = region(question, id);
    let architecture = match function.architecture.one().map(String::as_str) {
        Some("arm64") => Some(Architecture::Arm),
        Some(_) => Some(Architecture::X86),
        None => None,
    };
    let mut known = FunctionCost {
        id,
        memory_mb: whole(&function.memory_mb),
        architecture,
        region,
        load: None,
        missing: None,
        lines: Vec::new(),
        most_per_million: None,
        waits: Vec::new(),
    };
    let managed = function.concurrency.one().is_some_and(|&requests| requests > 1);
    provisioned(question, &known, cost);
    if managed {
        cost.unknown.push(instances(question.project, id, &known.region.name));
    }
    if let (Some(memory), Some(architecture), Some(timeout), false) =
        (known.memory_mb, architecture, whole(&function.timeout_s), managed)
    {
        let million = workload(&known, memory, architecture, Exact::from(1_000_000), Exact::from(timeout * 1000));
        known.most_per_million = million.cost(false).map(|most| (i64::try_from(timeout).unwrap_or(0), most));
    }
    let said = volumes.said(id);
    let volume = match volumes.of(id) {
        Ok(volume) => volume,
        Err(Unknown(reason)) => return FunctionCost { missing: Some(reason), ..known },
    };
    let Some(duration) = said.duration_ms.clone() else {
        let reason =
            format!("{} invocations a month ({}), no duration given", volume.amount.grouped(0), volume.because);
        return FunctionCost { missing: Some(reason), ..known };
    };
    let (Some(memory), Some(architecture)) = (known.memory_mb, architecture) else {
        let what = if known.memory_mb.is_none() { "memory" } else { "instruction set" };
        return FunctionCost { missing: Some(format!("its {what} is not known")), ..known };
    };
    let retried = said.failing.clone().map(|failing| failing * retries(question.project, id));
    let attempts = match retried {
        Some(more) => &volume.amount * &(Exact::from(1) + more),
        None => volume.amount.clone(),
    };
    let ephemeral = function.aws().and_then(|lambda| whole(&lambda.ephemeral_mb));
    let kept = kept(question.project, id);
    let plain = workload(&known, memory, architecture, attempts.clone(), duration.value.clone());
    let workload = Workload {
        ephemeral_mb: ephemeral.unwrap_or(plain.ephemeral_mb),
        cold_share: said.cold_share.clone().unwrap_or_else(Exact::zero),
        init_ms: said.init_ms.clone().unwrap_or_else(Exact::zero),
        provisioned: kept.map(|environments| Provisioned { environments, seconds: Exact::from(SECONDS_OF_A_MONTH) }),
        ..plain
    };
    let region = known.region.name.clone();
    let priced = |line: Line| Priced { line, region: region.clone() };
    // Environments that are kept ready stand with what is paid for while it exists.
    let of_duration = |line: &Line| managed && !matches!(line.kind, "requests" | "front door");
    let lines = workload.bill().lines.into_iter().filter(|line| line.kind != "provisioned" && !of_duration(line));
    known.lines = lines.map(priced).collect();
    if let Some(bytes) = said.logs {
        let quantity = &attempts * &Exact::fraction(bytes, 1 << 30);
        known.lines.push(priced(unpriced("logs", quantity, "logs-ingested")));
    }
    if let Some(front) = front(question.project, id) {
        known.lines.push(priced(unpriced("front door", volume.amount.clone(), front)));
    }
    let mean = &attempts * &Exact::fraction(1, SECONDS_OF_A_MONTH);
    let peak = said.peak.unwrap_or_else(|| mean.clone()).max(mean);
    known.load = Some(Load { volume, attempts, duration_ms: duration.value, peak });
    known
}

fn workload(
    of: &FunctionCost,
    memory_mb: u64,
    architecture: Architecture,
    requests: Exact,
    duration_ms: Exact,
) -> Workload {
    Workload {
        requests,
        memory_mb,
        duration_ms,
        architecture,
        region: of.region.name.clone(),
        ephemeral_mb: u64::try_from(platforms().aws_lambda.ephemeral_mb.default).unwrap_or(0),
        cold_share: Exact::zero(),
        init_ms: Exact::zero(),
        provisioned: None,
        front: super::Front::None,
    }
}

fn unpriced(kind: &'static str, quantity: Exact, price: &str) -> Line {
    Line { kind, quantity, price: price.to_owned(), usd: None }
}

/// Managed instances are billed for themselves: which ones, no file says.
fn instances(project: &Project, id: FunctionId, region: &str) -> Missing {
    let mut what = format!("instances that `{}` runs on: which ones is not known", project.deploy.function_label(id));
    let managed = machines().iter().find(|machine| machine.per_request.is_some());
    if let Some((machine, month)) = managed.and_then(|machine| Some((machine, machine_month(machine, region)?))) {
        let month = month * Exact::from(machine.least);
        let name = machine.name.rsplit(' ').next().unwrap_or(&machine.name);
        what.push_str(&format!("; {} × {name} would be ${}", machine.least, month.places(2)));
    }
    Missing { what, at: project.deploy.function_span(id) }
}

/// Environments that are kept ready for a function, if all settings are known.
fn kept(project: &Project, id: FunctionId) -> Option<u64> {
    let settings: Vec<&Setting<i64>> = project.deploy.provisioned(id).collect();
    let all = settings.iter().map(|setting| whole(setting)).sum::<Option<u64>>()?;
    (all > 0).then_some(all)
}

/// What environments that are kept ready cost.
fn provisioned(question: &Question<'_>, of: &FunctionCost, cost: &mut ProjectCost) {
    let deploy = &question.project.deploy;
    let Some(at) = deploy.provisioned(of.id).find_map(|setting| setting.place()) else { return };
    let label = deploy.function_label(of.id);
    let (Some(kept), Some(memory), Some(architecture)) = (kept(question.project, of.id), of.memory_mb, of.architecture)
    else {
        if deploy.provisioned(of.id).any(|setting| setting.one().is_none_or(|&count| count > 0)) {
            let what = format!("provisioned concurrency of `{label}`: how much is decided at deploy time");
            cost.unknown.push(Missing { what, at });
        }
        return;
    };
    let ready = &(&Exact::from(kept) * &Exact::from(SECONDS_OF_A_MONTH)) * &gigabytes(memory);
    let price = format!("lambda-provisioned-{}", architecture.as_str());
    let line = unpriced("provisioned concurrency", ready, &price);
    let name = format!("{label}, {kept} × {memory} MB");
    cost.fixed.push(Around { name, at, priced: Priced { line, region: of.region.name.clone() } });
}

/// How often the platform tries a failed invocation again; nothing where that is not known.
fn retries(project: &Project, id: FunctionId) -> Exact {
    let deploy = &project.deploy;
    let of = |trigger: &crate::model::deployments::Trigger| match trigger.invocation() {
        Invocation::Async => whole(&deploy.function(id).aws()?.async_config.max_retries),
        Invocation::Poll => match deploy.queue_at(&trigger.source) {
            Some(queue) => whole(&queue.max_receive).map(|receives| receives.saturating_sub(1)),
            None => whole(&trigger.mapping()?.max_retries),
        },
        _ => None,
    };
    Exact::from(deploy.triggers_of(id).filter_map(of).max().unwrap_or(0))
}

/// The price of the API before a function, if it is reached through one kind of API and nothing else.
fn front(project: &Project, id: FunctionId) -> Option<&'static str> {
    let price = |kind: TriggerKind| match kind {
        TriggerKind::HttpRest => Some("apigateway-rest"),
        TriggerKind::HttpV2 => Some("apigateway-http"),
        TriggerKind::WebSocket => Some("apigateway-websocket"),
        _ => None,
    };
    let mut prices = project.deploy.triggers_of(id).map(|trigger| price(trigger.kind));
    let first = prices.next()??;
    prices.all(|price| price == Some(first)).then_some(first)
}

/// What synchronous calls of other functions cost in waiting: the caller is billed while the callee works.
fn waits(project: &Project, cost: &mut ProjectCost) {
    use crate::model::FlowEnd;
    let durations: BTreeMap<FunctionId, Exact> = cost
        .functions
        .iter()
        .filter_map(|function| Some((function.id, function.load.as_ref()?.duration_ms.clone())))
        .collect();
    for flow in project.flows.iter().filter(|flow| flow.mode == Mode::Sync) {
        let (FlowEnd::Function(from), FlowEnd::Function(to)) = (&flow.from, &flow.to) else { continue };
        let Some(waited) = durations.get(to) else { continue };
        let Some(caller) = cost.functions.iter_mut().find(|function| function.id == *from) else { continue };
        let (Some(load), Some(memory), Some(architecture)) = (&caller.load, caller.memory_mb, caller.architecture)
        else {
            continue;
        };
        let idle = &(&load.attempts * &seconds(&waited.clone().min(load.duration_ms.clone()))) * &gigabytes(memory);
        let price = price(&format!("lambda-duration-{}", architecture.as_str()));
        if let Some(usd) = price.and_then(|price| price.cost(&caller.region.name, &idle))
            && !caller.waits.iter().any(|(known, _)| known == to)
        {
            caller.waits.push((*to, usd));
        }
    }
}

/// What is paid for while it exists.
fn standing(question: &Question<'_>, cost: &mut ProjectCost) {
    let deploy = &question.project.deploy;
    for standing in &deploy.standing {
        let resource = deploy.resource(standing.resource);
        let (label, at) = (deploy.resource_label(standing.resource), resource.span);
        let mut missing = |why: &str| {
            cost.unknown.push(Missing { what: format!("{} `{label}`: {why}", standing.kind), at });
        };
        if standing.certain.one() != Some(&true) {
            missing("which kind it is, is decided at deploy time");
            continue;
        }
        let Some(name) = &standing.price else {
            missing("no price in the data");
            continue;
        };
        let Some(count) = whole(&standing.count) else {
            missing("how many is not known before it is deployed");
            continue;
        };
        let hours = if standing.hourly { super::HOURS_OF_A_MONTH } else { 1 };
        let line = unpriced("standing", Exact::from(count) * Exact::from(hours), name);
        let region = region_of(question, deploy.stack(resource.stack)).name;
        let several = if count == 1 { String::new() } else { format!("{count} ") };
        let name = format!("{several}{} {label}", standing.kind);
        cost.fixed.push(Around { name, at, priced: Priced { line, region } });
    }
}

/// Queues, topics, buses and state machines on the way.
fn around(question: &Question<'_>, volumes: &Volumes<'_>, cost: &mut ProjectCost) {
    let deploy = &question.project.deploy;
    let machine_of = |id| deploy.machines().find(move |(_, machine)| machine.resource == Some(id));
    for (index, resource) in (0u32..).zip(&deploy.resources) {
        let id = crate::model::deployments::ResourceId(index);
        if !matches!(
            resource.kind,
            ResourceKind::Queue | ResourceKind::Topic | ResourceKind::Bus | ResourceKind::StateMachine
        ) {
            continue;
        }
        let Ok(volume) = volumes.through(id) else { continue };
        let (kind, quantity, price) = match resource.kind {
            ResourceKind::Queue => {
                let fifo = deploy.queue_of(id).is_some_and(|queue| queue.fifo.one() == Some(&true));
                // Sent one by one, received and deleted in batches.
                let calls = Exact::from(1) + &Exact::from(2) / &volumes.batch(id);
                ("queue calls", &volume.amount * &calls, if fifo { "sqs-fifo" } else { "sqs-standard" })
            }
            ResourceKind::Topic => ("publishes", volume.amount, "sns-publish"),
            ResourceKind::Bus => ("events", volume.amount, "eventbridge-custom"),
            _ => {
                let Some((_, machine)) = machine_of(id) else { continue };
                match transitions(machine) {
                    Some(each) if !machine.is_express() => {
                        ("transitions", volume.amount * Exact::from(each), "stepfunctions-transition")
                    }
                    _ => {
                        let why = if machine.is_express() { "its duration is" } else { "how many transitions are" };
                        let what = format!("state machine `{}`: {why} not known", deploy.resource_label(id));
                        cost.unknown.push(Missing { what, at: resource.span });
                        continue;
                    }
                }
            }
        };
        let region = region_of(question, deploy.stack(resource.stack)).name;
        let line = unpriced(kind, quantity, price);
        let name = deploy.resource_label(id);
        cost.around.push(Around { name, at: resource.span, priced: Priced { line, region } });
    }
}

/// Prices quantities that share tiers together, and gives each line its part.
fn together(cost: &mut ProjectCost) {
    let mut sums: BTreeMap<(String, String), Exact> = BTreeMap::new();
    for Priced { line, region } in cost.lines() {
        let key = (line.price.clone(), region.clone());
        let sum = sums.remove(&key).unwrap_or_else(Exact::zero) + &line.quantity;
        sums.insert(key, sum);
    }
    let whole: BTreeMap<&(String, String), Option<Exact>> =
        sums.iter().map(|(key, sum)| (key, price(&key.0).and_then(|price| price.cost(&key.1, sum)))).collect();
    let part = |priced: &mut Priced| {
        let key = (priced.line.price.clone(), priced.region.clone());
        let (Some(sum), Some(Some(usd))) = (sums.get(&key), whole.get(&key)) else { return };
        priced.line.usd = Some(match *sum > Exact::zero() {
            true => &(usd * &priced.line.quantity) / sum,
            false => Exact::zero(),
        });
    };
    cost.functions.iter_mut().flat_map(|function| &mut function.lines).for_each(part);
    cost.around.iter_mut().chain(&mut cost.fixed).for_each(|around| part(&mut around.priced));
    cost.known_usd = cost.lines().filter_map(|priced| priced.line.usd.clone()).sum();
    cost.after_free_usd = after_free(&sums);
}

/// Everything after what an account has free each month: once for each price, and once for the duration of functions,
/// which all regions and instruction sets share. The dearest goes first.
fn after_free(sums: &BTreeMap<(String, String), Exact>) -> Exact {
    let mut left: BTreeMap<&str, Exact> = BTreeMap::new();
    let mut rows: Vec<_> = sums.iter().filter_map(|(key, sum)| Some((key, price(&key.0)?, sum))).collect();
    rows.sort_by(|a, b| b.1.first(&b.0.1).cmp(&a.1.first(&a.0.1)));
    let mut total = Exact::zero();
    for ((name, region), price, sum) in rows {
        let shared = if name.starts_with("lambda-duration-") { "lambda-duration" } else { name.as_str() };
        let free = price.free.clone().unwrap_or_else(Exact::zero);
        let left = left.entry(shared).or_insert(free);
        let taken = left.clone().min(sum.clone());
        if let Some(usd) = price.cost(region, &sum.less(&taken)) {
            total = total + usd;
        }
        *left = left.less(&taken);
    }
    total
}
