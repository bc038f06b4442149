//! Judging: what each model and each naive rule said of time it had not seen, and which is to be believed.
//!
//! Models are fitted on what was known at the cut and asked for the order days after it, customer by customer. The
//! naive rules are those of a spreadsheet: the customer's own past rate, the last window again, the mean for everybody,
//! and "silent too long means gone" (Wübben and von Wangenheim 2008) with a cut-off learnt one window earlier.
//!
//! They are compared by squared error. What is used of them is an expectation, and squared error is least for the true
//! expectation; absolute error is least for the median, and the median customer of most shops orders nothing: on CDNOW a
//! rule that expects nothing of 80 % of the customers and half of all orders comes second by it.

use super::fitting::{Statistics, Tried};
use super::options::{Z, share_of};
use super::rows::{Row, rising, rows};
use super::xray::{CalibrationBin, Estimate, ModelScore, TrackingStep, Verdict};
use domain::column::Batch;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use stats::accuracy::naive::{Hiatus, own_past_rate};
use stats::accuracy::{Candidate, Loss, Outcome, errors, judge, normalised_gini, probability_score};
use stats::lifetime::model::Model;
use stats::lifetime::track::{expected_cumulative, increments};

/// Customers as they stood at a cut, and what came after; one entry each per column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Held {
    pub frequency: Vec<f64>,
    pub recency_days: Vec<f64>,
    pub age_days: Vec<f64>,
    pub mean_spend_minor: Vec<f64>,
    /// Order days after the first in the stretch before the cut that is as long as the time held out.
    pub window_orders: Vec<f64>,
    /// Order days in the time held out.
    pub orders: Vec<f64>,
    /// Days held out.
    pub days: f64,
}

impl Held {
    /// The rows of `judge.customers`, in the order of their ids.
    pub fn read(batch: &Batch, days: f64) -> Held {
        let columns = [
            "frequency",
            "recency_days",
            "age_days",
            "last_window_orders",
            "actual_orders",
            "mean_spend_minor",
        ];
        let mut all: Vec<(&str, [f64; 6])> = rows(batch)
            .map(|row: Row| (row.text("customer_id").unwrap_or(""), columns.map(|name| row.sum(name))))
            .collect();
        all.sort_unstable_by(|a, b| a.0.cmp(b.0));
        let all: Vec<[f64; 6]> = all.into_iter().map(|(_, row)| row).collect();
        let column = |place: usize| all.iter().map(|row| row[place]).collect::<Vec<f64>>();
        // Nobody can repeat a first order, so one inside the window does not count.
        let repeats = |row: &[f64; 6]| (row[3] - f64::from(u8::from(row[2] < days))).max(0.0);
        Held {
            frequency: column(0),
            recency_days: column(1),
            age_days: column(2),
            window_orders: all.iter().map(repeats).collect(),
            orders: column(4),
            mean_spend_minor: column(5),
            days,
        }
    }

    /// Customers.
    pub fn len(&self) -> usize {
        self.frequency.len()
    }

    /// Days since the last order, at the cut.
    pub fn quiet_days(&self) -> Vec<f64> {
        self.age_days.iter().zip(&self.recency_days).map(|(age, recency)| (age - recency).max(0.0)).collect()
    }

    /// Whether an order came in the time held out.
    pub fn ordered(&self) -> Vec<bool> {
        self.orders.iter().map(|orders| *orders > 0.0).collect()
    }
}

/// What one model or rule said of every held customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub code: &'static str,
    pub is_naive: bool,
    /// Expected order days in the time held out.
    pub orders: Vec<f64>,
    /// Probability of any.
    pub chance: Vec<f64>,
}

/// A naive rule as the relations apply it: its code and its numbers, learnt on the time held out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub code: &'static str,
    /// Nothing for `own_rate`; orders a day for `mean`; longest silence in days for `hiatus`; days for `last_window`.
    pub numbers: Vec<f64>,
}

/// The rule of that code for the days to come; `None` where it cannot be learnt, or is no naive rule.
pub(super) fn rule_of(code: &'static str, held: &Held) -> Option<Rule> {
    let numbers = match code {
        "own_rate" => vec![],
        "mean" => vec![stats::describe::mean(&held.orders) / held.days.max(1.0)],
        "hiatus" => vec![Hiatus::new(&held.quiet_days(), &held.ordered()).ok()?.cutoff_days],
        "last_window" => vec![held.days],
        _ => return None,
    };
    Some(Rule { code, numbers })
}

