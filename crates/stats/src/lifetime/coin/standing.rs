//! What a coin model says of one customer's future, from what it believes of them now.

use crate::lifetime::arrivals::Arrivals;
use crate::special::logistic;

/// What a coin model believes of one customer at one moment.
///
/// With probability `alive` the customer is active; then the rate is gamma(`shape` + stage, `rate`) and the coin
/// beta(`a`, `b`), and `stages` says how far into the current gap they are (only stage 0 when regularity is 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Probability of being active.
    pub alive: f64,
    pub(super) shape: f64,
    pub(super) rate: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) regularity: u32,
    pub(super) elapsed_share: f64,
}

impl Standing {
    /// The same customer, known to be active.
    pub(crate) fn if_active(self) -> Standing {
        Standing { alive: 1.0, ..self }
    }

    /// The time over which expectations bend.
    pub(crate) fn time_scale(&self) -> f64 {
        self.rate
    }

    /// Expected orders within `horizon` from now.
    pub fn expected_orders(&self, horizon: f64) -> f64 {
        let mut answer = [0.0];
        self.expected_orders_at(&[horizon], &mut answer);
        answer[0]
    }

    /// Expected orders within each of `horizons`, which share most of the work.
    pub fn expected_orders_at(&self, horizons: &[f64], answers: &mut [f64]) {
        if self.regularity > 1 {
            for (answer, &t) in answers.iter_mut().zip(horizons) {
                *answer = if t > 0.0 { self.alive * self.stagewise(t).0 } else { 0.0 };
            }
            return;
        }
        let longest = horizons.iter().copied().fold(0.0f64, f64::max);
        if longest <= 0.0 {
            answers.fill(0.0);
        } else if self.a == 0.0 {
            answers
                .iter_mut()
                .zip(horizons)
                .for_each(|(e, t)| *e = self.alive * self.shape / self.rate * t.max(0.0));
        } else if self.suits_series(longest) {
            for (ts, es) in horizons.chunks(8).zip(answers.chunks_mut(8)) {
                if ts.len() == 1 { self.series::<1>(ts, es) } else { self.series::<8>(ts, es) }
            }
        } else {
            self.quadrature(horizons, answers);
        }
    }

    /// Probability of being active still after `horizon`.
    pub fn alive_at(&self, horizon: f64) -> f64 {
        if horizon <= 0.0 || self.a == 0.0 {
            return self.alive;
        }
        if self.regularity > 1 {
            return (self.alive * self.stagewise(horizon).1).clamp(0.0, self.alive);
        }
        let kept = if self.suits_series(horizon) {
            // (1−z)^a 2F1(a, a+b−shape; a+b; z): Euler's form of E over the coin p of (1 + p t / rate)^-shape.
            let z = horizon / (self.rate + horizon);
            let all = self.a + self.b;
            let (mut term, mut sum, mut small) = (1.0, 1.0f64, 0);
            for k in 0..2000 {
                let n = f64::from(k);
                term *= (self.a + n) * (all - self.shape + n) / ((all + n) * (n + 1.0)) * z;
                sum += term;
                small = if term.abs() <= 1e-16 * sum.abs() { small + 1 } else { 0 };
                if small == 2 {
                    break;
                }
            }
            (1.0 - z).powf(self.a) * sum
        } else {
            let mut kept = 0.0;
            beta_nodes(self.a, self.b, |p, weight| {
                kept += weight * (-self.shape * (p * horizon / self.rate).ln_1p()).exp();
            });
            kept
        };
        (self.alive * kept).clamp(0.0, self.alive)
    }

    /// Probability of no order within `horizon`.
    pub fn no_order(&self, horizon: f64) -> f64 {
        let none = if self.regularity == 1 {
            let kept = (-self.shape * (horizon.max(0.0) / self.rate).ln_1p()).exp();
            1.0 - self.alive * (1.0 - kept)
        } else {
            self.orders(horizon).next().unwrap_or(1.0)
        };
        none.clamp(0.0, 1.0)
    }

