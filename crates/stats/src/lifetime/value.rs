//! From orders to money: discounting, lifetime value, seasons.

use super::history::Refused;
use super::model::{Model, Standing};

/// The continuous rate per unit of time that equals a yearly discount: `continuous_rate(0.1, 365.25)` is for models in
/// days and ten per cent a year. Refuses a discount of −100 % or less.
pub fn continuous_rate(yearly_discount: f64, units_per_year: f64) -> Result<f64, Refused> {
    if !(yearly_discount > -1.0 && yearly_discount.is_finite()) {
        return Err(Refused::Setting {
            setting: "yearly discount",
            value: yearly_discount,
            range: "above -1, as 0.1 for ten per cent",
        });
    }
    if !(units_per_year > 0.0 && units_per_year.is_finite()) {
        return Err(Refused::Setting { setting: "units per year", value: units_per_year, range: "above 0" });
    }
    Ok(yearly_discount.ln_1p() / units_per_year)
}

/// On what terms orders are worth money. Any of them may differ by customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Expected spend per order, in money ([`super::spend::Spend::expected_spend`]).
    pub spend: f64,
    /// Margin as a share of spend.
    pub margin: f64,
    /// Continuous discount rate per unit of time ([`continuous_rate`]).
    pub rate: f64,
    /// Seasonal factor on the expected orders; 1 for none ([`Season::factor`]).
    pub season: f64,
}

/// Expected discounted margin of a customer's orders after `from` up to `to`, both counted from now; `to` may be
/// infinite with a positive rate.
pub fn lifetime_value(standing: &Standing, terms: &Terms, from: f64, to: f64) -> f64 {
    terms.season * terms.margin * terms.spend * standing.discounted_orders(from, to, terms.rate)
}

/// Expected discounted margin of a new customer up to `to` after their first order, that order included.
pub fn newcomer_value(model: &Model, terms: &Terms, to: f64) -> f64 {
    terms.margin
        * terms.spend
        * (1.0 + terms.season * model.newcomer().discounted_orders(0.0, to, terms.rate))
}

/// Multipliers on expected orders by place in the year (months, weeks, days of the year: the caller's choice), with
/// mean one.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Season {
    /// One multiplier per place in the year.
    pub factors: Vec<f64>,
    /// Whether the place was observed; the others have factor one.
    pub is_observed: Vec<bool>,
}

impl Season {
    /// No season.
    pub fn flat(places: usize) -> Season {
        Season { factors: vec![1.0; places], is_observed: vec![false; places] }
    }

    /// Multipliers the caller knows. Refuses negative or infinite ones.
    pub fn given(factors: &[f64]) -> Result<Season, Refused> {
        for (row, value) in factors.iter().copied().enumerate() {
            if !value.is_finite() {
                return Err(Refused::NotFinite { column: "season", row, value });
            }
            if value < 0.0 {
                return Err(Refused::Negative { column: "season", row, value });
            }
        }
        Ok(Season { factors: factors.to_vec(), is_observed: vec![true; factors.len()] })
    }

    /// Estimates multipliers from a model's tracking: for each past period its place in the year, the orders that came
    /// and the orders expected.
    ///
    /// The ratio actual / expected of each place is divided by their mean, so that an error of level is no season, and
    /// shrunk towards one by empirical Bayes: by the noise of a count of that size (with the overdispersion seen
    /// within places) against the spread between places. One year of data cannot tell a season from a trend.
    pub fn from_tracking(
        places: usize,
        place_of: &[usize],
        actual: &[f64],
        expected: &[f64],
    ) -> Result<Season, Refused> {
        for (column, rows) in [("actual", actual.len()), ("expected", expected.len())] {
            if rows != place_of.len() {
                return Err(Refused::Lengths { column, rows, expected: place_of.len() });
            }
        }
        let mut sums = vec![(0.0, 0.0); places];
        for (row, &place) in place_of.iter().enumerate() {
            if place >= places {
                return Err(Refused::Setting {
                    setting: "place in the year",
                    value: place as f64,
                    range: "below the number of places",
                });
            }
            for (column, value) in [("actual", actual[row]), ("expected", expected[row])] {
                if !value.is_finite() {
                    return Err(Refused::NotFinite { column, row, value });
                }
                if value < 0.0 {
                    return Err(Refused::Negative { column, row, value });
                }
            }
            sums[place].0 += actual[row];
            sums[place].1 += expected[row];
        }
        let observed: Vec<(usize, f64, f64)> =
            sums.iter().enumerate().filter(|(_, s)| s.1 > 0.0).map(|(i, s)| (i, s.0, s.1)).collect();
        let mut season = Season::flat(places);
        let total: f64 = observed.iter().map(|o| o.1).sum();
        let level = total / observed.iter().map(|o| o.2).sum::<f64>();
        if observed.len() < 2 || total <= 0.0 {
            return Ok(season);
        }
        // Noise of one unit of expectation: Poisson, or more where periods of one place scatter more.
        let mut scatter = (0.0, 0.0);
        for (row, &place) in place_of.iter().enumerate() {
            let (came, due) = sums[place];
            if due > 0.0 && expected[row] > 0.0 {
                let fair = came / due * expected[row];
                scatter.0 += (actual[row] - fair).powi(2) / fair.max(1e-9);
                scatter.1 += 1.0;
            }
        }
        let spare: f64 = scatter.1 - observed.len() as f64;
        let dispersion = if spare >= 1.0 { (scatter.0 / spare).max(1.0) } else { 1.0 };
        let noise = |due: f64| dispersion / (due * level);
        let ratio = |o: &(usize, f64, f64)| o.1 / o.2 / level;
        // Moment estimate of the spread between places (DerSimonian & Laird 1986).
        let weights: Vec<f64> = observed.iter().map(|o| 1.0 / noise(o.2)).collect();
        let sum: f64 = weights.iter().sum();
        let centre = observed.iter().zip(&weights).map(|(o, w)| w * ratio(o)).sum::<f64>() / sum;
        let excess = observed.iter().zip(&weights).map(|(o, w)| w * (ratio(o) - centre).powi(2)).sum::<f64>();
        let room = sum - weights.iter().map(|w| w * w).sum::<f64>() / sum;
        let spread = ((excess - (observed.len() as f64 - 1.0)) / room).max(0.0);
        for o in &observed {
            season.factors[o.0] = 1.0 + spread / (spread + noise(o.2)) * (ratio(o) - centre);
            season.is_observed[o.0] = true;
        }
        let mean = observed.iter().map(|o| season.factors[o.0]).sum::<f64>() / observed.len() as f64;
        observed.iter().for_each(|o| season.factors[o.0] = (season.factors[o.0] / mean).max(0.0));
        Ok(season)
    }

    /// The multiplier of a horizon, from the orders expected in it at each place in the year; one if none are.
    pub fn factor(&self, expected_by_place: &[f64]) -> f64 {
        let due: f64 = expected_by_place.iter().sum();
        if due <= 0.0 || !due.is_finite() {
            return 1.0;
        }
        expected_by_place.iter().zip(&self.factors).map(|(e, f)| e * f).sum::<f64>() / due
    }
}
