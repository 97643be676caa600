//! An offer file of AWS Lambda, and the rows of prices it changes.

use faaslint::exact::Exact;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The group of a product, the row it is, and how many units a price of the row is for. Products of Lambda have no
/// attribute for the instruction set: the end of the group is all that tells.
const GROUPS: [(&str, &str, u64); 9] = [
    ("AWS-Lambda-Requests", "lambda-requests", 1_000_000),
    ("AWS-Lambda-Duration", "lambda-duration-x86_64", 1),
    ("AWS-Lambda-Duration-ARM", "lambda-duration-arm64", 1),
    ("AWS-Lambda-Provisioned-Concurrency", "lambda-provisioned-x86_64", 1),
    ("AWS-Lambda-Provisioned-Concurrency-ARM", "lambda-provisioned-arm64", 1),
    ("AWS-Lambda-Duration-Provisioned", "lambda-provisioned-duration-x86_64", 1),
    ("AWS-Lambda-Duration-Provisioned-ARM", "lambda-provisioned-duration-arm64", 1),
    ("AWS-Lambda-Storage-Duration", "lambda-ephemeral", 1),
    ("AWS-Lambda-Requests-ARM", "lambda-requests", 1_000_000),
];

/// Where a tier ends, and its price.
pub type Tier = (Option<u64>, String);

/// Prices by row and region.
pub struct Offer {
    /// The day it was published.
    pub published: String,
    /// Tiers by row and region.
    pub prices: BTreeMap<(String, String), Vec<Tier>>,
}

impl Offer {
    /// Reads an offer file.
    ///
    /// # Errors
    /// If it is no offer of AWS Lambda, or says something that is not understood.
    pub fn read(text: &str) -> Result<Self, String> {
        let offer: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if offer["offerCode"] != "AWSLambda" {
            return Err("is not an offer of AWSLambda".to_owned());
        }
        let published = offer["publicationDate"].as_str().unwrap_or_default().chars().take(10).collect();
        let mut prices = BTreeMap::new();
        for (sku, product) in offer["products"].as_object().into_iter().flatten() {
            let attributes = &product["attributes"];
            let group = attributes["group"].as_str().unwrap_or_default();
            let region = attributes["regionCode"].as_str().unwrap_or_default();
            let Some((_, row, per)) = GROUPS.iter().find(|(known, ..)| *known == group) else { continue };
            let tiers = tiers(&offer["terms"]["OnDemand"][sku], *per)?;
            // What is free has a product of its own, at a price of nothing.
            if region.is_empty() || tiers.is_empty() {
                continue;
            }
            let key = ((*row).to_owned(), region.to_owned());
            if prices.get(&key).is_some_and(|known| *known != tiers) {
                return Err(format!("{row} in {region} has two prices"));
            }
            prices.insert(key, tiers);
        }
        Ok(Self { published, prices })
    }
}

/// The tiers of a product; none if it costs nothing.
fn tiers(terms: &Value, per: u64) -> Result<Vec<Tier>, String> {
    let mut found: Vec<(u64, Option<u64>, Exact)> = Vec::new();
    for term in terms.as_object().into_iter().flatten().map(|(_, term)| term) {
        for dimension in term["priceDimensions"].as_object().into_iter().flatten().map(|(_, dimension)| dimension) {
            let text = |key: &str| dimension[key].as_str().unwrap_or_default();
            let begin = text("beginRange").parse().map_err(|_| "a tier begins nowhere".to_owned())?;
            let end = match text("endRange") {
                "Inf" => None,
                end => Some(end.parse().map_err(|_| "a tier ends nowhere".to_owned())?),
            };
            let usd = dimension["pricePerUnit"]["USD"].as_str().and_then(Exact::parse);
            let usd = usd.ok_or_else(|| "a price is not in US dollars".to_owned())? * Exact::from(per);
            if usd > Exact::zero() {
                found.push((begin, end, usd));
            }
        }
    }
    found.sort_by_key(|(begin, ..)| *begin);
    let mut from = 0;
    for (begin, end, _) in &found {
        if *begin != from {
            return Err("its tiers do not follow one another".to_owned());
        }
        from = end.unwrap_or(u64::MAX);
    }
    Ok(found.into_iter().map(|(_, end, usd)| (end, plain(&usd))).collect())
}

/// A price as it is written in the data: at least two places behind the point.
fn plain(usd: &Exact) -> String {
    let text = usd.places(10);
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}.{:0<2}", part.trim_end_matches('0'))
}

/// The rows with what the offers say, and what is to be said of it.
///
/// # Errors
/// If the rows cannot be read.
pub fn merged(rows: &str, offers: &[Offer]) -> Result<(String, Vec<String>), Box<dyn std::error::Error>> {
    let file: BTreeMap<String, Value> = serde_yaml::from_str(rows)?;
    let order: Vec<&str> =
        rows.lines().filter(|line| !line.starts_with([' ', '#'])).filter_map(|line| line.strip_suffix(':')).collect();
    let comment: String =
        rows.lines().take_while(|line| line.starts_with('#')).fold(String::new(), |text, line| text + line + "\n");
    let (mut out, mut said) = (comment, Vec::new());
    for name in order {
        let row = &file[name];
        let mut regions: BTreeMap<String, Vec<Tier>> = BTreeMap::new();
        for (region, tiers) in row["regions"].as_object().into_iter().flatten() {
            let tier = |tier: &Value| (tier["to"].as_u64(), tier["usd"].as_str().unwrap_or_default().to_owned());
            regions.insert(region.clone(), tiers.as_array().into_iter().flatten().map(tier).collect());
        }
        let mut read = BTreeSet::new();
        let mut published = "";
        for offer in offers {
            for ((_, region), tiers) in offer.prices.iter().filter(|((row, _), _)| row == name) {
                read.insert(region.clone());
                published = published.max(&offer.published);
                let same = |known: &Vec<Tier>| {
                    known.len() == tiers.len()
                        && known.iter().zip(tiers).all(|(a, b)| a.0 == b.0 && Exact::parse(&a.1) == Exact::parse(&b.1))
                };
                if !regions.get(region).is_some_and(same) {
                    said.push(format!("{name} in {region}: {}", written(tiers)));
                    regions.insert(region.clone(), tiers.clone());
                }
            }
        }
        let whole = regions.keys().all(|region| read.contains(region)) && !read.is_empty();
        let (source, date) = match whole {
            true => ("AWS Price List, offer file AWSLambda".to_owned(), published.to_owned()),
            false => (text(&row["source"]), text(&row["date"])),
        };
        if !whole && !read.is_empty() {
            said.push(format!("{name}: some regions were not read; its date stays {date}"));
        }
        let _ = writeln!(out, "\n{name}:\n  unit: {}", text(&row["unit"]));
        if let Some(per) = row["per"].as_u64() {
            let _ = writeln!(out, "  per: {per}");
        }
        if !row["free"].is_null() {
            let _ = writeln!(out, "  free: \"{}\"", text(&row["free"]));
        }
        let _ = writeln!(out, "  source: \"{source}\"\n  date: {date}\n  regions:");
        for (region, tiers) in &regions {
            let _ = writeln!(out, "    {region}: {}", written(tiers));
        }
    }
    Ok((out, said))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn written(tiers: &[Tier]) -> String {
    let one = |(to, usd): &Tier| match to {
        Some(to) => format!("{{to: {to}, usd: \"{usd}\"}}"),
        None => format!("{{usd: \"{usd}\"}}"),
    };
    format!("[{}]", tiers.iter().map(one).collect::<Vec<_>>().join(", "))
}
