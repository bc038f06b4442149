//! One shape for every fitted repeat-buying model: a name, a list of numbers, and answers about one customer.
//!
//! The same functions score a million customers and one customer online. Arguments are (frequency, recency, age) as in
//! [`super::history`] and a horizon, all in the time the model was fitted in; values outside the domain (a negative
//! age, a recency beyond the age) are moved to its edge, so that finite arguments always give finite answers. Use
//! [`super::history::History::check`] where such values should be refused.

use super::coin::{self, Coin, Dropout};
use super::discrete::{self, BgBb};
use super::history::Refused;
use super::pareto::{self, Pareto};
use crate::special::gauss_legendre;

/// A model of repeat buying with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Model {
    /// NBD, BG/NBD, MBG/NBD and their Erlang-k forms.
    Coin(Coin),
    /// Pareto/NBD.
    Pareto(Pareto),
    /// BG/BB, in discrete time.
    BgBb(BgBb),
}

/// What a model believes of one customer: compute once, ask often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// From a coin model.
    Coin(coin::standing::Standing),
    /// From Pareto/NBD.
    Pareto(pareto::Standing),
    /// From BG/BB.
    BgBb(discrete::Standing),
}

/// Fewest and most orders, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OrderRange {
    /// Fewest.
    pub low: f64,
    /// Most.
    pub high: f64,
}

impl Model {
    /// Makes a model from its name and parameters, in the order of the literature: `nbd` [r, alpha]; `bg-nbd` and
    /// `mbg-nbd` [r, alpha, a, b]; `pareto-nbd` [r, alpha, s, beta]; `bg-bb` [alpha, beta, gamma, delta]; `cnbd-k`,
    /// `bg-cnbd-k` and `mbg-cnbd-k` have k in front. Underscores are read as hyphens.
    pub fn from_parts(name: &str, parameters: &[f64]) -> Result<Model, Refused> {
        let coin = |dropout, regularity: f64, rest: &[f64]| {
            let (a, b) = if dropout == Dropout::Never { (0.0, 1.0) } else { (rest[2], rest[3]) };
            Model::Coin(Coin { dropout, regularity: regularity as u32, r: rest[0], alpha: rest[1], a, b })
        };
        let canonical = name.replace('_', "-");
        let (known, expected) = KNOWN
            .iter()
            .find(|(known, _)| *known == canonical)
            .ok_or_else(|| Refused::UnknownModel(name.to_string()))?;
        let is_sound = parameters.len() == expected.split(", ").count()
            && parameters.iter().all(|p| p.is_finite() && *p > 0.0);
        if !is_sound {
            return Err(Refused::Parameters { model: known, expected, given: parameters.to_vec() });
        }
        let p = parameters;
        if known.ends_with("-k") && (p[0].fract() != 0.0 || p[0] > f64::from(MOST_REGULAR)) {
            return Err(Refused::Regularity(p[0] as u32));
        }
        Ok(match *known {
            "nbd" => coin(Dropout::Never, 1.0, p),
            "bg-nbd" => coin(Dropout::AfterRepeats, 1.0, p),
            "mbg-nbd" => coin(Dropout::AfterAll, 1.0, p),
            "cnbd-k" => coin(Dropout::Never, p[0], &p[1..]),
            "bg-cnbd-k" => coin(Dropout::AfterRepeats, p[0], &p[1..]),
            "mbg-cnbd-k" => coin(Dropout::AfterAll, p[0], &p[1..]),
            "pareto-nbd" => Model::Pareto(Pareto { r: p[0], alpha: p[1], s: p[2], beta: p[3] }),
            _ => Model::BgBb(BgBb { alpha: p[0], beta: p[1], gamma: p[2], delta: p[3] }),
        })
    }

