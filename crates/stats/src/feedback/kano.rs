//! Kano: what delights, what is owed, and what nobody minds.
//!
//! A feature is asked about twice, present (functional) and absent (dysfunctional). Kano, Seraku, Takahashi
//! and Tsuji (1984) read the pair of answers off a table; several tables are in use, so a table is data with
//! a name. Coefficients are Timko's (Center for Quality Management Journal 2(4), 1993), the test of the two
//! leading categories is Fong's (1996), and the continuous reading is DuMouchel's (1993).

use serde::Serialize;

use crate::inputs::{BadInput, not_empty};

/// What a feature is to a respondent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Category {
    /// Owed: its absence angers, its presence is not noticed.
    MustBe,
    /// The more the better.
    OneDimensional,
    /// Delights, and is not missed.
    Attractive,
    /// Makes no difference.
    Indifferent,
    /// Not wanted.
    Reverse,
    /// The two answers contradict each other.
    Questionable,
}

use Category::{Attractive, Indifferent, MustBe, OneDimensional, Questionable, Reverse};

const CATEGORIES: [Category; 6] = [MustBe, OneDimensional, Attractive, Indifferent, Reverse, Questionable];
/// Category strength up to which the two leading categories are tied.
const TIED: f64 = 0.06;

/// An evaluation table: a category for every pair of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KanoTable {
    /// Name and version, kept with every result.
    pub name: String,
    answers: usize,
    cells: Vec<Category>,
}

impl KanoTable {
    /// The table of the Center for Quality Management Journal 2(4), 1993: answers like, must be, neutral,
    /// live with, dislike; functional rows, dysfunctional columns.
    pub fn cqm_1993() -> KanoTable {
        KanoTable::known("cqm-1993", "QAAAO/RIIIM/RIIIM/RIIIM/RRRRQ")
    }

    /// The variant that also doubts the pairs must be/must be and live with/live with (Pouliot 1993).
    pub fn pouliot_1993() -> KanoTable {
        KanoTable::known("pouliot-1993", "QAAAO/RQIIM/RIIIM/RIIQM/RRRRQ")
    }

    /// The short form with three answers.
    pub fn three_answers() -> KanoTable {
        KanoTable::known("three-answers", "AAO/IIM/IIM")
    }

    fn known(name: &str, rows: &str) -> KanoTable {
        KanoTable::parse(name, rows).expect("the tables above are square")
    }

    /// A table from its letters (A, O, M, I, R, Q), one row per functional answer, rows separated by `/`.
    ///
    /// # Errors
    /// [`BadInput::Setting`] unless the table is square and of these letters.
    pub fn parse(name: &str, rows: &str) -> Result<KanoTable, BadInput> {
        let rows: Vec<&str> = rows.split('/').map(str::trim).collect();
        let answers = rows.len();
        let bad = |value: usize| BadInput::Setting {
            setting: "kano table",
            value: value as f64,
            range: "as many letters A, O, M, I, R, Q in every row as there are rows",
        };
        let mut cells = Vec::with_capacity(answers * answers);
        for row in &rows {
            let letters: Option<Vec<Category>> = row.chars().map(category_of).collect();
            let letters = letters.filter(|letters| letters.len() == answers).ok_or(bad(row.len()))?;
            cells.extend(letters);
        }
        Ok(KanoTable { name: name.to_owned(), answers, cells })
    }

    /// The category of a pair of answers, each counted from 0.
    pub fn category(&self, functional: usize, dysfunctional: usize) -> Option<Category> {
        let is_known = functional < self.answers && dysfunctional < self.answers;
        is_known.then(|| self.cells[functional * self.answers + dysfunctional])
    }
}

fn category_of(letter: char) -> Option<Category> {
    Some(match letter {
        'A' => Attractive,
        'O' => OneDimensional,
        'M' => MustBe,
        'I' => Indifferent,
        'R' => Reverse,
        'Q' => Questionable,
        _ => return None,
    })
}

/// How many respondents put a feature into each category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct KanoCounts {
    /// Must be.
    pub must_be: u64,
    /// One-dimensional.
    pub one_dimensional: u64,
    /// Attractive.
    pub attractive: u64,
    /// Indifferent.
    pub indifferent: u64,
    /// Reverse.
    pub reverse: u64,
    /// Questionable.
    pub questionable: u64,
}

impl KanoCounts {
    /// The count of a category.
    pub fn of(&self, category: Category) -> u64 {
        match category {
            MustBe => self.must_be,
            OneDimensional => self.one_dimensional,
            Attractive => self.attractive,
            Indifferent => self.indifferent,
            Reverse => self.reverse,
            Questionable => self.questionable,
        }
    }

    fn add(&mut self, category: Category) {
        match category {
            MustBe => self.must_be += 1,
            OneDimensional => self.one_dimensional += 1,
            Attractive => self.attractive += 1,
            Indifferent => self.indifferent += 1,
            Reverse => self.reverse += 1,
            Questionable => self.questionable += 1,
        }
    }
}

