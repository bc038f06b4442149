//! NBD, BG/NBD, MBG/NBD and their Erlang-k forms: a coin after each order says whether the customer stays.
//!
//! While active a customer orders at their own rate (gamma over customers: `r`, `alpha`), with gaps that are
//! exponential, or Erlang-k for regular buyers. After each repeat order a coin with the customer's own
//! probability (beta over customers: `a`, `b`) ends it. In the MBG forms the coin is thrown after the first
//! order too. Without the coin it is the NBD.
//!
//! Sources: Ehrenberg 1959 (NBD); Fader, Hardie & Lee 2005 (BG/NBD); Batislam, Denizel & Filiztekin 2007 (MBG/NBD);
//! Reutterer, Platzer & Schröder 2021 (Erlang-k). For k > 1 expectations here are exact sums, where the last
//! source approximates.

mod leaving;
pub mod standing;

use self::standing::Standing;
use super::rows::Rows;
use crate::special::{Rising, logistic, rise};

/// When the coin is thrown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Dropout {
    /// Never: the NBD.
    Never,
    /// After each repeat order: BG/NBD. A customer who bought once is alive with certainty.
    AfterRepeats,
    /// After each order, the first included: MBG/NBD.
    AfterAll,
}

/// A member of the family with its parameters; times in the unit it was fitted in.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Coin {
    /// When customers leave.
    pub dropout: Dropout,
    /// Erlang shape of the gaps: 1 is random timing, higher is more regular.
    pub regularity: u32,
    /// Shape of the rates over customers. With regularity k the rate is that of stages, k to an order.
    pub r: f64,
    /// Rate parameter of the rates over customers, in time.
    pub alpha: f64,
    /// Beta parameter of leaving; 0 for the NBD.
    pub a: f64,
    /// Beta parameter of staying; 1 for the NBD.
    pub b: f64,
}

/// Log-likelihood of all rows and its gradient in (ln r, ln alpha[, ln a, ln b]), in the time of `rows` and without
/// the terms that hold no parameter.
pub(crate) fn evaluate(
    dropout: Dropout,
    regularity: u32,
    rows: &Rows,
    theta: &[f64],
    gradient: &mut [f64],
) -> f64 {
    let (r, alpha) = (theta[0].exp(), theta[1].exp());
    let k = u64::from(regularity);
    let extra = u64::from(dropout == Dropout::AfterAll);
    let (a, b) = match dropout {
        Dropout::Never => (0.0, 1.0),
        _ => (theta[2].exp(), theta[3].exp()),
    };

    // Terms that depend on the frequency alone are summed once per distinct frequency.
    let mut value = 0.0;
    let mut slopes = [0.0; 4];
    let mut purchases = Rising::default();
    let mut coins = Coins::default();
    let (mut stage_at, mut coin_at) = (0, 0);
    let mut odds = Vec::with_capacity(rows.frequencies.len());
    for (&x, &customers) in rows.frequencies.iter().zip(&rows.customers_at) {
        purchases = rise(purchases, r, stage_at, k * x);
        stage_at = k * x;
        value += customers * (purchases.ln - stage_at as f64 * theta[1]);
        slopes[0] += customers * purchases.inverse;
        slopes[1] -= customers * stage_at as f64;
        let survivals = x + extra;
        if dropout != Dropout::Never {
            coins = coins.thrown(a, b, coin_at, survivals);
            coin_at = survivals;
            value += customers * coins.ln;
            slopes[2] += customers * coins.by_a;
            slopes[3] += customers * coins.by_b;
        }
        let last = b + survivals as f64 - 1.0;
        let has_left = dropout != Dropout::Never && survivals > 0;
        odds.push(if has_left { (a / last, 1.0 / last) } else { (0.0, 0.0) });
    }

    let sums = if regularity == 1 {
        leaving::sums(rows, r, alpha, &odds)
    } else {
        rows.sum(|range| {
            let mut sums = [0.0; 5];
            for row in range {
                let slot = rows.slot[row] as usize;
                let shape = r + (k * rows.frequencies[slot]) as f64;
                let (recency, age, weight) = (rows.recency[row], rows.age[row], rows.weight[row]);
                let (odd, per_last) = odds[slot];
                let now = (1.0 + age / alpha).ln();
                let age_share = age / (alpha + age);
                let stage = Stage::new(regularity, shape, (age - recency) / (alpha + age));
                if odd == 0.0 {
                    sums[0] += weight * (stage.ln - shape * now);
                    sums[1] += weight * (stage.by_shape - now);
                    sums[2] += weight * (shape * age_share - stage.by_share * alpha / (alpha + age));
                    continue;
                }
                // Odds of having left at the last order against being here still.
                let then = if recency == 0.0 { 0.0 } else { (1.0 + recency / alpha).ln() };
                let left = odd.ln() + shape * (now - then) - stage.ln;
                let e = (-left.abs()).exp();
                let gone = if left >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
                let here = 1.0 - gone;
                sums[0] += weight * (stage.ln - shape * now + left.max(0.0) + e.ln_1p());
                sums[1] += weight * (here * (stage.by_shape - now) - gone * then);
                sums[2] += weight
                    * (here * (shape * age_share - stage.by_share * alpha / (alpha + age))
                        + gone * shape * recency / (alpha + recency));
                sums[3] += weight * gone;
                sums[4] += weight * gone * per_last;
            }
            sums
        })
    };
    value += sums[0];
    gradient[0] = r * (slopes[0] + sums[1]);
    gradient[1] = slopes[1] + sums[2];
    if dropout != Dropout::Never {
        gradient[2] = a * slopes[2] + sums[3];
        gradient[3] = b * (slopes[3] - sums[4]);
    }
    value
}

