//! The same workload on other platforms that bill by use.

use super::seconds;
use crate::exact::Exact;
use crate::knowledge::{Price, price};

/// Requests that an instance of Cloud Run takes at once unless told otherwise.
const MOST_CONCURRENCY: u64 = 80;

fn cost(name: &str, region: &str, quantity: &Exact, free_tier: bool) -> Option<Exact> {
    let row: &Price = price(name)?;
    if free_tier { row.cost_after_free(region, quantity) } else { row.cost(region, quantity) }
}

/// Cloudflare Workers on the paid plan, which includes an amount of requests and CPU time.
pub fn workers(requests: &Exact, cpu_ms: &Exact) -> Option<Exact> {
    let plan = cost("workers-plan", "global", &Exact::from(1), false)?;
    let calls = cost("workers-request", "global", requests, true)?;
    Some(plan + calls + cost("workers-cpu", "global", &(requests * cpu_ms), true)?)
}

/// How many requests share the time of an instance of Cloud Run.
pub fn cloud_run_concurrency(in_flight: &Exact) -> Exact {
    in_flight.clone().max(Exact::from(1)).min(Exact::from(MOST_CONCURRENCY))
}

/// Cloud Run, billed by request: CPU, memory, requests. Times are rounded up to 100 ms.
pub fn cloud_run_request(
    requests: &Exact,
    duration_ms: &Exact,
    size: (&Exact, &Exact),
    concurrency: &Exact,
    free_tier: bool,
) -> Option<[Exact; 3]> {
    let step = Exact::from(100);
    let busy = &(requests * &seconds(&(&(duration_ms / &step).ceil() * &step))) / concurrency;
    Some([
        cost("cloud-run-cpu", "tier-1", &(&busy * size.0), free_tier)?,
        cost("cloud-run-memory", "tier-1", &(&busy * size.1), free_tier)?,
        cost("cloud-run-request", "tier-1", requests, free_tier)?,
    ])
}

/// Cloud Run, billed by instance.
pub fn cloud_run_instance(instances: u64, lived: &Exact, size: (&Exact, &Exact), free_tier: bool) -> Option<Exact> {
    let lived = &Exact::from(instances) * lived;
    let cpu = cost("cloud-run-instance-cpu", "tier-1", &(&lived * size.0), free_tier)?;
    Some(cpu + cost("cloud-run-instance-memory", "tier-1", &(&lived * size.1), free_tier)?)
}

/// Azure Functions on the Consumption plan in East US, for memory as it is used: 128 MB of it and 100 ms are the least
/// that an execution is billed for.
pub fn azure_consumption(executions: &Exact, duration_ms: &Exact, gb: &Exact, free_tier: bool) -> Option<Exact> {
    let (duration_ms, gb) = (duration_ms.clone().max(Exact::from(100)), gb.clone().max(Exact::fraction(1, 8)));
    let used = &(executions * &seconds(&duration_ms)) * &gb;
    let calls = cost("azure-execution", "eastus", executions, free_tier)?;
    Some(calls + cost("azure-duration", "eastus", &used, free_tier)?)
}