    /// The name [`Model::from_parts`] takes.
    pub fn name(&self) -> &'static str {
        match self {
            Model::Coin(coin) => match (coin.dropout, coin.regularity) {
                (Dropout::Never, 1) => "nbd",
                (Dropout::AfterRepeats, 1) => "bg-nbd",
                (Dropout::AfterAll, 1) => "mbg-nbd",
                (Dropout::Never, _) => "cnbd-k",
                (Dropout::AfterRepeats, _) => "bg-cnbd-k",
                (Dropout::AfterAll, _) => "mbg-cnbd-k",
            },
            Model::Pareto(_) => "pareto-nbd",
            Model::BgBb(_) => "bg-bb",
        }
    }

    /// The parameters [`Model::from_parts`] takes.
    pub fn parameters(&self) -> Vec<f64> {
        match self {
            Model::Coin(coin) => {
                let mut parameters = Vec::with_capacity(5);
                if coin.regularity > 1 {
                    parameters.push(f64::from(coin.regularity));
                }
                parameters.extend([coin.r, coin.alpha]);
                if coin.dropout != Dropout::Never {
                    parameters.extend([coin.a, coin.b]);
                }
                parameters
            }
            Model::Pareto(p) => vec![p.r, p.alpha, p.s, p.beta],
            Model::BgBb(p) => vec![p.alpha, p.beta, p.gamma, p.delta],
        }
    }

    /// What the model believes of a customer.
    pub fn standing(&self, frequency: f64, recency: f64, age: f64) -> Standing {
        match self {
            Model::Coin(m) => Standing::Coin(m.standing(frequency, recency, age)),
            Model::Pareto(m) => Standing::Pareto(m.standing(frequency, recency, age)),
            Model::BgBb(m) => Standing::BgBb(m.standing(frequency, recency, age)),
        }
    }

    /// What the model believes of somebody who orders for the first time now.
    pub fn newcomer(&self) -> Standing {
        match self {
            Model::Coin(m) => Standing::Coin(m.newcomer()),
            Model::Pareto(m) => Standing::Pareto(m.newcomer()),
            Model::BgBb(m) => Standing::BgBb(m.standing(0.0, 0.0, 0.0)),
        }
    }

    /// Probability that the customer is still active.
    pub fn p_alive(&self, frequency: f64, recency: f64, age: f64) -> f64 {
        self.standing(frequency, recency, age).p_alive()
    }

    /// Probability that the customer is still active `horizon` from now.
    pub fn p_alive_at(&self, frequency: f64, recency: f64, age: f64, horizon: f64) -> f64 {
        self.standing(frequency, recency, age).p_alive_at(horizon)
    }

    /// Probability of no order within `horizon`: leaving as the shop sees it.
    pub fn p_no_order(&self, frequency: f64, recency: f64, age: f64, horizon: f64) -> f64 {
        self.standing(frequency, recency, age).p_no_order(horizon)
    }

    /// Expected orders within `horizon`.
    pub fn expected_orders(&self, frequency: f64, recency: f64, age: f64, horizon: f64) -> f64 {
        self.standing(frequency, recency, age).expected_orders(horizon)
    }

    /// Expected repeat orders of a new customer within `horizon` of the first order.
    pub fn expected_orders_new(&self, horizon: f64) -> f64 {
        self.newcomer().expected_orders(horizon)
    }

    /// Probability of exactly `count` repeat orders of a new customer within `horizon`; zero for a fractional count.
    pub fn p_orders_new(&self, count: f64, horizon: f64) -> f64 {
        self.newcomer().p_orders(count, horizon)
    }

    /// Range of orders within `horizon` that holds with probability `level` or more. See [`Standing::order_range`].
    pub fn order_range(
        &self,
        frequency: f64,
        recency: f64,
        age: f64,
        horizon: f64,
        level: f64,
    ) -> OrderRange {
        self.standing(frequency, recency, age).order_range(horizon, level)
    }

    /// Expected orders after `from` up to `to` from now, each discounted. See [`Standing::discounted_orders`].
    pub fn discounted_orders(&self, history: [f64; 3], from: f64, to: f64, rate: f64) -> f64 {
        self.standing(history[0], history[1], history[2]).discounted_orders(from, to, rate)
    }
}

/// Highest degree of regularity: an Erlang-12 gap varies by 29 % of its mean.
pub const MOST_REGULAR: u32 = 12;

