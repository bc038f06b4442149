//! Fieller's confidence set for a ratio of two estimates.
//!
//! Fieller (1954): the set of ratios θ for which numerator − θ × denominator is not significantly different
//! from zero. Where the denominator itself is not clearly different from zero the honest answer is not an
//! interval, and the type says so: a bounded interval would have to be wrong (Gleser and Hwang 1987).

use crate::inputs::{BadInput, between};
use serde::Serialize;

/// Two estimates and how they vary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Above the line.
    pub numerator: f64,
    /// Its variance.
    pub numerator_variance: f64,
    /// Below the line.
    pub denominator: f64,
    /// Its variance.
    pub denominator_variance: f64,
    /// Covariance of the two.
    pub covariance: f64,
}

/// Where a ratio may lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Set {
    /// From `low` to `high`.
    Between {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// At most `below`, or at least `above`: the denominator may be zero, and the ratio infinite on either
    /// side.
    Outside {
        /// Upper end of the lower part.
        below: f64,
        /// Lower end of the upper part.
        above: f64,
    },
    /// At least this.
    AtLeast {
        /// Lower end.
        low: f64,
    },
    /// At most this.
    AtMost {
        /// Upper end.
        high: f64,
    },
    /// Anything: neither estimate is clearly different from zero.
    Anything,
}

impl Set {
    /// Whether a ratio is in the set.
    pub fn contains(&self, ratio: f64) -> bool {
        match *self {
            Set::Between { low, high } => low <= ratio && ratio <= high,
            Set::Outside { below, above } => ratio <= below || ratio >= above,
            Set::AtLeast { low } => ratio >= low,
            Set::AtMost { high } => ratio <= high,
            Set::Anything => true,
        }
    }

    /// The same set with `step` added to every member.
    pub(crate) fn shifted(self, step: f64) -> Set {
        match self {
            Set::Between { low, high } => Set::Between { low: low + step, high: high + step },
            Set::Outside { below, above } => Set::Outside { below: below + step, above: above + step },
            Set::AtLeast { low } => Set::AtLeast { low: low + step },
            Set::AtMost { high } => Set::AtMost { high: high + step },
            Set::Anything => Set::Anything,
        }
    }
}

/// The set of ratios at confidence `level`, with critical values of Student's t.
///
/// Degrees of freedom may be infinite, for estimates that are normal. Refuses values that are not finite,
/// negative variances and a covariance beyond what they allow.
pub fn fieller(pair: &Pair, level: f64, degrees_of_freedom: f64) -> Result<Set, BadInput> {
    between("level", level, 0.0, 1.0)?;
    let Pair { numerator, numerator_variance, denominator, denominator_variance, covariance } = *pair;
    let all = [numerator, numerator_variance, denominator, denominator_variance, covariance];
    crate::inputs::finite("estimate", &all)?;
    let most = (numerator_variance * denominator_variance).sqrt();
    if numerator_variance < 0.0 || denominator_variance < 0.0 || covariance.abs() > most * (1.0 + 1e-9) {
        let why = "a variance is negative, or the covariance exceeds what the variances allow";
        return Err(BadInput::Uninformative { what: "the ratio", why });
    }
    if degrees_of_freedom.is_nan() || degrees_of_freedom < 1.0 {
        let (setting, range) = ("degrees of freedom", "at least 1");
        return Err(BadInput::Setting { setting, value: degrees_of_freedom, range });
    }
    let t = super::student::critical(level, degrees_of_freedom);
    let t2 = t * t;
    // The set is where a θ² − 2 b θ + c ≤ 0.
    let a = denominator * denominator - t2 * denominator_variance;
    let b = numerator * denominator - t2 * covariance;
    let c = numerator * numerator - t2 * numerator_variance;
    if a == 0.0 {
        return Ok(if b > 0.0 {
            Set::AtLeast { low: c / (2.0 * b) }
        } else if b < 0.0 {
            Set::AtMost { high: c / (2.0 * b) }
        } else {
            Set::Anything
        });
    }
    let discriminant = b * b - a * c;
    if a > 0.0 {
        let (low, high) = roots(a, b, c, discriminant.max(0.0).sqrt());
        return Ok(Set::Between { low, high });
    }
    if discriminant <= 0.0 {
        return Ok(Set::Anything);
    }
    let (below, above) = roots(a, b, c, discriminant.sqrt());
    Ok(Set::Outside { below, above })
}

/// Both roots of a θ² − 2 b θ + c, rising, without subtracting what is alike.
fn roots(a: f64, b: f64, c: f64, root: f64) -> (f64, f64) {
    let big = b + if b < 0.0 { -root } else { root };
    let (one, other) = if big == 0.0 { (0.0, 0.0) } else { (big / a, c / big) };
    (one.min(other), one.max(other))
}