/// ln of the beta ratio B(a, b+n) / B(a, b), the chance that n coins all say stay, with its derivatives.
#[derive(Clone, Copy, Default)]
struct Coins {
    ln: f64,
    by_a: f64,
    by_b: f64,
}

impl Coins {
    fn thrown(self, a: f64, b: f64, from: u64, to: u64) -> Coins {
        if to - from > 256 {
            let (heads, all) =
                (rise(Rising::default(), b, from, to), rise(Rising::default(), a + b, from, to));
            return Coins {
                ln: self.ln + heads.ln - all.ln,
                by_a: self.by_a - all.inverse,
                by_b: self.by_b + heads.inverse - all.inverse,
            };
        }
        (from..to).fold(self, |c, j| {
            let (stay, all) = (b + j as f64, a + b + j as f64);
            Coins { ln: c.ln - (a / stay).ln_1p(), by_a: c.by_a - 1.0 / all, by_b: c.by_b + a / (stay * all) }
        })
    }
}

/// ln Σ_{j<k} (shape)_j / j! shareʲ, the chance of being less than k stages into the current gap, and its derivatives.
#[derive(Clone, Copy)]
struct Stage {
    ln: f64,
    by_shape: f64,
    /// Derivative by share, times share.
    by_share: f64,
}

impl Stage {
    fn new(regularity: u32, shape: f64, share: f64) -> Stage {
        let (mut term, mut rising) = (1.0, 0.0);
        let (mut sum, mut by_shape, mut by_share) = (1.0, 0.0, 0.0);
        for j in 1..regularity {
            let factor = shape + f64::from(j - 1);
            term *= factor / f64::from(j) * share;
            rising += 1.0 / factor;
            sum += term;
            by_shape += term * rising;
            by_share += term * f64::from(j);
        }
        Stage { ln: sum.ln(), by_shape: by_shape / sum, by_share: by_share / sum }
    }
}

impl Coin {
    /// What the model believes of a customer with `frequency` repeat orders, the last `recency` after the first,
    /// seen for `age`. Values outside the domain are moved to its edge.
    pub fn standing(&self, frequency: f64, recency: f64, age: f64) -> Standing {
        let x = frequency.max(0.0);
        let age = age.max(0.0);
        let recency = if x == 0.0 { 0.0 } else { recency.clamp(0.0, age) };
        let shape = self.r + f64::from(self.regularity) * x;
        let rate = self.alpha + age;
        let elapsed_share = (age - recency) / rate;
        let odds = self.odds(x);
        let stage = if self.regularity == 1 || odds.is_certain() {
            0.0
        } else {
            Stage::new(self.regularity, shape, elapsed_share).ln
        };
        Standing {
            alive: odds.alive(stage, || ((self.alpha + age) / (self.alpha + recency)).ln()),
            shape,
            rate,
            a: self.a,
            b: self.b + odds.survivals,
            regularity: self.regularity,
            elapsed_share,
        }
    }

    /// What the model believes of somebody who orders for the first time now.
    pub fn newcomer(&self) -> Standing {
        self.standing(0.0, 0.0, 0.0)
    }

    /// What decides whether a customer with `frequency` repeat orders is active.
    pub(crate) fn odds(&self, frequency: f64) -> Odds {
        let survivals = if self.dropout == Dropout::AfterAll { frequency + 1.0 } else { frequency };
        let is_certain = self.a == 0.0 || survivals == 0.0;
        Odds {
            shape: self.r + f64::from(self.regularity) * frequency,
            survivals,
            left: if is_certain { 0.0 } else { self.a / (self.b + survivals - 1.0) },
        }
    }
}

/// The odds of having left at the last order, of all customers with one frequency.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Odds {
    shape: f64,
    /// Coins thrown that said stay.
    survivals: f64,
    /// The chance of leaving over that of staying at the last coin; zero if none was thrown.
    left: f64,
}

impl Odds {
    fn is_certain(&self) -> bool {
        self.left == 0.0
    }

    /// Probability of being active. `stage` is ln of the chance of a gap as long as this one, beyond exponential;
    /// `silence` is ln((α + age) / (α + recency)).
    fn alive(&self, stage: f64, silence: impl FnOnce() -> f64) -> f64 {
        if self.is_certain() { 1.0 } else { logistic(stage - self.shape * silence() - self.left.ln()) }
    }

    /// Probability of being active where gaps are exponential; `silence` as there.
    pub(crate) fn p_alive(&self, silence: impl FnOnce() -> f64) -> f64 {
        self.alive(0.0, silence)
    }

    /// The same, where `silence` to the shape is known.
    pub(crate) fn p_alive_at(&self, silence: f64) -> f64 {
        1.0 / (1.0 + self.left * silence)
    }
}
