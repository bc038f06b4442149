//! The columns of a comparison and what two arms of their rows come to.

use super::arms::{at, numbered};
use crate::args::stats::{Comparison, Metric};
use crate::ended::Ended;
use crate::table::Table;
use stats::experiment::arm::{Arm, cluster_totals};
use stats::experiment::cuped::{adjust, adjust_ratio};
use stats::experiment::moments::Moments;
use stats::experiment::strata::Stratum;
use stats::inputs::BadInput;
use std::collections::BTreeMap;

/// The columns of a comparison, one value per row each.
pub struct Columns {
    value: Vec<f64>,
    denominator: Option<Vec<f64>>,
    before: Option<Vec<f64>>,
    denominator_before: Option<Vec<f64>>,
    clusters: Option<Vec<u64>>,
    is_proportion: bool,
}

/// Two arms, and what the covariate did.
pub struct Compared {
    pub control: Arm,
    pub treatment: Arm,
    pub theta: Option<f64>,
    pub variance_ratio: Option<f64>,
}

impl Columns {
    /// Read them.
    pub fn read(table: &Table, args: &Comparison) -> Result<Columns, Ended> {
        let named = |column: &Option<String>| -> Result<Option<Vec<f64>>, Ended> {
            column.as_ref().map(|column| table.numbers(table.named(column)?)).transpose()
        };
        let value = table.column("value")?;
        let is_proportion = args.metric == Metric::Proportion;
        if is_proportion && let Some(row) = value.iter().position(|value| *value != 0.0 && *value != 1.0) {
            let what = format!("is {}; a proportion is of 0 and 1", value[row]);
            return Err(table.wrong_in("value", row, &what));
        }
        let denominator = match args.metric {
            Metric::Ratio => Some(table.column("denominator")?),
            _ => None,
        };
        let clusters = args.cluster.as_ref().map(|column| clusters(table, column)).transpose()?;
        let (before, denominator_before) = (named(&args.cuped)?, named(&args.cuped_denominator)?);
        Ok(Columns { value, denominator, before, denominator_before, clusters, is_proportion })
    }

    /// The columns of some rows, summed by cluster where there are some; a column that is not there is of ones.
    fn four(&self, rows: &[usize]) -> Result<[Vec<f64>; 4], BadInput> {
        let ones = || vec![1.0; rows.len()];
        let of = |column: &Option<Vec<f64>>| column.as_ref().map_or_else(ones, |values| at(values, rows));
        let columns =
            [at(&self.value, rows), of(&self.denominator), of(&self.before), of(&self.denominator_before)];
        let Some(clusters) = &self.clusters else { return Ok(columns) };
        let clusters = at(clusters, rows);
        let mut totals: [Vec<f64>; 4] = Default::default();
        for (total, column) in totals.iter_mut().zip(&columns) {
            *total = cluster_totals(column, &clusters)?.0;
        }
        Ok(totals)
    }

    /// Two arms of rows.
    pub fn compared(&self, control: &[usize], treatment: &[usize]) -> Result<Compared, BadInput> {
        let (control, treatment) = (self.four(control)?, self.four(treatment)?);
        let is_ratio = self.denominator.is_some() || self.clusters.is_some();
        if self.before.is_some() {
            let found = if is_ratio {
                let four =
                    |arm: &[Vec<f64>; 4]| Moments::from_columns([&arm[0][..], &arm[1], &arm[2], &arm[3]]);
                adjust_ratio(&four(&control)?, &four(&treatment)?)?
            } else {
                let both = |arm: &[Vec<f64>; 4]| Moments::from_columns([&arm[0][..], &arm[2]]);
                adjust(&both(&control)?, &both(&treatment)?)?
            };
            return Ok(Compared {
                control: found.control,
                treatment: found.treatment,
                theta: Some(found.theta),
                variance_ratio: Some(found.variance_ratio),
            });
        }
        let arm = |columns: &[Vec<f64>; 4]| {
            if is_ratio {
                Arm::ratio(&Moments::from_columns([&columns[0][..], &columns[1]])?)
            } else if self.is_proportion {
                Arm::proportion(columns[0].iter().sum::<f64>() as u64, columns[0].len() as u64)
            } else {
                Arm::mean(&Moments::from_columns([&columns[0][..]])?)
            }
        };
        let (control, treatment) = (arm(&control)?, arm(&treatment)?);
        Ok(Compared { control, treatment, theta: None, variance_ratio: None })
    }
}

/// The cluster of each row, numbered.
pub fn clusters(table: &Table, column: &str) -> Result<Vec<u64>, Ended> {
    let names = table.full(table.named(column)?)?;
    Ok(numbered(&names).0.into_iter().map(u64::from).collect())
}

/// A cluster in two arms was not randomised whole.
pub fn whole_clusters(table: &Table, column: &str) -> Result<(), Ended> {
    let names = table.full(table.named(column)?)?;
    let mut arm_of: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, arm) in names.iter().zip(table.texts("arm")?) {
        let first = *arm_of.entry(name).or_insert(arm);
        if first != arm {
            let text = format!(
                "cluster '{name}' is in the arms {first} and {arm}; leave out --cluster if rows \
                                were randomised one by one"
            );
            return Err(table.refused(text));
        }
    }
    Ok(())
}

/// The strata of two arms, each compared.
pub fn strata_of(
    table: &Table,
    columns: &Columns,
    strata: &[&str],
    control: &[usize],
    treatment: &[usize],
) -> Result<Vec<Stratum>, Ended> {
    let mut rows: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
    for (arm, members) in [control, treatment].into_iter().enumerate() {
        for row in members {
            rows.entry(strata[*row]).or_default()[arm].push(*row);
        }
    }
    rows.iter()
        .map(|(name, [control, treatment])| {
            let compared = columns.compared(control, treatment).map_err(|error| {
                table.refused(format!("stratum '{name}': {error}; merge it with another"))
            })?;
            Ok(Stratum { control: compared.control, treatment: compared.treatment })
        })
        .collect()
}
