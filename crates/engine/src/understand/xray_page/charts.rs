//! The charts of the report, each twice (wide and narrow) and without colours of its own. Those along the calendar
//! stand in `time`.

mod time;

use super::said::measure;
use super::tables::Bands;
use crate::understand::xray::{Concentration, Estimate, Xray};
use assets::chart::{Axis, Colour, Kind, Plot, Series};
use assets::{Failure, Habit, Words};
use serde::Serialize;

/// Every chart as HTML; empty where there is nothing to draw.
#[derive(Debug, Default, Serialize)]
pub struct Charts {
    whale: String,
    deciles: String,
    by_orders: String,
    by_spend: String,
    cohort: String,
    base: String,
    future: String,
    late: String,
    next: String,
    calibration: String,
    tracking: String,
}

/// What every drawing here needs.
struct Pen<'a> {
    xray: &'a Xray,
    words: &'a Words,
    habit: &'a Habit,
    bands: &'a Bands,
}

impl Charts {
    pub fn of(xray: &Xray, words: &Words, habit: &Habit, bands: &Bands) -> Result<Charts, Failure> {
        let pen = Pen { xray, words, habit, bands };
        let book = xray.value.as_ref().and_then(|value| value.concentration.as_ref());
        Ok(Charts {
            whale: pen.whale("whale", xray.one_period.concentration.as_ref())?,
            deciles: pen.deciles()?,
            by_orders: pen.by_orders()?,
            by_spend: pen.by_spend()?,
            cohort: pen.cohort()?,
            base: pen.base()?,
            future: pen.whale("future", book)?,
            late: pen.late()?,
            next: pen.next()?,
            calibration: pen.calibration()?,
            tracking: pen.tracking()?,
        })
    }
}

/// A band's name, its customers, and what they are worth.
type Row = (String, u64, String);

