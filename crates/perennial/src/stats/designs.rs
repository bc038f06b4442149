//! Where customers could not be randomised one by one: panels, markets, one series.

use super::answer::{Answer, Estimate};
use super::arms::numbered;
use crate::args::stats::{ControlsArg, Did, Geo, GeoPower, Interrupted, Synthetic};
use crate::ended::Ended;
use crate::table::{Roles, Table};
use serde_json::json;
use stats::experiment::staggered::{Average, By, Controls, Panel, group_time};
use stats::experiment::synthetic::{Setting, placebo, synthetic};
use stats::experiment::{geo, interrupted, student};
use std::collections::BTreeMap;

const PERIOD: (&str, &[&str]) = ("period", &["period", "time", "day", "week", "month", "year", "date"]);
const SERIES: Roles = &[PERIOD, ("value", &["value", "outcome", "y"])];
const MARKETS: Roles = &[PERIOD];
const PANEL: Roles = &[
    ("unit", &["unit", "id", "store"]),
    PERIOD,
    ("outcome", &["outcome", "value", "y"]),
    ("first_treated", &["first_treated", "first.treat", "g", "start"]),
    ("cluster", &["cluster"]),
];

/// A balanced panel, read from rows of unit and period.
struct Balanced<'a> {
    periods: Vec<f64>,
    outcomes: Vec<f64>,
    first_treated: Vec<Option<usize>>,
    clusters: Option<Vec<u64>>,
    units: Vec<&'a str>,
}

impl<'a> Balanced<'a> {
    fn read(table: &'a Table) -> Result<Balanced<'a>, Ended> {
        let (numbers, units) = numbered(&table.texts("unit")?);
        let times = table.column("period")?;
        let mut periods = times.clone();
        periods.sort_unstable_by(f64::total_cmp);
        periods.dedup();
        let outcome = table.column("outcome")?;
        let starts = starts(table, &periods)?;
        let mut cells: Vec<Option<usize>> = vec![None; units.len() * periods.len()];
        for (row, unit) in numbers.iter().enumerate() {
            let period = periods.partition_point(|period| *period < times[row]);
            let cell = &mut cells[*unit as usize * periods.len() + period];
            if cell.replace(row).is_some() {
                let name = units[*unit as usize];
                let text =
                    format!("line {}: unit '{name}' is in period {} twice", table.line(row), times[row]);
                return Err(table.refused(text));
            }
        }
        let rows = cells.iter().enumerate().map(|(place, row)| {
            row.ok_or_else(|| {
                let (unit, period) = (units[place / periods.len()], periods[place % periods.len()]);
                table.refused(format!(
                    "unit '{unit}' has no row for period {period}; every unit needs every period: fill it or \
                     leave the unit out"
                ))
            })
        });
        let rows = rows.collect::<Result<Vec<usize>, Ended>>()?;
        let firsts: Vec<usize> = rows.iter().step_by(periods.len()).copied().collect();
        for (place, row) in rows.iter().enumerate() {
            let unit = place / periods.len();
            if starts[*row] != starts[firsts[unit]] {
                let text =
                    format!("unit '{}' has two values of first_treated; it has one start", units[unit]);
                return Err(table.wrong_in("first_treated", *row, &format!("differs: {text}")));
            }
        }
        let clusters = table.maybe_texts("cluster")?.map(|names| numbered(&names).0);
        Ok(Balanced {
            outcomes: rows.iter().map(|row| outcome[*row]).collect(),
            first_treated: firsts.iter().map(|row| starts[*row]).collect(),
            clusters: clusters.map(|clusters| firsts.iter().map(|row| u64::from(clusters[*row])).collect()),
            periods,
            units,
        })
    }
}

/// The first treated period of each row; empty, never, NA and 0 are never, and so is a start after the last period.
fn starts(table: &Table, periods: &[f64]) -> Result<Vec<Option<usize>>, Ended> {
    let cells = table.texts_at(table.place("first_treated")?.ok_or_else(|| {
        table.refused("no column for first_treated; say which with --map first_treated=COLUMN")
    })?);
    let read = |(row, cell): (usize, &&str)| {
        if ["", "never", "na", "inf", "0"].contains(&cell.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        let start = cell.parse::<f64>().ok().filter(|start| start.is_finite()).ok_or_else(|| {
            let what = format!("is '{cell}'; the first treated period is expected, or never");
            table.wrong_in("first_treated", row, &what)
        })?;
        let place = periods.partition_point(|period| *period < start);
        Ok(Some(place).filter(|place| *place < periods.len()))
    };
    cells.iter().enumerate().map(read).collect()
}

/// `stats did`
pub fn did(args: &Did) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, PANEL)?;
    let balanced = Balanced::read(&table)?;
    let panel = Panel {
        periods: balanced.periods.len(),
        outcomes: &balanced.outcomes,
        first_treated: &balanced.first_treated,
        clusters: balanced.clusters.as_deref(),
    };
    let controls = match args.controls {
        ControlsArg::NeverTreated => Controls::NeverTreated,
        ControlsArg::NotYetTreated => Controls::NotYetTreated,
    };
    let found = group_time(&panel, controls).map_err(|error| table.refused(error))?;
    let z = student::critical(args.sample.level, f64::INFINITY);
    let row = |name: String, effect: f64, error: f64| {
        let p = stats::discoveries::two_sided(effect / error);
        let row = Estimate::new(name, effect).error(error).within(effect - z * error, effect + z * error);
        row.p(Some(p).filter(|_| error > 0.0))
    };
    let named = |by: By, what: &str| -> Vec<Estimate> {
        let key = |average: &Average| match by {
            By::All => what.to_owned(),
            By::Age => format!("{what} {}", average.key),
            _ => format!("{what} {}", balanced.periods[average.key.max(0) as usize]),
        };
        found.averages(by).iter().map(|one| row(key(one), one.effect, one.standard_error)).collect()
    };
    let cells = found.cells.iter().map(|cell| {
        let (group, period) = (balanced.periods[cell.group], balanced.periods[cell.period]);
        row(format!("ATT({group}, {period})"), cell.effect, cell.standard_error)
            .of((cell.treated + cell.controls) as u64)
    });
    Ok(Answer::new(
        "did",
        "difference in differences by group and time (Callaway and Sant'Anna)",
        balanced.units.len(),
    )
    .setting("controls", json!(controls))
    .setting("level", args.sample.level)
    .setting("periods", balanced.periods.len())
    .estimates(named(By::All, "all"))
    .estimates(named(By::Group, "group"))
    .estimates(named(By::Age, "age"))
    .estimates(named(By::Period, "period"))
    .estimates(cells)
    .details(&found.cells))
}

