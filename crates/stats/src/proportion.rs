//! A share of so many, and how sure of it one can be.
//!
//! Wilson's interval (1927) for one share and Newcombe's hybrid of two of them (1998, method 10) for a difference.
//! Both stay inside 0 to 1 (−1 to 1) and are of use from one customer on, where the textbook interval is not.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

/// A share with its interval, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share seen.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// `count` of `total` with an interval that covers with probability `level` (0.95). `None` of none; a count beyond
/// the total is taken as the total.
pub fn share(count: u64, total: u64, level: f64) -> Option<Share> {
    if total == 0 {
        return None;
    }
    let n = total as f64;
    let value = count.min(total) as f64 / n;
    let z = Normal::standard().inverse_cdf(0.5 + 0.5 * level.clamp(0.0, 0.999_999));
    let z2 = z * z;
    let middle = (value + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (value * (1.0 - value) / n + z2 / (4.0 * n * n)).sqrt();
    // Where nobody or everybody did, the end is the edge itself and not a rounding away from it.
    let low = if count == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if count >= total { 1.0 } else { (middle + half).min(1.0) };
    Some(Share { value, low, high })
}

/// The first share minus the second, with its interval, each −1 to 1.
pub fn difference(first: Share, second: Share) -> Share {
    let value = first.value - second.value;
    let below = ((first.value - first.low).powi(2) + (second.high - second.value).powi(2)).sqrt();
    let above = ((first.high - first.value).powi(2) + (second.value - second.low).powi(2)).sqrt();
    Share { value, low: (value - below).max(-1.0), high: (value + above).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, published: f64) {
        assert!((found - published).abs() < 5e-5, "{found} is not {published}");
    }

    #[test]
    fn newcombe_1998_single_share_table() {
        for (count, total, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = share(count, total, 0.95).unwrap();
            near(found.low, low);
            near(found.high, high);
        }
    }

    #[test]
    fn newcombe_1998_difference_table() {
        let of = |count, total| share(count, total, 0.95).unwrap();
        let found = difference(of(56, 70), of(48, 80));
        near(found.value, 0.2);
        near(found.low, 0.0524);
        near(found.high, 0.3339);
        let found = difference(of(9, 10), of(3, 10));
        near(found.low, 0.1705);
        near(found.high, 0.8090);
    }

    #[test]
    fn edges() {
        assert_eq!(share(0, 0, 0.95), None);
        let all = share(7, 7, 0.95).unwrap();
        assert_eq!((all.value, all.high), (1.0, 1.0));
        assert_eq!(share(9, 7, 0.95), share(7, 7, 0.95));
        let nothing = difference(all, all);
        assert!(nothing.low < 0.0 && nothing.high > 0.0);
    }
}
