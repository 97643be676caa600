//! Against what runs all month: whether it carries the load, and where both cost the same.

use super::{HOURS_OF_A_MONTH, SECONDS_OF_A_MONTH, Workload, seconds};
use crate::exact::Exact;
use crate::knowledge::{Machine, machines, platforms, price};

/// Requests of a month that nobody has more of; the search for a break-even ends there.
const MOST_REQUESTS: u64 = 10_000_000_000_000;

/// Memory in MiB that the system of a machine takes: an assumption, shown in the output.
pub const SYSTEM_MIB: u64 = 512;

/// What a machine can take of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carries {
    /// Requests of a month that it can take all the time.
    pub sustained: Exact,
    /// Requests of a month at the rate it can take for a while.
    pub burst: Exact,
}

/// A workload beside a machine.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The machine.
    pub machine: &'static Machine,
    /// US dollars a month of as few as may run.
    pub least_usd: Exact,
    /// How many carry the load.
    pub machines: u64,
    /// US dollars a month of those that carry the load.
    pub usd: Exact,
    /// Requests of a month at which the function costs as much as the fewest that may run; none if it never does.
    pub break_even: Option<Exact>,
    /// The same if the account's free tier is not used elsewhere.
    pub break_even_after_free: Option<Exact>,
    /// The same for two machines behind a load balancer.
    pub pair: Option<Exact>,
    /// What the fewest that may run can take.
    pub carries: Carries,
}

impl Comparison {
    /// Whether the machine can take as much as the break-even is.
    pub fn stands(&self) -> bool {
        self.break_even.as_ref().is_some_and(|requests| *requests <= self.carries.burst)
    }

    /// Whether a load that it takes for a while spends credits that are billed.
    pub fn spends_credits(&self) -> bool {
        self.machine.sustained_vcpus < self.machine.vcpus
            && self.break_even.as_ref().is_some_and(|requests| *requests > self.carries.sustained)
    }
}

/// What a machine costs for a month; none if a price is unknown in the region.
pub fn machine_month(machine: &Machine, region: &str) -> Option<Exact> {
    let parts = machine.hour.iter().map(|(name, amount)| Some(price(name)?.first(region)? * amount));
    let hour: Exact = parts.sum::<Option<Exact>>()?;
    Some(hour * Exact::from(HOURS_OF_A_MONTH))
}

/// A load balancer for a month, with one capacity unit.
fn balancer_month(region: &str) -> Option<Exact> {
    let hour = price("alb-hour")?.first(region)? + price("alb-lcu-hour")?.first(region)?;
    Some(hour * Exact::from(HOURS_OF_A_MONTH))
}

/// What a machine can take: memory for what is in flight, and CPU as much as the function is given at most.
pub fn capacity(machine: &Machine, workload: &Workload, peak: &Exact) -> Carries {
    let month = Exact::from(SECONDS_OF_A_MONTH);
    let duration = seconds(&workload.duration_ms).max(Exact::fraction(1, 1_000_000));
    let room = Exact::from(machine.memory_mib).less(&Exact::from(SYSTEM_MIB));
    let slots = (&room / &Exact::from(workload.memory_mb.max(1))).floor();
    let by_memory = &(&(&slots / &duration) / peak) * &month;
    let per_vcpu = u64::try_from(platforms().aws_lambda.memory_per_vcpu_mb.value).unwrap_or(1);
    let each = &duration * &Exact::fraction(workload.memory_mb.max(1), per_vcpu);
    let sustained = &(&machine.sustained_vcpus / &each) * &month;
    let burst = &(&(&machine.vcpus / &each) / peak) * &month;
    Carries { sustained: sustained.min(by_memory.clone()), burst: burst.min(by_memory) }
}