/// What a fitted model says; customers alike are computed once.
pub(super) fn said_by_model(code: &'static str, model: &Model, held: &Held) -> Said {
    let mut known: FxHashMap<[u64; 3], (f64, f64)> = FxHashMap::default();
    let answers = (0..held.len()).map(|row| {
        let history = [held.frequency[row], held.recency_days[row], held.age_days[row]];
        *known.entry(history.map(f64::to_bits)).or_insert_with(|| {
            let standing = model.standing(history[0], history[1], history[2]);
            (standing.expected_orders(held.days), 1.0 - standing.p_no_order(held.days))
        })
    });
    let (orders, chance) = answers.unzip();
    Said { code, is_naive: false, orders, chance }
}

/// What the naive rules say. `earlier` is the same question asked one window before, on which the cut-off of silence
/// is learnt; without it that rule is left out.
pub(super) fn said_by_rules(held: &Held, earlier: Option<&Held>) -> Vec<Said> {
    let own: Vec<f64> = (0..held.len())
        .map(|row| own_past_rate(held.frequency[row], held.age_days[row], held.days))
        .collect();
    let mean = vec![stats::describe::mean(&held.window_orders); held.len()];
    let mut said = vec![
        rule("own_rate", own.clone()),
        rule("last_window", held.window_orders.clone()),
        rule("mean", mean),
    ];
    let hiatus = earlier.and_then(|past| Hiatus::new(&past.quiet_days(), &past.ordered()).ok());
    if let Some(hiatus) = hiatus {
        let quiet_days = held.quiet_days();
        let still = |(orders, quiet): (&f64, &f64)| if hiatus.is_active(*quiet) { *orders } else { 0.0 };
        said.push(Said {
            code: "hiatus",
            is_naive: true,
            orders: own.iter().zip(&quiet_days).map(still).collect(),
            chance: quiet_days.iter().map(|quiet| hiatus.probability(*quiet)).collect(),
        });
    }
    said
}

/// A rule that knows only a rate: the probability of an order is that of a Poisson count.
fn rule(code: &'static str, orders: Vec<f64>) -> Said {
    let chance = orders.iter().map(|orders| -(-orders).exp_m1()).collect();
    Said { code, is_naive: true, orders, chance }
}

/// What came of the judgement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    /// Every model and rule, least squared error first, then those that refused.
    pub scores: Vec<ModelScore>,
    /// Code of the one to use.
    pub used: &'static str,
    /// The same as a rule, where it is a naive one.
    pub rule: Option<Rule>,
    pub verdict: Verdict,
    /// By how much of themselves the orders of all customers were off under the one used: predicted / seen − 1.
    pub orders_bias: f64,
    /// The same of the number of customers who ordered.
    pub buyers_bias: f64,
    pub calibration: Vec<CalibrationBin>,
}

/// Compares everything said with what came. `None` where nobody was held out or nobody ordered again: an error can
/// be computed then, but it favours whoever expects nothing.
pub(super) fn judged(held: &Held, said: &[Said], refused: &[Tried], helpers: &[Said]) -> Option<Judged> {
    if held.orders.iter().sum::<f64>() <= 0.0 {
        return None;
    }
    let candidates: Vec<Candidate> = said
        .iter()
        .map(|one| Candidate { name: one.code, is_naive: one.is_naive, predicted: &one.orders })
        .collect();
    let comparison = judge(&candidates, &held.orders, Loss::Squared).ok()?;
    let best_naive = comparison.places.iter().find(|place| place.is_naive)?;
    let (verdict, name) = match comparison.outcome {
        Outcome::ModelWins => (Verdict::ModelWins, &comparison.winner().name),
        Outcome::ModelWinsNarrowly | Outcome::NotCompared => (Verdict::Tie, &best_naive.name),
        Outcome::NaiveWins => (Verdict::NaiveWins, &best_naive.name),
    };
    let name = if name == "nbd" { leaving_too(said, held).unwrap_or("nbd") } else { name.as_str() };
    let used = said.iter().find(|one| one.code == name)?;
    let mut scores: Vec<ModelScore> = said.iter().chain(helpers).filter_map(|one| score(one, held)).collect();
    scores.sort_by(|a, b| a.rmse.total_cmp(&b.rmse));
    scores.extend(refused.iter().filter_map(|one| {
        let why = one.fit.as_ref().err()?;
        Some(ModelScore {
            model: one.code.to_owned(),
            is_naive: false,
            mae: 0.0,
            rmse: 0.0,
            bias: 0.0,
            gini: None,
            brier: None,
            refusal: Some(why.clone()),
        })
    }));
    let buyers = held.ordered().iter().filter(|is| **is).count() as f64;
    Some(Judged {
        scores,
        used: used.code,
        rule: rule_of(used.code, held),
        verdict,
        orders_bias: used.orders.iter().sum::<f64>() / held.orders.iter().sum::<f64>() - 1.0,
        buyers_bias: used.chance.iter().sum::<f64>() / buyers - 1.0,
        calibration: calibration(&used.chance, &held.ordered()),
    })
}