    /// Probabilities of 0, 1, 2, … orders within `horizon`, without end.
    pub fn orders(&self, horizon: f64) -> impl Iterator<Item = f64> + use<> {
        let t = horizon.max(0.0);
        let k = self.regularity as usize;
        let mut gaps: Vec<(f64, Arrivals)> = self
            .stage_weights()
            .enumerate()
            .map(|(j, weight)| (weight, Arrivals::new(self.shape + j as f64, t / (self.rate + t))))
            .collect();
        // `at_least` is the chance of n or more orders if nobody left; its step is the chance of exactly n.
        let mut at_least = 1.0;
        let (alive, a, b) = (self.alive, self.a, self.b);
        let mut stayed = 1.0;
        (0u64..).map(move |n| {
            let next: f64 = gaps
                .iter_mut()
                .enumerate()
                .map(|(j, (weight, arrivals))| {
                    let stages = if n == 0 { k - j } else { k };
                    *weight * arrivals.beyond(stages)
                })
                .sum();
            // Exactly n: the n coins said stay and no order n+1 came, or the n-th coin said leave.
            let mut chance = at_least - next;
            if n > 0 {
                let all = a + b + (n - 1) as f64;
                let left = stayed * a / all;
                stayed *= (b + (n - 1) as f64) / all;
                chance = stayed * chance + left * at_least;
            }
            at_least = next;
            let chance = alive * chance.max(0.0);
            if n == 0 { chance + (1.0 - alive) } else { chance }
        })
    }

    /// Chances of being in stage 0, 1, … of the current gap, given alive.
    fn stage_weights(&self) -> impl Iterator<Item = f64> + use<> {
        let (shape, share) = (self.shape, self.elapsed_share);
        let terms = move |k: u32| {
            (0..k).scan(1.0, move |term, j| {
                if j > 0 {
                    *term *= (shape + f64::from(j - 1)) / f64::from(j) * share;
                }
                Some(*term)
            })
        };
        let total: f64 = terms(self.regularity).sum();
        terms(self.regularity).map(move |term| term / total)
    }

    /// Expected orders and the chance of staying, given alive, by adding over the number of stages passed.
    fn stagewise(&self, t: f64) -> (f64, f64) {
        let z = t / (self.rate + t);
        let k = self.regularity as usize;
        let (mut orders, mut kept) = (0.0, 0.0);
        for (j, weight) in self.stage_weights().enumerate() {
            let mut arrivals = Arrivals::new(self.shape + j as f64, z);
            let (mut stayed, mut at_least, mut stages) = (1.0, 1.0, k - j);
            for n in 0..20_000 {
                let next = arrivals.beyond(stages);
                kept += weight * stayed * (at_least - next);
                orders += weight * stayed * next;
                stayed *= (self.b + n as f64) / (self.a + self.b + n as f64);
                at_least = next;
                stages = k;
                if next * stayed < 1e-13 * orders.max(1e-3) {
                    break;
                }
            }
        }
        (orders, kept)
    }

    /// Expected orders from now on for ever, an order at u counted as e^(−`discount` u); `discount` is above zero.
    ///
    /// For an order rate λ (of stages, where gaps are regular) and a coin p the sum over orders is geometric: with
    /// φ = λ / (λ + discount), the Laplace transform of one stage, it is φ^(k−j) / (1 − φ^k (1 − p)) from stage j of k.
    /// What remains is the mean over the gamma of λ and the beta of p.
    pub fn discounted_forever(&self, discount: f64) -> f64 {
        let k = f64::from(self.regularity);
        if self.a == 0.0 && self.regularity == 1 {
            return self.alive * self.shape / (self.rate * discount);
        }
        let mut coins = vec![(0.0, 1.0)];
        if self.a > 0.0 {
            coins.clear();
            beta_nodes(self.a, self.b, |p, weight| coins.push((p, weight)));
        }
        let mut sum = 0.0;
        for (j, stage) in self.stage_weights().enumerate() {
            gamma_nodes(self.shape + j as f64, self.rate, |order_rate, weight| {
                let step = (discount / order_rate).ln_1p();
                let (kept, lost) = ((-k * step).exp(), -(-k * step).exp_m1());
                let stays: f64 = coins.iter().map(|(p, share)| share / (lost + kept * p)).sum();
                sum += stage * weight * (-(k - j as f64) * step).exp() * stays;
            });
        }
        self.alive * sum
    }

    /// Whether the series converges fast and without cancellation.
    fn suits_series(&self, horizon: f64) -> bool {
        horizon <= 3.0 * self.rate && self.a <= 20.0 && self.shape <= self.a + self.b + 7.0
    }

