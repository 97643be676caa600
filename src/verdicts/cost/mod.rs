//! What a workload costs, and a project with its traffic, from list prices alone. Nothing here prints or rounds.

mod compare;
pub mod curve;
mod elsewhere;
pub mod fleet;
mod project;
pub mod quantity;
pub mod schedule;
mod services;
mod traffic;
mod volume;
mod workload;

pub use self::compare::{
    Carries, Comparison, SYSTEM_MIB, break_even, break_even_with, capacity, compare, least_break_even, machine_month,
};
pub use self::elsewhere::{azure_consumption, cloud_run_concurrency, cloud_run_instance, cloud_run_request, workers};
pub use self::project::{Around, Chosen, FunctionCost, Load, Missing, Priced, ProjectCost, Question, project};
pub use self::services::{logs, messages_of_queue, state_machine_express};
pub use self::traffic::{FunctionTraffic, SourceTraffic, TRAFFIC_FILE, Traffic, TrafficError};
pub use self::volume::{Unknown, Volume, Volumes};
pub use self::workload::{Architecture, Bill, Front, Line, Provisioned, Workload, worthwhile_utilisation};

use crate::exact::Exact;
use crate::knowledge::prices;

/// Hours of a month, as the calculators of the providers count.
pub const HOURS_OF_A_MONTH: u64 = 730;

/// Seconds of a month.
pub const SECONDS_OF_A_MONTH: u64 = HOURS_OF_A_MONTH * 3600;

/// The region whose prices are shown if none is chosen.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The day the oldest of the prices was read.
pub fn oldest_price() -> &'static str {
    prices().values().map(|price| price.date.as_str()).min().unwrap_or_default()
}

/// Whether prices of a day are a year old on another; days as ISO 8601 writes them.
pub fn is_stale(read: &str, today: &str) -> bool {
    let Some((year, rest)) = read.split_once('-') else { return false };
    year.parse::<u32>().is_ok_and(|year| today > format!("{:04}-{rest}", year + 1).as_str())
}

/// Seconds from milliseconds.
fn seconds(ms: &Exact) -> Exact {
    ms * &Exact::fraction(1, 1000)
}

/// Gigabytes from megabytes, as AWS bills them.
fn gigabytes(mb: u64) -> Exact {
    Exact::fraction(mb, 1024)
}
