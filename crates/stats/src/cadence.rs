//! Own-cadence churn: is this customer late by their own clock?
//!
//! A weekly buyer silent for a month is gone; a yearly buyer silent for a month is not. So every customer is measured
//! against their own gaps between order days, shrunk toward the population where the gaps are few: empirical Bayes
//! for a normal law of log gaps with a mean of each customer's own (one-way random effects, moments of the unbalanced
//! analysis of variance) and a spread of each customer's own (scaled inverse chi-square). Gaps that have ended are
//! all that is used, so a quantile here reads "of the gaps that end, this share has ended by now": it says how
//! unusual the silence is, not how likely the customer is to be lost for ever. P(alive) of the lifetime models
//! answers that.
//!
//! Days are whole shop-local days counted from any origin; same-day orders count once.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::inputs::{BadInput, between};

/// The least spread of log gaps: whole days and closing days make nobody more regular than about a tenth.
const SPREAD_AT_LEAST: f64 = 0.1;

/// What is kept of one customer's order days: enough for everything here, and SQL can add it up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Habit {
    /// Distinct order days.
    pub order_days: u32,
    /// The first of them.
    pub first_day: i32,
    /// The last of them.
    pub last_day: i32,
    /// Days between the last two; zero with one order day.
    pub last_gap_days: u32,
    /// Sum of the natural logarithms of the gaps.
    pub sum_log_gap: f64,
    /// Sum of their squares.
    pub sum_log_gap_squared: f64,
}

impl Habit {
    /// The habit of a list of order days in any order, with repeats.
    pub fn new(days: &[i32]) -> Result<Habit, BadInput> {
        let mut days = days.to_vec();
        days.sort_unstable();
        days.dedup();
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Err(BadInput::Empty { what: "order days" });
        };
        let gap = |pair: &[i32]| f64::from(pair[1].abs_diff(pair[0]));
        Ok(Habit {
            order_days: days.len() as u32,
            first_day: *first,
            last_day: *last,
            last_gap_days: days.last_chunk::<2>().map_or(0, |pair| pair[1].abs_diff(pair[0])),
            sum_log_gap: days.windows(2).map(|pair| gap(pair).ln()).sum(),
            sum_log_gap_squared: days.windows(2).map(|pair| gap(pair).ln().powi(2)).sum(),
        })
    }

    /// Gaps between order days.
    pub fn gaps(&self) -> u32 {
        self.order_days.saturating_sub(1)
    }

    fn mean(&self) -> f64 {
        if self.gaps() == 0 { 0.0 } else { self.sum_log_gap / f64::from(self.gaps()) }
    }

    fn squares_about_mean(&self) -> f64 {
        (self.sum_log_gap_squared - f64::from(self.gaps()) * self.mean().powi(2)).max(0.0)
    }

    fn without_last_gap(&self) -> Habit {
        let log_gap = f64::from(self.last_gap_days.max(1)).ln();
        Habit {
            order_days: self.order_days.saturating_sub(1).max(1),
            sum_log_gap: self.sum_log_gap - log_gap,
            sum_log_gap_squared: self.sum_log_gap_squared - log_gap * log_gap,
            ..*self
        }
    }
}

/// The gaps of a whole base, on the logarithm of days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Population {
    /// Mean log gap of a customer.
    pub mean_log_gap: f64,
    /// Variance of one customer's log gaps about their own mean.
    pub within: f64,
    /// Variance of the customers' means.
    pub between: f64,
    /// Customers with a gap.
    pub customers: u64,
    /// Their gaps.
    pub gaps: u64,
}

