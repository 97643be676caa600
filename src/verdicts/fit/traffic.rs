//! What the traffic file says: seldom or all the time, even or in bursts, and how soon an answer is wanted.

use super::evidence::{Class, Fit, Item, Row, Strength, Subject, Wanted};
use crate::exact::Exact;
use crate::knowledge::{Machine, machines, platforms, price};
use crate::model::source::{HttpCall, InitWait, Phase, SdkCall};
use crate::model::{FlowEnd, Mode};
use crate::text::Span;
use crate::verdicts::cost::{
    Architecture, HOURS_OF_A_MONTH, SECONDS_OF_A_MONTH, Traffic, Volumes, Workload, capacity, least_break_even,
    machine_month,
};

/// Less is not worth moving a function for: US dollars a month.
pub const WORTHWHILE_USD: u64 = 50;
/// More machines than this nobody puts behind one balancer: fewer larger ones carry the same.
const MOST_MACHINES: u64 = 10;
/// Peak over mean that people call a burst.
const BURST: u64 = 3;

/// A load that machines carry for less.
#[derive(Debug, Clone)]
pub struct Steady {
    /// What the function costs a month.
    pub lambda_usd: Exact,
    /// What the machines cost, with one to spare and a load balancer.
    pub machines_usd: Exact,
    /// How many, the spare one included.
    pub machines: u64,
    /// Which.
    pub machine: &'static Machine,
    /// Requests a second.
    pub rate: Exact,
    /// In flight at the busiest.
    pub in_flight: Exact,
}

/// Evidence of the traffic.
pub(super) fn evidence(of: &Subject<'_>, traffic: &Traffic, wanted: &Wanted, fit: &mut Fit) {
    let volumes = Volumes::new(of.project, traffic);
    let said = volumes.said(of.id);
    match (volumes.of(of.id), workload(of, traffic)) {
        (Ok(volume), Some((workload, peak))) => load(of, volume.at, &workload, &peak, fit),
        (Ok(_), None) => fit.unknown.push((Row::Steady, "no duration given".to_owned())),
        (Err(_), _) => fit.unknown.push((Row::Steady, "no traffic given".to_owned())),
    }
    let target = said.latency_ms.map(|target| (target.value, Some(target.span)));
    match target.or_else(|| wanted.latency_ms.map(|target| (Exact::from(target), None))) {
        Some((target, place)) => latency(of, &target, place, fit),
        None => fit.unknown.push((Row::Latency, "no target given".to_owned())),
    }
}

/// A function with its traffic, and the busiest moment over the mean.
fn workload(of: &Subject<'_>, traffic: &Traffic) -> Option<(Workload, Exact)> {
    let volumes = Volumes::new(of.project, traffic);
    let (said, volume) = (volumes.said(of.id), volumes.of(of.id).ok()?);
    let deploy = &of.project.deploy;
    let stack = deploy.stack(deploy.resource(of.function.resource).stack);
    let region = traffic.region.as_ref().map(|region| region.value.clone());
    let region = region.or_else(|| Some(stack.region.as_ref()?.name.clone()));
    let mean = &volume.amount * &Exact::fraction(1, SECONDS_OF_A_MONTH);
    let peak = match (said.peak, mean > Exact::zero()) {
        (Some(peak), true) => (&peak / &mean).max(Exact::from(1)),
        _ => Exact::from(1),
    };
    let architecture = of.function.architecture.one()?;
    let workload = Workload {
        requests: volume.amount,
        memory_mb: u64::try_from(*of.function.memory_mb.one()?).ok()?,
        duration_ms: said.duration_ms?.value,
        architecture: if architecture == "arm64" { Architecture::Arm } else { Architecture::X86 },
        region: region.unwrap_or_else(|| crate::verdicts::cost::DEFAULT_REGION.to_owned()),
        ephemeral_mb: u64::try_from(platforms().aws_lambda.ephemeral_mb.default).unwrap_or(0),
        cold_share: Exact::zero(),
        init_ms: Exact::zero(),
        provisioned: None,
        front: crate::verdicts::cost::Front::None,
    };
    Some((workload, peak))
}

