//! Scores fit to be served: cross-fitted, then shrunk by their own calibration.

use serde::{Deserialize, Serialize};

use super::scores::{aipw, contrast, cross_fit_means};
use super::{Base, BestLinearPredictor, Effects, Learner, Refused, Trial, best_linear_predictor};
use crate::table::Table;

/// How scores are cross-fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Parts the rows are cut in; each is scored by models of the others.
    pub folds: usize,
    /// The seed of the cut and of the trees.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { folds: 5, seed: 0 }
    }
}

/// Where the slope of the effect on a served score must lie: outside, a score in money is wrong by more than a third.
const BAND: std::ops::RangeInclusive<f64> = 0.7..=1.3;
/// Standard errors a slope must lie above 1 by before differences are stretched.
const STRETCH_ERRORS: f64 = 2.0;
/// Below this many rows the error of a slope is not trusted.
const FEWEST_ROWS: usize = 200;

/// How the scores of one arm are shrunk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ArmCalibration {
    /// The arm, from 1.
    pub arm: usize,
    /// The regression of effects on scores of rows not seen.
    pub line: BestLinearPredictor,
    /// What shrinking keeps of the differences between customers: the slope, not below 0; above 1 only as far as two
    /// standard errors leave no doubt, or the band asks.
    pub kept: f64,
    /// Why everybody is served the average effect all the same, where it is so.
    pub withheld: Option<Withheld>,
    /// The same regression on shrunk scores, each row shrunk by what the other parts say: what a slope on rows that
    /// neither model nor shrinkage had seen comes to. Where differences are served it lies in 0.7 to 1.3.
    pub check: BestLinearPredictor,
    /// The mean of the model's raw scores in its own rows.
    pub centre: f64,
}

/// Why no differences between customers are served: their slope cannot be brought into 0.7 to 1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// All scores are alike.
    Alike,
    /// Fewer rows than an error of a slope can be trusted on.
    FewRows,
    /// No multiple of the scores has a slope that lies in the band with one error to each side, which is so where the
    /// error is above three tenths of the slope.
    Unsure,
    /// The slope on rows that neither model nor shrinkage had seen lies outside.
    Outside,
}

impl std::fmt::Display for Withheld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Withheld::Alike => "all scores are alike",
            Withheld::FewRows => "fewer than 200 rows cannot tell how much of the differences is real",
            Withheld::Unsure => "how much of the differences is real is not known well enough",
            Withheld::Outside => {
                "on rows not seen the slope of the effect on the served score is not within 0.7 to 1.3"
            }
        })
    }
}

/// A fitted learner with its calibration.
#[derive(Debug, Serialize, Deserialize)]
pub struct Served {
    /// The learner that was fitted.
    pub learner: Learner,
    /// The model, fitted on all rows.
    pub effects: Effects,
    /// One calibration per arm but the control.
    pub calibration: Vec<ArmCalibration>,
}

impl Served {
    /// Effects fit to be served: rows × (arms − 1), each average + kept · (raw − centre), and the average for all where
    /// differences are withheld. A lower bound or a price may be put on these; never on raw scores.
    pub fn effects(&self, table: &Table) -> Result<Table, Refused> {
        self.keeping(table, |arm| if arm.withheld.is_some() { 0.0 } else { arm.kept })
    }

    /// Shrunk effects whether or not they are withheld, for a policy that is judged by what it gains
    /// ([`crate::policy::gate`]) and needs them in order, not in money.
    pub(crate) fn shrunk(&self, table: &Table) -> Result<Table, Refused> {
        self.keeping(table, |arm| arm.kept)
    }

    fn keeping(&self, table: &Table, kept: impl Fn(&ArmCalibration) -> f64) -> Result<Table, Refused> {
        let raw = self.effects.of(table)?;
        let shrunk = |(raw, arm): (&f64, &ArmCalibration)| arm.line.average + kept(arm) * (raw - arm.centre);
        let values = raw.iter().flat_map(|row| row.iter().zip(&self.calibration).map(shrunk)).collect();
        Ok(Table::new(raw.columns(), values)?)
    }
}

/// Effects of the rows of a trial by models, and by shrinkage, that had not seen them.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossFitted {
    /// The part each row was cut into.
    pub fold: Vec<usize>,
    /// Raw effects by models of the other parts: rows × (arms − 1).
    pub raw: Table,
    /// The same, shrunk by their calibration in the other parts.
    pub served: Table,
    /// AIPW scores: rows × arms.
    pub scores: Table,
}