/// The best model that lets customers leave, where held-out time cannot tell it from the one in which nobody does. Such
/// a model is only here if the whole history tells it apart, and leaving shows over a year, of which the time held out
/// is a part.
fn leaving_too(said: &[Said], held: &Held) -> Option<&'static str> {
    let staying = said.iter().find(|one| one.code == "nbd")?;
    let candidate = |one: &'static str, is_naive, predicted| Candidate { name: one, is_naive, predicted };
    let others = said.iter().filter(|one| !one.is_naive && one.code != "nbd");
    let tied = others.filter_map(|other| {
        let duel = [candidate("nbd", false, &staying.orders), candidate(other.code, true, &other.orders)];
        let outcome = judge(&duel, &held.orders, Loss::Squared).ok()?;
        let loss = outcome.places.iter().find(|place| place.name == other.code)?.loss;
        (outcome.outcome != Outcome::ModelWins).then_some((loss, other.code))
    });
    tied.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, code)| code)
}

fn score(said: &Said, held: &Held) -> Option<ModelScore> {
    let errors = errors(&said.orders, &held.orders).ok()?;
    Some(ModelScore {
        model: said.code.to_owned(),
        is_naive: said.is_naive,
        mae: errors.mae,
        rmse: errors.rmse,
        bias: errors.bias?,
        gini: normalised_gini(&said.orders, &held.orders).ok().flatten(),
        brier: probability_score(&said.chance, &held.ordered()).ok().map(|score| score.brier),
        refusal: None,
    })
}

/// Ten equal parts of customers, least likely first; fewer than ten customers make no table.
fn calibration(chance: &[f64], ordered: &[bool]) -> Vec<CalibrationBin> {
    if chance.len() < 10 {
        return Vec::new();
    }
    let order = stats::describe::order(chance);
    let size = |part: usize| order.len() * part / 10;
    (0..10)
        .filter_map(|part| {
            let bin = &order[size(part)..size(part + 1)];
            let bought = bin.iter().filter(|row| ordered[**row]).count();
            Some(CalibrationBin {
                customers: bin.len() as u64,
                predicted: bin.iter().map(|row| chance[*row]).sum::<f64>() / bin.len() as f64,
                seen: share_of(bought as u64, bin.len() as u64)?,
            })
        })
        .collect()
}

/// Repeat orders week by week of the customers seen before the cut, beside what the model expected of them from their
/// first orders alone. The interval is that of a count with the overdispersion seen before the cut.
///
/// `batch` is `judge.tracking`; `first_on` and `cut_on` are days from one origin.
pub(super) fn tracking(
    batch: &Batch,
    model: &Model,
    statistics: &Statistics,
    first_on: Date,
    cut_on: Date,
) -> Vec<TrackingStep> {
    let cut = f64::from(first_on.until(cut_on).map_or(0, |span| span.get_days()));
    let births: Vec<f64> = statistics.age_days.iter().map(|age| cut - age).collect();
    // An order on the last day of week w comes 7(w + 1) − 1 days after the first day of all.
    let steps = rising(batch, "week");
    let ends: Vec<f64> = steps.iter().map(|row| 7.0 * (row.sum("week") + 1.0) - 1.0).collect();
    let Ok(cumulative) = expected_cumulative(model, &births, Some(&statistics.customers), &ends) else {
        return Vec::new();
    };
    let expected = increments(&cumulative);
    let weeks: Vec<(Date, u64, bool, f64)> = steps
        .iter()
        .zip(&expected)
        .filter_map(|(row, expected)| {
            let is_held_out = row.minor("is_held_out").unwrap_or(0) != 0;
            Some((row.day("from_on")?, row.count("repeat_orders"), is_held_out, expected.max(0.0)))
        })
        .collect();
    let spread = overdispersion(weeks.iter().filter(|week| !week.2).map(|week| (week.1 as f64, week.3)));
    weeks
        .into_iter()
        .map(|(from, seen, is_held_out, expected)| {
            let half = Z * (spread * expected).sqrt();
            let expected = Estimate::new(expected, (expected - half).max(0.0), expected + half);
            TrackingStep { from, seen, expected, is_held_out }
        })
        .collect()
}

