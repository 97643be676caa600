//! How often a schedule fires in a month, from its expression.
//! Source: Amazon EventBridge User Guide, "Schedule types in EventBridge Scheduler" and "Cron expressions".

use super::HOURS_OF_A_MONTH;
use crate::exact::Exact;
use std::collections::BTreeSet;

/// Days of a mean month: as many hours as the calculators of the providers count.
fn days_of_a_month() -> Exact {
    Exact::fraction(HOURS_OF_A_MONTH, 24)
}

/// How often in a month; none if the expression is not understood, or says a single moment.
pub fn per_month(expression: &str) -> Option<Exact> {
    let text = expression.trim();
    let inside = |name: &str| text.strip_prefix(name)?.trim().strip_prefix('(')?.strip_suffix(')');
    if let Some(rate) = inside("rate") {
        return every(rate);
    }
    inside("cron").and_then(cron)
}

fn every(rate: &str) -> Option<Exact> {
    let mut words = rate.split_whitespace();
    let count = words.next()?.parse::<u64>().ok().filter(|&count| count > 0)?;
    let minutes = match words.next()? {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 60 * 24,
        _ => return None,
    };
    Some(Exact::fraction(HOURS_OF_A_MONTH * 60, count.checked_mul(minutes)?))
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Minutes, hours, day of month, month, day of week, year.
fn cron(fields: &str) -> Option<Exact> {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [minutes, hours, day, month, weekday, year] = fields[..] else { return None };
    if year != "*" {
        return None;
    }
    let minutes = set(minutes, 0, 59, &[])?.len() as u64;
    let hours = set(hours, 0, 23, &[])?.len() as u64;
    let months = set(month, 1, 12, &MONTHS)?;
    let any = |field: &str| matches!(field, "*" | "?");
    let days = match (any(day), any(weekday)) {
        (true, true) => &days_of_a_month() * &Exact::fraction(months.len() as u64, 12),
        (false, true) => &days_in(day, &months)? * &Exact::fraction(1, 12),
        (true, false) => &weekdays(weekday)? * &Exact::fraction(months.len() as u64, 12),
        (false, false) => return None,
    };
    Some(&days * &Exact::from(minutes * hours))
}

/// How many days of a year a field of days of a month means.
fn days_in(field: &str, months: &BTreeSet<u32>) -> Option<Exact> {
    // The last day, or the working day that is nearest to one: one each month.
    if field == "L" || field.strip_suffix('W').is_some_and(|day| day.parse::<u32>().is_ok_and(|day| day <= 31)) {
        return Some(Exact::from(months.len() as u64));
    }
    let days = set(field, 1, 31, &[])?;
    let length = |month: u32| match month {
        // Quarters of a day: every fourth February has one more.
        2 => (28, 1),
        4 | 6 | 9 | 11 => (30, 0),
        _ => (31, 0),
    };
    let quarters = months.iter().flat_map(|&month| {
        let (whole, more) = length(month);
        days.iter().map(move |&day| {
            if day <= whole {
                4
            } else if day == whole + 1 {
                more
            } else {
                0
            }
        })
    });
    Some(Exact::fraction(quarters.sum(), 4))
}

/// How many days of a mean month a field of weekdays means.
fn weekdays(field: &str) -> Option<Exact> {
    // `6#3` is the third Friday, `6L` the last: one each month.
    let one = |text: &str| set(text, 1, 7, &WEEKDAYS).filter(|days| days.len() == 1);
    if let Some((day, week)) = field.split_once('#') {
        let week = week.parse::<u32>().ok()?;
        return (one(day).is_some() && (1..=4).contains(&week)).then(|| Exact::from(1));
    }
    if let Some(day) = field.strip_suffix('L').filter(|day| !day.is_empty()) {
        return one(day).map(|_| Exact::from(1));
    }
    let days = set(if field == "L" { "7" } else { field }, 1, 7, &WEEKDAYS)?;
    Some(&days_of_a_month() * &Exact::fraction(days.len() as u64, 7))
}

/// The values of a field: `*`, `5`, `1,3`, `2-6`, `0/15`, `MON-FRI`.
fn set(field: &str, least: u32, most: u32, names: &[&str]) -> Option<BTreeSet<u32>> {
    let value = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = named.map(|at| at as u32 + least).or_else(|| text.parse().ok())?;
        (least..=most).contains(&number).then_some(number)
    };
    let mut all = BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|&step| step > 0)?),
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (least, most),
            Some((first, last)) => (value(first)?, value(last)?),
            None => (value(range)?, if part.contains('/') { most } else { value(range)? }),
        };
        if first > last {
            // `FRI-MON` goes around.
            all.extend((first..=most).chain(least..=last).step_by(step));
        } else {
            all.extend((first..=last).step_by(step));
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::per_month;

    #[test]
    fn expressions_are_counted() {
        let count = |text: &str| per_month(text).map(|count| count.places(2));
        for (text, expected) in [
            ("rate(1 minute)", "43800.00"),
            ("rate(5 minutes)", "8760.00"),
            ("rate(1 hour)", "730.00"),
            ("rate(1 day)", "30.42"),
            ("cron(0 3 * * ? *)", "30.42"),
            ("cron(0/15 * * * ? *)", "2920.00"),
            ("cron(0 8 1 * ? *)", "1.00"),
            ("cron(0 8 31 * ? *)", "0.58"),
            ("cron(0 18 ? * MON-FRI *)", "21.73"),
            ("cron(0/5 8-17 ? * 2-6 *)", "2607.14"),
            ("cron(15 10 ? * 6L *)", "1.00"),
            ("cron(0 9 L JAN,JUL ? *)", "0.17"),
        ] {
            assert_eq!(count(text).as_deref(), Some(expected), "{text}");
        }
        for unknown in ["at(2026-11-25T12:00:00)", "rate(0 minutes)", "cron(* * * *)", "cron(0 0 1 1 ? 2027)", "", "x"]
        {
            assert_eq!(count(unknown), None, "{unknown}");
        }
    }
}
