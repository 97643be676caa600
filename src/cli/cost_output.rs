//! What `cost` does with what it computed: where it goes, whether it is too much, whether prices are old.

use super::args::CostArgs;
use super::save;
use crate::exact::Exact;
use crate::verdicts::cost::{is_stale, oldest_price};
use anyhow::{anyhow, bail};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_OF_A_DAY: u64 = 86_400;

/// Where the output goes.
pub(super) fn print(args: &CostArgs, text: &[u8]) -> anyhow::Result<()> {
    match &args.output {
        Some(path) => save::whole(Some(Path::new(".")), path, text),
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

/// The day it is, as ISO 8601 writes it; `SOURCE_DATE_EPOCH` says so where output has to be the same again.
#[allow(clippy::disallowed_methods)] // what builds reproducibly sets the time in the environment
pub(super) fn today() -> String {
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
    use super::day;

    #[test]
    fn days_are_counted() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(11_016), "2000-02-29");
        assert_eq!(day(20_782), "2026-11-25");
    }
}