/// Mean squared deviation of counts from what was expected, in units of the expectation; 1 or more.
fn overdispersion(weeks: impl Iterator<Item = (f64, f64)>) -> f64 {
    let terms: Vec<f64> = weeks
        .filter(|week| week.1 >= 1.0)
        .map(|(seen, expected)| (seen - expected).powi(2) / expected)
        .collect();
    stats::describe::mean(&terms).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Customers in a steady world: those with orders behind them order again at their own rate.
    fn held() -> Held {
        let frequency: Vec<f64> = (0..40).map(|row| f64::from(row % 4)).collect();
        Held {
            recency_days: frequency.iter().map(|orders| orders * 25.0).collect(),
            age_days: vec![100.0; 40],
            mean_spend_minor: vec![100.0; 40],
            window_orders: frequency.clone(),
            orders: frequency.clone(),
            frequency,
            days: 100.0,
        }
    }

    #[test]
    fn the_naive_rule_wins_where_nothing_beats_it() {
        let held = held();
        let mut said = said_by_rules(&held, None);
        said.push(Said { code: "mbg_nbd", is_naive: false, orders: vec![1.5; 40], chance: vec![0.7; 40] });
        let judged = judged(&held, &said, &[], &[]).unwrap();
        assert_eq!((judged.used, judged.verdict), ("own_rate", Verdict::NaiveWins));
        assert_eq!(judged.scores[0].mae, 0.0);
        assert!(judged.orders_bias.abs() < 1e-12);
        assert_eq!(judged.calibration.iter().map(|bin| bin.customers).sum::<u64>(), 40);
    }

    #[test]
    fn a_model_that_is_right_beats_rules_that_are_not() {
        let mut held = held();
        held.orders = held.orders.iter().map(|orders| 3.0 - orders).collect();
        let mut said = said_by_rules(&held, None);
        let right =
            held.orders.iter().zip(0..).map(|(orders, row)| orders + 0.01 * f64::from(row % 3)).collect();
        said.push(Said { code: "mbg_nbd", is_naive: false, orders: right, chance: vec![0.7; 40] });
        let judged = judged(&held, &said, &[], &[]).unwrap();
        assert_eq!((judged.used, judged.verdict), ("mbg_nbd", Verdict::ModelWins));
        assert_eq!(judged.scores[0].model, "mbg_nbd");
    }

    #[test]
    fn a_model_that_lets_customers_leave_is_kept_unless_it_is_told_apart() {
        let mut held = held();
        held.orders = held.orders.iter().map(|orders| 3.0 - orders).collect();
        let off = |by: f64, from: usize| {
            held.orders
                .iter()
                .zip(from..)
                .map(|(orders, row)| orders + by * (row % 3) as f64)
                .collect::<Vec<f64>>()
        };
        let said = |by: f64| {
            let mut said = said_by_rules(&held, None);
            let model = |code, orders| Said { code, is_naive: false, orders, chance: vec![0.7; 40] };
            said.extend([model("nbd", off(0.01, 0)), model("mbg_nbd", off(by, 1))]);
            said
        };
        assert_eq!(judged(&held, &said(0.0101), &[], &[]).unwrap().used, "mbg_nbd");
        assert_eq!(judged(&held, &said(0.8), &[], &[]).unwrap().used, "nbd");
    }

    #[test]
    fn nothing_is_judged_where_nobody_came_again() {
        let held = Held { orders: vec![0.0; 40], ..held() };
        assert_eq!(judged(&held, &said_by_rules(&held, None), &[], &[]), None);
    }

    #[test]
    fn silence_is_learnt_one_window_earlier() {
        let held = held();
        let said = said_by_rules(&held, Some(&held));
        let hiatus = said.iter().find(|one| one.code == "hiatus").unwrap();
        assert!(hiatus.orders.iter().zip(&held.frequency).all(|(orders, past)| *orders <= *past));
        assert_eq!(said.len(), 4);
    }
}
