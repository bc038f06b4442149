//! Money in integer minor units, points in a wallet's smallest unit. Amounts are read from text and never pass
//! through a float, so that 0.1 + 0.2 is 0.3 on every receipt.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code, or `XXX` where the shop has not said its currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// Why a text is no currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a currency code: expected three letters such as VND, CNY or USD")]
pub struct NotACurrency(pub String);

impl Currency {
    /// The currency nobody has named yet. Amounts print without a sign, with the decimals of the file.
    pub const UNKNOWN: Currency = Currency(*b"XXX");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made from ASCII letters")
    }

    /// Digits after the point (ISO 4217, list one). Unknown currencies and codes not listed have 2.
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Currency, NotACurrency> {
        let upper = text.trim().to_ascii_uppercase();
        match upper.as_bytes() {
            [a, b, c] if upper.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Currency([*a, *b, *c])),
            _ => Err(NotACurrency(text.to_owned())),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (đồng, cents, fils) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money {
    /// Integer minor units; negative amounts are allowed (a refund, a correction).
    pub minor: i64,
    /// What the minor units are of.
    pub currency: Currency,
}

/// A plain decimal number read from text: `digits` / 10^`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// All digits as one integer, with the sign.
    pub digits: i64,
    /// How many of them stand after the point.
    pub scale: u32,
}

/// Why a text is no decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADecimal {
    /// Letters, two points, nothing at all.
    #[error("'{0}' is not a number")]
    Malformed(String),
    /// More digits than an amount of money can have.
    #[error("'{0}' has too many digits")]
    TooLong(String),
}

impl Decimal {
    /// Read `-?digits(.digits)?`, with `.` as the point and no grouping. Locale habits (comma, grouping, signs) are
    /// the reader's business; this is the one canonical form.
    pub fn parse(text: &str) -> Result<Decimal, NotADecimal> {
        let malformed = || NotADecimal::Malformed(text.to_owned());
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(malformed());
        }
        let mut digits: i64 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(malformed());
            }
            digits = digits
                .checked_mul(10)
                .and_then(|value| value.checked_add(i64::from(byte - b'0')))
                .ok_or_else(|| NotADecimal::TooLong(text.to_owned()))?;
        }
        Ok(Decimal { digits: if negative { -digits } else { digits }, scale: fraction.len() as u32 })
    }

    /// The same number with `scale` digits after the point, rounded half away from zero (the rule of tills).
    /// `None` where it does not fit.
    pub fn rescale(self, scale: u32) -> Option<i64> {
        if scale >= self.scale {
            let factor = 10i64.checked_pow(scale - self.scale)?;
            return self.digits.checked_mul(factor);
        }
        let factor = 10i64.checked_pow(self.scale - scale)?;
        let (quotient, remainder) = (self.digits / factor, self.digits % factor);
        let away = i64::from(remainder.unsigned_abs() * 2 >= factor.unsigned_abs());
        Some(quotient + away * self.digits.signum())
    }

    /// Product of two decimals, rounded half away from zero to `scale` digits; `None` where it does not fit.
    pub fn times(self, other: Decimal, scale: u32) -> Option<i64> {
        let product = i128::from(self.digits) * i128::from(other.digits);
        let have = self.scale + other.scale;
        if scale >= have {
            let factor = 10i128.checked_pow(scale - have)?;
            return i64::try_from(product.checked_mul(factor)?).ok();
        }
        let factor = 10i128.checked_pow(have - scale)?;
        let (quotient, remainder) = (product / factor, product % factor);
        let away = i128::from(remainder.unsigned_abs() * 2 >= factor.unsigned_abs());
        i64::try_from(quotient + away * product.signum()).ok()
    }
}

/// Points in the smallest unit of their wallet. Never negative: a debt is another thing, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Points = Points(0);

    /// Points from an integer; `None` below zero.
    pub fn new(units: i64) -> Option<Points> {
        (units >= 0).then_some(Points(units))
    }

    /// The integer behind.
    pub fn units(self) -> i64 {
        self.0
    }

    /// Sum; `None` beyond what 63 bits hold.
    pub fn plus(self, other: Points) -> Option<Points> {
        self.0.checked_add(other.0).map(Points)
    }

    /// Difference; `None` where `other` is more.
    pub fn minus(self, other: Points) -> Option<Points> {
        self.0.checked_sub(other.0).and_then(Points::new)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Points, D::Error> {
        let units = i64::deserialize(deserializer)?;
        Points::new(units).ok_or_else(|| serde::de::Error::custom("points are never negative"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_follow_iso_4217() {
        for (code, decimals) in [("VND", 0), ("usd", 2), ("BHD", 3), ("XXX", 2), ("CLF", 4)] {
            assert_eq!(code.parse::<Currency>().unwrap().decimals(), decimals, "{code}");
        }
        assert!("đồng".parse::<Currency>().is_err());
    }

    #[test]
    fn text_to_minor_units_without_a_float() {
        for (text, decimals, minor) in [
            ("118000", 0, 118_000),
            ("19.99", 2, 1_999),
            ("0.005", 2, 1),
            ("-0.005", 2, -1),
            ("0.0049", 2, 0),
            (".5", 2, 50),
            ("7", 3, 7_000),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().rescale(decimals), Some(minor), "{text}");
        }
        for bad in ["", "-", "1,5", "1.2.3", "12a", "."] {
            assert!(Decimal::parse(bad).is_err(), "{bad}");
        }
        assert!(matches!(Decimal::parse("99999999999999999999"), Err(NotADecimal::TooLong(_))));
    }

    #[test]
    fn unit_price_times_quantity_rounds_once() {
        let price = Decimal::parse("0.333").unwrap();
        let quantity = Decimal::parse("1.5").unwrap();
        assert_eq!(price.times(quantity, 2), Some(50));
        assert_eq!(price.times(Decimal::parse("-1.5").unwrap(), 2), Some(-50));
    }

    proptest! {
        #[test]
        fn parse_inverts_print(digits in -1_000_000_000_000i64..1_000_000_000_000, scale in 0u32..6) {
            let factor = 10i64.pow(scale);
            let sign = if digits < 0 { "-" } else { "" };
            let (whole, fraction) = (digits.abs() / factor, digits.abs() % factor);
            let text = if scale == 0 { format!("{sign}{whole}") } else {
                format!("{sign}{whole}.{fraction:0width$}", width = scale as usize)
            };
            prop_assert_eq!(Decimal::parse(&text).unwrap().rescale(scale), Some(digits));
        }
    }
}
