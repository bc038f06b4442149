//! What another policy would have earned, from a log of decisions.

use super::answer::{Answer, Estimate};
use super::arms::numbered;
use crate::args::stats::Ope;
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::json;
use stats::policy::Refused;
use stats::policy::off_policy::{self, Estimator, Log, Settings};

const ROLES: Roles = &[
    ("action", &["action", "arm"]),
    ("reward", &["reward", "outcome", "y"]),
    ("customer", &["customer", "customer_id", "id"]),
    ("count", &["count"]),
];

/// `stats ope`
pub fn ope(args: &Ope) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, ROLES)?;
    let names = actions(&table)?;
    let taken = table.texts("action")?.into_iter().enumerate().map(|(row, action)| {
        names.iter().position(|name| *name == action).ok_or_else(|| {
            let what = format!("is '{action}'; the file has probabilities of {}", names.join(", "));
            table.wrong_in("action", row, &what)
        })
    });
    let taken = taken.collect::<Result<Vec<usize>, Ended>>()?;
    let reward = table.column("reward")?;
    let logged = prefixed(&table, "logged_", &names)?;
    let policy = prefixed(&table, "policy_", &names)?;
    let has_model = table.header().iter().any(|column| column.starts_with("expected_"));
    let expected = if has_model { Some(prefixed(&table, "expected_", &names)?) } else { None };
    let customers: Option<Vec<usize>> = table
        .maybe_texts("customer")?
        .map(|customers| numbered(&customers).0.into_iter().map(|number| number as usize).collect());
    let bad = |error: Refused| table.refused_rows(error);
    let mut log = Log::new(&taken, &reward, &logged, &policy).map_err(bad)?;
    if let Some(expected) = &expected {
        log = log.expecting(expected).map_err(bad)?;
    }
    if let Some(customers) = &customers {
        log = log.clustered(customers).map_err(bad)?;
    }
    let limit = args.weight_limit;
    let mut estimators = vec![Estimator::Ips, Estimator::ClippedIps { limit }, Estimator::Snips];
    if has_model {
        let with_model = [
            Estimator::Dm,
            Estimator::Dr,
            Estimator::Sndr,
            Estimator::SwitchDr { limit },
            Estimator::Dros { limit },
        ];
        estimators.extend(with_model);
    }
    let answer =
        Answer::new("ope", "off-policy evaluation (percentiles of a Poisson bootstrap)", table.len())
            .setting("level", args.sample.level)
            .setting("replicates", args.replicates)
            .setting("seed", args.seed)
            .setting("weight_limit", limit)
            .setting("by_customer", customers.is_some())
            .setting("bare", args.bare);
    let n = table.len() as u64;
    if args.bare {
        let coverage = off_policy::coverage(&log).map_err(bad)?;
        let rows = estimators.iter().map(|one| {
            let value = off_policy::estimate(&log, one).map_err(bad)?;
            Ok(Estimate::new(one.name(), value).of(n))
        });
        let answer = answer.estimates(rows.collect::<Result<Vec<_>, Ended>>()?);
        let answer = match coverage.refusal() {
            Some(refusal) => answer.note(format!("Bare numbers, not to decide by: {refusal}.")),
            None => answer.note("Bare numbers, without a check of whether the log can tell."),
        };
        return Ok(answer.details(json!({"actions": names, "coverage": coverage})));
    }
    let settings =
        Settings { replicates: args.replicates as usize, level: args.sample.level, seed: args.seed };
    let found = off_policy::evaluate(&log, &estimators, &settings).map_err(bad)?;
    let rows = found.estimates.iter().map(|one| {
        Estimate::new(one.estimator.name(), one.value)
            .error(one.standard_error)
            .within(one.low, one.high)
            .of(n)
    });
    Ok(answer
        .setting("effective_sample", found.coverage.effective_sample)
        .setting("mean_weight", found.coverage.mean_weight)
        .estimates([Estimate::new("as logged", found.logged_value).of(n)])
        .estimates(rows)
        .details(json!({"actions": names, "evaluation": found})))
}

/// The actions, named by the columns of logged probabilities.
fn actions(table: &Table) -> Result<Vec<&str>, Ended> {
    let names: Vec<&str> =
        table.header().iter().filter_map(|column| column.strip_prefix("logged_")).collect();
    if names.is_empty() {
        return Err(table.refused(
            "no columns logged_ACTION; the probability of every action under the policy that ran is needed, and \
             policy_ACTION under the one to judge",
        ));
    }
    Ok(names)
}

/// One column per action.
fn prefixed(table: &Table, prefix: &str, names: &[&str]) -> Result<stats::table::Table, Ended> {
    let columns = names.iter().map(|name| table.numbers(table.named(&format!("{prefix}{name}"))?));
    let columns = columns.collect::<Result<Vec<_>, Ended>>()?;
    let values = (0..table.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    stats::table::Table::new(names.len(), values).map_err(|error| table.refused(error))
}
