//! Recency, frequency and monetary scores, and the words a shop uses for them.
//!
//! A score is a quantile group, 1 (worst) to 5 (best). Two rules are fixed here because peers leave them open and
//! get different answers on the same file: equal values always share a score, and a better value never scores
//! lower. The rule for ties is declared with [`Ties`]; a table of cut points ([`Cuts`]) scores one customer online
//! exactly as it scored the whole base.

use serde::{Deserialize, Serialize};

use crate::inputs::{BadInput, finite, not_empty, same_rows};

/// Scores run from 1 to this.
pub const LEVELS: u8 = 5;

/// Which end of a column is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Orders, spend.
    HigherIsBetter,
    /// Days since the last order.
    LowerIsBetter,
}

/// Which place in the queue a group of equal values takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// The worst place of the group. For counts: where most customers bought once, they all score 1.
    Lowest,
    /// The middle of the group. For amounts and days.
    Middle,
}

/// Cut points of a column, from which any value can be scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cuts {
    direction: Direction,
    /// The least good value that earns score 2, 3, 4 and 5; `None` where no value earns it.
    reached_at: [Option<f64>; LEVELS as usize - 1],
}

impl Cuts {
    /// Cut points of a column. `values` has one row per customer, in any order and unit.
    pub fn new(values: &[f64], direction: Direction, ties: Ties) -> Result<Cuts, BadInput> {
        not_empty("values", values)?;
        finite("values", values)?;
        let mut good: Vec<f64> = values.iter().map(|value| goodness(*value, direction)).collect();
        good.sort_unstable_by(f64::total_cmp);
        let mut reached_at = [None; LEVELS as usize - 1];
        let mut start = 0;
        while start < good.len() {
            let end = start + good[start..].partition_point(|value| *value == good[start]);
            let place = match ties {
                Ties::Lowest => start as f64,
                Ties::Middle => (start + end) as f64 / 2.0,
            };
            let score = score_at(place / good.len() as f64);
            for cut in reached_at.iter_mut().take(score as usize - 1) {
                cut.get_or_insert(good[start]);
            }
            start = end;
        }
        Ok(Cuts { direction, reached_at })
    }

    /// The least good value that earns score 2, 3, 4 and 5; `None` where no value earns it.
    pub fn points(&self) -> [Option<f64>; LEVELS as usize - 1] {
        self.reached_at.map(|cut| cut.map(|good| goodness(good, self.direction)))
    }

    /// Cut points made of [`Cuts::points`]; what is not a number stands for `None`.
    pub fn from_points(points: &[f64], direction: Direction) -> Result<Cuts, BadInput> {
        let Ok(points) = <[f64; LEVELS as usize - 1]>::try_from(points) else {
            let value = points.len() as f64;
            return Err(BadInput::Setting { setting: "number of cut points", value, range: "4" });
        };
        let reached_at = points.map(|point| (!point.is_nan()).then(|| goodness(point, direction)));
        Ok(Cuts { direction, reached_at })
    }

    /// The score of one value, 1 to 5. A value that is not a number scores 1.
    pub fn score(&self, value: f64) -> u8 {
        let good = goodness(value, self.direction);
        1 + self.reached_at.iter().flatten().filter(|cut| good >= **cut).count() as u8
    }
}

fn goodness(value: f64, direction: Direction) -> f64 {
    match direction {
        Direction::HigherIsBetter => value,
        Direction::LowerIsBetter => -value,
    }
}

/// The score of a place in the queue, `place` in `[0, 1)`.
fn score_at(place: f64) -> u8 {
    // The small addition keeps 3/5 of the way at its own group although 0.6 * 5 is 3.0000000000000004 or less.
    ((place * f64::from(LEVELS) + 1e-9).floor() as u8).min(LEVELS - 1) + 1
}

/// One customer's scores, 1 (worst) to 5 (best).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scores {
    /// How lately the customer ordered.
    pub recency: u8,
    /// How often.
    pub frequency: u8,
    /// For how much.
    pub monetary: u8,
}

/// The cut points of a whole base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rfm {
    /// Cuts of days since the last order, ties in the middle.
    pub recency: Cuts,
    /// Cuts of the number of orders, ties lowest.
    pub frequency: Cuts,
    /// Cuts of spend, ties in the middle.
    pub monetary: Cuts,
}