/// Scores every row by models of the parts it is not in, and shrinks it by what those parts say.
pub fn cross_fit(trial: &Trial, learner: &Learner, settings: &Settings) -> Result<CrossFitted, Refused> {
    let Unseen { fold, effects: raw, scores } = unseen(trial, learner, settings)?;
    let mut served = vec![0.0; raw.rows() * raw.columns()];
    for held in 0..settings.folds {
        let rows = |inside: bool| -> Vec<usize> {
            (0..fold.len()).filter(|row| (fold[*row] == held) == inside).collect()
        };
        let (inside, others) = (rows(true), rows(false));
        for arm in 1..trial.arms() {
            let said =
                |rows: &[usize]| -> Vec<f64> { rows.iter().map(|row| raw.row(*row)[arm - 1]).collect() };
            let seen: Vec<f64> =
                others.iter().map(|row| scores.row(*row)[arm] - scores.row(*row)[0]).collect();
            let folds: Vec<usize> = others.iter().map(|row| fold[*row]).collect();
            let line = best_linear_predictor(&said(&others), &seen, &folds)?;
            let centre = crate::describe::mean(&said(&inside));
            let kept = kept(&line, others.len());
            for row in &inside {
                let away = raw.row(*row)[arm - 1] - centre;
                served[row * raw.columns() + arm - 1] = line.average + kept * away;
            }
        }
    }
    let served = Table::new(raw.columns(), served)?;
    Ok(CrossFitted { fold, raw, served, scores })
}

/// What is kept of differences whose slope over so many rows is this.
fn kept(line: &BestLinearPredictor, rows: usize) -> f64 {
    let (Some(slope), Some(error)) = (line.slope, line.slope_error) else { return 0.0 };
    if rows < FEWEST_ROWS {
        return slope.clamp(0.0, 1.0);
    }
    let sure = slope - STRETCH_ERRORS * error;
    slope.clamp(0.0, sure.max((slope + error) / BAND.end()).max(1.0))
}

/// Why differences are not served, if they are not. What is served has a slope of slope / kept: both slope − error and
/// slope + error are to stay in the band, and `check` must bear it out.
fn withheld(line: &BestLinearPredictor, rows: usize, check: &BestLinearPredictor) -> Option<Withheld> {
    let (Some(slope), Some(error)) = (line.slope, line.slope_error) else { return Some(Withheld::Alike) };
    if rows < FEWEST_ROWS {
        return Some(Withheld::FewRows);
    }
    let (least, most) = ((slope + error) / BAND.end(), (slope - error) / BAND.start());
    if slope <= 0.0 || least > most {
        return Some(Withheld::Unsure);
    }
    let is_borne_out = check.slope.is_some_and(|slope| BAND.contains(&slope));
    (!is_borne_out).then_some(Withheld::Outside)
}

/// Fits a learner, measures on rows each part had not seen how much of its differences is real, and keeps that much; where
/// that is not known well enough, everybody is served the average effect.
pub fn fit(trial: &Trial, learner: &Learner, settings: &Settings) -> Result<Served, Refused> {
    let unseen = cross_fit(trial, learner, settings)?;
    let effects = learner.fit(trial, settings.folds, settings.seed)?;
    let raw = effects.of(trial.table())?;
    let calibration = (1..trial.arms()).map(|arm| {
        let column = |table: &Table| -> Vec<f64> { table.iter().map(|row| row[arm - 1]).collect() };
        let seen = contrast(&unseen.scores, arm);
        let line = best_linear_predictor(&column(&unseen.raw), &seen, &unseen.fold)?;
        let check = best_linear_predictor(&column(&unseen.served), &seen, &unseen.fold)?;
        let centre = crate::describe::mean(&column(&raw));
        let (kept, withheld) = (kept(&line, trial.rows()), withheld(&line, trial.rows(), &check));
        Ok(ArmCalibration { arm, line, kept, withheld, check, centre })
    });
    let calibration = calibration.collect::<Result<_, Refused>>()?;
    Ok(Served { learner: *learner, effects, calibration })
}

/// Scores of rows by models that had not seen them.
struct Unseen {
    fold: Vec<usize>,
    /// Raw effects: rows × (arms − 1).
    effects: Table,
    /// AIPW scores: rows × arms.
    scores: Table,
}

