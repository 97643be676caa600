//! One workload on AWS Lambda: its bill, line by line.

use super::{gigabytes, seconds};
use crate::exact::Exact;
use crate::knowledge::{platforms, price};

/// Instruction set of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Intel and AMD.
    X86,
    /// Graviton.
    Arm,
}

impl Architecture {
    /// The word of AWS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
        }
    }
}

/// What stands before the function and is paid for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// Nothing that costs: a function URL, or an event source.
    None,
    /// API Gateway, HTTP API.
    HttpApi,
    /// API Gateway, REST API.
    RestApi,
}

impl Front {
    pub(super) fn price(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::HttpApi => Some("apigateway-http"),
            Self::RestApi => Some("apigateway-rest"),
        }
    }
}

/// Environments that are kept ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// How many.
    pub environments: u64,
    /// For how many seconds of the month.
    pub seconds: Exact,
}

/// A function with its traffic of a month.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Invocations.
    pub requests: Exact,
    /// Memory in MB.
    pub memory_mb: u64,
    /// Mean billed duration in milliseconds.
    pub duration_ms: Exact,
    /// Instruction set.
    pub architecture: Architecture,
    /// Region.
    pub region: String,
    /// Ephemeral storage in MB.
    pub ephemeral_mb: u64,
    /// Share of invocations that start cold.
    pub cold_share: Exact,
    /// Duration of a cold start in milliseconds.
    pub init_ms: Exact,
    /// Environments that are kept ready; requests fall into the time they are.
    pub provisioned: Option<Provisioned>,
    /// What stands before it.
    pub front: Front,
}

/// A line of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is paid.
    pub kind: &'static str,
    /// How much of it.
    pub quantity: Exact,
    /// The name of its price in `rules/data/prices/`.
    pub price: String,
    /// US dollars; unknown if there is no price for the region or the quantity.
    pub usd: Option<Exact>,
}

/// What a month costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Line by line.
    pub lines: Vec<Line>,
    /// The total if the account's free tier is not used elsewhere; none if a line is unknown.
    pub after_free: Option<Exact>,
}

impl Bill {
    /// The sum of all lines; none if one is unknown.
    pub fn total(&self) -> Option<Exact> {
        self.lines.iter().map(|line| line.usd.clone()).sum()
    }

    /// The sum of the lines that are known.
    pub fn known(&self) -> Exact {
        self.lines.iter().filter_map(|line| line.usd.clone()).sum()
    }

    /// What lines have no price.
    pub fn unknown(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.usd.is_none())
    }
}

/// Provisioned time is billed in steps of five minutes.
const PROVISIONED_STEP_S: u64 = 300;

impl Workload {
    /// The same with another number of requests.
    pub fn with_requests(&self, requests: Exact) -> Self {
        Self { requests, ..self.clone() }
    }

    /// Gigabyte-seconds of a month on demand and on provisioned environments.
    fn gb_s(&self) -> (Exact, Exact) {
        let each = &gigabytes(self.memory_mb) * &seconds(&self.duration_ms);
        let Some(kept) = &self.provisioned else { return (&self.requests * &each, Exact::zero()) };
        // An environment takes one request after the other.
        let most = match seconds(&self.duration_ms) {
            duration if duration > Exact::zero() => {
                (&(&Exact::from(kept.environments) * &kept.seconds) / &duration).floor()
            }
            _ => self.requests.clone(),
        };
        let taken = self.requests.clone().min(most);
        (&(&self.requests - &taken) * &each, &taken * &each)
    }

    /// Gigabyte-seconds of everything that runs, cold starts aside.
    pub fn all_gb_s(&self) -> Exact {
        let (on_demand, kept) = self.gb_s();
        on_demand + kept
    }

    /// The bill at list prices.
    pub fn bill(&self) -> Bill {
        let mut lines = Vec::new();
        let mut free = Exact::zero();
        let mut known = true;
        let mut add = |kind, name: String, quantity: Exact, before: Exact, is_free: bool| {
            let row = price(&name);
            let cost = |free: bool, quantity: &Exact| {
                let row = row?;
                if free { row.cost_after_free(&self.region, quantity) } else { row.cost(&self.region, quantity) }
            };
            let step = |free: bool| Some(cost(free, &(&quantity + &before))? - cost(free, &before)?);
            let usd = step(false);
            match step(is_free) {
                Some(after) => free = &free + &after,
                None => known = false,
            }
            lines.push(Line { kind, quantity, price: name, usd });
        };
        let architecture = self.architecture.as_str();
        let none = Exact::zero();
        add("requests", "lambda-requests".to_owned(), self.requests.clone(), none.clone(), true);
        let (on_demand, kept) = self.gb_s();
        if on_demand > none || self.provisioned.is_none() {
            add("duration", format!("lambda-duration-{architecture}"), on_demand.clone(), none.clone(), true);
        }
        let init = &(&(&self.requests * &self.cold_share) * &seconds(&self.init_ms)) * &gigabytes(self.memory_mb);
        if init > none {
            add("cold starts", format!("lambda-duration-{architecture}"), init, on_demand, true);
        }
        if let Some(provisioned) = &self.provisioned {
            let step = Exact::from(PROVISIONED_STEP_S);
            let billed = &(&provisioned.seconds / &step).ceil() * &step;
            let ready = &(&Exact::from(provisioned.environments) * &billed) * &gigabytes(self.memory_mb);
            add("provisioned", format!("lambda-provisioned-{architecture}"), ready, none.clone(), false);
            if kept > none {
                let name = format!("lambda-provisioned-duration-{architecture}");
                add("duration on provisioned", name, kept, none.clone(), false);
            }
        }
        let default = u64::try_from(platforms().aws_lambda.ephemeral_mb.default).unwrap_or(0);
        let over = self.ephemeral_mb.saturating_sub(default);
        if over > 0 {
            let stored = &(&self.requests * &seconds(&self.duration_ms)) * &gigabytes(over);
            add("ephemeral storage", "lambda-ephemeral".to_owned(), stored, none.clone(), false);
        }
        if let Some(name) = self.front.price() {
            add("front door", name.to_owned(), self.requests.clone(), none, false);
        }
        Bill { lines, after_free: known.then_some(free) }
    }

    /// What a month costs, with the free tier or without; none if a price is unknown.
    pub fn cost(&self, free_tier: bool) -> Option<Exact> {
        let bill = self.bill();
        if free_tier { bill.after_free } else { bill.total() }
    }
}

/// The share of the time that a provisioned environment has to be busy to cost no more than one on demand; more than
/// one if it never can. None if a price is unknown.
pub fn worthwhile_utilisation(region: &str, architecture: Architecture) -> Option<Exact> {
    let architecture = architecture.as_str();
    let first = |name: &str| price(&format!("{name}-{architecture}"))?.first(region);
    let saved = first("lambda-duration")?.less(first("lambda-provisioned-duration")?);
    (saved > Exact::zero()).then(|| first("lambda-provisioned").map(|kept| kept / &saved)).flatten()
}