    /// E = (1−z)^(a−1) Σ_k (a)_{k−1}/k! zᵏ D_k with z = t/(rate+t).
    ///
    /// This is the published 2F1 form after Euler's transformation, with the subtraction from one carried out term by
    /// term: D_k = C (1 − (C−shape)_k / (C)_k), C = a+b−1, by a recurrence that never divides by C. All terms are
    /// positive in the usual case, nothing overflows for any frequency, and a = 1 is no special case.
    fn series<const LANES: usize>(&self, horizons: &[f64], answers: &mut [f64]) {
        let mut z = [0.0; LANES];
        for (lane, t) in z.iter_mut().zip(horizons) {
            *lane = t.max(0.0) / (self.rate + t.max(0.0));
        }
        let furthest = z.iter().copied().fold(0.0, f64::max);
        let (mut power, mut sum) = (z, [0.0; LANES]);
        let c = self.a + self.b - 1.0;
        let (mut d, mut rest) = (self.shape, c - self.shape);
        let (mut coefficient, mut reach, mut total, mut small) = (1.0, furthest, 0.0f64, 0);
        for k in 1..2000 {
            let n = f64::from(k);
            let weight = coefficient * d;
            for lane in 0..LANES {
                sum[lane] += weight * power[lane];
                power[lane] *= z[lane];
            }
            total += weight * reach;
            small = if (weight * reach).abs() <= 1e-15 * total.abs() { small + 1 } else { 0 };
            if small == 2 {
                break;
            }
            reach *= furthest;
            // The division does not wait for the recurrence.
            let share = self.shape / (c + n);
            let step = rest * share;
            d += step;
            rest -= step;
            coefficient *= (self.a + n - 1.0) / (n + 1.0);
        }
        for lane in 0..horizons.len() {
            let ceiling = self.shape / self.rate * horizons[lane].max(0.0);
            let e = (1.0 - z[lane]).powf(self.a - 1.0) * sum[lane];
            answers[lane] = self.alive * e.clamp(0.0, ceiling);
        }
    }

    /// E over the coin p of (1 − (1 + p t / rate)^-shape) / p, for parameters and horizons beyond the series.
    fn quadrature(&self, horizons: &[f64], answers: &mut [f64]) {
        answers.fill(0.0);
        beta_nodes(self.a, self.b, |p, weight| {
            for (e, t) in answers.iter_mut().zip(horizons) {
                let l = (p * t.max(0.0) / self.rate).ln_1p();
                // For p so small that nothing is lost the ratio is the rate itself.
                *e += weight
                    * if l < 1e-12 {
                        self.shape * t.max(0.0) / self.rate
                    } else {
                        -(-self.shape * l).exp_m1() / p
                    };
            }
        });
        answers.iter_mut().for_each(|e| *e *= self.alive);
    }
}

/// Calls `visit(p, weight)` over nodes of the beta(a, b) distribution; weights sum to one.
fn beta_nodes(a: f64, b: f64, mut visit: impl FnMut(f64, f64)) {
    let width = ((a + b) / (a * b)).sqrt();
    // ln density in y = logit p: a ln p + b ln(1−p); the left tail falls like a·y, the right like b·y.
    let log_density = |y: f64| {
        let tail = (-y.abs()).exp().ln_1p();
        a * (y.min(0.0) - tail) + b * ((-y).min(0.0) - tail)
    };
    nodes::<120>((a / b).ln(), width, [a, b], log_density, |y, weight| visit(logistic(y), weight));
}

/// Calls `visit(λ, weight)` over nodes of the gamma(shape, rate) distribution; weights sum to one.
fn gamma_nodes(shape: f64, rate: f64, mut visit: impl FnMut(f64, f64)) {
    // ln density in y = ln λ, from its peak: both tails fall like shape·y or faster.
    let centre = (shape / rate).ln();
    let log_density = |y: f64| shape * ((y - centre) - (y - centre).exp_m1());
    nodes::<60>(centre, 1.0 / shape.sqrt(), [shape; 2], log_density, |y, weight| visit(y.exp(), weight));
}

/// Calls `visit(y, weight)` over N + 1 nodes of the distribution with this log density, whose tails fall at least by
/// `falls` per unit to the left and to the right of its centre; weights sum to one.
///
/// The trapezoid rule in y, stretched by sinh so that slow tails are reached: the integrand is analytic in a strip, so
/// the error falls exponentially with the nodes. Good to about ten digits for smooth functions.
fn nodes<const N: usize>(
    centre: f64,
    width: f64,
    falls: [f64; 2],
    log_density: impl Fn(f64) -> f64,
    mut visit: impl FnMut(f64, f64),
) {
    let [left, right] = falls.map(|fall| (40.0 / (fall * width) + 8.0).asinh());
    let step = (left + right) / N as f64;
    let peak = log_density(centre);
    let mut found = [(0.0, 0.0); 121];
    let mut total = 0.0;
    for (i, (place, weight)) in found[..=N].iter_mut().enumerate() {
        let stretch = (step * i as f64 - left).exp();
        *place = centre + width * 0.5 * (stretch - 1.0 / stretch);
        *weight = (log_density(*place) - peak).exp() * 0.5 * (stretch + 1.0 / stretch);
        total += *weight;
    }
    for (place, weight) in &found[..=N] {
        if *weight > 1e-17 * total {
            visit(*place, weight / total);
        }
    }
}