/// The most requests of a month for which a workload costs no more than something else that gets no dearer as fast;
/// none if there is no such border, or if a price is unknown.
pub fn break_even_with(workload: &Workload, free_tier: bool, other: impl Fn(&Exact) -> Option<Exact>) -> Option<Exact> {
    // Above nothing: what the function costs beyond the other.
    let over = |requests: u64| {
        let requests = Exact::from(requests);
        let other = other(&requests)?;
        Some(workload.with_requests(requests).cost(free_tier)? - other)
    };
    let (mut low, mut high) = (0, MOST_REQUESTS);
    if over(low)? > Exact::zero() {
        return None;
    }
    // Where a price is unknown from some quantity on, the search goes below it.
    while high > 1 && over(high).is_none() {
        high /= 2;
    }
    if over(high)? <= Exact::zero() {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if over(middle)? > Exact::zero() { high = middle } else { low = middle }
    }
    Some(Exact::from(low))
}

/// Requests of a month at which a workload costs a fixed amount.
pub fn break_even(workload: &Workload, fixed: &Exact, free_tier: bool) -> Option<Exact> {
    break_even_with(workload, free_tier, |_| Some(fixed.clone()))
}

/// A workload beside each machine that the region has prices of.
pub fn compare(workload: &Workload, peak: &Exact) -> Vec<Comparison> {
    machines().iter().filter_map(|machine| beside(workload, machine, peak)).collect()
}

/// The fewest requests of a month, but not none, from which on some machine costs less. Searched for only where it may
/// be below what another machine gave.
pub fn least_break_even(workload: &Workload, peak: &Exact) -> Option<Exact> {
    let mut least: Option<Exact> = None;
    for machine in machines() {
        let Some(one) = machine_month(machine, &workload.region) else { continue };
        let carries = capacity(machine, workload, peak);
        if carries.burst.min(carries.sustained) <= Exact::zero() {
            continue;
        }
        let fixed = &one * &Exact::from(machine.least);
        let other = |requests: &Exact| Some(fee(workload, machine, requests)? + &fixed);
        let dearer = least.as_ref().is_some_and(|requests| {
            match (workload.with_requests(requests.clone()).cost(false), other(requests)) {
                (Some(cost), Some(other)) => cost <= other,
                _ => false,
            }
        });
        if dearer {
            continue;
        }
        let even = break_even_with(workload, false, other).filter(|even| *even > Exact::zero());
        least = [least, even].into_iter().flatten().min();
    }
    least
}

/// What a machine's requests cost beside the machine.
fn fee(workload: &Workload, machine: &Machine, requests: &Exact) -> Option<Exact> {
    match &machine.per_request {
        Some(name) => price(name)?.cost(&workload.region, requests),
        None => Some(Exact::zero()),
    }
}

fn beside(workload: &Workload, machine: &'static Machine, peak: &Exact) -> Option<Comparison> {
    let one = machine_month(machine, &workload.region)?;
    let fee = |requests: &Exact| fee(workload, machine, requests);
    let least = Exact::from(machine.least);
    let carries = capacity(machine, workload, peak);
    let all = |part: &Exact| part * &least;
    let carries = Carries { sustained: all(&carries.sustained), burst: all(&carries.burst) };
    let per_machine = &carries.burst.clone().min(carries.sustained.clone()) / &least;
    if per_machine <= Exact::zero() {
        return None;
    }
    let needed = (&workload.requests / &per_machine).ceil().max(least.clone());
    let least_usd = &one * &least;
    let at = |fixed: &Exact, free: bool| break_even_with(workload, free, |requests| Some(fee(requests)? + fixed));
    let pair = match machine.least {
        1 => balancer_month(&workload.region)
            .and_then(|balancer| break_even(workload, &(&one * &Exact::from(2) + balancer), false)),
        _ => None,
    };
    Some(Comparison {
        machine,
        machines: needed.places(0).parse().unwrap_or(u64::MAX),
        usd: &needed * &one + fee(&workload.requests)?,
        break_even: at(&least_usd, false),
        break_even_after_free: at(&least_usd, true),
        least_usd,
        pair,
        carries,
    })
}
