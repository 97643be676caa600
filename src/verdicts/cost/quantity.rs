//! Quantities as people write them: `10M`, `200ms`, `1GB`, `0.5%`, `10M/month`.

use super::{HOURS_OF_A_MONTH, SECONDS_OF_A_MONTH};
use crate::exact::Exact;

/// More invocations than any account has.
pub const MOST_REQUESTS: u64 = 1_000_000_000_000;

const SECONDS_OF_A_DAY: u64 = 86_400;

/// A number with `k`, `M`, `B` behind it, between two bounds.
pub fn number(text: &str, least: u64, most: u64) -> Option<Exact> {
    let (digits, size) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => match text.strip_suffix('M') {
            Some(digits) => (digits, 1_000_000),
            None => text.strip_suffix('B').map_or((text, 1), |digits| (digits, 1_000_000_000)),
        },
    };
    let number = Exact::parse(digits)? * Exact::from(size);
    (number >= Exact::from(least) && number <= Exact::from(most)).then_some(number)
}

/// A time as `200ms`, `1.5s` or `2min`, in milliseconds.
pub fn milliseconds(text: &str) -> Option<Exact> {
    let (digits, size) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1),
        None => match text.strip_suffix('s') {
            Some(digits) => (digits, 1000),
            None => (text.strip_suffix("min")?, 60_000),
        },
    };
    let time = Exact::parse(digits.trim())? * Exact::from(size);
    (time <= Exact::from(SECONDS_OF_A_DAY * 1000)).then_some(time)
}

/// A size as `256`, `256MB` or `1GB`, in MB.
pub fn megabytes(text: &str) -> Option<u64> {
    let (digits, size) = match text.strip_suffix("GB") {
        Some(digits) => (digits, 1024),
        None => (text.strip_suffix("MB").unwrap_or(text), 1),
    };
    digits.trim().parse::<u64>().ok()?.checked_mul(size)
}

/// A size as `512B`, `4KB` or `1MB`, in bytes.
pub fn bytes(text: &str) -> Option<u64> {
    let sizes = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("B", 1)];
    let (digits, size) = sizes.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)))?;
    let whole = (Exact::parse(digits.trim())? * Exact::from(size)).round();
    whole.places(0).parse().ok()
}

/// A share as `0.5%`.
pub fn share(text: &str) -> Option<Exact> {
    let percent = Exact::parse(text.strip_suffix('%')?.trim())?;
    (percent <= Exact::from(100)).then(|| percent * Exact::fraction(1, 100))
}

/// How often in a month: `10M/month`, `300k/day`, `5/hour`, `12/min`, `120/s`.
pub fn monthly(text: &str) -> Option<Exact> {
    let (count, unit) = text.split_once('/')?;
    let count = number(count.trim(), 0, MOST_REQUESTS)?;
    let times = match unit.trim() {
        "month" => Exact::from(1),
        "day" => Exact::fraction(HOURS_OF_A_MONTH, 24),
        "hour" | "h" => Exact::from(HOURS_OF_A_MONTH),
        "min" | "minute" => Exact::from(HOURS_OF_A_MONTH * 60),
        "s" | "second" => Exact::from(SECONDS_OF_A_MONTH),
        _ => return None,
    };
    let all = count * times;
    (all <= Exact::from(MOST_REQUESTS)).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_read() {
        let read = |text: &str| number(text, 0, MOST_REQUESTS).map(|number| number.places(0));
        for (text, expected) in [("10M", "10000000"), ("29.4M", "29400000"), ("1B", "1000000000"), ("2k", "2000")] {
            assert_eq!(read(text).as_deref(), Some(expected));
        }
        assert_eq!(read("10_000_000").as_deref(), Some("10000000"));
        for wrong in ["-1", "NaN", "", "M", "1e9", "2000B"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_sizes_and_shares_have_units() {
        let time = |text: &str| milliseconds(text).map(|time| time.places(1));
        assert_eq!(time("200ms").as_deref(), Some("200.0"));
        assert_eq!(time("0.2s").as_deref(), Some("200.0"));
        assert_eq!(time("15min").as_deref(), Some("900000.0"));
        assert_eq!((time("200"), time("-1s"), time("1h")), (None, None, None));
        assert_eq!((megabytes("1GB"), megabytes("256MB"), megabytes("256")), (Some(1024), Some(256), Some(256)));
        assert_eq!((megabytes("99999999999999999999GB"), megabytes("-1")), (None, None));
        assert_eq!(
            (bytes("4KB"), bytes("1.5MB"), bytes("12B"), bytes("4")),
            (Some(4096), Some(1_572_864), Some(12), None)
        );
        assert_eq!(share("0.5%").map(|share| share.places(4)).as_deref(), Some("0.0050"));
        assert_eq!((share("0.5"), share("101%")), (None, None));
    }

    #[test]
    fn a_month_has_730_hours() {
        let count = |text: &str| monthly(text).map(|count| count.places(2));
        assert_eq!(count("10M/month").as_deref(), Some("10000000.00"));
        assert_eq!(count("1/day").as_deref(), Some("30.42"));
        assert_eq!(count("1/min").as_deref(), Some("43800.00"));
        assert_eq!(count("120/s").as_deref(), Some("315360000.00"));
        assert_eq!((count("10M"), count("10M/year"), count("999B/s")), (None, None, None));
    }
}