impl Pen<'_> {
    fn whale(&self, id: &str, concentration: Option<&Concentration>) -> Result<String, Failure> {
        let Some(one) = concentration.filter(|one| one.curve.len() > 1) else { return Ok(String::new()) };
        let (words, habit) = (self.words, self.habit);
        let top = self.share(&one.top_10_share);
        let tips = one.curve.iter().map(|point| {
            let args = [
                ("share", habit.percent(point.customers_share, 1).into()),
                ("value", habit.percent(point.value_share, 1).into()),
                ("range", habit.percent_range(point.low, point.high, 1).into()),
            ];
            words.text("tip-whale", &args)
        });
        // The tenth is noted where the curve has it; a curve without a point near has no note.
        let tenth = one.curve.iter().position(|point| (point.customers_share - 0.1).abs() < 0.013);
        let note = words.text("chart-whale-note", &[("top", top.clone().into())])?;
        let args = [("top", top.into()), ("fifth", self.share(&one.top_20_share).into())];
        let highest = one.curve.iter().map(|point| point.high).fold(1.0, f64::max);
        Plot {
            id,
            title: words.text("chart-whale", &[("measure", measure(one.measure).into())])?,
            description: words.text("chart-whale-desc", &args)?,
            x: Axis::Shares(one.curve.iter().map(|point| point.customers_share).collect()),
            x_unit: words.text("axis-customers-best-first", &[])?,
            unit: "%".to_owned(),
            y_min: Some(0.0),
            y_max: Some(if highest > 1.005 { (highest * 5.0).ceil() * 20.0 } else { 100.0 }),
            series: vec![Series {
                name: words.text("word-whale", &[])?,
                values: one.curve.iter().map(|point| Some(point.value_share * 100.0)).collect(),
                band: Some(
                    one.curve.iter().map(|point| Some((point.low * 100.0, point.high * 100.0))).collect(),
                ),
                kind: Kind::Line,
                colour: Colour::Series(1),
            }],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: tenth.map(|step| (step, one.curve[step].value_share * 100.0, note)).into_iter().collect(),
        }
        .pictures(habit)
    }

    fn deciles(&self) -> Result<String, Failure> {
        let deciles = &self.xray.one_period.deciles;
        let (Some(first), Some(last)) = (deciles.first(), deciles.last()) else { return Ok(String::new()) };
        let (words, habit) = (self.words, self.habit);
        let tips = deciles.iter().map(|one| {
            let args = [
                ("decile", one.decile.into()),
                ("share", habit.percent(one.value_share, 1).into()),
                ("value", habit.short_money(one.value_minor).into()),
            ];
            words.text("tip-decile", &args)
        });
        let args = [
            ("first", habit.percent(first.value_share, 0).into()),
            ("last", habit.percent(last.value_share, 1).into()),
        ];
        let loses = deciles.iter().any(|one| one.value_share < 0.0);
        Plot {
            id: "deciles",
            title: words.text("chart-deciles", &[])?,
            description: words.text("chart-deciles-desc", &args)?,
            x: Axis::Names(deciles.iter().map(|one| habit.count(i64::from(one.decile))).collect()),
            x_unit: words.text("axis-customers-best-first", &[])?,
            unit: "%".to_owned(),
            y_min: (!loses).then_some(0.0),
            y_max: None,
            series: vec![self.bars(deciles.iter().map(|one| one.value_share * 100.0).collect())?],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: vec![],
        }
        .pictures(habit)
    }

    fn bars(&self, values: Vec<f64>) -> Result<Series, Failure> {
        Ok(Series {
            name: self.words.text("word-customers", &[])?,
            values: values.into_iter().map(Some).collect(),
            band: None,
            kind: Kind::Bar,
            colour: Colour::Series(1),
        })
    }

    /// Customers by band.
    fn histogram<'p>(
        &self,
        id: &'p str,
        keys: [&str; 2],
        x_unit: String,
        rows: &[Row],
    ) -> Result<Plot<'p>, Failure> {
        let (words, habit) = (self.words, self.habit);
        let once = habit.count(rows.first().map_or(0, |(_, customers, _)| *customers as i64));
        let tips = rows.iter().map(|(band, customers, sales)| {
            let args = [
                ("band", band.as_str().into()),
                ("customers", (*customers).into()),
                ("sales", sales.as_str().into()),
            ];
            words.text("tip-customers", &args)
        });
        Ok(Plot {
            id,
            title: words.text(keys[0], &[])?,
            description: words.text(keys[1], &[("once", once.into())])?,
            x: Axis::Names(rows.iter().map(|(band, ..)| band.clone()).collect()),
            x_unit,
            unit: words.text("axis-customers", &[])?,
            y_min: Some(0.0),
            y_max: None,
            series: vec![self.bars(rows.iter().map(|(_, customers, _)| *customers as f64).collect())?],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: vec![],
        })
    }

    fn by_orders(&self) -> Result<String, Failure> {
        let bins = &self.xray.one_period.by_orders;
        let rows: Vec<_> = bins
            .iter()
            .zip(&self.bands.orders)
            .map(|(bin, name)| (name.clone(), bin.customers, self.habit.short_money(bin.sales_minor)))
            .collect();
        let unit = self.words.text("axis-orders", &[])?;
        if rows.is_empty() {
            return Ok(String::new());
        }
        self.histogram("orders", ["chart-orders", "chart-orders-desc"], unit, &rows)?
            .half()
            .pictures(self.habit)
    }

    fn by_spend(&self) -> Result<String, Failure> {
        let bins = &self.xray.one_period.by_spend;
        let rows: Vec<_> = bins
            .iter()
            .zip(&self.bands.spend)
            .map(|(bin, name)| (name.clone(), bin.customers, self.habit.short_money(bin.sales_minor)))
            .collect();
        let unit = self.words.text("axis-spend", &[("unit", self.bands.spend_unit.as_str().into())])?;
        if rows.is_empty() {
            return Ok(String::new());
        }
        self.histogram("spend", ["chart-spend", "chart-spend-desc"], unit, &rows)?.half().pictures(self.habit)
    }

    fn late(&self) -> Result<String, Failure> {
        let none = || self.words.text("report-unknown", &[]);
        let rows = self.xray.leaving.late_since.iter().zip(&self.bands.late).map(|(band, name)| {
            let stake = match &band.at_stake {
                Some(stake) => self.habit.short_money_range(stake.low_minor, stake.high_minor),
                None => none()?,
            };
            Ok((name.clone(), band.customers, stake))
        });
        let rows: Vec<_> = rows.collect::<Result<_, Failure>>()?;
        if rows.is_empty() {
            return Ok(String::new());
        }
        self.histogram("late-since", ["late-since", "def-days_late"], String::new(), &rows)?
            .pictures(self.habit)
    }

    fn cohort(&self) -> Result<String, Failure> {
        let Some(one) = self.xray.one_cohort.as_ref().filter(|one| one.ages.len() > 1) else {
            return Ok(String::new());
        };
        let (words, habit) = (self.words, self.habit);
        let period = habit.period(one.first_bought.from, one.first_bought.until);
        let line = |code: &str, colour, values: Vec<Option<Estimate>>| {
            Ok(Series {
                name: words.text(&format!("word-{code}"), &[])?,
                values: values.iter().map(|value| value.map(|share| share.value * 100.0)).collect(),
                band: Some(
                    values.iter().map(|v| v.map(|share| (share.low * 100.0, share.high * 100.0))).collect(),
                ),
                kind: Kind::Line,
                colour: Colour::Series(colour),
            })
        };
        let tips = one.ages.iter().map(|age| {
            let survival = age.survival.as_ref().map_or("–".to_owned(), |share| self.share(share));
            let args = [
                ("age", age.age_months.into()),
                ("survival", survival.into()),
                ("repeat", self.share(&age.repeat_share).into()),
                ("bought", self.share(&age.bought_share).into()),
            ];
            words.text("tip-cohort", &args)
        });
        Plot {
            id: "one-cohort",
            title: words.text("chart-cohort", &[("period", period.into())])?,
            description: words.text("chart-cohort-desc", &[])?,
            x: Axis::Names(one.ages.iter().map(|age| habit.count(i64::from(age.age_months))).collect()),
            x_unit: words.text("axis-months-of-age", &[])?,
            unit: "%".to_owned(),
            y_min: Some(0.0),
            y_max: Some(100.0),
            series: vec![
                line("survival", 3, one.ages.iter().map(|age| age.survival).collect())?,
                line("repeat_share", 1, one.ages.iter().map(|age| Some(age.repeat_share)).collect())?,
                line("bought_share", 2, one.ages.iter().map(|age| Some(age.bought_share)).collect())?,
            ],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: vec![],
        }
        .pictures(habit)
    }

    /// A share with its interval: `63% (60–66%)`.
    fn share(&self, share: &Estimate) -> String {
        let range = self.habit.percent_range(share.low, share.high, 0);
        self.habit.aside(&self.habit.percent(share.value, 0), &range)
    }
}
