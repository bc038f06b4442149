//! Answers for many customers at once, on all cores, and totals with an honest interval.

use super::coin::{Coin, Odds};
use super::fit::Fit;
use super::history::{History, Refused, group};
use super::model::{Model, OrderRange, Standing};
use crate::special::normal_quantile;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// What to compute for each customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Time ahead for orders.
    pub horizon: f64,
    /// Continuous discount rate per unit of time for the discounted orders within the horizon; zero for none.
    pub rate: f64,
}

/// The answers for one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Probability of being active.
    pub p_alive: f64,
    /// Probability of no order within the horizon.
    pub p_no_order: f64,
    /// Expected orders within the horizon.
    pub expected_orders: f64,
    /// The same, discounted.
    pub discounted_orders: f64,
}

/// Rows a thread scores in one go, at least.
const CHUNK: usize = 1 << 16;

/// Scores every row; one score per row, in order. The numbers are those of [`Model`]'s functions for one customer.
pub fn score_all(model: &Model, history: &History, request: &Request) -> Result<Vec<Score>, Refused> {
    history.check()?;
    check_time("horizon", request.horizon)?;
    check_time("rate", request.rate)?;
    let rows = (0..history.rows()).into_par_iter();
    let (frequency, recency, age) = (history.frequency, history.recency, history.age);
    Ok(match model {
        // All that a recency changes here is the chance of being active. A thread takes its whole share at once, because
        // what it has met already is its own.
        Model::Coin(coin) if coin.regularity == 1 => {
            let silence = Silence::new(coin, age);
            rows.with_min_len(CHUNK.max(history.rows() / rayon::current_num_threads()))
                .map_init(
                    || Met::new(silence.whole.len()),
                    |met, row| {
                        let (x, age) = (frequency[row], age[row]);
                        let ahead = met.ahead(x, age, || Ahead::of(coin, x, age, request));
                        ahead.of_one(silence.p_alive(&ahead.odds, x, recency[row].min(age), age))
                    },
                )
                .collect()
        }
        _ => rows
            .with_min_len(CHUNK)
            .map(|row| {
                let standing = model.standing(frequency[row], recency[row], age[row]);
                let (expected_orders, discounted_orders) =
                    standing.plain_with_discounted(request.horizon, request.rate);
                let p_no_order = standing.p_no_order(request.horizon);
                Score { p_alive: standing.p_alive(), p_no_order, expected_orders, discounted_orders }
            })
            .collect(),
    })
}

/// The range of orders of every row within `horizon`; see [`Standing::order_range`].
pub fn order_ranges(
    model: &Model,
    history: &History,
    horizon: f64,
    level: f64,
) -> Result<Vec<OrderRange>, Refused> {
    history.check()?;
    check_time("horizon", horizon)?;
    let one = |row: usize| {
        model.order_range(history.frequency[row], history.recency[row], history.age[row], horizon, level)
    };
    Ok((0..history.rows()).into_par_iter().with_min_len(1024).map(one).collect())
}

fn check_time(setting: &'static str, value: f64) -> Result<(), Refused> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Refused::Setting { setting, value, range: "zero or more" })
}

/// What lies ahead of a customer who is active: the same for all with the same frequency and age.
#[derive(Clone, Copy, Default)]
struct Ahead {
    odds: Odds,
    p_order: f64,
    expected_orders: f64,
    discounted_orders: f64,
}

impl Ahead {
    fn of(coin: &Coin, frequency: f64, age: f64, request: &Request) -> Ahead {
        let active = Standing::Coin(coin.standing(frequency, age, age).if_active());
        let (expected_orders, discounted_orders) =
            active.plain_with_discounted(request.horizon, request.rate);
        let p_order = 1.0 - active.p_no_order(request.horizon);
        Ahead { odds: coin.odds(frequency), p_order, expected_orders, discounted_orders }
    }

    fn of_one(&self, p_alive: f64) -> Score {
        Score {
            p_alive,
            p_no_order: 1.0 - p_alive * self.p_order,
            expected_orders: p_alive * self.expected_orders,
            discounted_orders: p_alive * self.discounted_orders,
        }
    }
}

/// What was met already: by day and small frequency in a table, else by the bits of frequency and age.
struct Met {
    /// Frequency by frequency, a place for each age from 0.
    table: Vec<Option<Ahead>>,
    ages: usize,
    rest: FxHashMap<(u64, u64), Ahead>,
}

