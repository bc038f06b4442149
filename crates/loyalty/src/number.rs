//! Exact numbers: decimals as files write them, ratios, and rounding that is always named.

use domain::money::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A decimal number in a program file, written as text so that no float ever touches it: `"1.2"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl Number {
    /// As a ratio of integers.
    pub fn ratio(self) -> Ratio {
        Ratio { over: i128::from(self.0.digits), under: 10i128.pow(self.0.scale.min(18)) }
    }

    /// Whether it is above zero.
    pub fn is_positive(self) -> bool {
        self.0.digits > 0
    }

    /// Where `1.500` may have been meant as fifteen hundred: a way to write the same number that cannot be misread.
    pub fn plainer(self) -> Option<String> {
        let is_grouped = self.0.scale == 3 && (1_000..1_000_000).contains(&self.0.digits);
        is_grouped.then(|| {
            let text = self.to_string();
            let short = text.trim_end_matches('0').trim_end_matches('.');
            if short == text { format!("{text}0") } else { short.to_owned() }
        })
    }

    /// In units of 10^-`scale`, where it was written with at most that many digits after the point: `350.000` is no
    /// amount of a currency without decimals, since whoever wrote it meant a thousand times as much.
    pub fn units(self, scale: u32) -> Option<i64> {
        if self.0.scale > scale {
            return None;
        }
        let units = self.0.rescale(scale)?;
        let same = Decimal { digits: units, scale };
        (Number(same).ratio() == self.ratio()).then_some(units)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(self.0.digits, self.0.scale))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        struct Visit;
        impl serde::de::Visitor<'_> for Visit {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number in quotes such as \"1.2\", or a whole number")
            }
            fn visit_i64<E: serde::de::Error>(self, digits: i64) -> Result<Number, E> {
                Ok(Number(Decimal { digits, scale: 0 }))
            }
            fn visit_u64<E: serde::de::Error>(self, digits: u64) -> Result<Number, E> {
                i64::try_from(digits).map_err(E::custom).and_then(|digits| self.visit_i64(digits))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                let decimal = Decimal::parse(text).map_err(E::custom)?;
                if decimal.scale > 12 {
                    return Err(E::custom(format!("'{text}' has more than 12 digits after the point")));
                }
                Ok(Number(decimal))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// An integer with the point set `scale` digits from the right: `decimal(123, 1)` is `12.3`.
pub fn decimal(digits: i64, scale: u32) -> String {
    if scale == 0 {
        return digits.to_string();
    }
    let width = scale as usize + 1;
    let text = format!("{:0width$}", digits.unsigned_abs());
    let (whole, fraction) = text.split_at(text.len() - scale as usize);
    let sign = if digits < 0 { "-" } else { "" };
    format!("{sign}{whole}.{fraction}")
}

/// How a wallet makes whole units of a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
    /// To the nearest, halves away from zero.
    HalfUp,
    /// To the nearest, halves to the even unit.
    HalfEven,
}

/// An exact ratio of integers, kept in lowest terms; the denominator is positive.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    over: i128,
    under: i128,
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Ratio) -> bool {
        let (a, b) = (self.lowest(), other.lowest());
        a.over == b.over && a.under == b.under
    }
}

impl Eq for Ratio {}

impl Ratio {
    /// One.
    pub const ONE: Ratio = Ratio { over: 1, under: 1 };

    /// A ratio; `None` where the denominator is zero.
    pub fn new(over: i128, under: i128) -> Option<Ratio> {
        let sign = if under < 0 { -1 } else { 1 };
        (under != 0).then(|| Ratio { over: over * sign, under: under * sign }.lowest())
    }

    /// The numerator.
    pub fn over(self) -> i128 {
        self.over
    }

    /// The denominator.
    pub fn under(self) -> i128 {
        self.under
    }

    fn lowest(self) -> Ratio {
        let divisor = gcd(self.over.unsigned_abs(), self.under.unsigned_abs()).max(1) as i128;
        Ratio { over: self.over / divisor, under: self.under / divisor }
    }

    /// Product; `None` beyond 127 bits.
    pub fn times(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (self.lowest(), other.lowest());
        let left = Ratio { over: a.over, under: b.under }.lowest();
        let right = Ratio { over: b.over, under: a.under }.lowest();
        let over = left.over.checked_mul(right.over)?;
        Some(Ratio { over, under: left.under.checked_mul(right.under)? })
    }

    /// Quotient; `None` where `other` is zero or the result does not fit.
    pub fn per(self, other: Ratio) -> Option<Ratio> {
        self.times(Ratio::new(other.under, other.over)?)
    }

    /// To a whole number; `None` beyond 63 bits.
    pub fn round(self, rounding: Rounding) -> Option<i64> {
        let (quotient, remainder) = (self.over / self.under, self.over % self.under);
        let twice = remainder.unsigned_abs().checked_mul(2)?;
        let half = self.under.unsigned_abs();
        let away = match rounding {
            Rounding::Down => false,
            Rounding::Up => remainder != 0,
            Rounding::HalfUp => remainder != 0 && twice >= half,
            Rounding::HalfEven => twice > half || (twice == half && quotient % 2 != 0),
        };
        i64::try_from(quotient + i128::from(away) * self.over.signum()).ok()
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lowest = self.lowest();
        if lowest.under == 1 {
            write!(f, "{}", lowest.over)
        } else {
            write!(f, "{}/{}", lowest.over, lowest.under)
        }
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ratio, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (over, under) = text.split_once('/').unwrap_or((&text, "1"));
        let parsed =
            over.parse().ok().zip(under.parse().ok()).and_then(|(over, under)| Ratio::new(over, under));
        parsed.ok_or_else(|| serde::de::Error::custom(format!("'{text}' is not a ratio such as 6/5")))
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Split `total` in proportion to `weights` so that the parts sum exactly to it: largest remainder, ties to the
/// earlier part. Where all weights are zero the first part has all. Weights are not negative.
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|&weight| i128::from(weight.max(0))).sum();
    if weights.is_empty() {
        return Vec::new();
    }
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        parts[0] = total;
        return parts;
    }
    let sign = total.signum();
    let whole = i128::from(total.unsigned_abs());
    let share = |&weight: &i64| whole * i128::from(weight.max(0));
    let mut parts: Vec<i64> = weights.iter().map(|weight| (share(weight) / sum) as i64).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&place| std::cmp::Reverse(share(&weights[place]) % sum));
    let missing = (whole - parts.iter().map(|&part| i128::from(part)).sum::<i128>()) as usize;
    for &place in order.iter().take(missing) {
        parts[place] += 1;
    }
    parts.iter().map(|part| part * sign).collect()
}

/// `total × part ÷ whole`, rounded down, for 0 ≤ part ≤ whole. Steps of a growing `part` sum exactly to the whole.
pub fn share(total: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 || part >= whole {
        return if part > 0 || whole <= 0 { total } else { 0 };
    }
    (i128::from(total) * i128::from(part.max(0)) / i128::from(whole)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_has_a_name() {
        let cases = [
            (5, 2, [2, 3, 3, 2]),
            (7, 2, [3, 4, 4, 4]),
            (-5, 2, [-2, -3, -3, -2]),
            (4, 3, [1, 2, 1, 1]),
            (6, 3, [2; 4]),
        ];
        for (over, under, expected) in cases {
            let rules = [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven];
            let rounded = rules.map(|rule| Ratio::new(over, under).unwrap().round(rule).unwrap());
            assert_eq!(rounded, expected, "{over}/{under}");
        }
        assert_eq!(Ratio::new(1, 0), None);
    }

    #[test]
    fn a_ratio_is_in_lowest_terms_with_its_sign_above() {
        let ratio = |over, under| Ratio::new(over, under).unwrap();
        for (over, under, lowest) in [(2, 4, (1, 2)), (3, -6, (-1, 2)), (-4, -6, (2, 3)), (0, -5, (0, 1))] {
            let found = ratio(over, under);
            assert_eq!((found.over(), found.under()), lowest, "{over}/{under}");
        }
        assert_eq!(ratio(2, 4), ratio(1, 2));
        assert!(ratio(1, 2) != ratio(1, 3) && ratio(1, 2) != ratio(3, 2));
        assert_eq!(ratio(2, 3).per(ratio(-4, 9)), Some(ratio(-3, 2)));
        assert_eq!(ratio(2, 3).per(ratio(0, 9)), None);
    }

    #[test]
    fn a_number_that_reads_as_thousands_has_a_plainer_way() {
        let plainer = |text: &str| serde_json::from_str::<Number>(&format!("\"{text}\"")).unwrap().plainer();
        for (text, expected) in [
            ("1.000", Some("1")),
            ("1.500", Some("1.5")),
            ("999.125", Some("999.1250")),
            ("0.999", None),
            ("1000.000", None),
            ("1.50", None),
            ("1.0000", None),
            ("1000", None),
        ] {
            assert_eq!(plainer(text).as_deref(), expected, "{text}");
        }
        let is_positive =
            |text: &str| serde_json::from_str::<Number>(&format!("\"{text}\"")).unwrap().is_positive();
        assert_eq!(["0", "0.0", "-1", "0.1"].map(is_positive), [false, false, false, true]);
    }

    #[test]
    fn decimals_print_as_they_were_written() {
        for (digits, scale, text) in
            [(123, 1, "12.3"), (5, 2, "0.05"), (-5, 1, "-0.5"), (7, 0, "7"), (0, 2, "0.00")]
        {
            assert_eq!(decimal(digits, scale), text);
        }
        let number: Number = serde_json::from_str("\"1.20\"").unwrap();
        assert_eq!(
            (number.units(2), number.units(3), number.units(1), number.to_string()),
            (Some(120), Some(1_200), None, "1.20".to_owned()),
            "as many digits as were written, or more"
        );
        assert!(serde_json::from_str::<Number>("1.5").is_err(), "a float is refused");
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(total in -10_000i64..10_000, weights in prop::collection::vec(0i64..1000, 1..9)) {
            let parts = split(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let sum: i64 = weights.iter().sum();
            if sum > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    // No part is more than one unit from its exact share.
                    prop_assert!((part * sum - total * weight).abs() < sum);
                }
            }
        }

        #[test]
        fn steps_of_a_share_sum_to_the_whole(total in 0i64..10_000, cuts in prop::collection::vec(1i64..100, 1..9)) {
            let whole: i64 = cuts.iter().sum();
            let mut done = 0;
            let mut given = 0;
            for cut in cuts {
                given += share(total, done + cut, whole) - share(total, done, whole);
                done += cut;
            }
            prop_assert_eq!(given, total);
        }
    }
}
