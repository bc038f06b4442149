//! Charts along the calendar, and the two that judge the model.

use super::Pen;
use crate::understand::xray_page::tables::shade;
use assets::Failure;
use assets::chart::{Axis, Colour, Kind, Plot, Series};
use jiff::civil::Date;

impl Pen<'_> {
    pub(super) fn base(&self) -> Result<String, Failure> {
        let base = &self.xray.whole_base;
        if base.layers.is_empty() || base.steps.len() < 2 {
            return Ok(String::new());
        }
        let (words, habit) = (self.words, self.habit);
        let totals: Vec<i64> = (0..base.steps.len())
            .map(|step| {
                let anonymous = base.anonymous_minor.get(step).copied().unwrap_or(0);
                base.layers.iter().filter_map(|layer| layer.sales_minor.get(step)).sum::<i64>() + anonymous
            })
            .collect();
        let (scale, unit) = habit.axis_unit(totals.iter().copied().max().unwrap_or(0));
        let layer = |name: String, minor: &[i64], colour| Series {
            name,
            // A month of more returns than sales has no height.
            values: (0..base.steps.len())
                .map(|step| Some(minor.get(step).copied().unwrap_or(0).max(0) as f64 / scale))
                .collect(),
            band: None,
            kind: Kind::Layer,
            colour,
        };
        let mut series: Vec<Series> = base
            .layers
            .iter()
            .enumerate()
            .map(|(place, one)| {
                let name = habit.period(one.first_bought.from, one.first_bought.until);
                layer(name, &one.sales_minor, Colour::Shade(shade(place, base.layers.len())))
            })
            .collect();
        if !base.anonymous_minor.is_empty() {
            let name = words.text("word-anonymous_sales", &[])?;
            series.push(layer(name, &base.anonymous_minor, Colour::Line));
        }
        let tips = base.steps.iter().zip(&totals).map(|(&step, &total)| {
            let args = [("month", habit.month(step).into()), ("value", habit.short_money(total).into())];
            words.text("tip-past", &args)
        });
        Plot {
            id: "by-cohort",
            title: words.text("chart-base", &[])?,
            description: words.text("chart-base-desc", &[])?,
            x: Axis::Months(base.steps.clone()),
            x_unit: String::new(),
            unit,
            y_min: Some(0.0),
            y_max: None,
            series,
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: vec![],
        }
        .pictures(habit)
    }

    pub(super) fn next(&self) -> Result<String, Failure> {
        let Some(forecast) = self.xray.forecast.as_ref().filter(|one| !one.months.is_empty()) else {
            return Ok(String::new());
        };
        let (words, habit) = (self.words, self.habit);
        let days: Vec<Date> = forecast
            .past
            .iter()
            .map(|past| past.month)
            .chain(forecast.months.iter().map(|next| next.month))
            .collect();
        let behind = forecast.past.len();
        let largest = forecast.past.iter().map(|past| past.sales_minor);
        let largest =
            largest.chain(forecast.months.iter().map(|next| next.sales.high_minor)).max().unwrap_or(0);
        let (scale, unit) = habit.axis_unit(largest);
        let seen =
            (0..days.len()).map(|step| forecast.past.get(step).map(|past| past.sales_minor as f64 / scale));
        let ahead = |step: usize| step.checked_sub(behind).and_then(|step| forecast.months.get(step));
        let expected = (0..days.len()).map(|step| ahead(step).map(|next| next.sales.minor as f64 / scale));
        let band = (0..days.len())
            .map(|step| ahead(step).map(|next| next.sales))
            .map(|sales| sales.map(|one| (one.low_minor as f64 / scale, one.high_minor as f64 / scale)));
        let tips = days.iter().enumerate().map(|(step, &day)| match (forecast.past.get(step), ahead(step)) {
            (Some(past), _) => words.text(
                "tip-past",
                &[("month", habit.month(day).into()), ("value", habit.short_money(past.sales_minor).into())],
            ),
            (None, Some(next)) => words.text(
                "tip-next",
                &[
                    ("month", habit.month(day).into()),
                    ("value", habit.short_money(next.sales.minor).into()),
                    ("range", habit.short_money_range(next.sales.low_minor, next.sales.high_minor).into()),
                ],
            ),
            (None, None) => Ok(String::new()),
        });
        Plot {
            id: "next-months",
            title: words.text("chart-next", &[])?,
            description: words.text("chart-next-desc", &[])?,
            x: Axis::Months(days.clone()),
            x_unit: String::new(),
            unit,
            y_min: Some(0.0),
            y_max: None,
            series: vec![
                Series {
                    name: words.text("series-expected", &[])?,
                    values: expected.collect(),
                    band: Some(band.collect()),
                    kind: Kind::Line,
                    colour: Colour::Series(1),
                },
                Series {
                    name: words.text("series-seen", &[])?,
                    values: seen.collect(),
                    band: None,
                    kind: Kind::Line,
                    colour: Colour::Series(3),
                },
            ],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: Some((behind, behind + forecast.months.len() - 1)),
            notes: vec![],
        }
        .pictures(habit)
    }

    pub(super) fn calibration(&self) -> Result<String, Failure> {
        let bins = self.xray.judgement.as_ref().map_or(&[][..], |one| &one.calibration);
        if bins.len() < 2 {
            return Ok(String::new());
        }
        let (words, habit) = (self.words, self.habit);
        let tips = bins.iter().map(|bin| {
            let args = [
                ("said", habit.percent(bin.predicted, 0).into()),
                ("seen", habit.percent(bin.seen.value, 0).into()),
                ("range", habit.percent_range(bin.seen.low, bin.seen.high, 0).into()),
                ("customers", bin.customers.into()),
            ];
            words.text("tip-calibration", &args)
        });
        Plot {
            id: "said-and-seen",
            title: words.text("chart-calibration", &[])?,
            description: words.text("chart-calibration-desc", &[])?,
            x: Axis::Shares(bins.iter().map(|bin| bin.predicted).collect()),
            x_unit: words.text("axis-said", &[])?,
            unit: format!("%, {}", words.text("axis-seen", &[])?),
            y_min: Some(0.0),
            y_max: Some(100.0),
            series: vec![
                Series {
                    name: words.text("axis-said", &[])?,
                    values: bins.iter().map(|bin| Some(bin.predicted * 100.0)).collect(),
                    band: None,
                    kind: Kind::Broken,
                    colour: Colour::Quiet,
                },
                Series {
                    name: words.text("axis-seen", &[])?,
                    values: bins.iter().map(|bin| Some(bin.seen.value * 100.0)).collect(),
                    band: Some(
                        bins.iter().map(|bin| Some((bin.seen.low * 100.0, bin.seen.high * 100.0))).collect(),
                    ),
                    kind: Kind::Points,
                    colour: Colour::Series(1),
                },
            ],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: None,
            notes: vec![],
        }
        .half()
        .pictures(habit)
    }

    pub(super) fn tracking(&self) -> Result<String, Failure> {
        let steps = self.xray.judgement.as_ref().map_or(&[][..], |one| &one.tracking);
        if steps.len() < 2 {
            return Ok(String::new());
        }
        let (words, habit) = (self.words, self.habit);
        let tips = steps.iter().map(|step| {
            let args = [
                ("day", habit.day(step.from).into()),
                ("seen", step.seen.into()),
                ("expected", habit.number(step.expected.value, 0).into()),
                ("range", habit.number_range(step.expected.low, step.expected.high, 0).into()),
            ];
            words.text("tip-tracking", &args)
        });
        let held_out = steps.iter().position(|step| step.is_held_out);
        Plot {
            id: "week-by-week",
            title: words.text("chart-tracking", &[])?,
            description: words.text("chart-tracking-desc", &[])?,
            x: Axis::Names(steps.iter().map(|step| habit.day_of_year(step.from)).collect()),
            x_unit: words.text("axis-weeks", &[])?,
            unit: words.text("axis-orders", &[])?,
            y_min: Some(0.0),
            y_max: None,
            series: vec![
                Series {
                    name: words.text("series-expected", &[])?,
                    values: steps.iter().map(|step| Some(step.expected.value)).collect(),
                    band: Some(
                        steps.iter().map(|step| Some((step.expected.low, step.expected.high))).collect(),
                    ),
                    kind: Kind::Line,
                    colour: Colour::Series(1),
                },
                Series {
                    name: words.text("series-seen", &[])?,
                    values: steps.iter().map(|step| Some(step.seen as f64)).collect(),
                    band: None,
                    kind: Kind::Line,
                    colour: Colour::Series(3),
                },
            ],
            tips: tips.collect::<Result<_, _>>()?,
            sunk: held_out.map(|first| (first, steps.len() - 1)),
            notes: vec![],
        }
        .half()
        .pictures(habit)
    }
}
