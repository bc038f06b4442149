//! Student's t, central and not, for any real degrees of freedom, and the normal beside it.
//!
//! Quantiles are Newton's on the distribution function from the normal's, kept in a bracket; they are right
//! to ten digits from one degree of freedom to any number of them. The noncentral distribution, which a power
//! calculation needs, is an integral over the estimated spread: P(T ≤ t) = E Φ(t s − δ) with ν s² chi-squared
//! (Johnson, Kotz and Balakrishnan 1995, chapter 31), by Gauss–Legendre panels.

use crate::special::{gauss_legendre, ln_gamma, normal_quantile};
use statrs::function::{beta::beta_reg, erf};
use std::f64::consts::{PI, SQRT_2};

/// Beyond so many degrees of freedom the incomplete beta function loses more digits than a series about the
/// normal does.
const MANY: f64 = 1e6;

/// Φ(z).
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erf::erfc(-z / SQRT_2)
}

/// Probability that t deviates from 0 by |t| or more, to either side.
pub fn two_sided(t: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom >= MANY || !t.is_finite() {
        // Fisher's expansion (1925), first term; the next is of order 1/ν².
        let t = t.abs();
        let term = (-0.5 * t * t).exp() * (t * t * t + t) / (2.0 * (2.0 * PI).sqrt() * degrees_of_freedom);
        let term = if term.is_finite() { term } else { 0.0 };
        return (crate::discoveries::two_sided(t) + term).min(1.0);
    }
    beta_reg(0.5 * degrees_of_freedom, 0.5, degrees_of_freedom / (degrees_of_freedom + t * t))
}

/// The t that is exceeded in absolute value with probability 1 − `level`, for 0 < level < 1.
pub fn critical(level: f64, degrees_of_freedom: f64) -> f64 {
    let tail = 1.0 - level;
    let z = normal_quantile(0.5 + 0.5 * level);
    if degrees_of_freedom.is_infinite() {
        return z;
    }
    let (mut low, mut high) = (z, 2.0 * z.max(1.0));
    while two_sided(high, degrees_of_freedom) > tail && high < 1e150 {
        (low, high) = (high, high * 4.0);
    }
    let expanded = fisher_cornish(z, degrees_of_freedom);
    let mut t = if expanded > low && expanded < high { expanded } else { low };
    for _ in 0..200 {
        let error = two_sided(t, degrees_of_freedom) - tail;
        if error > 0.0 {
            low = t
        } else {
            high = t
        }
        let next = t + error / (2.0 * density(t, degrees_of_freedom));
        let moved = if next > low && next < high { next } else { 0.5 * (low + high) };
        let step = moved - t;
        t = moved;
        // Newton doubles the digits: what follows so small a step is below the last of them.
        if step.abs() <= 1e-9 * t {
            break;
        }
    }
    t
}

/// The quantile of t from that of the normal, by the expansion of Fisher and Cornish (1960), two terms.
fn fisher_cornish(z: f64, nu: f64) -> f64 {
    let (third, fifth) = (z.powi(3), z.powi(5));
    z + (third + z) / (4.0 * nu) + (5.0 * fifth + 16.0 * third + 3.0 * z) / (96.0 * nu * nu)
}

fn density(t: f64, nu: f64) -> f64 {
    let constant = ln_gamma(0.5 * (nu + 1.0)) - ln_gamma(0.5 * nu) - 0.5 * (nu * PI).ln();
    (constant - 0.5 * (nu + 1.0) * (t * t / nu).ln_1p()).exp()
}

/// P(T ≤ t) for Student's t with noncentrality `shift`.
pub fn noncentral_cdf(t: f64, degrees_of_freedom: f64, shift: f64) -> f64 {
    let nu = degrees_of_freedom;
    if nu >= 1e7 {
        return normal_cdf(t - shift);
    }
    // s = √(χ²/ν): density ∝ s^(ν−1) exp(−ν s²/2), about one with a spread of 1/√(2ν).
    let constant = std::f64::consts::LN_2 + 0.5 * nu * (0.5 * nu).ln() - ln_gamma(0.5 * nu);
    let spread = 1.0 / (2.0 * nu).sqrt();
    let (from, to) = ((1.0 - 12.0 * spread).max(0.0), 1.0 + 12.0 * spread);
    // With few degrees of freedom the density has a bend at zero, which wants many nodes.
    let (nodes, panels) = if nu < 100.0 { (64, 16) } else { (32, 4) };
    let rule = gauss_legendre(nodes);
    let width = (to - from) / panels as f64;
    let integrand = |s: f64| {
        let ln_density = constant + (nu - 1.0) * s.ln() - 0.5 * nu * s * s;
        ln_density.exp() * normal_cdf(t * s - shift)
    };
    let panel = |place: usize| -> f64 {
        let start = from + place as f64 * width;
        rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * integrand(start + x * width)).sum()
    };
    ((0..panels).map(panel).sum::<f64>() * width).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fisher and Yates, Statistical Tables, table III, to the digits printed.
    #[test]
    fn percentage_points_fisher_yates() {
        for (freedom, five, one) in [
            (1.0, 12.706, 63.657),
            (2.0, 4.303, 9.925),
            (5.0, 2.571, 4.032),
            (10.0, 2.228, 3.169),
            (30.0, 2.042, 2.750),
            (120.0, 1.980, 2.617),
            (1e12, 1.960, 2.576),
        ] {
            assert!((critical(0.95, freedom) - five).abs() < 5e-4, "{freedom}");
            assert!((critical(0.99, freedom) - one).abs() < 5.1e-4, "{freedom}");
        }
    }

    #[test]
    fn quantiles_invert_probabilities() {
        for freedom in [1.0, 1.7, 9.3, 250.0, 4e4, 9e6, 1e8] {
            for level in [0.1, 0.5, 0.9, 0.95, 0.999, 1.0 - 1e-8] {
                let back = two_sided(critical(level, freedom), freedom);
                assert!((back / (1.0 - level) - 1.0).abs() < 1e-8, "{freedom} {level} {back}");
            }
        }
        assert!((normal_cdf(normal_quantile(0.123)) - 0.123).abs() < 1e-11);
    }

    #[test]
    fn without_a_shift_the_noncentral_is_the_central() {
        for freedom in [1.0, 3.0, 17.5, 400.0, 2e5] {
            for t in [-2.5, 0.0, 0.7, 3.0] {
                let central =
                    if t < 0.0 { 0.5 * two_sided(t, freedom) } else { 1.0 - 0.5 * two_sided(t, freedom) };
                assert!((noncentral_cdf(t, freedom, 0.0) - central).abs() < 1e-9, "{freedom} {t}");
            }
        }
        assert!((noncentral_cdf(2.0, 1e8, 1.0) - normal_cdf(1.0)).abs() < 1e-9);
    }
}