impl Rfm {
    /// Cut points from one row per customer: days since the last order, number of orders, and spend (total or mean,
    /// any unit).
    pub fn new(days_since_last: &[f64], orders: &[f64], spend: &[f64]) -> Result<Rfm, BadInput> {
        same_rows("days_since_last", days_since_last, "orders", orders)?;
        same_rows("days_since_last", days_since_last, "spend", spend)?;
        Ok(Rfm {
            recency: Cuts::new(days_since_last, Direction::LowerIsBetter, Ties::Middle)?,
            frequency: Cuts::new(orders, Direction::HigherIsBetter, Ties::Lowest)?,
            monetary: Cuts::new(spend, Direction::HigherIsBetter, Ties::Middle)?,
        })
    }

    /// The scores of one customer.
    pub fn scores(&self, days_since_last: f64, orders: f64, spend: f64) -> Scores {
        Scores {
            recency: self.recency.score(days_since_last),
            frequency: self.frequency.score(orders),
            monetary: self.monetary.score(spend),
        }
    }
}

/// A named group of customers. The codes ([`Segment::code`]) are stable and appear in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// Here lately, often.
    Champions,
    /// Here often, not quite lately.
    Loyal,
    /// Here lately, not yet often.
    Growing,
    /// Here for the first time, just now.
    New,
    /// Here for the first time, a little while ago.
    Promising,
    /// Middling in everything; a nudge decides.
    NeedsAttention,
    /// Came rarely and is fading.
    Cooling,
    /// Came often and has been away.
    AtRisk,
    /// Was among the best and has been away.
    CannotLoseThem,
    /// Came rarely, long ago.
    Lapsed,
}

impl Segment {
    /// All segments, best first.
    pub const ALL: [Segment; 10] = [
        Segment::Champions,
        Segment::Loyal,
        Segment::Growing,
        Segment::New,
        Segment::Promising,
        Segment::NeedsAttention,
        Segment::Cooling,
        Segment::AtRisk,
        Segment::CannotLoseThem,
        Segment::Lapsed,
    ];

    /// The stable code, as written in files and relations.
    pub fn code(self) -> &'static str {
        match self {
            Segment::Champions => "champions",
            Segment::Loyal => "loyal",
            Segment::Growing => "growing",
            Segment::New => "new",
            Segment::Promising => "promising",
            Segment::NeedsAttention => "needs_attention",
            Segment::Cooling => "cooling",
            Segment::AtRisk => "at_risk",
            Segment::CannotLoseThem => "cannot_lose_them",
            Segment::Lapsed => "lapsed",
        }
    }

    /// The segment with this code.
    pub fn from_code(code: &str) -> Option<Segment> {
        Segment::ALL.into_iter().find(|segment| segment.code() == code)
    }
}

/// One line of the naming rule: scores inside both ranges (inclusive) get the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SegmentRule {
    /// Recency scores, least and greatest.
    pub recency: (u8, u8),
    /// Habit scores (see [`habit`]), least and greatest.
    pub habit: (u8, u8),
    /// The name.
    pub segment: Segment,
}

/// The naming rule as data: every pair of a recency score and a habit score is on exactly one line.
pub const SEGMENT_RULES: [SegmentRule; 13] = [
    rule((5, 5), (4, 5), Segment::Champions),
    rule((4, 4), (5, 5), Segment::Champions),
    rule((4, 4), (4, 4), Segment::Loyal),
    rule((3, 3), (4, 5), Segment::Loyal),
    rule((4, 5), (2, 3), Segment::Growing),
    rule((5, 5), (1, 1), Segment::New),
    rule((4, 4), (1, 1), Segment::Promising),
    rule((3, 3), (3, 3), Segment::NeedsAttention),
    rule((3, 3), (1, 2), Segment::Cooling),
    rule((2, 2), (3, 4), Segment::AtRisk),
    rule((1, 1), (3, 4), Segment::AtRisk),
    rule((1, 2), (5, 5), Segment::CannotLoseThem),
    rule((1, 2), (1, 2), Segment::Lapsed),
];

const fn rule(recency: (u8, u8), habit: (u8, u8), segment: Segment) -> SegmentRule {
    SegmentRule { recency, habit, segment }
}

/// Frequency and monetary in one score: their mean, rounded up, so that a rare but large buyer counts as a habit.
pub fn habit(scores: Scores) -> u8 {
    (scores.frequency + scores.monetary).div_ceil(2)
}