const KNOWN: [(&str, &str); 8] = [
    ("nbd", "r, alpha"),
    ("bg-nbd", "r, alpha, a, b"),
    ("mbg-nbd", "r, alpha, a, b"),
    ("pareto-nbd", "r, alpha, s, beta"),
    ("cnbd-k", "k, r, alpha"),
    ("bg-cnbd-k", "k, r, alpha, a, b"),
    ("mbg-cnbd-k", "k, r, alpha, a, b"),
    ("bg-bb", "alpha, beta, gamma, delta"),
];

/// Nodes within one panel of a discounted sum; with the end they fill the eight lanes of the series.
const NODES: usize = 7;

impl Standing {
    /// Probability of being active.
    pub fn p_alive(&self) -> f64 {
        match self {
            Standing::Coin(s) => s.alive,
            Standing::Pareto(s) => s.alive,
            Standing::BgBb(s) => s.alive,
        }
    }

    /// Probability of being active `horizon` from now.
    pub fn p_alive_at(&self, horizon: f64) -> f64 {
        match self {
            Standing::Coin(s) => s.alive_at(horizon),
            Standing::Pareto(s) => s.alive_at(horizon),
            Standing::BgBb(s) => s.alive_at(horizon),
        }
    }

    /// Probability of no order within `horizon`.
    pub fn p_no_order(&self, horizon: f64) -> f64 {
        match self {
            Standing::Coin(s) => s.no_order(horizon),
            Standing::Pareto(s) => s.no_order(horizon),
            Standing::BgBb(s) => s.no_order(horizon),
        }
    }

    /// Expected orders within `horizon`.
    pub fn expected_orders(&self, horizon: f64) -> f64 {
        match self {
            Standing::Coin(s) => s.expected_orders(horizon),
            Standing::Pareto(s) => s.expected_orders(horizon),
            Standing::BgBb(s) => s.expected_orders(horizon),
        }
    }

    /// Expected orders within each of `horizons`; the slices have one length.
    pub fn expected_orders_at(&self, horizons: &[f64], answers: &mut [f64]) {
        match self {
            Standing::Coin(s) => s.expected_orders_at(horizons, answers),
            Standing::Pareto(s) => s.expected_orders_at(horizons, answers),
            Standing::BgBb(s) => s.expected_orders_at(horizons, answers),
        }
    }

    /// Probability of exactly `count` orders within `horizon`; zero for a negative or fractional count.
    pub fn p_orders(&self, count: f64, horizon: f64) -> f64 {
        if !(0.0..1e7).contains(&count) || count.fract() != 0.0 {
            return 0.0;
        }
        self.with_orders(horizon, |chances| chances.nth(count as usize).unwrap_or(0.0))
    }

    /// Probabilities of 0, 1, … orders within `horizon`, for `count` counts.
    pub fn order_chances(&self, horizon: f64, count: usize) -> Vec<f64> {
        self.with_orders(horizon, |chances| chances.take(count).collect())
    }

    /// Range of orders within `horizon` that holds with probability `level` or more, cut evenly at both ends.
    ///
    /// This is the posterior predictive distribution in closed form: the customer's own rate and leaving, and chance
    /// itself, given the parameters. It does not hold the uncertainty of the parameters, which matters for totals
    /// over many customers and hardly for one; [`super::fit::Fit::total`] has that.
    pub fn order_range(&self, horizon: f64, level: f64) -> OrderRange {
        let tail = 0.5 * (1.0 - level.clamp(0.0, 0.999_999));
        let mut range = OrderRange { low: 0.0, high: 0.0 };
        self.with_orders(horizon, |chances| {
            let mut below = 0.0;
            for (n, chance) in chances.enumerate().take(200_000) {
                if below <= tail {
                    range.low = n as f64;
                }
                range.high = n as f64;
                below += chance;
                if below >= 1.0 - tail {
                    break;
                }
            }
        });
        range
    }

    /// Mean and variance of the number of orders within `horizon`, chance included.
    pub fn order_moments(&self, horizon: f64) -> (f64, f64) {
        let mean = self.expected_orders(horizon);
        let square = self.with_orders(horizon, |chances| {
            let (mut sum, mut left) = (0.0, 1.0);
            for (n, chance) in chances.enumerate().take(200_000) {
                sum += chance * (n as f64) * (n as f64);
                left -= chance;
                if left < 1e-9 && n as f64 > mean {
                    break;
                }
            }
            sum
        });
        (mean, (square - mean * mean).max(0.0))
    }