impl Population {
    /// Learns the population from its habits. Customers with one order day say nothing here and are passed over.
    pub fn new(habits: &[Habit]) -> Result<Population, BadInput> {
        let repeaters = || habits.iter().filter(|habit| habit.gaps() > 0);
        let customers = repeaters().count() as f64;
        let gaps: f64 = repeaters().map(|habit| f64::from(habit.gaps())).sum();
        if customers < 1.0 {
            let why = "nobody has ordered on two different days yet; wait for repeat orders";
            return Err(BadInput::Uninformative { what: "cadence", why });
        }
        let grand_mean = repeaters().map(|habit| habit.sum_log_gap).sum::<f64>() / gaps;
        let inside: f64 = repeaters().map(Habit::squares_about_mean).sum();
        let among: f64 =
            repeaters().map(|habit| f64::from(habit.gaps()) * (habit.mean() - grand_mean).powi(2)).sum();
        let floor = SPREAD_AT_LEAST * SPREAD_AT_LEAST;
        let spare = gaps - customers;
        let (within, between) = if spare >= 1.0 {
            let within = (inside / spare).max(floor);
            let sum_squares: f64 = repeaters().map(|habit| f64::from(habit.gaps()).powi(2)).sum();
            let divisor = gaps - sum_squares / gaps;
            let excess = among - (customers - 1.0) * within;
            (within, if divisor > 0.0 { (excess / divisor).max(0.0) } else { 0.0 })
        } else {
            // With one gap each, own habit and chance cannot be told apart; everybody gets the population's clock.
            ((among / gaps).max(floor), 0.0)
        };
        let weight = |habit: &Habit| 1.0 / (between + within / f64::from(habit.gaps()));
        let weights: f64 = repeaters().map(weight).sum();
        let mean_log_gap = repeaters().map(|habit| weight(habit) * habit.mean()).sum::<f64>() / weights;
        let counts = (customers as u64, gaps as u64);
        if !(mean_log_gap.is_finite() && within.is_finite() && between.is_finite()) {
            return Err(BadInput::NotFinite { what: "sum of log gaps", row: 0, value: mean_log_gap });
        }
        Ok(Population { mean_log_gap, within, between, customers: counts.0, gaps: counts.1 })
    }

    /// The law of this customer's next log gap: mean and standard deviation.
    fn next_log_gap(&self, habit: &Habit, rules: &Rules) -> (f64, f64) {
        let gaps = f64::from(habit.gaps());
        let spare = (gaps - 1.0).max(0.0);
        let prior = rules.spread_prior_gaps;
        let own = (prior * self.within + habit.squares_about_mean()) / (prior + spare);
        let own = own.max(SPREAD_AT_LEAST * SPREAD_AT_LEAST);
        if self.between <= 0.0 {
            return (self.mean_log_gap, own.sqrt());
        }
        let precision = 1.0 / self.between + gaps / own;
        let mean = (self.mean_log_gap / self.between + habit.sum_log_gap / own) / precision;
        (mean, (own + 1.0 / precision).sqrt())
    }
}

/// Where the lines are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// At risk once this share of the customer's own gaps would have ended.
    pub late_share: f64,
    /// Lapsed once this share would have ended.
    pub lapsed_share: f64,
    /// How many gaps the population's spread is worth beside the customer's own.
    pub spread_prior_gaps: f64,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { late_share: 0.80, lapsed_share: 0.95, spread_prior_gaps: 6.0 }
    }
}

/// Where a customer stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// One order day, and not late for a second.
    New,
    /// Ordering at their own pace.
    Active,
    /// Their last order ended a silence in which they had lapsed, and they are not late again.
    Returning,
    /// Late by their own clock.
    AtRisk,
    /// So late that few of their gaps were ever this long.
    Lapsed,
}

impl State {
    /// The stable code, as written in files and relations.
    pub fn code(self) -> &'static str {
        match self {
            State::New => "new",
            State::Active => "active",
            State::Returning => "returning",
            State::AtRisk => "at_risk",
            State::Lapsed => "lapsed",
        }
    }
}

/// One customer's clock today.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cadence {
    /// The state.
    pub state: State,
    /// The day the state began: the order that shows it, or the day the line was crossed.
    pub since_day: i32,
    /// The median of the next gap, in days.
    pub usual_gap_days: f64,
    /// The day by which half of such customers have ordered again.
    pub expected_day: i32,
    /// Days past that day; zero when it has not come.
    pub days_late: u32,
    /// The share of this customer's gaps that would have ended by today, 0 to 1.
    pub lateness: f64,
    /// The first day at which the customer is at risk if no order comes.
    pub at_risk_from_day: i32,
    /// The first day at which the customer is lapsed if no order comes.
    pub lapsed_from_day: i32,
}

