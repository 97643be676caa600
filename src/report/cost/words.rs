//! What every cost is written with: amounts, quantities, columns.

use crate::exact::Exact;
use crate::knowledge::price;
use crate::report::clean::clean;
use crate::verdicts::cost::Line;
use std::io::{self, Write};

/// Cells of a row.
pub(super) type Row = Vec<String>;

/// US dollars: cents, whole dollars from ten thousand on.
pub fn dollars(amount: &Exact) -> String {
    let places = if *amount < Exact::from(10_000) { 2 } else { 0 };
    format!("${}", amount.grouped(places))
}

pub(super) fn known(amount: Option<&Exact>) -> String {
    amount.map_or_else(|| "unknown".to_owned(), dollars)
}

/// A number of requests in the largest unit that leaves one digit before the point.
pub(super) fn short(number: &Exact) -> String {
    for (unit, size) in [("B", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)] {
        if *number >= Exact::from(size) {
            return format!("{}{unit}", (number * &Exact::fraction(1, size)).places(1));
        }
    }
    number.places(0)
}

/// A price with its unit, never as a power of ten.
pub(super) fn rate(line: &Line, region: &str) -> String {
    let Some(row) = price(&line.price) else { return "no price".to_owned() };
    let Some(usd) = row.first(region) else { return format!("no price in {}", clean(region)) };
    let number = usd.to_string();
    let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
    let part = format!("{:0<2}", part.trim_end_matches('0'));
    let per = match row.per {
        // One hour, one secret, but GB-s.
        1 => row.unit.strip_suffix('s').filter(|unit| !unit.ends_with(['-', ' '])).unwrap_or(&row.unit).to_owned(),
        1_000_000 => format!("1M {}", row.unit),
        per => format!("{} {}", Exact::from(per).grouped(0), row.unit),
    };
    format!("${whole}.{part} per {per}")
}

pub(super) fn quantity(line: &Line) -> String {
    let unit = price(&line.price).map_or("", |row| row.unit.as_str());
    let whole = line.quantity.floor() == line.quantity;
    format!("{} {unit}", line.quantity.grouped(if whole { 0 } else { 2 }))
}

pub(super) fn trimmed(number: &Exact) -> String {
    let text = number.places(3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Writes rows below each other; some columns end at the same place.
pub(super) fn columns(rows: &[Row], right: &[bool], to: &mut dyn Write) -> io::Result<()> {
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..right.len()).map(width).collect();
    for row in rows {
        let cells =
            row.iter().zip(right).zip(&widths).map(|((cell, right), &width)| {
                if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
        let line = cells.collect::<Vec<_>>().join("  ");
        writeln!(to, "  {}", line.trim_end())?;
    }
    Ok(())
}