/// The row of the first treated period.
fn start(table: &Table, label: &str) -> Result<usize, Ended> {
    match table.maybe_texts("period")? {
        Some(periods) => periods.iter().position(|period| *period == label).ok_or_else(|| {
            let ends = [periods.first(), periods.last()].map(|end| end.copied().unwrap_or_default());
            let text =
                format!("no period '{label}'; they go from {} to {}: name one in --start", ends[0], ends[1]);
            table.refused(text)
        }),
        None => label
            .parse::<usize>()
            .ok()
            .and_then(|row| row.checked_sub(1))
            .filter(|row| *row < table.len())
            .ok_or_else(|| {
                table.refused(format!(
                    "--start {label}: expected the number of a row from 1 to {}",
                    table.len()
                ))
            }),
    }
}

/// Every column but the periods, by name.
fn series(table: &Table) -> Result<BTreeMap<usize, Vec<f64>>, Ended> {
    let period = table.place("period")?;
    let places = (0..table.header().len()).filter(|place| Some(*place) != period);
    places.map(|place| Ok((place, table.numbers(place)?))).collect()
}

fn treated(table: &Table, series: &BTreeMap<usize, Vec<f64>>, column: &str) -> Result<usize, Ended> {
    let place = table.named(column)?;
    match series.contains_key(&place) {
        true => Ok(place),
        false => Err(table.refused(format!("'{column}' is the column of the periods; a series is expected"))),
    }
}