    /// Expected orders after `from` up to `to` from now, an order at u counted as e^(−rate u): the discounted value of
    /// one unit of margin per order. `rate` is continuous, per unit of time ([`super::value::continuous_rate`] makes
    /// one of a yearly percentage); `to` may be infinite if `rate` is positive, and that is the published DERT.
    pub fn discounted_orders(&self, from: f64, to: f64, rate: f64) -> f64 {
        let from = from.max(0.0);
        let rate = rate.max(0.0);
        if to.is_nan() || to <= from {
            return 0.0;
        }
        if let Standing::BgBb(s) = self {
            return s.discounted(from, to, rate);
        }
        if rate == 0.0 {
            if to.is_infinite() {
                return f64::INFINITY;
            }
            return self.expected_orders(to) - self.expected_orders(from);
        }
        match self {
            Standing::Coin(s) if from == 0.0 && to.is_infinite() => s.discounted_forever(rate),
            Standing::Pareto(s) if from == 0.0 && to.is_infinite() => s.discounted_forever(rate),
            _ => self.discounted_panels(from, to, rate).1,
        }
    }

    /// Expected orders within `horizon`, plain and discounted, for little more than the price of one.
    pub(crate) fn plain_with_discounted(&self, horizon: f64, rate: f64) -> (f64, f64) {
        if rate > 0.0 && horizon > 0.0 && rate * horizon < 30.0 && !matches!(self, Standing::BgBb(_)) {
            self.discounted_panels(0.0, horizon, rate)
        } else {
            (self.expected_orders(horizon), self.discounted_orders(0.0, horizon, rate))
        }
    }

    /// Expected orders within the last moment that matters, and the discounted ones.
    fn discounted_panels(&self, from: f64, to: f64, rate: f64) -> (f64, f64) {
        // By parts: ∫ e^(−ρu) dE(u) = [e^(−ρu) E(u)] + ρ ∫ e^(−ρu) E(u) du, where E is smooth in ln(scale + u), so
        // that panels may grow with u until the discount changes by e² in one.
        let end = to.min(from + 30.0 / rate);
        let scale = self.time_scale();
        let rule = gauss_legendre(NODES);
        let (mut total, mut start) = (0.0, from);
        let mut first = if from > 0.0 { self.expected_orders(from) } else { 0.0 };
        // The last place is the end of the panel, so that one call answers all.
        let (mut horizons, mut answers) = ([0.0; NODES + 1], [0.0; NODES + 1]);
        while start < end {
            let stop = end.min(start + (1.5 * (scale + start)).min(2.0 / rate));
            if stop <= start {
                break;
            }
            let width = stop - start;
            for (u, node) in horizons.iter_mut().zip(&rule.nodes) {
                *u = start + node * width;
            }
            horizons[NODES] = stop;
            self.expected_orders_at(&horizons, &mut answers);
            let last = answers[NODES];
            // E is taken from the start of the panel, so that late panels do not subtract large numbers.
            let inner: f64 = (0..NODES)
                .map(|i| rule.weights[i] * (-rate * (horizons[i] - start)).exp() * (answers[i] - first))
                .sum();
            total += (-rate * start).exp() * ((last - first) * (-rate * width).exp() + rate * width * inner);
            (first, start) = (last, stop);
        }
        (first, total)
    }

    fn time_scale(&self) -> f64 {
        match self {
            Standing::Coin(s) => s.time_scale(),
            Standing::Pareto(s) => s.time_scale(),
            Standing::BgBb(_) => 1.0,
        }
    }

    fn with_orders<T>(&self, horizon: f64, ask: impl FnOnce(&mut dyn Iterator<Item = f64>) -> T) -> T {
        match self {
            Standing::Coin(s) => ask(&mut s.orders(horizon)),
            Standing::Pareto(s) => ask(&mut s.orders(horizon)),
            Standing::BgBb(s) => ask(&mut s.orders(horizon)),
        }
    }
}
