//! Pareto/NBD: customers order at their own rate and leave at a moment of their own.
//!
//! Rates are gamma(`r`, `alpha`) over customers, death rates gamma(`s`, `beta`). Source: Schmittlein, Morrison &
//! Colombo 1987. The published likelihood is a difference of two 2F1 functions, which loses all digits just where
//! shops are (many orders, early last order) and then reports likelihoods above any possible value. Here the integral
//! it came from is done directly: with w = ln(y + min(alpha, beta)) the integrand over the moment of leaving y is
//! log-concave and analytic in a strip of width π around the real line whatever the parameters, so Gauss–Legendre
//! converges geometrically. Everything stays in logarithms.

use super::arrivals::Arrivals;
use super::rows::Rows;
use crate::special::{Rising, Rule, exp_ratio, gauss_legendre, ln_add_exp, logistic, rise};

/// The model with its parameters; times in the unit it was fitted in.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Pareto {
    /// Shape of the order rates over customers.
    pub r: f64,
    /// Rate parameter of the order rates, in time.
    pub alpha: f64,
    /// Shape of the death rates over customers.
    pub s: f64,
    /// Rate parameter of the death rates, in time.
    pub beta: f64,
}

/// What the model believes of one customer at one moment: with probability `alive` active, and then the order rate is
/// gamma(`shape`, `rate`) and the death rate gamma(`s`, `beta`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Probability of being active.
    pub alive: f64,
    shape: f64,
    rate: f64,
    s: f64,
    beta: f64,
}

/// Log-likelihood of all rows and its gradient in (ln r, ln alpha, ln s, ln beta), in the time of `rows`.
pub(crate) fn evaluate(rows: &Rows, theta: &[f64], gradient: &mut [f64]) -> f64 {
    let model = Pareto { r: theta[0].exp(), alpha: theta[1].exp(), s: theta[2].exp(), beta: theta[3].exp() };
    let mut value = 0.0;
    let mut slopes = [0.0; 2];
    let mut purchases = Rising::default();
    let mut from = 0;
    for (&x, &customers) in rows.frequencies.iter().zip(&rows.customers_at) {
        purchases = rise(purchases, model.r, from, x);
        from = x;
        value += customers * (purchases.ln - x as f64 * theta[1]);
        slopes[0] += customers * purchases.inverse;
        slopes[1] -= customers * x as f64;
    }
    let sums = rows.sum(|range| {
        let mut sums = [0.0; 5];
        for row in range {
            let shape = model.r + rows.frequencies[rows.slot[row] as usize] as f64;
            let (age, weight) = (rows.age[row], rows.weight[row]);
            let ended = model.ended(shape, rows.recency[row], age);
            let gone = ended.gone;
            let here = 1.0 - gone;
            let (order, life) = ((1.0 + age / model.alpha).ln(), (1.0 + age / model.beta).ln());
            sums[0] += weight * (-shape * order - model.s * life - ln_one_minus(ended.ln_odds));
            sums[1] -= weight * (here * order + gone * ended.order);
            sums[2] += weight * shape * (here * age / (model.alpha + age) + gone * ended.order_share);
            sums[3] += weight * (gone - model.s * (here * life + gone * ended.life));
            sums[4] += weight
                * (here * model.s * age / (model.beta + age)
                    + gone * ((model.s + 1.0) * ended.life_share - 1.0));
        }
        sums
    });
    value += sums[0];
    gradient[0] = model.r * (slopes[0] + sums[1]);
    gradient[1] = slopes[1] + sums[2];
    gradient[2] = sums[3];
    gradient[3] = sums[4];
    value
}

/// ln of the chance of being here, from the log-odds of being gone.
fn ln_one_minus(ln_odds: f64) -> f64 {
    -(ln_odds.max(0.0) + (-ln_odds.abs()).exp().ln_1p())
}

/// The possibility that the customer left between the last order and the end: its chance, and means over the moment y
/// of leaving, given that.
struct Ended {
    ln_odds: f64,
    gone: f64,
    /// Mean of ln(1 + y/alpha).
    order: f64,
    /// Mean of y / (alpha + y).
    order_share: f64,
    /// Mean of ln(1 + y/beta).
    life: f64,
    /// Mean of y / (beta + y).
    life_share: f64,
}

