//! Special functions and quadrature that the models share.
//!
//! Everything is in logarithms where the plain value could overflow, and sums of logarithms replace differences
//! of log-gammas wherever the step is a small whole number: such a difference loses all its digits when the
//! parameters run to infinity along a ridge, which is a normal case on shop data and not an accident.

use std::sync::OnceLock;

/// Natural logarithm of the gamma function, for `x > 0`.
pub fn ln_gamma(x: f64) -> f64 {
    statrs::function::gamma::ln_gamma(x)
}

/// Derivative of [`ln_gamma`], for `x > 0`.
pub fn digamma(x: f64) -> f64 {
    statrs::function::gamma::digamma(x)
}

/// ln(eᵃ + eᵇ) without overflow; either may be minus infinity.
pub fn ln_add_exp(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// ln Σ eᵛ without overflow; minus infinity for an empty slice.
pub fn ln_sum_exp(values: &[f64]) -> f64 {
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if high == f64::NEG_INFINITY {
        return high;
    }
    high + values.iter().map(|v| (v - high).exp()).sum::<f64>().ln()
}

/// 1 / (1 + e⁻ˣ), exact in both tails.
pub fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// (eᵏˡ − 1) / k, which is `l` at k = 0. The power integral of every truncated Pareto.
pub fn exp_ratio(k: f64, l: f64) -> f64 {
    let kl = k * l;
    if kl.abs() < 1e-9 { l * (1.0 + 0.5 * kl) } else { kl.exp_m1() / k }
}

/// Sums over a rising product z (z+1) … (z+n−1): `ln` is its logarithm (a log-gamma difference) and `inverse`
/// the derivative of that logarithm (a digamma difference).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rising {
    /// Σ ln(z+j) for j < n.
    pub ln: f64,
    /// Σ 1/(z+j) for j < n.
    pub inverse: f64,
}

/// Continues a [`Rising`] sum of `z` from `from` factors to `to` factors.
///
/// Short steps are summed, so that they keep every digit for any `z`; long ones use the gamma functions.
pub fn rise(sum: Rising, z: f64, from: u64, to: u64) -> Rising {
    if to - from > 256 {
        let (low, high) = (z + from as f64, z + to as f64);
        return Rising {
            ln: sum.ln + ln_gamma(high) - ln_gamma(low),
            inverse: sum.inverse + digamma(high) - digamma(low),
        };
    }
    (from..to).fold(sum, |s, j| {
        let factor = z + j as f64;
        Rising { ln: s.ln + factor.ln(), inverse: s.inverse + 1.0 / factor }
    })
}

/// Nodes and weights of Gauss–Legendre quadrature on (0, 1).
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where to evaluate, ascending.
    pub nodes: Vec<f64>,
    /// What to multiply by; they sum to one.
    pub weights: Vec<f64>,
}

/// The Gauss–Legendre rule on (0, 1) with `n` points, for n of 7, 8, 16, 32 or 64; other counts are rounded up
/// to the next of these. Computed once.
pub fn gauss_legendre(n: usize) -> &'static Rule {
    static RULES: OnceLock<[Rule; 5]> = OnceLock::new();
    let rules = RULES.get_or_init(|| [7, 8, 16, 32, 64].map(legendre_rule));
    match n {
        0..=7 => &rules[0],
        8 => &rules[1],
        9..=16 => &rules[2],
        17..=32 => &rules[3],
        _ => &rules[4],
    }
}

/// Newton's method on the Legendre polynomial from Chebyshev-like starts (Numerical Recipes, section 4.6).
fn legendre_rule(n: usize) -> Rule {
    let mut rule = Rule { nodes: vec![0.0; n], weights: vec![0.0; n] };
    for i in 0..n {
        let mut z = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut p, mut before) = (1.0, 0.0);
            for j in 0..n {
                let next = ((2 * j + 1) as f64 * z * p - j as f64 * before) / (j + 1) as f64;
                (p, before) = (next, p);
            }
            slope = n as f64 * (z * p - before) / (z * z - 1.0);
            let step = p / slope;
            z -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        rule.nodes[n - 1 - i] = 0.5 * (z + 1.0);
        rule.weights[n - 1 - i] = 1.0 / ((1.0 - z * z) * slope * slope);
    }
    rule
}

