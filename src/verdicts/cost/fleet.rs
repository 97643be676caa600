//! All functions of a project together, beside machines that run all month and carry the same load.

use super::compare::{SYSTEM_MIB, machine_month};
use super::project::{FunctionCost, ProjectCost};
use super::{SECONDS_OF_A_MONTH, seconds};
use crate::exact::Exact;
use crate::knowledge::{Machine, machines, platforms, price};
use std::collections::BTreeMap;

/// More than this often the traffic that is given, nobody looks for a break-even.
const MOST_TIMES: u64 = 1_000_000;

/// What the load of a project needs.
#[derive(Debug, Clone)]
pub struct Need {
    /// Invocations a month.
    pub requests: Exact,
    /// Invocations a second, on average.
    pub rate: Exact,
    /// Invocations in flight at the busiest.
    pub in_flight: Exact,
    /// Memory in MB of what is in flight at the busiest.
    pub memory_mb: Exact,
    /// Virtual processors on average, as many as the memory of the functions gives them on Lambda.
    pub vcpus: Exact,
    /// The same at the busiest.
    pub peak_vcpus: Exact,
    /// The region of all functions with a load; none if they have several.
    pub region: Option<String>,
    /// US dollars of requests and duration.
    pub lambda_usd: Exact,
}

/// A machine beside a project.
#[derive(Debug, Clone)]
pub struct Beside {
    /// The machine.
    pub machine: &'static Machine,
    /// How many carry the load.
    pub machines: u64,
    /// US dollars a month of these.
    pub usd: Exact,
    /// Requests of a month, the functions in the same proportion, at which both cost the same: the fewest that may run.
    pub break_even: Option<Exact>,
    /// Whether the fewest that may run carry as much.
    pub stands: bool,
    /// Whether they carry it above what they may use all the time.
    pub spends_credits: bool,
}

/// What the load of a project needs; none if no load is known.
pub fn need(cost: &ProjectCost) -> Option<Need> {
    let per_vcpu = u64::try_from(platforms().aws_lambda.memory_per_vcpu_mb.value).unwrap_or(1);
    let mut need = Need {
        requests: Exact::zero(),
        rate: Exact::zero(),
        in_flight: Exact::zero(),
        memory_mb: Exact::zero(),
        vcpus: Exact::zero(),
        peak_vcpus: Exact::zero(),
        region: None,
        lambda_usd: Exact::zero(),
    };
    let mut regions: Vec<&str> = Vec::new();
    for function in &cost.functions {
        let (Some(load), Some(memory)) = (&function.load, function.memory_mb) else { continue };
        let rate = &load.attempts * &Exact::fraction(1, SECONDS_OF_A_MONTH);
        let each = seconds(&load.duration_ms);
        let flying = &load.peak * &each;
        let share = Exact::fraction(memory, per_vcpu);
        need.requests = need.requests + &load.attempts;
        need.vcpus = need.vcpus + &(&rate * &each) * &share;
        need.peak_vcpus = need.peak_vcpus + &flying * &share;
        need.memory_mb = need.memory_mb + &flying * &Exact::from(memory);
        need.in_flight = need.in_flight + flying;
        need.rate = need.rate + rate;
        need.lambda_usd = need.lambda_usd + compute(function);
        if !regions.contains(&function.region.name.as_str()) {
            regions.push(&function.region.name);
        }
    }
    need.region = match regions.as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    };
    (need.requests > Exact::zero()).then_some(need)
}

/// What a function costs for what a machine would do in its place.
fn compute(function: &FunctionCost) -> Exact {
    let lines = function.lines.iter().filter(|priced| priced.line.price.starts_with("lambda-"));
    lines.filter_map(|priced| priced.line.usd.clone()).sum()
}

/// Machines that carry the load of a project, those whose price is known in its region.
pub fn beside(cost: &ProjectCost) -> Vec<Beside> {
    let Some(need) = need(cost) else { return Vec::new() };
    let Some(region) = need.region.clone() else { return Vec::new() };
    machines().iter().filter_map(|machine| one(cost, &need, machine, &region)).collect()
}

