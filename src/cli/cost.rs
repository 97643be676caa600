//! `cost`: what one workload costs, or a project.

use super::args::CostArgs;
use super::cost_project;
use super::scan::write_file;
use crate::exact::Exact;
use crate::knowledge::{Limit, platforms};
use crate::report::{CostInput, write_cost};
use crate::verdicts::cost::quantity::{self, MOST_REQUESTS};
use crate::verdicts::cost::{
    Architecture, DEFAULT_REGION, Front, HOURS_OF_A_MONTH, Provisioned, Workload, is_stale, oldest_price,
};
use anyhow::{anyhow, bail};
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_OF_A_DAY: u64 = 86_400;

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

/// Where the output goes.
pub(super) fn print(args: &CostArgs, text: &[u8]) -> anyhow::Result<()> {
    match &args.output {
        Some(path) => write_file(path, text),
        None => Ok(io::stdout().lock().write_all(text)?),
    }
}

/// Whether a month costs more than the user wants to pay.
pub(super) fn exceeds(args: &CostArgs, known: &Exact, complete: bool) -> anyhow::Result<u8> {
    let Some(most) = &args.max else { return Ok(0) };
    let most = Exact::parse(most).ok_or_else(|| anyhow!("`--max {most}`: not an amount in US dollars"))?;
    if *known > most {
        return Ok(1);
    }
    if !complete {
        bail!("`--max`: the total is not known, because a part of it is not");
    }
    Ok(0)
}

/// Whether the prices are older than a year today.
pub(super) fn stale() -> bool {
    is_stale(oldest_price(), &today())
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

/// The day it is, as ISO 8601 writes it; `SOURCE_DATE_EPOCH` says so where output has to be the same again.
#[allow(clippy::disallowed_methods)] // what builds reproducibly sets the time in the environment
fn today() -> String {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    day(set.unwrap_or_else(now) / SECONDS_OF_A_DAY)
}

/// The day so many days after 1970-01-01.
fn day(mut days: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    // A clock far off is no reason to count for ever.
    while year < 9999 && days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    for (month, length) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        if days < length {
            return format!("{year:04}-{month:02}-{:02}", days + 1);
        }
        days -= length;
    }
    format!("{year:04}-12-31")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(11_016), "2000-02-29");
        assert_eq!(day(20_782), "2026-11-25");
    }

    #[test]
    fn sizes_lie_within_the_bounds_of_the_platform() {
        let limit = &platforms().aws_lambda.memory_mb;
        assert_eq!(megabytes("--memory", "1GB", limit).ok(), Some(1024));
        assert!(megabytes("--memory", "64", limit).is_err() && megabytes("--memory", "11GB", limit).is_err());
    }
}