impl Pareto {
    fn ended(&self, shape: f64, recency: f64, age: f64) -> Ended {
        let (alpha, s, beta) = (self.alpha, self.s, self.beta);
        let near = alpha.min(beta);
        // ln of the integrand in w = ln(near + y), relative to its value at the last order.
        let (start, end) = ((near + recency).ln(), (near + age).ln());
        let slope = 1.0 - (near + recency) * (shape / (alpha + recency) + (s + 1.0) / (beta + recency));
        let mut span = end - start;
        if span <= 0.0 {
            return Ended {
                ln_odds: f64::NEG_INFINITY,
                gone: 0.0,
                order: 0.0,
                order_share: 0.0,
                life: 0.0,
                life_share: 0.0,
            };
        }
        // Log-concave and falling: beyond this it is below 1e-17 of its start.
        if slope < 0.0 {
            span = span.min(-40.0 / slope);
        }
        let panels = (span / 8.0).ceil().max(1.0);
        let width = span / panels;
        let rule = rule_for(width, slope.abs() * width);
        // ln f = −shape ln((alpha+y)/(alpha+T)) − (s+1) ln((beta+y)/(beta+T)) + ln((near+y)/(beta+T)) + ln s, which
        // makes Σ f the odds of being gone against being here. The largest value leads, so that nothing overflows.
        let (now_alpha, now_beta) = (alpha + age, beta + age);
        let log_f = |w: f64| {
            let reach = w.exp();
            let far_alpha = reach + (alpha - near);
            let far_beta = reach + (beta - near);
            let (ln_alpha, ln_beta) = if alpha <= beta { (w, far_beta.ln()) } else { (far_alpha.ln(), w) };
            (w - shape * ln_alpha - (s + 1.0) * ln_beta, ln_alpha, ln_beta, far_alpha, far_beta)
        };
        // The curve is highest at the start unless it rises there, and then at most e^span higher.
        let lead = log_f(start).0 + slope.max(0.0) * span;
        let (ln_alpha0, ln_beta0) = (alpha.ln(), beta.ln());
        let mut mass = 0.0;
        let mut means = [0.0; 4];
        for panel in 0..panels as u32 {
            let from = start + f64::from(panel) * width;
            for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
                let (height, ln_alpha, ln_beta, far_alpha, far_beta) = log_f(from + node * width);
                let f = weight * (height - lead).exp();
                mass += f;
                means[0] += f * (ln_alpha - ln_alpha0);
                means[1] += f / far_alpha;
                means[2] += f * (ln_beta - ln_beta0);
                means[3] += f / far_beta;
            }
        }
        let ln_odds = lead + (mass * width * s).ln() + shape * now_alpha.ln() + s * now_beta.ln();
        Ended {
            ln_odds,
            gone: logistic(ln_odds),
            order: means[0] / mass,
            order_share: 1.0 - alpha * means[1] / mass,
            life: means[2] / mass,
            life_share: 1.0 - beta * means[3] / mass,
        }
    }

    /// What the model believes of a customer with `frequency` repeat orders, the last `recency` after the first, seen
    /// for `age`. Values outside the domain are moved to its edge.
    pub fn standing(&self, frequency: f64, recency: f64, age: f64) -> Standing {
        let x = frequency.max(0.0);
        let age = age.max(0.0);
        let recency = if x == 0.0 { 0.0 } else { recency.clamp(0.0, age) };
        let shape = self.r + x;
        let alive = logistic(-self.ended(shape, recency, age).ln_odds);
        Standing { alive, shape, rate: self.alpha + age, s: self.s, beta: self.beta + age }
    }

    /// What the model believes of somebody who orders for the first time now.
    pub fn newcomer(&self) -> Standing {
        Standing { alive: 1.0, shape: self.r, rate: self.alpha, s: self.s, beta: self.beta }
    }
}