/// Counts pairs of (functional, dysfunctional) answers, each from 0, by a table.
///
/// # Errors
/// [`BadInput`] without answers, or for an answer the table does not know.
pub fn classify(pairs: &[(u8, u8)], table: &KanoTable) -> Result<KanoCounts, BadInput> {
    not_empty("kano answers", pairs)?;
    let mut counts = KanoCounts::default();
    for (row, (functional, dysfunctional)) in pairs.iter().enumerate() {
        let found = table.category(usize::from(*functional), usize::from(*dysfunctional));
        let value = f64::from(*functional.max(dysfunctional));
        let range = "an answer of the table, counted from 0";
        counts.add(found.ok_or(BadInput::OutOfRange { what: "kano answer", row, value, range })?);
    }
    Ok(counts)
}

/// Fong's test whether the leading category leads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fong {
    /// The largest count less the second largest.
    pub difference: f64,
    /// 1.65 √((a + b)(2N − a − b) / 2N).
    pub threshold: f64,
    /// Whether the difference reaches the threshold.
    pub is_significant: bool,
}

/// A feature's reading.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KanoSummary {
    /// Respondents.
    pub respondents: u64,
    /// Share of each category, in the order M, O, A, I, R, Q.
    pub shares: [f64; 6],
    /// (A + O) / (A + O + M + I): how much satisfaction its presence brings. `None` where nobody answered so.
    pub better: Option<f64>,
    /// −(O + M) / (A + O + M + I): how much dissatisfaction its absence brings, −1 to 0.
    pub worse: Option<f64>,
    /// (A + O + M) / N.
    pub total_strength: f64,
    /// Share of the leading category less that of the next; questionable answers are left out.
    pub category_strength: f64,
    /// The leading category; of tied ones (category strength of at most 6 %) the first of M, O, A, I.
    pub category: Category,
    /// All categories within 6 % of the leading one, in the order M, O, A, I, R. More than one is a tie to be
    /// shown.
    pub leading: Vec<Category>,
    /// Blauth's rule: the largest of O, A, M if they outnumber I, R, Q together, else the largest of those.
    pub blauth: Category,
    /// Whether the leading category leads.
    pub fong: Fong,
}

/// Reads the counts of one feature.
///
/// # Errors
/// [`BadInput`] without any answer, or where all are questionable.
pub fn kano(counts: &KanoCounts) -> Result<KanoSummary, BadInput> {
    let total = CATEGORIES.iter().fold(0_u64, |sum, category| sum.saturating_add(counts.of(*category)));
    if total == 0 {
        return Err(BadInput::Empty { what: "kano answers" });
    }
    if total == counts.questionable {
        let why = "every pair of answers contradicts itself; ask again in other words";
        return Err(BadInput::Uninformative { what: "kano", why });
    }
    let n = total as f64;
    let of = |category: Category| counts.of(category) as f64;
    let shares = CATEGORIES.map(|category| of(category) / n);
    let mut ranked: Vec<Category> = CATEGORIES[..5].to_vec();
    // A stable sort: equal counts stay in the order M, O, A, I, R.
    ranked.sort_by_key(|category| std::cmp::Reverse(counts.of(*category)));
    let (first, second) = (of(ranked[0]), of(ranked[1]));
    let leads = |category: &&Category| (first - of(**category)) / n <= TIED && of(**category) > 0.0;
    let leading: Vec<Category> = CATEGORIES[..5].iter().filter(leads).copied().collect();
    let base = of(Attractive) + of(OneDimensional) + of(MustBe) + of(Indifferent);
    let share_of = |sum: f64| (base > 0.0).then(|| sum / base);
    let wanted = of(OneDimensional) + of(Attractive) + of(MustBe);
    let largest = |among: [Category; 3]| {
        among
            .into_iter()
            .reduce(|best, next| if of(next) > of(best) { next } else { best })
            .unwrap_or(ranked[0])
    };
    let unwanted = of(Indifferent) + of(Reverse) + of(Questionable);
    let blauth = if wanted > unwanted {
        largest([MustBe, OneDimensional, Attractive])
    } else {
        largest([Indifferent, Reverse, Questionable])
    };
    let both = first + second;
    let threshold = 1.65 * (both * (2.0 * n - both) / (2.0 * n)).sqrt();
    let difference = first - second;
    Ok(KanoSummary {
        respondents: total,
        shares,
        better: share_of(of(Attractive) + of(OneDimensional)),
        worse: share_of(of(OneDimensional) + of(MustBe)).map(|share| -share),
        total_strength: wanted / n,
        category_strength: difference / n,
        category: leading.first().copied().unwrap_or(ranked[0]),
        leading,
        blauth,
        fong: Fong { difference, threshold, is_significant: difference >= threshold },
    })
}

