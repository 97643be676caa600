//! Numbers without rounding: money, seconds, gigabyte-seconds. They are rounded once, when they are printed.

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::Deserialize;
use std::fmt;
use std::ops::{Add, Div, Mul, Sub};

/// Letters of a number that is written by people; more is no number.
const MOST_LETTERS: usize = 30;

/// Places behind the point that `Display` writes at most.
const MOST_PLACES: usize = 15;

/// A rational number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Exact(BigRational);

impl Exact {
    /// Reads a decimal number that is not negative: `0.0000166667`, `10_000`.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let whole = whole.replace('_', "");
        let digits = format!("{whole}{part}");
        let plain = digits.len() <= MOST_LETTERS && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || whole.is_empty() || text.ends_with('.') {
            return None;
        }
        let digits: BigInt = digits.parse().ok()?;
        Some(Self(BigRational::new(digits, BigInt::from(10).pow(u32::try_from(part.len()).ok()?))))
    }

    /// A fraction; a denominator of zero counts as one.
    pub fn fraction(top: u64, bottom: u64) -> Self {
        Self(BigRational::new(BigInt::from(top), BigInt::from(bottom.max(1))))
    }

    /// Nothing.
    pub fn zero() -> Self {
        Self::from(0)
    }

    /// What is left, but never less than nothing.
    pub fn less(&self, other: &Self) -> Self {
        if self > other { self - other } else { Self::zero() }
    }

    /// The greatest whole number that is not greater.
    pub fn floor(&self) -> Self {
        Self(self.0.floor())
    }

    /// The least whole number that is not less.
    pub fn ceil(&self) -> Self {
        Self(self.0.ceil())
    }

    /// The nearest whole number, halves up.
    pub fn round(&self) -> Self {
        Self(self.0.round())
    }

    /// With so many places behind the point, halves up.
    pub fn places(&self, places: usize) -> String {
        let scale = BigInt::from(10).pow(u32::try_from(places).unwrap_or(0));
        let digits = (&self.0 * BigRational::from_integer(scale)).round().to_integer().to_string();
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }

    /// With so many places, and commas between thousands.
    pub fn grouped(&self, places: usize) -> String {
        let text = self.places(places);
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 && !out.ends_with('-') {
                out.push(',');
            }
            out.push(digit);
        }
        if part.is_empty() { out } else { format!("{out}.{part}") }
    }
}

/// The number as it is, up to fifteen places; at least six, so that amounts stand below each other.
impl fmt::Display for Exact {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.places(MOST_PLACES);
        let shortest = text.len() - (MOST_PLACES - 6);
        let end = text.trim_end_matches('0').len().max(shortest);
        to.write_str(&text[..end])
    }
}

impl From<u64> for Exact {
    fn from(number: u64) -> Self {
        Self(BigRational::from_integer(BigInt::from(number)))
    }
}

impl TryFrom<String> for Exact {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no decimal number"))
    }
}

macro_rules! operation {
    ($($operation:ident $method:ident,)*) => {$(
        impl $operation for &Exact {
            type Output = Exact;
            fn $method(self, other: Self) -> Exact {
                Exact($operation::$method(&self.0, &other.0))
            }
        }
        impl $operation for Exact {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Self($operation::$method(self.0, other.0))
            }
        }
        impl $operation<&Self> for Exact {
            type Output = Self;
            fn $method(self, other: &Self) -> Self {
                Self($operation::$method(self.0, &other.0))
            }
        }
    )*};
}

operation!(Add add, Sub sub, Mul mul,);

/// Only by what is not zero: callers see to it.
impl Div for &Exact {
    type Output = Exact;

    fn div(self, other: Self) -> Exact {
        Exact(&self.0 / &other.0)
    }
}

impl std::iter::Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::zero(), |sum, one| sum + one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_rounded_half_up_once() {
        let number = |text: &str| Exact::parse(text).expect(text);
        assert_eq!(number("1033.335").places(2), "1033.34");
        assert_eq!(number("0.004").places(2), "0.00");
        assert_eq!(number("0.995").places(2), "1.00");
        assert_eq!(number("10_000_000").grouped(0), "10,000,000");
        assert_eq!(number("123.5").grouped(2), "123.50");
        assert_eq!(number("10.33335").to_string(), "10.333350");
        assert_eq!(number("0.0000166667").to_string(), "0.0000166667");
        for wrong in ["", "-1", "1e3", "NaN", "1.", ".5", "1.2.3", "1234567890123456789012345678901"] {
            assert_eq!(Exact::parse(wrong), None, "{wrong}");
        }
    }
}
