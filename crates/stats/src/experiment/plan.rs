//! How an experiment will be read, decided before its first customer comes.
//!
//! A fixed horizon is the sharpest, and holds for one look at the planned size; looked at daily for a month
//! it cries "found" in a quarter of the experiments that do nothing. A sequence may be looked at whenever one
//! likes and is about a half wider. Choosing between them after seeing data is a look too, so a [`Plan`] has
//! one mode that never changes, and a [`Trial`] keeps the rule: a fixed horizon is read once and not early, a
//! sequence never forgets what it has found.

use super::effect::{Effect, Scale};
use super::{sequence, student};
use crate::inputs::{BadInput, between};
use serde::{Deserialize, Serialize};

/// Why an experiment is not read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The data or a setting cannot be used.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// A fixed horizon has not been reached.
    #[error(
        "{units} of {planned} planned units are in; read at the planned size, or plan a sequence next time"
    )]
    TooEarly {
        /// Units so far.
        units: f64,
        /// Units planned.
        planned: f64,
    },
    /// A fixed horizon was read before.
    #[error("this fixed horizon was read at {units} units; a second reading would be a second chance")]
    AlreadyRead {
        /// Units at the reading.
        units: f64,
    },
    /// The metric is read on another scale than before.
    #[error("this trial is read on the {planned:?} scale; the effect is on the other")]
    OtherScale {
        /// The scale of the first reading.
        planned: Scale,
    },
    /// There are fewer units than at an earlier look.
    #[error("{units} units are fewer than the {before} of the last look; a sequence only grows")]
    Shrunk {
        /// Units now.
        units: f64,
        /// Units at the last look.
        before: f64,
    },
}

/// The mode of reading. Units are those of both arms together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mode")]
enum Mode {
    Fixed { units: f64 },
    Sequence { tuned_units: f64 },
    Mixture { spread: f64 },
}

/// A confidence level and a mode, unchangeable.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    level: f64,
    #[serde(flatten)]
    mode: Mode,
}

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What an experiment says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The effect.
    pub effect: Effect,
    /// It lies here with the plan's confidence: at this look (fixed horizon) or at all looks together
    /// (sequences).
    pub interval: Interval,
    /// Of no effect, two-sided; valid in the same sense.
    pub p_value: f64,
    /// Whether the p-value is at most 1 − level.
    pub is_detected: bool,
}

impl Plan {
    /// One reading when `units` units of both arms are in: Welch's interval.
    pub fn fixed(level: f64, units: u64) -> Result<Plan, BadInput> {
        Plan::new(level, Mode::Fixed { units: units as f64 })
    }

    /// One reading of an experiment that is over.
    pub fn completed(level: f64) -> Result<Plan, BadInput> {
        Plan::fixed(level, 0)
    }

    /// Any number of readings: an asymptotic confidence sequence, tightest at `tuned_units` units of both
    /// arms. Choose the size at which the experiment is most likely to be decided; being wrong by a factor of
    /// three costs little.
    pub fn sequence(level: f64, tuned_units: u64) -> Result<Plan, BadInput> {
        if tuned_units == 0 {
            return Err(setting("tuned_units", 0.0, "above 0"));
        }
        Plan::new(level, Mode::Sequence { tuned_units: tuned_units as f64 })
    }

    /// Any number of readings: mixture SPRT, most powerful for effects about the size of `spread`, on the
    /// scale of the effect.
    pub fn mixture(level: f64, spread: f64) -> Result<Plan, BadInput> {
        if !(spread > 0.0 && spread.is_finite()) {
            return Err(setting("spread", spread, "above 0 and finite"));
        }
        Plan::new(level, Mode::Mixture { spread })
    }

    fn new(level: f64, mode: Mode) -> Result<Plan, BadInput> {
        between("level", level, 0.0, 1.0)?;
        Ok(Plan { level, mode })
    }

    /// The confidence level.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Whether one may look whenever one likes.
    pub fn is_sequential(&self) -> bool {
        !matches!(self.mode, Mode::Fixed { .. })
    }

    /// One reading, of these data alone. A [`Trial`] keeps account of looks; this is for a single one.
    pub fn judge(&self, effect: &Effect) -> Result<Reading, Refused> {
        let (value, error) = (effect.value, effect.standard_error);
        if !(value.is_finite() && error > 0.0 && error.is_finite() && effect.units > 0.0) {
            let why = "the effect or its standard error is not a positive finite number";
            return Err(BadInput::Uninformative { what: "the reading", why }.into());
        }
        let (half, p_value) = match self.mode {
            Mode::Fixed { units: planned } if effect.units < planned => {
                return Err(Refused::TooEarly { units: effect.units, planned });
            }
            Mode::Fixed { .. } => {
                let freedom = effect.degrees_of_freedom;
                (student::critical(self.level, freedom) * error, student::two_sided(value / error, freedom))
            }
            Mode::Sequence { tuned_units } => {
                let unit = error * effect.units.sqrt();
                self.mixed(effect, sequence::tuning(1.0 - self.level, tuned_units) * unit)
            }
            Mode::Mixture { spread } => self.mixed(effect, spread),
        };
        let interval = Interval { low: value - half, high: value + half };
        Ok(Reading { effect: *effect, interval, p_value, is_detected: p_value <= 1.0 - self.level })
    }

    fn mixed(&self, effect: &Effect, spread: f64) -> (f64, f64) {
        let half = sequence::half_width(1.0 - self.level, effect.standard_error, spread);
        (half, sequence::p_value(effect.value, effect.standard_error, spread))
    }
}

fn setting(setting: &'static str, value: f64, range: &'static str) -> BadInput {
    BadInput::Setting { setting, value, range }
}

/// A plan with what has been read under it, to be stored beside the experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    plan: Plan,
    last: Option<Reading>,
}

impl Trial {
    /// Nothing read yet.
    pub fn new(plan: Plan) -> Trial {
        Trial { plan, last: None }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The last reading.
    pub fn last(&self) -> Option<&Reading> {
        self.last.as_ref()
    }

    /// Reads once more, where the plan allows it.
    ///
    /// A fixed horizon refuses a look before its size and any after the first. A sequence keeps the smallest
    /// p-value of all looks, as an always-valid p-value may, so that what was found stays found.
    pub fn read(&mut self, effect: &Effect) -> Result<Reading, Refused> {
        let mut reading = self.plan.judge(effect)?;
        if let Some(before) = &self.last {
            if !self.plan.is_sequential() {
                return Err(Refused::AlreadyRead { units: before.effect.units });
            }
            if before.effect.scale != effect.scale {
                return Err(Refused::OtherScale { planned: before.effect.scale });
            }
            if effect.units < before.effect.units {
                return Err(Refused::Shrunk { units: effect.units, before: before.effect.units });
            }
            reading.p_value = reading.p_value.min(before.p_value);
            reading.is_detected = reading.p_value <= 1.0 - self.plan.level;
        }
        self.last = Some(reading);
        Ok(reading)
    }
}
