//! Reads price lists that AWS publishes, and writes what they say into `rules/data/prices/aws-lambda.yaml`.
//!
//! Run by hand, on a machine with network; the lists need no account:
//!
//! ```sh
//! for region in us-east-1 eu-west-1; do
//!     list=offers/v1.0/aws/AWSLambda/current/$region/index.json
//!     curl -o $region.json https://pricing.us-east-1.amazonaws.com/$list
//! done
//! cargo run --example import_prices -- us-east-1.json eu-west-1.json
//! ```
//!
//! Regions that no list is given for keep their prices; the date of a row moves only if all of its regions are read.

#![allow(clippy::disallowed_methods, clippy::print_stderr)] // a program of the workbench, not of the tool

mod offer;

use offer::{Offer, merged};
use std::path::Path;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        return Err("give the price lists: `cargo run --example import_prices -- index.json …`".into());
    }
    let mut offers = Vec::new();
    for file in &files {
        let offer = Offer::read(&std::fs::read_to_string(file)?).map_err(|reason| format!("{file}: {reason}"))?;
        eprintln!("{file}: {} prices, published {}", offer.prices.len(), offer.published);
        offers.push(offer);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/data/prices/aws-lambda.yaml");
    let (text, said) = merged(&std::fs::read_to_string(&path)?, &offers)?;
    std::fs::write(&path, text)?;
    said.iter().for_each(|line| eprintln!("{line}"));
    Ok(())
}