/// Numbers for the five answers like, must be, neutral, live with, dislike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KanoScores {
    /// Name and version, kept with every result.
    pub name: &'static str,
    /// When the feature is there.
    pub functional: [f64; 5],
    /// When it is not.
    pub dysfunctional: [f64; 5],
}

impl KanoScores {
    /// DuMouchel's, in Center for Quality Management Journal 2(4), 1993.
    pub const DUMOUCHEL_1993: KanoScores = KanoScores {
        name: "dumouchel-1993",
        functional: [4.0, 2.0, 0.0, -1.0, -2.0],
        dysfunctional: [-2.0, -1.0, 0.0, 2.0, 4.0],
    };
    /// A quarter of DuMouchel's, as some packages use them.
    pub const UNIT: KanoScores = KanoScores {
        name: "unit",
        functional: [1.0, 0.5, 0.0, -0.25, -0.5],
        dysfunctional: [-0.5, -0.25, 0.0, 0.5, 1.0],
    };
}

/// One side of the continuous reading.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Side {
    /// Mean score.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
    /// Sarle's coefficient (skewness² + 1) / (kurtosis + 3 (n − 1)² / ((n − 2)(n − 3))); above 5/9 suggests
    /// two groups behind one mean. `None` for fewer than four answers or where all are equal.
    pub bimodality: Option<f64>,
}

/// Where the means fall, each half way between nothing and the highest score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Quadrant {
    /// High when present, high when absent.
    Performance,
    /// High when absent only.
    MustBe,
    /// High when present only.
    Attractive,
    /// Low both times.
    Indifferent,
    /// A mean below zero: not wanted, or contradictory.
    Reverse,
}

/// The continuous reading of a feature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Continuous {
    /// Name of the scores.
    pub scores: &'static str,
    /// Respondents.
    pub respondents: u64,
    /// When the feature is there.
    pub functional: Side,
    /// When it is not.
    pub dysfunctional: Side,
    /// Where the means fall.
    pub quadrant: Quadrant,
    /// Whether either side looks like two groups: then read the feature by segment.
    pub is_split: bool,
}

/// Averages the scores of (functional, dysfunctional) answers, each from 0 to 4.
///
/// # Errors
/// [`BadInput`] with fewer than two pairs, or for an answer above 4.
pub fn continuous(pairs: &[(u8, u8)], scores: &KanoScores) -> Result<Continuous, BadInput> {
    not_empty("kano answers", pairs)?;
    if pairs.len() < 2 {
        let why = "one respondent has no spread; collect at least two";
        return Err(BadInput::Uninformative { what: "continuous kano", why });
    }
    if let Some(row) = pairs.iter().position(|(functional, dysfunctional)| *functional.max(dysfunctional) > 4)
    {
        let value = f64::from(pairs[row].0.max(pairs[row].1));
        return Err(BadInput::OutOfRange {
            what: "kano answer",
            row,
            value,
            range: "0 (like) to 4 (dislike)",
        });
    }
    let functional = side(pairs.iter().map(|pair| scores.functional[usize::from(pair.0)]));
    let dysfunctional = side(pairs.iter().map(|pair| scores.dysfunctional[usize::from(pair.1)]));
    let half = (0.5 * scores.functional[0], 0.5 * scores.dysfunctional[4]);
    let quadrant = if functional.mean < 0.0 || dysfunctional.mean < 0.0 {
        Quadrant::Reverse
    } else {
        match (functional.mean >= half.0, dysfunctional.mean >= half.1) {
            (true, true) => Quadrant::Performance,
            (false, true) => Quadrant::MustBe,
            (true, false) => Quadrant::Attractive,
            (false, false) => Quadrant::Indifferent,
        }
    };
    let is_two = |side: &Side| side.bimodality.is_some_and(|b| b > 5.0 / 9.0);
    let is_split = is_two(&functional) || is_two(&dysfunctional);
    let respondents = pairs.len() as u64;
    Ok(Continuous { scores: scores.name, respondents, functional, dysfunctional, quadrant, is_split })
}

fn side(values: impl Iterator<Item = f64> + Clone) -> Side {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let moment = |power: i32| values.clone().map(|value| (value - mean).powi(power)).sum::<f64>() / n;
    let variance = moment(2);
    let deviation = (variance * n / (n - 1.0)).sqrt();
    let bimodality = (n > 3.0 && variance > 0.0).then(|| {
        let (g1, g2) = (moment(3) / variance.powf(1.5), moment(4) / (variance * variance) - 3.0);
        let skewness = g1 * (n * (n - 1.0)).sqrt() / (n - 2.0);
        let kurtosis = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * g2 + 6.0);
        (skewness * skewness + 1.0) / (kurtosis + 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)))
    });
    Side { mean, deviation, standard_error: deviation / n.sqrt(), bimodality }
}