fn load(of: &Subject<'_>, at: Span, workload: &Workload, peak: &Exact, fit: &mut Fit) {
    if *peak >= Exact::from(BURST) {
        let text = format!("is {} times as busy at its peak as on average", peak.places(1));
        fit.items.push(Item::supports(Row::LowTraffic, Class::Traffic, text, at));
    }
    if let (Some(least), Some(usd)) = (least_break_even(workload, peak), workload.cost(false))
        && &workload.requests * &Exact::from(3) < least
    {
        let text = format!(
            "costs ${} for {} requests a month; nothing that runs all month costs as little below {}",
            usd.places(2),
            workload.requests.grouped(0),
            least.grouped(0)
        );
        fit.items.push(Item::supports(Row::LowTraffic, Class::Traffic, text, at));
    }
    let Some(steady) = steady(workload, peak, WORTHWHILE_USD) else { return };
    let text = format!(
        "{} requests/s cost ${} a month on Lambda; {} × {} behind a load balancer carry {} in flight, one to \
         spare, for ${}",
        steady.rate.places(1),
        steady.lambda_usd.places(2),
        steady.machines,
        steady.machine.name,
        steady.in_flight.places(1),
        steady.machines_usd.places(2)
    );
    let item = Item::new(Row::Steady, Class::Traffic, Strength::Strong, text, at);
    fit.items.push(item.also(of.function.memory_mb.place()).belongs_to("a service of containers"));
    let saved = steady.lambda_usd.less(&steady.machines_usd);
    let text = format!("${} a month are saved where the load is as even as that", saved.places(0));
    fit.items
        .push(Item::new(Row::Steady, Class::Price, Strength::Strong, text, at).belongs_to("a service of containers"));
}

/// The cheapest machines that carry a load, one to spare and a load balancer counted, if they save so many US dollars.
pub fn steady(workload: &Workload, peak: &Exact, saving_usd: u64) -> Option<Steady> {
    let lambda_usd = workload.cost(false)?;
    let hour = price("alb-hour")?.first(&workload.region)? + price("alb-lcu-hour")?.first(&workload.region)?;
    let balancer = hour * Exact::from(HOURS_OF_A_MONTH);
    let rate = &workload.requests * &Exact::fraction(1, SECONDS_OF_A_MONTH);
    let in_flight = &(&(&rate * &workload.duration_ms) * &Exact::fraction(1, 1000)) * peak;
    let same =
        |machine: &&Machine| machine.architecture == workload.architecture.as_str() && machine.per_request.is_none();
    let of_machine = |machine: &'static Machine| {
        let carries = capacity(machine, workload, peak);
        let each = carries.burst.min(carries.sustained);
        if each <= Exact::zero() {
            return None;
        }
        let machines = (&workload.requests / &each).ceil() + Exact::from(1);
        if machines > Exact::from(MOST_MACHINES) {
            return None;
        }
        let usd = &machine_month(machine, &workload.region)? * &machines + &balancer;
        Some(Steady {
            lambda_usd: lambda_usd.clone(),
            machines_usd: usd,
            machines: machines.places(0).parse().ok()?,
            machine,
            rate: rate.clone(),
            in_flight: in_flight.clone(),
        })
    };
    let all = machines().iter().filter(same).filter_map(of_machine);
    let best = all.min_by(|a, b| a.machines_usd.cmp(&b.machines_usd))?;
    (best.lambda_usd >= &best.machines_usd + &Exact::from(saving_usd)).then_some(best)
}

/// Somebody waits for so many milliseconds: what stands between.
fn latency(of: &Subject<'_>, target: &Exact, place: Option<Span>, fit: &mut Fit) {
    let Some(program) = of.program else { return };
    let wanted = format!("{} ms are wanted", target.places(0));
    let hops: Vec<Span> = of
        .project
        .flows
        .iter()
        .filter(|flow| flow.from == FlowEnd::Function(of.id) && flow.mode == Mode::Sync)
        .filter(|flow| matches!(flow.to, FlowEnd::Function(_)))
        .map(|flow| flow.site)
        .collect();
    if hops.len() > 1 {
        let text = format!("waits for {} functions one after the other or side by side; {wanted}", hops.len());
        let item = Item::new(Row::Latency, Class::Code, Strength::Strong, text, hops[0]);
        fit.items
            .push(item.also(hops.get(1).copied()).also(place).cured_by("events instead of calls, or one function"));
    }
    let waits = program.facts::<InitWait>().first().map(|wait| wait.site.span);
    let kept = of.project.deploy.provisioned(of.id).next().is_some();
    if let (Some(waits), false) = (waits, kept) {
        let text = format!("waits for something remote before its first event; {wanted}");
        let item = Item::new(Row::Latency, Class::Code, Strength::Weak, text, waits);
        fit.items.push(item.also(place).cured_by("provisioned concurrency, or opening it when it is first used"));
    }
    let remote = program.facts::<SdkCall>().iter().map(|call| &call.site);
    let remote = remote.chain(program.facts::<HttpCall>().iter().map(|call| &call.site));
    let count = remote.filter(|site| site.phase == Phase::Invoke).count();
    fit.unknown.push((
        Row::Latency,
        format!("{wanted}; {count} remote calls in reach, how long they take is not in the files"),
    ));
}
