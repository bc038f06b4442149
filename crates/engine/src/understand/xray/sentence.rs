//! The sentences at the top of the report: what is worth acting on, and the rule that chooses them.

use super::{Amount, Estimate, Period};
use serde::{Deserialize, Serialize};

/// How many sentences open the report.
pub const SENTENCES: usize = 5;

/// One thing a shopkeeper can act on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sentence {
    /// What is said, with its numbers. The words and the thing to do stand in `locales/` under `say-CODE` and
    /// `todo-CODE`.
    #[serde(flatten)]
    pub saying: Saying,
    /// Money a year that acting could move, in the report's measure; ranks the sentences. `None` where no amount
    /// can be put on it.
    pub at_stake_minor: Option<i64>,
}

/// What can be said. The code is the `code` of the JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Saying {
    /// Some of the best fifth of customers are late by their own habit.
    BestLate {
        /// Late customers among the best fifth by sales in the period.
        customers: u64,
        /// Size of the best fifth.
        of: u64,
        /// What the late ones would bring within the horizon, were they as likely to buy as before.
        value: Amount,
    },
    /// Newer cohorts come back less, or more, than older ones at the same age.
    NewerCohorts {
        /// First orders of the newer cohorts.
        newer: Period,
        /// First orders of the older cohorts.
        older: Period,
        /// Age at which they are compared, in months after the first order.
        age_months: u32,
        /// Share of the newer that bought again by that age.
        newer_share: Estimate,
        /// Share of the older that bought again by that age.
        older_share: Estimate,
        /// Newer minus older. Said only where the interval leaves out zero.
        difference: Estimate,
    },
    /// A small part of the customers brings a large part of the value.
    Concentration {
        /// The best customers.
        customers: u64,
        /// As a share of all customers of the period.
        customers_share: f64,
        /// Share of the period's value they bring.
        value_share: Estimate,
    },
    /// What today's customers are expected to bring in the next twelve months.
    NextYear {
        /// Expected value in the report's measure.
        value: Amount,
        /// The same customers' value in the twelve months behind; `None` with shorter history.
        past_minor: Option<i64>,
    },
    /// Most who buy once never buy again, and each second order is worth something.
    OneTimers {
        /// Customers with one order, at least `days` ago.
        customers: u64,
        /// Share of all customers of that age who never ordered a second time.
        share: Estimate,
        /// Days after the first order within which a second was awaited.
        days: u32,
        /// What a customer with a second order brings in the twelve months after it, on average.
        worth_of_second: Option<Amount>,
    },
    /// Those whose first basket held this product come back more often. An association, not a cause.
    ProductBack {
        /// The product, in the shop's own words.
        product: String,
        /// Customers whose first order held it.
        customers: u64,
        /// Share of them that ordered again within 90 days.
        share: Estimate,
        /// The same share among everybody else.
        others_share: Estimate,
        /// Their difference. Said only where the interval leaves out zero.
        difference: Estimate,
    },
    /// Sales that belong to no known customer, of whom nothing can be learnt.
    Anonymous {
        /// Share of the period's sales.
        share: f64,
        /// Their amount.
        sales_minor: i64,
    },
    /// Customers whose next order is due within the horizon, by their own habit.
    DueSoon {
        /// Expected number of customers who will order.
        customers: Estimate,
        /// Expected value.
        value: Amount,
    },
}

impl Saying {
    /// The code under which the words stand in `locales/`, `_` as in the JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Saying::BestLate { .. } => "best_late",
            Saying::NewerCohorts { .. } => "newer_cohorts",
            Saying::Concentration { .. } => "concentration",
            Saying::NextYear { .. } => "next_year",
            Saying::OneTimers { .. } => "one_timers",
            Saying::ProductBack { .. } => "product_back",
            Saying::Anonymous { .. } => "anonymous",
            Saying::DueSoon { .. } => "due_soon",
        }
    }

    /// Whether there is anything to say: a difference must be told from nothing, a count must not be zero.
    pub fn can_be_told(&self) -> bool {
        let apart = |difference: &Estimate| difference.low > 0.0 || difference.high < 0.0;
        match self {
            Saying::BestLate { customers, .. } | Saying::Concentration { customers, .. } => *customers > 0,
            Saying::OneTimers { customers, .. } => *customers > 0,
            Saying::NewerCohorts { difference, .. } | Saying::ProductBack { difference, .. } => {
                apart(difference)
            }
            Saying::Anonymous { share, .. } => *share >= 0.05,
            Saying::DueSoon { customers, .. } => customers.value >= 1.0,
            Saying::NextYear { value, .. } => value.minor != 0,
        }
    }
}

/// The five most worth acting on. A sentence that cannot be told from nothing is left out; of the others those with
/// the most money a year at stake come first; those on which no amount can be put follow in the order given. What
/// today's customers will bring in the next twelve months, where known, is always among them: it is the yardstick for
/// the rest.
pub fn choose_sentences(candidates: Vec<Sentence>) -> Vec<Sentence> {
    let mut told: Vec<Sentence> = candidates.into_iter().filter(|one| one.saying.can_be_told()).collect();
    told.sort_by_key(|one| std::cmp::Reverse(one.at_stake_minor.map_or(i64::MIN, i64::saturating_abs)));
    let yardstick = told.iter().position(|one| matches!(one.saying, Saying::NextYear { .. }));
    if let Some(place) = yardstick.filter(|&place| place >= SENTENCES) {
        let sentence = told.remove(place);
        told.insert(SENTENCES - 1, sentence);
    }
    told.truncate(SENTENCES);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late(customers: u64, at_stake_minor: Option<i64>) -> Sentence {
        Sentence {
            saying: Saying::BestLate { customers, of: 100, value: Amount::new(5, 4, 6) },
            at_stake_minor,
        }
    }

    fn year(at_stake_minor: Option<i64>) -> Sentence {
        Sentence {
            saying: Saying::NextYear { value: Amount::new(9, 8, 10), past_minor: None },
            at_stake_minor,
        }
    }

    #[test]
    fn most_money_first_and_the_yardstick_stays() {
        let mut given: Vec<Sentence> = (1..=6).map(|n| late(n, Some(n as i64 * 10))).collect();
        given.push(year(None));
        given.push(late(0, Some(1_000_000)));
        let chosen = choose_sentences(given);
        let stakes: Vec<_> = chosen.iter().map(|one| one.at_stake_minor).collect();
        assert_eq!(stakes, [Some(60), Some(50), Some(40), Some(30), None]);
        assert_eq!(chosen[4].saying.code(), "next_year");
    }

    #[test]
    fn a_difference_that_may_be_nothing_is_not_said() {
        let difference = |low, high| Saying::ProductBack {
            product: "nâu đá".into(),
            customers: 40,
            share: Estimate::new(0.5, 0.4, 0.6),
            others_share: Estimate::new(0.4, 0.39, 0.41),
            difference: Estimate::new(0.1, low, high),
        };
        assert!(!difference(-0.01, 0.2).can_be_told());
        assert!(difference(0.01, 0.2).can_be_told());
    }
}
