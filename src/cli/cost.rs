//! `cost`: what one workload costs, or a project.

use super::args::CostArgs;
use super::cost_output::{exceeds, print, stale};
use super::cost_project;
use crate::exact::Exact;
use crate::knowledge::{Limit, platforms};
use crate::report::{CostInput, write_cost};
use crate::verdicts::cost::quantity::{self, MOST_REQUESTS};
use crate::verdicts::cost::{Architecture, DEFAULT_REGION, Front, HOURS_OF_A_MONTH, Provisioned, Workload};
use anyhow::{anyhow, bail};

/// Prints what a project or a workload costs; 1 if that is more than `--max`.
pub(super) fn cost(args: &CostArgs) -> anyhow::Result<u8> {
    let (Some(requests), Some(memory), Some(duration)) = (&args.requests, &args.memory, &args.duration) else {
        return cost_project::cost(args);
    };
    let workload = workload(args, requests, memory, duration)?;
    let peak = number("--peak", &args.peak, "", 1, 1_000_000)?;
    let cpu = args.cpu.as_deref().map(|text| milliseconds("--cpu", text)).transpose()?;
    let input = CostInput {
        workload: &workload,
        peak: &peak,
        cpu_ms: cpu.as_ref(),
        region_named: args.region.is_some(),
        stale: stale(),
    };
    let mut text = Vec::new();
    write_cost(&args.format, &input, &mut text)?;
    print(args, &text)?;
    let bill = workload.bill();
    exceeds(args, &bill.known(), bill.total().is_some())
}

fn workload(args: &CostArgs, requests: &str, memory: &str, duration: &str) -> anyhow::Result<Workload> {
    let lambda = &platforms().aws_lambda;
    let duration_ms = milliseconds("--duration", duration)?;
    let longest = Exact::from(u64::try_from(lambda.timeout_s.max).unwrap_or(0) * 1000);
    if duration_ms > longest {
        bail!("`--duration {duration}`: a function runs for at most {} s", lambda.timeout_s.max);
    }
    let provisioned = args.provisioned.map(|environments| Provisioned {
        environments,
        seconds: Exact::from(args.provisioned_hours.unwrap_or(HOURS_OF_A_MONTH).min(HOURS_OF_A_MONTH) * 3600),
    });
    let share = args.cold_share.trim_end_matches('%');
    let share = number("--cold-share", share, "%", 0, 100)?;
    Ok(Workload {
        requests: number("--requests", requests, "", 0, MOST_REQUESTS)?.round(),
        memory_mb: megabytes("--memory", memory, &lambda.memory_mb)?,
        duration_ms,
        architecture: if args.arch == "arm64" { Architecture::Arm } else { Architecture::X86 },
        region: args.region.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        ephemeral_mb: match &args.ephemeral {
            Some(text) => megabytes("--ephemeral", text, &lambda.ephemeral_mb)?,
            None => u64::try_from(lambda.ephemeral_mb.default).unwrap_or(0),
        },
        cold_share: share * Exact::fraction(1, 100),
        init_ms: milliseconds("--init-time", &args.init_time)?,
        provisioned,
        front: match args.front.as_str() {
            "http-api" => Front::HttpApi,
            "rest-api" => Front::RestApi,
            _ => Front::None,
        },
    })
}

/// A number between two bounds.
fn number(option: &str, text: &str, unit: &str, least: u64, most: u64) -> anyhow::Result<Exact> {
    quantity::number(text, least, most)
        .ok_or_else(|| anyhow!("`{option} {text}{unit}`: not a number from {least} to {most}{unit}"))
}

fn milliseconds(option: &str, text: &str) -> anyhow::Result<Exact> {
    quantity::milliseconds(text).ok_or_else(|| anyhow!("`{option} {text}`: not a time like `200ms` or `1.5s`"))
}

/// A size within the bounds of the platform.
fn megabytes(option: &str, text: &str, limit: &Limit) -> anyhow::Result<u64> {
    let within = |size: &u64| i64::try_from(*size).is_ok_and(|size| (limit.min..=limit.max).contains(&size));
    quantity::megabytes(text).filter(within).ok_or_else(|| {
        anyhow!("`{option} {text}`: not a size like `256`, `256MB` or `1GB` from {} to {} MB", limit.min, limit.max)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_lie_within_the_bounds_of_the_platform() {
        let limit = &platforms().aws_lambda.memory_mb;
        assert_eq!(megabytes("--memory", "1GB", limit).ok(), Some(1024));
        assert!(megabytes("--memory", "64", limit).is_err() && megabytes("--memory", "11GB", limit).is_err());
    }
}