/// Points enough for twelve digits on a panel of this width over which ln f falls by about `drop`.
fn rule_for(width: f64, drop: f64) -> &'static Rule {
    if width <= 1.0 && drop <= 4.0 {
        gauss_legendre(8)
    } else if width <= 3.0 && drop <= 15.0 {
        gauss_legendre(16)
    } else {
        gauss_legendre(32)
    }
}

impl Standing {
    /// The time over which expectations bend.
    pub(crate) fn time_scale(&self) -> f64 {
        self.rate.min(self.beta)
    }

    /// Expected orders within `horizon` from now.
    pub fn expected_orders(&self, horizon: f64) -> f64 {
        let t = horizon.max(0.0);
        self.alive * self.shape / self.rate * self.beta * exp_ratio(1.0 - self.s, (t / self.beta).ln_1p())
    }

    /// Expected orders within each of `horizons`.
    pub fn expected_orders_at(&self, horizons: &[f64], answers: &mut [f64]) {
        answers.iter_mut().zip(horizons).for_each(|(e, t)| *e = self.expected_orders(*t));
    }

    /// Expected orders from now on for ever, an order at u counted as e^(−`discount` u); `discount` is above zero.
    ///
    /// The DERT of Fader, Hardie and Lee (2005), whose confluent hypergeometric function is ∫ e^(−zu) (1+u)^(−s) du with
    /// z = discount · (beta + T): taken here in w = ln(1 + u) by panels that double from the first scale it bends on.
    pub fn discounted_forever(&self, discount: f64) -> f64 {
        let z = discount * self.beta;
        let rule = gauss_legendre(16);
        let end = (40.0 / z).ln_1p();
        let (mut start, mut width, mut sum) = (0.0, 2.0 / (1.0 + self.s + z), 0.0);
        while start < end {
            let stop = end.min(start + width);
            for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
                let w: f64 = start + node * (stop - start);
                sum += weight * (stop - start) * (w * (1.0 - self.s) - z * w.exp_m1()).exp();
            }
            (start, width) = (stop, (2.0 * width).min(1.5));
        }
        self.alive * self.shape / self.rate * self.beta * sum
    }

    /// Probability of being active still after `horizon`.
    pub fn alive_at(&self, horizon: f64) -> f64 {
        self.alive * (-self.s * (horizon.max(0.0) / self.beta).ln_1p()).exp()
    }

    /// Probability of no order within `horizon`.
    pub fn no_order(&self, horizon: f64) -> f64 {
        // No order and still here, or gone before one: the likelihood of a newcomer with these parameters.
        let t = horizon.max(0.0);
        let now = Pareto { r: self.shape, alpha: self.rate, s: self.s, beta: self.beta };
        let here = -self.shape * (t / self.rate).ln_1p() - self.s * (t / self.beta).ln_1p();
        let kept = (here + ln_add_exp(0.0, now.ended(self.shape, 0.0, t).ln_odds)).exp();
        (1.0 - self.alive * (1.0 - kept)).clamp(0.0, 1.0)
    }

    /// Probabilities of 0, 1, 2, … orders within `horizon`, without end.
    ///
    /// Given the time active within the horizon the count is negative binomial; the time is averaged by 32-point
    /// Gauss–Legendre over its distribution function.
    pub fn orders(&self, horizon: f64) -> impl Iterator<Item = f64> + use<> {
        let t = horizon.max(0.0);
        let life = (t / self.beta).ln_1p();
        let kept = (-self.s * life).exp();
        let rule = gauss_legendre(32);
        let mut spans = Vec::with_capacity(33);
        let mut span = |weight: f64, time: f64| {
            spans.push((weight, Arrivals::new(self.shape, time / (self.rate + time))));
        };
        if kept < 1.0 {
            for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
                let survival = 1.0 - node * (1.0 - kept);
                span(weight * (1.0 - kept), self.beta * (-survival.ln() / self.s).exp_m1());
            }
        }
        span(kept, t);
        let alive = self.alive;
        (0u64..).map(move |n| {
            let chance: f64 = spans.iter_mut().map(|(weight, arrivals)| *weight * arrivals.pass()).sum();
            if n == 0 { alive * chance + (1.0 - alive) } else { alive * chance }
        })
    }
}