/// `stats synthetic`
pub fn synthetic_control(args: &Synthetic) -> Result<Answer, Ended> {
    let table = Table::read(&args.input.file, &args.input.maps, MARKETS)?;
    let series = series(&table)?;
    let treated = treated(&table, &series, &args.treated)?;
    let donors: Vec<usize> = series.keys().copied().filter(|place| *place != treated).collect();
    let slices: Vec<&[f64]> = donors.iter().map(|place| series[place].as_slice()).collect();
    let setting = Setting { before: start(&table, &args.start)?, is_centred: args.centred };
    let bad = |error| table.refused(error);
    let test = if slices.len() < 2 {
        None
    } else {
        Some(placebo(&series[&treated], &slices, setting).map_err(bad)?)
    };
    let found = match &test {
        Some(test) => test.synthetic.clone(),
        None => synthetic(&series[&treated], &slices, setting).map_err(bad)?,
    };
    let weights = donors
        .iter()
        .zip(&found.weights)
        .map(|(place, weight)| Estimate::new(format!("weight of {}", table.header()[*place]), *weight));
    Ok(Answer::new(
        "synthetic",
        "synthetic control (Abadie, Diamond and Hainmueller); placebo test",
        table.len(),
    )
    .setting("treated", args.treated.as_str())
    .setting("start", args.start.as_str())
    .setting("centred", args.centred)
    .setting("donors", donors.len())
    .estimates([Estimate::new("effect", found.effect)
        .p(test.as_ref().map(|test| test.p_value))
        .of(table.len() as u64)
        .with("error_before", found.error_before)
        .with("error_after", found.error_after)
        .with("scaled_imbalance", found.scaled_imbalance)])
    .estimates(weights)
    .details(json!({"synthetic": found, "donor_ratios": test.as_ref().map(|test| &test.donor_ratios)})))
}

/// `stats geo`
pub fn geo_test(args: &Geo) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, MARKETS)?;
    let series = series(&table)?;
    let slices: Vec<&[f64]> = series.values().map(Vec::as_slice).collect();
    let treated = all_treated(&table, &series, &args.treated)?;
    let before = start(&table, &args.start)?;
    let found =
        geo::measure(&slices, &treated, before, args.sample.level).map_err(|error| table.refused(error))?;
    Ok(Answer::new("geo", "geo test: synthetic control, gaps shifted round the circle", table.len())
        .setting("treated", args.treated.join(" "))
        .setting("start", args.start.as_str())
        .setting("level", args.sample.level)
        .estimates([
            Estimate::new("effect per market and period", found.effect)
                .within(found.interval.low, found.interval.high)
                .p(found.p_value)
                .of(table.len() as u64),
            Estimate::new("total", found.total),
            Estimate::new("lift", found.lift),
        ])
        .details(&found))
}

/// Which of the series are the treated ones.
fn all_treated(
    table: &Table,
    series: &BTreeMap<usize, Vec<f64>>,
    columns: &[String],
) -> Result<Vec<usize>, Ended> {
    let number = |column: &String| {
        let place = treated(table, series, column)?;
        Ok(series.keys().position(|other| *other == place).unwrap_or_default())
    };
    columns.iter().map(number).collect()
}

/// `stats geo-power`
pub fn geo_power(args: &GeoPower) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, MARKETS)?;
    let series = series(&table)?;
    let slices: Vec<&[f64]> = series.values().map(Vec::as_slice).collect();
    let treated = all_treated(&table, &series, &args.treated)?;
    let found = geo::power(&slices, &treated, args.periods, &args.lifts, args.windows, args.sample.level)
        .map_err(|error| table.refused(error))?;
    let rows = found.iter().map(|one| {
        let row = Estimate::new(format!("power at a lift of {}", one.lift), one.found);
        row.of(one.windows as u64).with("mean_lift_found", one.estimated)
    });
    Ok(Answer::new("geo-power", "power of a geo test: lifts planted in windows of the history", table.len())
        .setting("treated", args.treated.join(" "))
        .setting("periods", args.periods)
        .setting("level", args.sample.level)
        .estimates(rows)
        .details(&found))
}

/// `stats interrupted`
pub fn interrupted_series(args: &Interrupted) -> Result<Answer, Ended> {
    let table = Table::read(&args.sample.input.file, &args.sample.input.maps, SERIES)?;
    let value = table.column("value")?;
    let start = start(&table, &args.start)?;
    let level = args.sample.level;
    let setting = interrupted::Setting { start, season: args.season, lags: args.lags, level };
    let found = interrupted::interrupted(&value, setting).map_err(|error| table.refused(error))?;
    let row = |name: &str, one: &interrupted::Estimate| {
        Estimate::new(name, one.value)
            .error(one.standard_error)
            .within(one.interval.low, one.interval.high)
            .p(one.p_value)
    };
    Ok(Answer::new("interrupted", "interrupted time series (least squares; Newey and West)", table.len())
        .setting("start", args.start.as_str())
        .setting("season", json!(args.season))
        .setting("lags", found.lags)
        .setting("level", level)
        .setting("durbin_watson", found.durbin_watson)
        .estimates([
            row("level", &found.level),
            row("slope", &found.slope),
            row("step", &found.step),
            row("bend", &found.bend),
            row("total", &found.total),
        ])
        .details(&found))
}
