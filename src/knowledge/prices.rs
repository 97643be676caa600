//! List prices in `rules/data/prices/`: by region, each with its source and the day it was read. A price that is not
//! there is unknown, never that of another region.

use crate::exact::Exact;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What one thing costs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// What is counted.
    pub unit: String,
    /// How many of them a price is for.
    #[serde(default = "one")]
    pub per: u64,
    /// How many of them are free each month, if the account has not used them elsewhere.
    #[serde(default)]
    pub free: Option<Exact>,
    /// The document that says so.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
    /// US dollars by region, in tiers.
    pub regions: BTreeMap<String, Vec<Tier>>,
}

/// The price up to a quantity of a month.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Where the next begins; what lies beyond the last such border is unknown.
    #[serde(default)]
    pub to: Option<u64>,
    /// US dollars.
    pub usd: Exact,
}

fn one() -> u64 {
    1
}

impl Price {
    /// What a quantity of a month costs; unknown for regions and quantities that no row is for.
    pub fn cost(&self, region: &str, quantity: &Exact) -> Option<Exact> {
        let mut from = Exact::zero();
        let mut sum = Exact::zero();
        for tier in self.regions.get(region)? {
            let border = tier.to.map(Exact::from);
            let end = border.filter(|border| border < quantity);
            let last = end.is_none();
            let end = end.unwrap_or_else(|| quantity.clone());
            sum = sum + &(&end - &from) * &tier.usd;
            if last {
                return Some(&sum / &Exact::from(self.per));
            }
            from = end;
        }
        None
    }

    /// The same after what is free.
    pub fn cost_after_free(&self, region: &str, quantity: &Exact) -> Option<Exact> {
        let free = self.free.clone().unwrap_or_else(Exact::zero);
        self.cost(region, &quantity.less(&free))
    }

    /// The price of the first tier.
    pub fn first(&self, region: &str) -> Option<&Exact> {
        self.regions.get(region)?.first().map(|tier| &tier.usd)
    }
}

/// A machine, or a container of fixed size, that runs all month.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// What it is called.
    pub name: String,
    /// Virtual processors.
    pub vcpus: Exact,
    /// How much of them it may use all the time without further charges.
    pub sustained_vcpus: Exact,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// Prices of an hour, with how much of each.
    pub hour: BTreeMap<String, Exact>,
    /// The fewest of them that may run.
    #[serde(default = "one")]
    pub least: u64,
    /// Whether plots show it: people compare with it first.
    #[serde(default)]
    pub drawn: bool,
    /// The price of a request on top.
    #[serde(default)]
    pub per_request: Option<String>,
    /// The document that says what it can carry.
    pub source: String,
    /// When it was read, ISO 8601.
    pub date: String,
}

/// All prices by name.
pub fn prices() -> &'static BTreeMap<String, Price> {
    static PRICES: LazyLock<BTreeMap<String, Price>> = LazyLock::new(|| {
        let mut all = BTreeMap::new();
        for (_, text) in PRICE_FILES.iter().filter(|(name, _)| *name != "machines") {
            let file: BTreeMap<String, Price> =
                serde_json::from_str(text).expect("rules/data/prices is valid; a test reads it");
            all.extend(file);
        }
        all
    });
    &PRICES
}

/// A price by its name.
pub fn price(name: &str) -> Option<&'static Price> {
    prices().get(name)
}

/// What runs all month.
pub fn machines() -> &'static [Machine] {
    static MACHINES: LazyLock<Vec<Machine>> = LazyLock::new(|| {
        let (_, text) =
            PRICE_FILES.iter().find(|(name, _)| *name == "machines").expect("rules/data/prices/machines.yaml");
        serde_json::from_str(text).expect("rules/data/prices/machines.yaml is valid; a test reads it")
    });
    &MACHINES
}

include!(concat!(env!("OUT_DIR"), "/prices.rs"));