/// Frequencies, and ages in whole days, that have a place in the table at most: eleven years, and less than 32 orders.
const FREQUENCIES: usize = 32;
const AGES: usize = 1 << 12;

/// Other pairs of frequency and age that are remembered. Continuous times never come twice, and remembering them all would
/// cost more than it saves.
const MOST_MET: usize = 1 << 15;

impl Met {
    /// Nothing yet; `ages` are 0, 1, … in whole days.
    fn new(ages: usize) -> Met {
        let ages = ages.min(AGES);
        Met { table: vec![None; FREQUENCIES * ages], ages, rest: FxHashMap::default() }
    }

    fn ahead(&mut self, frequency: f64, age: f64, ahead: impl Fn() -> Ahead) -> Ahead {
        let (times, days) = (frequency as usize, age as usize);
        if times < FREQUENCIES && days < self.ages && days as f64 == age && times as f64 == frequency {
            return *self.table[times * self.ages + days].get_or_insert_with(ahead);
        }
        let key = (frequency.to_bits(), age.to_bits());
        if let Some(known) = self.rest.get(&key) {
            return *known;
        }
        let new = ahead();
        if self.rest.len() < MOST_MET {
            self.rest.insert(key, new);
        }
        new
    }
}

/// How much the silence since the last order speaks against a customer: ((α + age) / (α + recency)) to the shape of their
/// rate, r and their orders, of which the part with r is in a table for whole times.
struct Silence {
    r: f64,
    alpha: f64,
    /// (α + t)ʳ by whole t.
    whole: Vec<f64>,
}

/// So many orders are multiplied up; beyond, and where a power is no finite number, logarithms are taken.
const MULTIPLIED: f64 = 32.0;

impl Silence {
    /// As far as the ages go, or until a table costs more than it saves.
    fn new(coin: &Coin, ages: &[f64]) -> Silence {
        let longest =
            ages.par_iter().with_min_len(CHUNK).copied().reduce(|| 0.0, f64::max).min(ages.len() as f64);
        let (r, alpha) = (coin.r, coin.alpha);
        Silence { r, alpha, whole: (0..=longest as u64).map(|t| (alpha + t as f64).powf(r)).collect() }
    }

    fn p_alive(&self, odds: &Odds, frequency: f64, recency: f64, age: f64) -> f64 {
        let share = (self.alpha + age) / (self.alpha + recency);
        match (self.at(recency), self.at(age)) {
            (Some(then), Some(now)) if frequency < MULTIPLIED && self.r < MULTIPLIED => {
                let silence = now / then * power(share, frequency as u32);
                if silence.is_finite() { odds.p_alive_at(silence) } else { odds.p_alive(|| share.ln()) }
            }
            _ => odds.p_alive(|| share.ln()),
        }
    }

    fn at(&self, t: f64) -> Option<f64> {
        let whole = t as usize;
        self.whole.get(whole).filter(|_| whole as f64 == t).copied()
    }
}

fn power(base: f64, times: u32) -> f64 {
    let (mut product, mut square, mut left) = (1.0, base, times);
    while left > 0 {
        if left & 1 == 1 {
            product *= square;
        }
        square *= square;
        left >>= 1;
    }
    product
}

/// Orders all customers together will make, with what makes the figure uncertain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// Expected orders.
    pub expected: f64,
    /// Standard deviation from chance: rates and leaving of the customers, and the orders themselves.
    pub chance: f64,
    /// Standard error from the parameters being estimates; None where the fit has no covariance.
    pub parameters: Option<f64>,
    /// Fewest orders, at the level asked for.
    pub low: f64,
    /// Most orders.
    pub high: f64,
}