/// The z with Φ(z) = `p`, 0 < p < 1.
pub fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p)
}

/// Quantile of the gamma distribution with the given shape and rate one: the `x` with P(X ≤ x) = `p`.
///
/// `shape > 0` and `0 < p < 1`. Newton's method on ln x from the cube-root normal approximation (Wilson & Hilferty 1931),
/// kept inside a bracket; right to about ten digits.
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    // For tiny x the distribution function is xˢ / Γ(s+1), which bounds the answer from below.
    let mut low = (p.ln() + ln_gamma(shape + 1.0)) / shape;
    if low < -700.0 {
        return low.exp();
    }
    let mut high = (shape + 60.0 + 15.0 * shape.sqrt()).ln();
    let z = normal_quantile(p);
    let cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    let mut at = if cube > 0.1 { (shape * cube * cube * cube).ln().clamp(low, high) } else { low };
    let constant = ln_gamma(shape);
    for _ in 0..100 {
        let x = at.exp();
        let error = statrs::function::gamma::gamma_lr(shape, x) - p;
        if error < 0.0 {
            low = low.max(at)
        } else {
            high = high.min(at)
        }
        let slope = (shape * at - x - constant).exp();
        let next = at - error / slope;
        let step = if next > low && next < high { next - at } else { 0.5 * (low + high) - at };
        at += step;
        if step.abs() < 1e-11 || high - low < 1e-12 {
            break;
        }
    }
    at.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauss_legendre_integrates_polynomials_exactly() {
        for n in [7, 8, 16, 32, 64] {
            let rule = gauss_legendre(n);
            assert!((rule.weights.iter().sum::<f64>() - 1.0).abs() < 1e-14);
            for power in [1, 5, 13] {
                let sum: f64 = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * x.powi(power)).sum();
                assert!((sum - 1.0 / (power as f64 + 1.0)).abs() < 1e-14, "{n} points, power {power}: {sum}");
            }
        }
    }

    #[test]
    fn rising_sums_match_the_gamma_functions() {
        for z in [0.01, 0.5, 3.0, 1e3] {
            let short = rise(Rising::default(), z, 0, 200);
            assert!((short.ln - (ln_gamma(z + 200.0) - ln_gamma(z))).abs() < 1e-9 * short.ln.abs());
            assert!((short.inverse - (digamma(z + 200.0) - digamma(z))).abs() < 1e-9 * short.inverse);
            let stepped = rise(short, z, 200, 700);
            let long = rise(Rising::default(), z, 0, 700);
            assert!((stepped.ln - long.ln).abs() < 1e-9 * long.ln.abs());
        }
    }

    #[test]
    fn gamma_quantiles_invert_the_distribution() {
        for shape in [0.05, 0.4, 1.0, 3.7, 250.0] {
            for p in [0.001, 0.05, 0.5, 0.975, 0.9999] {
                let x = gamma_quantile(shape, p);
                if x > 1e-280 {
                    let back = statrs::function::gamma::gamma_lr(shape, x);
                    assert!((back - p).abs() < 1e-9, "shape {shape} p {p}: {x} gives {back}");
                }
            }
        }
        assert!((gamma_quantile(1.0, 0.5) - std::f64::consts::LN_2).abs() < 1e-12);
    }

    #[test]
    fn sums_of_exponentials_do_not_overflow() {
        assert_eq!(ln_add_exp(f64::NEG_INFINITY, 3.0), 3.0);
        assert!((ln_add_exp(1000.0, 1000.0) - 1000.0 - std::f64::consts::LN_2).abs() < 1e-12);
        assert_eq!(ln_sum_exp(&[]), f64::NEG_INFINITY);
        assert!((ln_sum_exp(&[-2000.0, -2000.0, -2000.0]) - (-2000.0 + 3f64.ln())).abs() < 1e-12);
        assert_eq!(logistic(-800.0), 0.0);
        assert!((exp_ratio(1e-14, 2.0) - 2.0).abs() < 1e-12);
    }
}
