//! Bounds that hold at every look, however often one looks: every construction of the crate, once.
//!
//! Which is for what: an *effect between arms* is read two-sided, by [`half_width`] through a
//! [`super::plan::Plan`]; a *gain that must be above zero* before anything is done, as the gate's, is read
//! one-sided, by [`reach_below`] through [`crate::policy::sequence`]. One-sided, the whole of α is spent on the
//! side that matters and the bound lies nearer.
//!
//! The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021, arXiv
//! 2103.06476, equation 14 and proposition 3) in the form that GrowthBook ships, and the mixture sequential
//! probability ratio test (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2017, equation 8). They are one
//! formula: the first is the second with a mixing spread of ρ standard deviations of a unit's contribution, ρ
//! chosen so that the interval is tightest at a given number of units.

/// The ρ at which a sequence of level 1 − `alpha` is tightest after `units` units of both arms.
pub fn tuning(alpha: f64, units: f64) -> f64 {
    let bits = -2.0 * alpha.ln();
    ((bits + bits.ln_1p()) / units).sqrt()
}

/// How many standard errors of the mean of `units` values the one-sided bound lies below it, tightest at
/// `tuned_units`: √( 2(nρ² + 1) / (nρ²) · ln(1 + √(nρ² + 1) / (2α)) ) with the ρ of [`tuning`] at 2α (Waudby-Smith et
/// al. 2024, proposition on one-sided bounds).
pub fn reach_below(alpha: f64, units: f64, tuned_units: f64) -> f64 {
    let grown_less_one = units * tuning(2.0 * alpha, tuned_units).powi(2);
    let grown = grown_less_one + 1.0;
    (2.0 * grown / grown_less_one * (grown.sqrt() / (2.0 * alpha)).ln_1p()).sqrt()
}

/// Half-width at level 1 − `alpha`, for an estimate of this standard error mixed over effects of spread
/// `spread`.
pub fn half_width(alpha: f64, standard_error: f64, spread: f64) -> f64 {
    let variance = standard_error * standard_error;
    // (V + τ²)/τ² and (V + τ²)/V, written so that neither small nor large spreads overflow.
    let (ratio, inverse) = (variance / (spread * spread), (spread / standard_error).powi(2));
    (variance * (1.0 + ratio) * (inverse.ln_1p() - 2.0 * alpha.ln())).sqrt()
}

/// The p-value valid at every look: the smallest level at which zero is outside.
pub fn p_value(value: f64, standard_error: f64, spread: f64) -> f64 {
    let inverse = (spread / standard_error).powi(2);
    let z = value / standard_error;
    (0.5 * inverse.ln_1p() - 0.5 * z * z * (inverse / (1.0 + inverse))).exp().min(1.0)
}