/// The segment of a customer with these scores and this many orders.
///
/// `orders` is there because "new" is a fact and not a rank: a customer with one order has the habit score 1 in
/// this rule, whatever the amount.
pub fn segment(scores: Scores, orders: u32) -> Segment {
    let habit = if orders <= 1 { 1 } else { habit(scores).max(2) };
    let inside = |range: (u8, u8), score: u8| range.0 <= score && score <= range.1;
    let recency = scores.recency.clamp(1, LEVELS);
    SEGMENT_RULES
        .iter()
        .find(|rule| inside(rule.recency, recency) && inside(rule.habit, habit.min(LEVELS)))
        .map_or(Segment::Lapsed, |rule| rule.segment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_distinct_values_make_five_groups_of_two() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let cuts = Cuts::new(&values, Direction::HigherIsBetter, Ties::Lowest).unwrap();
        let scores: Vec<u8> = values.iter().map(|value| cuts.score(*value)).collect();
        assert_eq!(scores, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        let cuts = Cuts::new(&values, Direction::LowerIsBetter, Ties::Middle).unwrap();
        let scores: Vec<u8> = values.iter().map(|value| cuts.score(*value)).collect();
        assert_eq!(scores, [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]);
    }

    #[test]
    fn one_time_buyers_score_one_under_lowest_and_three_under_middle() {
        let orders = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 5.0];
        let lowest = Cuts::new(&orders, Direction::HigherIsBetter, Ties::Lowest).unwrap();
        assert_eq!((lowest.score(1.0), lowest.score(2.0), lowest.score(5.0)), (1, 5, 5));
        let middle = Cuts::new(&orders, Direction::HigherIsBetter, Ties::Middle).unwrap();
        assert_eq!((middle.score(1.0), middle.score(2.0), middle.score(5.0)), (3, 5, 5));
    }

    #[test]
    fn cuts_are_rebuilt_from_their_points() {
        for direction in [Direction::HigherIsBetter, Direction::LowerIsBetter] {
            let cuts = Cuts::new(&[1.0, 1.0, 1.0, 2.0, 5.0], direction, Ties::Lowest).unwrap();
            let points = cuts.points().map(|point| point.unwrap_or(f64::NAN));
            assert_eq!(Cuts::from_points(&points, direction), Ok(cuts));
        }
        assert!(Cuts::from_points(&[1.0], Direction::HigherIsBetter).is_err());
    }

    #[test]
    fn every_pair_of_scores_has_exactly_one_name_and_every_name_is_used() {
        for recency in 1..=LEVELS {
            for habit in 1..=LEVELS {
                let lines = SEGMENT_RULES.iter().filter(|rule| {
                    (rule.recency.0..=rule.recency.1).contains(&recency)
                        && (rule.habit.0..=rule.habit.1).contains(&habit)
                });
                assert_eq!(lines.count(), 1, "recency {recency} habit {habit}");
            }
        }
        for segment in Segment::ALL {
            assert!(SEGMENT_RULES.iter().any(|rule| rule.segment == segment), "{segment:?}");
            assert_eq!(Segment::from_code(segment.code()), Some(segment));
        }
    }

    #[test]
    fn segments_read_as_a_shop_would_say_them() {
        let scores = |recency, frequency, monetary| Scores { recency, frequency, monetary };
        assert_eq!(segment(scores(5, 5, 5), 40), Segment::Champions);
        assert_eq!(segment(scores(5, 1, 5), 1), Segment::New);
        assert_eq!(segment(scores(1, 5, 5), 40), Segment::CannotLoseThem);
        assert_eq!(segment(scores(1, 1, 1), 1), Segment::Lapsed);
        assert_eq!(segment(scores(2, 4, 4), 9), Segment::AtRisk);
    }

    #[test]
    fn a_column_with_a_hole_is_refused() {
        assert!(Cuts::new(&[], Direction::HigherIsBetter, Ties::Lowest).is_err());
        assert!(Rfm::new(&[1.0], &[1.0], &[f64::NAN]).is_err());
        assert!(Rfm::new(&[1.0, 2.0], &[1.0], &[1.0]).is_err());
    }

    proptest! {
        #[test]
        fn a_better_value_never_scores_lower(
            values in prop::collection::vec(-1e6..1e6f64, 1..60),
            coarse in prop::bool::ANY,
        ) {
            let values: Vec<f64> =
                values.into_iter().map(|v| if coarse { (v / 2e5).round() } else { v }).collect();
            for ties in [Ties::Lowest, Ties::Middle] {
                let cuts = Cuts::new(&values, Direction::HigherIsBetter, ties).unwrap();
                let mut ordered = values.clone();
                ordered.sort_by(f64::total_cmp);
                let scores: Vec<u8> = ordered.iter().map(|v| cuts.score(*v)).collect();
                prop_assert!(scores.windows(2).all(|pair| pair[0] <= pair[1]));
                prop_assert!(scores.iter().all(|score| (1..=LEVELS).contains(score)));
            }
        }
    }
}
