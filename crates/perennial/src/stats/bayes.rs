//! The Bayesian read-out of an experiment.

use super::answer::{Answer, Estimate};
use super::experiments::{AB, compare_all, settings, what_is_compared};
use crate::args::stats::{Bayes, BetterArg, ScaleArg};
use crate::ended::Ended;
use crate::table::Table;
use serde_json::json;
use stats::experiment::bayes::{Better, Prior, posterior};
use stats::experiment::effect::Scale;

/// `stats bayes`
pub fn bayes(args: &Bayes) -> Result<Answer, Ended> {
    let comparison = &args.comparison;
    let table = Table::read(&comparison.sample.input.file, &comparison.sample.input.maps, AB)?;
    let prior = match args.prior_deviation {
        None => Prior::Flat,
        Some(standard_deviation) => Prior::Normal {
            scale: if comparison.scale == ScaleArg::Absolute { Scale::Absolute } else { Scale::Relative },
            mean: args.prior_mean,
            standard_deviation,
        },
    };
    let better = if args.better == BetterArg::Higher { Better::Higher } else { Better::Lower };
    let compared = compare_all(&table, comparison)?;
    let (mut estimates, mut details) = (Vec::new(), Vec::new());
    for arm in &compared.arms {
        let believed = posterior(&arm.effect, &prior, better).map_err(|error| table.refused(error))?;
        let ends = believed.interval(comparison.sample.level).map_err(|error| table.refused(error))?;
        estimates.push(
            Estimate::new(format!("{} - {}", arm.name, compared.control), believed.mean)
                .error(believed.standard_deviation)
                .within(ends.low, ends.high)
                .of(arm.effect.units as u64)
                .with("chance_to_win", believed.p_win)
                .with("loss_of_treatment", believed.treatment_loss)
                .with("loss_of_control", believed.control_loss),
        );
        details.push(json!({"treatment": arm.name, "effect": arm.effect, "posterior": believed}));
    }
    let method = format!("{}; normal posterior, expected losses", what_is_compared(comparison));
    let answer = Answer::new("bayes", method, table.len())
        .setting("control", compared.control)
        .setting("prior_mean", json!(args.prior_deviation.map(|_| args.prior_mean)))
        .setting("prior_deviation", json!(args.prior_deviation))
        .setting("better", if args.better == BetterArg::Higher { "higher" } else { "lower" });
    Ok(settings(answer, comparison).estimates(estimates).details(details))
}