fn unseen(trial: &Trial, learner: &Learner, settings: &Settings) -> Result<Unseen, Refused> {
    let fold = trial.folds(settings.folds, settings.seed)?;
    let (rows, arms) = (trial.rows(), trial.arms());
    let mut effects = vec![0.0; rows * (arms - 1)];
    let mut means = vec![0.0; rows * arms];
    let mut has_means = true;
    for held in 0..settings.folds {
        let inside: Vec<usize> = (0..rows).filter(|row| fold[*row] == held).collect();
        if inside.is_empty() {
            continue;
        }
        let others: Vec<usize> = (0..rows).filter(|row| fold[*row] != held).collect();
        let fitted = learner.fit(&trial.take(&others)?, settings.folds, settings.seed)?;
        let table = trial.table().take(&inside);
        place(&mut effects, &inside, &fitted.of(&table)?);
        match fitted.means(&table)? {
            Some(of_arms) => place(&mut means, &inside, &of_arms),
            None => has_means = false,
        }
    }
    let means = if has_means {
        Table::new(arms, means)?
    } else {
        cross_fit_means(trial, &nuisance(learner, trial.is_binary()), settings.folds, settings.seed)?
    };
    let scores = aipw(trial, &means)?;
    Ok(Unseen { fold, effects: Table::new(arms - 1, effects)?, scores })
}

/// What estimates means where the learner has none: a regression, which can hardly be wrong by much.
pub(crate) fn nuisance(learner: &Learner, is_binary: bool) -> Base {
    match learner.base {
        Base::Boosted(_) => Base::linear(is_binary),
        linear => linear,
    }
}

fn place(all: &mut [f64], rows: &[usize], part: &Table) {
    let columns = part.columns();
    for (row, values) in rows.iter().zip(part.iter()) {
        all[row * columns..(row + 1) * columns].copy_from_slice(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(slope: f64, error: f64) -> BestLinearPredictor {
        let (slope, slope_error) = (Some(slope), Some(error));
        BestLinearPredictor { average: 0.0, average_error: 0.1, slope, slope_error }
    }

    #[test]
    fn what_is_served_has_its_slope_and_one_error_to_each_side_in_the_band() {
        let fine = line(1.0, 0.2);
        for (slope, error, expected, why) in [
            (0.4, 0.1, 0.4, None),
            (1.0, 0.3, 1.0, None),
            (1.0, 0.31, 1.31 / 1.3, Some(Withheld::Unsure)),
            (0.4, 0.13, 0.4, Some(Withheld::Unsure)),
            (-0.5, 0.01, 0.0, Some(Withheld::Unsure)),
            (0.0, 0.0, 0.0, Some(Withheld::Unsure)),
            // Stretched by as much as two errors leave no doubt of, or as the band asks.
            (1.2, 0.2, 1.4 / 1.3, None),
            (2.0, 0.1, 1.8, None),
            (2.0, 0.3, 2.3 / 1.3, None),
        ] {
            let found = kept(&line(slope, error), 1_000);
            let is_near = (found - f64::min(expected, slope.max(0.0))).abs() < 1e-12;
            assert!(is_near, "{slope} ± {error}: {found}");
            assert_eq!(withheld(&line(slope, error), 1_000, &fine), why, "{slope} ± {error}");
            for end in [slope - error, slope + error].into_iter().filter(|_| why.is_none()) {
                assert!((0.7 - 1e-12..=1.3 + 1e-12).contains(&(end / found)), "{slope} ± {error}: {end}");
            }
        }
        let sure = line(1.0, 0.1);
        assert_eq!(withheld(&sure, 199, &fine), Some(Withheld::FewRows));
        // Below 200 rows the error of a slope says nothing, and nothing is stretched.
        assert_eq!(kept(&line(2.0, 0.3), 199), 1.0);
        assert_eq!(kept(&line(0.4, 0.1), 199), 0.4);
        assert_eq!(kept(&line(-0.5, 0.1), 199), 0.0);
        let alike = BestLinearPredictor { slope: None, slope_error: None, ..sure };
        assert_eq!(withheld(&alike, 1_000, &fine), Some(Withheld::Alike));
        assert_eq!(withheld(&sure, 1_000, &line(0.71, 0.5)), None);
        assert_eq!(withheld(&sure, 1_000, &line(0.69, 0.5)), Some(Withheld::Outside));
        assert_eq!(withheld(&sure, 1_000, &alike), Some(Withheld::Outside));
    }
}