impl Fit {
    /// Forecast of the orders of all customers within `horizon`, by the fitted model.
    ///
    /// Chance is added up over independent customers, the parameters enter by the delta method, and the interval is
    /// normal. It does not know of seasons, new customers or a changing world. Where attrition is not identified, fit
    /// the NBD and ask that fit.
    pub fn total(&self, history: &History, horizon: f64, level: f64) -> Result<Total, Refused> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Refused::Setting { setting: "level", value: level, range: "between 0 and 1" });
        }
        let groups = group(history)?;
        let rows = groups.weights.len();
        let sum = |term: &(dyn Fn(usize) -> f64 + Sync)| {
            let parts: Vec<f64> = (0..rows.div_ceil(1024))
                .into_par_iter()
                .map(|c| (c * 1024..((c + 1) * 1024).min(rows)).map(|i| groups.weights[i] * term(i)).sum())
                .collect();
            parts.iter().sum::<f64>()
        };
        let standing =
            |model: &Model, i: usize| model.standing(groups.frequency[i], groups.recency[i], groups.age[i]);
        let expected = sum(&|i| standing(&self.model, i).expected_orders(horizon));
        let chance = sum(&|i| standing(&self.model, i).order_moments(horizon).1).sqrt();
        let parameters = self.covariance.as_ref().map(|covariance| {
            let all = self.model.parameters();
            let extra = all.len() - covariance.len();
            let slopes: Vec<f64> = (0..covariance.len())
                .map(|j| {
                    if covariance[j][j] == 0.0 {
                        return 0.0;
                    }
                    let step = 1e-4 * all[extra + j];
                    let side = |sign: f64| {
                        let mut moved = all.clone();
                        moved[extra + j] += sign * step;
                        let model = Model::from_parts(self.model.name(), &moved).unwrap_or(self.model);
                        sum(&|i| standing(&model, i).expected_orders(horizon))
                    };
                    (side(1.0) - side(-1.0)) / (2.0 * step)
                })
                .collect();
            let variance: f64 = (0..slopes.len())
                .flat_map(|i| (0..slopes.len()).map(move |j| (i, j)))
                .map(|(i, j)| slopes[i] * covariance[i][j] * slopes[j])
                .sum();
            variance.max(0.0).sqrt()
        });
        let width = normal_quantile(0.5 + 0.5 * level) * chance.hypot(parameters.unwrap_or(0.0));
        Ok(Total { expected, chance, parameters, low: (expected - width).max(0.0), high: expected + width })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_that_are_no_numbers_are_left_to_logarithms() {
        // As many customers as days, so that the tables reach as far.
        let thrice = |of: [f64; 3]| of.repeat(20);
        let (x, tx, age) = (thrice([0.0, 31.0, 31.0]), thrice([0.0, 5.0, 40.0]), thrice([40.0; 3]));
        let history = History::new(&x, &tx, &age);
        let request = Request { horizon: 12.0, rate: 0.0 };
        for (r, alpha) in [(31.0, 1e-12), (31.0, 1e11), (0.2, 1e-300)] {
            for (name, parameters) in [
                ("nbd", vec![r, alpha]),
                ("bg-nbd", vec![r, alpha, 0.8, 2.5]),
                ("mbg-nbd", vec![r, alpha, 0.8, 2.5]),
            ] {
                let model = Model::from_parts(name, &parameters).unwrap();
                for (at, score) in score_all(&model, &history, &request).unwrap().iter().enumerate() {
                    let one = model.p_alive(x[at], tx[at], age[at]);
                    assert!(
                        (score.p_alive - one).abs() < 1e-12,
                        "{name} {r} {alpha}: {} {one}",
                        score.p_alive
                    );
                }
            }
        }
    }

    #[test]
    fn many_are_scored_as_one_is() {
        let rows =
            [(0.0, 0.0, 9.0), (0.0, 0.0, 30.0), (3.0, 8.0, 30.0), (3.0, 29.0, 30.0), (40.0, 29.0, 30.0)];
        let column = |pick: fn(&(f64, f64, f64)) -> f64| rows.iter().map(pick).collect::<Vec<f64>>();
        let (x, tx, age) = (column(|r| r.0), column(|r| r.1), column(|r| r.2));
        let history = History::new(&x, &tx, &age);
        let request = Request { horizon: 12.0, rate: 0.01 };
        for (name, parameters) in [
            ("nbd", vec![0.4, 5.0]),
            ("bg-nbd", vec![0.4, 5.0, 0.8, 2.5]),
            ("mbg-nbd", vec![0.4, 5.0, 0.8, 2.5]),
            ("mbg-cnbd-k", vec![2.0, 0.4, 5.0, 0.8, 2.5]),
            ("pareto-nbd", vec![0.4, 5.0, 0.8, 6.0]),
        ] {
            let model = Model::from_parts(name, &parameters).unwrap();
            for (score, (x, tx, age)) in score_all(&model, &history, &request).unwrap().iter().zip(rows) {
                let close = |many: f64, one: f64| assert!((many - one).abs() < 1e-12, "{name}: {many} {one}");
                close(score.p_alive, model.p_alive(x, tx, age));
                close(score.p_no_order, model.p_no_order(x, tx, age, 12.0));
                close(score.expected_orders, model.expected_orders(x, tx, age, 12.0));
                close(score.discounted_orders, model.discounted_orders([x, tx, age], 0.0, 12.0, 0.01));
            }
        }
    }
}