fn one(cost: &ProjectCost, need: &Need, machine: &'static Machine, region: &str) -> Option<Beside> {
    let month = machine_month(machine, region)?;
    let room = Exact::from(machine.memory_mib).less(&Exact::from(SYSTEM_MIB));
    if room <= Exact::zero() || machine.per_request.is_some() {
        return None;
    }
    // A request needs all of its memory on one machine.
    let largest = cost.functions.iter().filter(|function| function.load.is_some());
    let largest = largest.filter_map(|function| function.memory_mb).max().unwrap_or(0);
    if Exact::from(largest) > room {
        return None;
    }
    let by_memory = (&need.memory_mb / &room).ceil();
    let by_peak = (&need.peak_vcpus / &machine.vcpus).ceil();
    let by_mean = (&need.vcpus / &machine.sustained_vcpus).ceil();
    let least = Exact::from(machine.least);
    let machines = by_memory.max(by_peak).max(by_mean).max(least.clone());
    let fixed = &month * &least;
    let times = times(cost, &fixed);
    // Demand grows with the traffic.
    let carried = |times: &Exact| {
        &need.memory_mb * times <= &room * &least && &need.peak_vcpus * times <= &machine.vcpus * &least
    };
    let sustained = |times: &Exact| &need.vcpus * times <= &machine.sustained_vcpus * &least;
    Some(Beside {
        machine,
        usd: &month * &machines,
        machines: machines.places(0).parse().unwrap_or(u64::MAX),
        stands: times.as_ref().is_some_and(&carried),
        spends_credits: times.as_ref().is_some_and(|times| !sustained(times)),
        break_even: times.map(|times| (&need.requests * &times).floor()),
    })
}

/// How often the traffic that is given costs a fixed amount.
fn times(cost: &ProjectCost, fixed: &Exact) -> Option<Exact> {
    let over = |thousandths: u64| Some(lambda_at(cost, &Exact::fraction(thousandths, 1000))? > *fixed);
    let (mut low, mut high) = (0, MOST_TIMES * 1000);
    while high > 1 && over(high).is_none() {
        high /= 2;
    }
    if !over(high)? {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if over(middle)? { high = middle } else { low = middle }
    }
    Some(Exact::fraction(low, 1000))
}

/// What requests and duration cost at so many times the traffic that is given; none if a price is unknown.
pub fn lambda_at(cost: &ProjectCost, times: &Exact) -> Option<Exact> {
    let mut sums: BTreeMap<(&str, &str), Exact> = BTreeMap::new();
    for priced in cost.functions.iter().flat_map(|function| &function.lines) {
        if priced.line.price.starts_with("lambda-") {
            let sum = sums.entry((&priced.line.price, &priced.region)).or_insert_with(Exact::zero);
            *sum = &*sum + &priced.line.quantity;
        }
    }
    sums.iter().map(|((name, region), sum)| price(name)?.cost(region, &(sum * times))).sum()
}

/// What the load of a project costs on as many of a machine as carry so many times its traffic.
pub fn machines_at(cost: &ProjectCost, machine: &Machine, region: &str, times: &Exact) -> Option<Exact> {
    let need = need(cost)?;
    let room = Exact::from(machine.memory_mib).less(&Exact::from(SYSTEM_MIB));
    if room <= Exact::zero() {
        return None;
    }
    let by_memory = (&(&need.memory_mb * times) / &room).ceil();
    let by_peak = (&(&need.peak_vcpus * times) / &machine.vcpus).ceil();
    let by_mean = (&(&need.vcpus * times) / &machine.sustained_vcpus).ceil();
    let count = by_memory.max(by_peak).max(by_mean).max(Exact::from(machine.least));
    Some(machine_month(machine, region)? * count)
}
