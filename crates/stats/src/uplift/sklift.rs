//! Curves and coefficients as scikit-uplift 0.5.1 defines them.
//!
//! Its curves step over equal scores together, its areas are by the trapezoid rule, and its coefficients divide the
//! area above the diagonal by that of a perfect curve. That one can be drawn in two ways, hence two Qini coefficients.

use serde::{Deserialize, Serialize};

use super::Refused;
use super::ranking::{Ranking, Sums};
use super::refused::binary;

/// How the best share of customers is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The best of all rows together.
    Overall,
    /// The best of each arm by itself.
    ByGroup,
}

/// A metric of scikit-uplift.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sklift {
    /// `qini_auc_score`: the perfect curve first takes those who gain, last those who lose.
    QiniAuc,
    /// `qini_auc_score(negative_effect=False)`: the perfect curve rises to the whole gain and stays there.
    QiniAucNoNegative,
    /// `uplift_auc_score`.
    UpliftAuc,
    /// `uplift_at_k`: difference of means among the best share.
    UpliftAt {
        /// The cut.
        strategy: Strategy,
        /// The share, above 0 and below 1.
        share: f64,
    },
    /// `weighted_average_uplift`: differences of means in equal bins, weighted by treated rows.
    WeightedAverage {
        /// The cut.
        strategy: Strategy,
        /// How many bins.
        bins: usize,
    },
}

impl Sklift {
    pub(super) fn of(&self, ranking: &Ranking) -> Result<f64, Refused> {
        match *self {
            Sklift::QiniAuc => {
                binary("a Qini coefficient of scikit-uplift", &ranking.outcome)?;
                let best = perfect(ranking, qini, |yes, treated| match (yes, treated) {
                    (true, true) => 2,
                    (false, _) => 1,
                    (true, false) => 0,
                });
                coefficient(&curve(ranking, qini), &best)
            }
            Sklift::QiniAucNoNegative => {
                binary("a Qini coefficient of scikit-uplift", &ranking.outcome)?;
                let all = whole(ranking);
                let gain = qini(&all);
                coefficient(&curve(ranking, qini), &[(0.0, 0.0), (gain, gain), (all.rows(), gain)])
            }
            Sklift::UpliftAuc => {
                binary("an uplift area of scikit-uplift", &ranking.outcome)?;
                coefficient(&curve(ranking, gain), &perfect_gain(ranking))
            }
            Sklift::UpliftAt { strategy, share } => {
                crate::inputs::between("share", share, 0.0, 1.0)?;
                at_share(ranking, strategy, share)
            }
            Sklift::WeightedAverage { strategy, bins } => weighted_average(ranking, strategy, bins),
        }
    }

    pub(super) fn name(&self) -> String {
        let cut = |strategy: &Strategy| match strategy {
            Strategy::Overall => "overall",
            Strategy::ByGroup => "by_group",
        };
        match self {
            Sklift::QiniAuc => "sklift.qini_auc_score".into(),
            Sklift::QiniAucNoNegative => "sklift.qini_auc_score(negative_effect=False)".into(),
            Sklift::UpliftAuc => "sklift.uplift_auc_score".into(),
            Sklift::UpliftAt { strategy, share } => format!("sklift.uplift_at_k({},{share})", cut(strategy)),
            Sklift::WeightedAverage { strategy, bins } => {
                format!("sklift.weighted_average_uplift({},{bins})", cut(strategy))
            }
        }
    }
}

type Points = Vec<(f64, f64)>;

/// Treated outcomes less control outcomes scaled to the treated rows (Radcliffe 2007).
fn qini(sums: &Sums) -> f64 {
    let ratio = if sums.control == 0.0 { 0.0 } else { sums.treated / sums.control };
    sums.treated_outcome - sums.control_outcome * ratio
}

/// Difference of means times rows.
fn gain(sums: &Sums) -> f64 {
    sums.difference() * sums.rows()
}

fn curve(ranking: &Ranking, height: fn(&Sums) -> f64) -> Points {
    let mut points = vec![(0.0, 0.0)];
    for (place, sums) in ranking.sums().enumerate() {
        let is_last_of_equals = ranking.score.get(place + 1) != Some(&ranking.score[place]);
        if is_last_of_equals {
            points.push((sums.rows(), height(&sums)));
        }
    }
    points
}

