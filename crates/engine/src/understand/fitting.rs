//! Fitting: every family on the grouped statistics of the base, and what becomes of those that say no.

use super::judging::Rule;
use super::options::LEVEL;
use super::rows::rows;
use domain::column::{Batch, Column, Values};
use stats::lifetime::fit::{Attrition, Family, Fit, LEAST_GAIN, fit};
use stats::lifetime::history::History;
use stats::lifetime::model::Model;
use stats::lifetime::score::Total;
use stats::lifetime::spend::{Centre, SpendFit, fit_spend};

/// The families tried, the simpler before the harder where they predict alike.
const FAMILIES: [(&str, Family); 4] = [
    ("nbd", Family::NBD),
    ("mbg_nbd", Family::MBG_NBD),
    ("bg_nbd", Family::BG_NBD),
    ("pareto_nbd", Family::PARETO_NBD),
];

/// The family used where history is too short to judge any: of those that let customers leave, the one that neither
/// answers P(alive) = 1 for everybody who came once nor needs an integral.
pub(super) const UNJUDGED: &str = "mbg_nbd";

/// Customers alike in frequency, recency and age, with how many there are; days.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Statistics {
    pub frequency: Vec<f64>,
    pub recency_days: Vec<f64>,
    pub age_days: Vec<f64>,
    pub customers: Vec<f64>,
}

impl Statistics {
    /// The rows of `fits.statistics`, in an order that does not depend on how they were grouped, so that sums over
    /// them are the same every time.
    pub fn read(batch: &Batch) -> Statistics {
        let columns = ["frequency", "recency_days", "age_days", "customers"];
        let mut all: Vec<[f64; 4]> = rows(batch).map(|row| columns.map(|name| row.sum(name))).collect();
        all.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(a[2].total_cmp(&b[2])));
        let column = |place: usize| all.iter().map(|row| row[place]).collect();
        Statistics {
            frequency: column(0),
            recency_days: column(1),
            age_days: column(2),
            customers: column(3),
        }
    }

    /// The same as the models read it.
    pub fn history(&self) -> History<'_> {
        History::new(&self.frequency, &self.recency_days, &self.age_days).weighted(&self.customers)
    }

    /// Customers in all.
    pub fn count(&self) -> u64 {
        self.customers.iter().sum::<f64>() as u64
    }
}

/// A family with what came of it.
pub(super) struct Tried {
    /// Its code.
    pub code: &'static str,
    /// The fit, or why there is none that may be used.
    pub fit: Result<Fit, String>,
    /// Log-likelihood won over `nbd`, where both could be fitted; never under 0.
    pub gain_nats: Option<f64>,
}

/// Every family on one history. A family that cannot tell that anybody leaves is turned away in favour of `nbd`, in
/// which nobody does.
pub(super) fn fit_all(statistics: &Statistics) -> Vec<Tried> {
    let history = statistics.history();
    let tried = |&(code, family): &(&'static str, Family)| match fit(family, &history) {
        Ok(fit) => {
            let gain_nats = (fit.log_likelihood - fit.without_attrition_log_likelihood).max(0.0);
            let leaves = matches!(fit.attrition, Attrition::Identified { .. });
            let fit = if leaves || family == Family::NBD {
                Ok(fit)
            } else {
                Err(format!(
                    "letting customers leave gains {gain_nats:.1} nats, under {LEAST_GAIN}: leaving cannot be told"
                ))
            };
            Tried { code, fit, gain_nats: Some(gain_nats) }
        }
        Err(refused) => Tried { code, fit: Err(refused.to_string()), gain_nats: None },
    };
    FAMILIES.iter().map(tried).collect()
}

/// Log-likelihood won by letting customers leave: the most any family won.
pub(super) fn attrition_gain(tried: &[Tried]) -> Option<f64> {
    tried.iter().filter(|one| one.code != "nbd").filter_map(|one| one.gain_nats).reduce(f64::max)
}

/// The fit to use for `wanted`: itself, or `nbd` where the data no longer tell that anybody leaves.
pub(super) fn usable<'a>(tried: &'a [Tried], wanted: &str) -> Option<&'a Tried> {
    let is_fitted = |code: &str| tried.iter().find(|one| one.code == code && one.fit.is_ok());
    is_fitted(wanted).or_else(|| is_fitted("nbd"))
}

/// Orders of all customers within some days, with chance and the parameters' uncertainty.
pub(super) fn total_orders(fit: &Fit, statistics: &Statistics, days: f64) -> Option<Total> {
    fit.total(&statistics.history(), days, LEVEL).ok()
}

/// Spend per order, from `fits.spend`; `None` where it cannot be modelled. A fit whose mean over customers is infinite
/// is kept: it answers with the median.
pub(super) fn fit_spending(batch: &Batch) -> Option<SpendFit> {
    let mut all: Vec<[f64; 3]> = rows(batch)
        .map(|row| ["frequency", "mean_spend_minor", "customers"].map(|name| row.sum(name)))
        .collect();
    all.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let column = |place: usize| all.iter().map(|row| row[place]).collect::<Vec<f64>>();
    fit_spend(&column(0), &column(1), Some(&column(2))).ok()
}

/// The rows of `fits.latest`: every fit, the naive rule where one is used, the chosen one marked, and the model of
/// spend.
pub(super) fn latest(
    tried: &[Tried],
    chosen: Option<&str>,
    rule: Option<&Rule>,
    spend: Option<&SpendFit>,
) -> Batch {
    let fits = tried.iter().filter_map(|one| one.fit.as_ref().ok().map(|fit| (one.code, fit)));
    let mut names: Vec<&str> = Vec::new();
    let mut parameters = Vec::new();
    let mut likelihoods = Vec::new();
    for (code, fit) in fits {
        names.push(code);
        parameters.push(fit.model.parameters());
        likelihoods.push(fit.log_likelihood);
    }
    if let Some(rule) = rule {
        names.push(rule.code);
        parameters.push(rule.numbers.clone());
        likelihoods.push(f64::NAN);
    }
    if let Some(spend) = spend {
        names.push("gamma_gamma");
        parameters.push(vec![spend.model.p, spend.model.q, spend.model.gamma]);
        likelihoods.push(spend.log_likelihood);
    }
    let is_chosen = names.iter().map(|name| Some(*name) == chosen).collect();
    Batch::new(vec![
        Column::texts("model", names.iter().copied().map(Some)),
        Column::new("parameters", Values::Floats(parameters)),
        Column::new("is_chosen", Values::Bool(is_chosen)),
        Column::floats(
            "log_likelihood",
            likelihoods.into_iter().map(|one| Some(one).filter(|one| one.is_finite())),
        ),
    ])
}

/// Standard error of what customers spend per order on average, relative to it: their spread over the root of their
/// number. 0 without a model of spend, which then adds no doubt of its own.
pub(super) fn spend_error(spend: Option<&SpendFit>) -> f64 {
    let Some(spend) = spend.filter(|spend| spend.centre == Centre::Mean && spend.model.q > 2.0) else {
        return 0.0;
    };
    // The mean spend of a customer is p·gamma over a gamma variable of shape q: its squared variation is 1 / (q − 2).
    (1.0 / ((spend.model.q - 2.0) * spend.customers.max(1.0))).sqrt()
}

/// The model of a fit.
pub(super) fn model_of(tried: &Tried) -> Option<&Model> {
    tried.fit.as_ref().ok().map(|fit| &fit.model)
}