/// One customer's clock on the day `today`.
pub fn cadence(
    habit: &Habit,
    population: &Population,
    rules: &Rules,
    today: i32,
) -> Result<Cadence, BadInput> {
    between("late_share", rules.late_share, 0.0, 1.0)?;
    between("lapsed_share", rules.lapsed_share, 0.0, 1.0)?;
    if rules.lapsed_share < rules.late_share {
        let value = rules.lapsed_share;
        return Err(BadInput::Setting { setting: "lapsed_share", value, range: "late_share or more" });
    }
    if !(rules.spread_prior_gaps > 0.0 && rules.spread_prior_gaps.is_finite()) {
        let value = rules.spread_prior_gaps;
        return Err(BadInput::Setting { setting: "spread_prior_gaps", value, range: "above 0" });
    }
    if today < habit.last_day {
        let value = f64::from(today);
        return Err(BadInput::Setting { setting: "today", value, range: "the last order day or later" });
    }
    let (mean, deviation) = population.next_log_gap(habit, rules);
    let normal = Normal::standard();
    let gap_at = |share: f64| (mean + deviation * normal.inverse_cdf(share)).exp();
    let day_after = |gap: f64| habit.last_day.saturating_add(gap.min(1e9) as i32).saturating_add(1);
    let (at_risk_from_day, lapsed_from_day) =
        (day_after(gap_at(rules.late_share)), day_after(gap_at(rules.lapsed_share)));
    let usual_gap_days = mean.exp();
    let expected_day = habit.last_day.saturating_add(usual_gap_days.round().clamp(1.0, 1e9) as i32);
    let silent = f64::from(today.abs_diff(habit.last_day));
    let lateness = if silent > 0.0 { normal.cdf((silent.ln() - mean) / deviation) } else { 0.0 };
    let (state, since_day) = if today >= lapsed_from_day {
        (State::Lapsed, lapsed_from_day)
    } else if today >= at_risk_from_day {
        (State::AtRisk, at_risk_from_day)
    } else if habit.gaps() == 0 {
        (State::New, habit.first_day)
    } else {
        let (mean, deviation) = population.next_log_gap(&habit.without_last_gap(), rules);
        let lapsed_gap = (mean + deviation * normal.inverse_cdf(rules.lapsed_share)).exp();
        let came_back = f64::from(habit.last_gap_days) > lapsed_gap;
        (if came_back { State::Returning } else { State::Active }, habit.last_day)
    };
    Ok(Cadence {
        state,
        since_day,
        usual_gap_days,
        expected_day,
        days_late: u32::try_from(today.saturating_sub(expected_day)).unwrap_or(0),
        lateness,
        at_risk_from_day,
        lapsed_from_day,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// Weekly, monthly and quarterly buyers with planted spread, and the gap that comes next for each.
    fn planted(customers: usize, seed: u64) -> (Vec<Habit>, Vec<f64>) {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
        let mut habits = Vec::new();
        let mut next = Vec::new();
        for customer in 0..customers {
            let own = 4.0 + 0.8 * normal();
            let mut gap = || (own + 0.4 * normal()).exp().round().max(1.0);
            let mut days = vec![0];
            for _ in 0..customer % 7 {
                days.push(days[days.len() - 1] + gap() as i32);
            }
            habits.push(Habit::new(&days).unwrap());
            next.push(gap());
        }
        (habits, next)
    }

    #[test]
    fn planted_population_is_recovered() {
        let population = Population::new(&planted(6_000, 5).0).unwrap();
        assert!((population.mean_log_gap - 4.0).abs() < 0.05, "{population:?}");
        assert!((population.within - 0.16).abs() < 0.01, "{population:?}");
        assert!((population.between - 0.64).abs() < 0.05, "{population:?}");
    }

    #[test]
    fn a_fifth_of_the_gaps_run_past_the_late_line_and_a_twentieth_past_the_lapsed_line() {
        let (habits, next) = planted(12_000, 6);
        let population = Population::new(&habits).unwrap();
        let (mut late, mut lapsed) = (0.0, 0.0);
        for (habit, gap) in habits.iter().zip(&next) {
            let clock = cadence(habit, &population, &Rules::default(), habit.last_day).unwrap();
            let day = habit.last_day + *gap as i32;
            late += f64::from(u8::from(day >= clock.at_risk_from_day));
            lapsed += f64::from(u8::from(day >= clock.lapsed_from_day));
        }
        let (late, lapsed) = (late / next.len() as f64, lapsed / next.len() as f64);
        assert!((late - 0.20).abs() < 0.015, "late {late}");
        assert!((lapsed - 0.05).abs() < 0.012, "lapsed {lapsed}");
    }

    #[test]
    fn states_follow_the_days_of_a_weekly_buyer() {
        let weekly: Vec<i32> = (0..20).map(|week| week * 7).collect();
        let habits: Vec<Habit> = (0..50).map(|_| Habit::new(&weekly).unwrap()).collect();
        let population = Population::new(&habits).unwrap();
        let state = |days: &[i32], today: i32| {
            cadence(&Habit::new(days).unwrap(), &population, &Rules::default(), today).unwrap()
        };
        let last = 19 * 7;
        let clock = state(&weekly, last + 3);
        assert_eq!((clock.state, clock.expected_day, clock.days_late), (State::Active, last + 7, 0));
        let clock = state(&weekly, last + 8);
        assert_eq!((clock.state, clock.days_late), (State::AtRisk, 1));
        assert_eq!(state(&weekly, last + 30).state, State::Lapsed);
        assert_eq!(state(&[0], 2).state, State::New);
        let mut back = weekly.clone();
        back.extend([last + 90]);
        assert_eq!(state(&back, last + 91).state, State::Returning);
        back.extend([last + 97, last + 104]);
        assert_eq!(state(&back, last + 105).state, State::Active);
    }

    #[test]
    fn few_gaps_lean_on_the_population() {
        let population =
            Population { mean_log_gap: 3.0, within: 0.2, between: 0.3, customers: 100, gaps: 400 };
        let clock = |days: &[i32]| {
            cadence(&Habit::new(days).unwrap(), &population, &Rules::default(), 400).unwrap().usual_gap_days
        };
        let none = clock(&[0]);
        let one = clock(&[0, 60]);
        let many = clock(&[0, 60, 120, 180, 240, 300, 360]);
        assert!((none - 3.0_f64.exp()).abs() < 1e-9);
        assert!(none < one && one < many && many < 60.0);
    }

    #[test]
    fn a_base_without_repeats_is_refused() {
        let once = Habit::new(&[5]).unwrap();
        assert!(Population::new(&[once, once]).is_err());
        assert!(Habit::new(&[]).is_err());
        let population = Population { mean_log_gap: 3.0, within: 0.2, between: 0.3, customers: 1, gaps: 1 };
        assert!(cadence(&once, &population, &Rules::default(), 4).is_err());
    }

    proptest! {
        #[test]
        fn a_clock_is_always_a_number(
            bases in prop::collection::vec(prop::collection::vec(-5_000i32..5_000, 1..12), 1..20),
            wait in 0i32..100_000,
        ) {
            let habits: Vec<Habit> = bases.iter().map(|days| Habit::new(days).unwrap()).collect();
            if let Ok(population) = Population::new(&habits) {
                for habit in &habits {
                    let today = habit.last_day + wait;
                    let clock = cadence(habit, &population, &Rules::default(), today).unwrap();
                    prop_assert!((0.0..=1.0).contains(&clock.lateness));
                    prop_assert!(clock.usual_gap_days.is_finite());
                    prop_assert!(clock.at_risk_from_day <= clock.lapsed_from_day);
                    prop_assert!(clock.since_day <= today);
                }
            }
        }
    }
}