/// The curve of a score that knows the outcome: `key` ranks the four kinds of row, 3 first.
fn perfect(ranking: &Ranking, height: fn(&Sums) -> f64, key: impl Fn(bool, bool) -> usize) -> Points {
    let mut kinds = [Sums::default(); 4];
    for (treated, outcome) in ranking.treated.iter().zip(&ranking.outcome) {
        kinds[key(*outcome == 1.0, *treated)].add(*treated, 1.0, *outcome);
    }
    let mut points = vec![(0.0, 0.0)];
    let mut sums = Sums::default();
    for kind in kinds.iter().rev().filter(|kind| kind.rows() > 0.0) {
        sums.add(true, kind.treated, kind.treated_outcome);
        sums.add(false, kind.control, kind.control_outcome);
        points.push((sums.rows(), height(&sums)));
    }
    points
}

fn perfect_gain(ranking: &Ranking) -> Points {
    let count = |treated: bool, outcome: f64| {
        let rows = ranking.treated.iter().zip(&ranking.outcome);
        rows.filter(|(t, y)| **t == treated && **y == outcome).count()
    };
    let prefers_outcome = count(false, 1.0) > count(true, 0.0);
    perfect(ranking, gain, |yes, treated| {
        2 * usize::from(yes == treated) + usize::from(if prefers_outcome { yes } else { treated })
    })
}

fn whole(ranking: &Ranking) -> Sums {
    ranking.sums().last().unwrap_or_default()
}

/// Area above the diagonal, as a share of the same for the perfect curve.
fn coefficient(curve: &[(f64, f64)], perfect: &[(f64, f64)]) -> Result<f64, Refused> {
    let diagonal = perfect.last().map_or(0.0, |(x, y)| x * y / 2.0);
    let possible = area(perfect) - diagonal;
    if possible.is_nan() || possible <= 0.0 {
        let why = "a perfect score would gain nothing on these rows; the coefficient is not defined";
        return Err(crate::inputs::BadInput::Uninformative { what: "uplift coefficient", why }.into());
    }
    Ok((area(curve) - diagonal) / possible)
}

fn area(points: &[(f64, f64)]) -> f64 {
    points.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0).sum()
}

fn at_share(ranking: &Ranking, strategy: Strategy, share: f64) -> Result<f64, Refused> {
    let first = |rows: usize| (rows as f64 * share) as usize;
    let treated = ranking.treated.iter().filter(|is| **is).count();
    let mut left = match strategy {
        Strategy::Overall => [first(ranking.rows()); 2],
        Strategy::ByGroup => [first(ranking.rows() - treated), first(treated)],
    };
    let mut sums = Sums::default();
    for (is_treated, outcome) in ranking.treated.iter().zip(&ranking.outcome) {
        let takes = match strategy {
            Strategy::Overall => &mut left[0],
            Strategy::ByGroup => &mut left[usize::from(*is_treated)],
        };
        if *takes > 0 {
            *takes -= 1;
            sums.add(*is_treated, 1.0, *outcome);
        }
    }
    match [sums.control, sums.treated].iter().position(|rows| *rows == 0.0) {
        Some(arm) => Err(Refused::FewRows { arm, rows: 0, needed: 1 }),
        None => Ok(sums.difference()),
    }
}

fn weighted_average(ranking: &Ranking, strategy: Strategy, bins: usize) -> Result<f64, Refused> {
    let rows = ranking.rows();
    if bins == 0 || bins > rows {
        let (setting, value, range) = ("bins", bins as f64, "1 to the number of rows");
        return Err(crate::inputs::BadInput::Setting { setting, value, range }.into());
    }
    let treated = ranking.treated.iter().filter(|is| **is).count();
    let mut cells = vec![Sums::default(); bins];
    let mut seen = [0, 0];
    for (place, (is_treated, outcome)) in ranking.treated.iter().zip(&ranking.outcome).enumerate() {
        let arm = usize::from(*is_treated);
        let bin = match strategy {
            Strategy::Overall => bin_of(place, rows, bins),
            Strategy::ByGroup => bin_of(seen[arm], if *is_treated { treated } else { rows - treated }, bins),
        };
        seen[arm] += 1;
        cells[bin].add(*is_treated, 1.0, *outcome);
    }
    if let Some(cell) = cells.iter().find(|cell| cell.treated == 0.0 || cell.control == 0.0) {
        let arm = usize::from(cell.control > 0.0);
        return Err(Refused::FewRows { arm, rows: 0, needed: 1 });
    }
    Ok(cells.iter().map(|cell| cell.treated * cell.difference()).sum::<f64>() / treated as f64)
}

/// Bins as NumPy's `array_split` cuts them: the first ones hold one more.
fn bin_of(place: usize, rows: usize, bins: usize) -> usize {
    let (size, more) = (rows / bins, rows % bins);
    let large = (size + 1) * more;
    if place < large { place / (size + 1) } else { more + (place - large) / size.max(1) }
}
