//! The five lenses.

use super::Run;
use crate::understand::options::Z;
use crate::understand::options::{LEVEL, share_of};
use crate::understand::rows::{Row, first, rising, rows};
use crate::understand::xray::*;
use domain::column::Batch;
use domain::port::Failure;
use jiff::civil::Date;
use stats::proportion;
use stats::survival::{Grouped, Interval, kaplan_meier};
use std::collections::BTreeMap;

/// Steps of the curve of concentration.
const CURVE_STEPS: usize = 50;
/// Fewest customers that can be parted in ten.
const FEWEST_FOR_TENTHS: usize = 10;
/// Cohorts smaller than this are drawn pale.
const SMALL_COHORT: u64 = 30;
/// Most layers of a chart that a reader can tell apart.
const MOST_LAYERS: usize = 8;
/// Days at the beginning of the facts in which most "new" customers are old ones seen for the first time.
const UNKNOWN_PAST_DAYS: i32 = 90;

/// The sums of a span of the audit; `None` where history does not reach it.
pub fn totals(totals: &Batch, span: &str, run: &Run) -> Option<Totals> {
    let row = rows(totals).find(|row| row.text("span") == Some(span))?;
    Some(Totals {
        customers: row.count("customers"),
        new_customers: row.count("new_customers"),
        orders: row.count("orders"),
        sales_minor: row.minor_sum("sales_minor"),
        returns_minor: run.has_returns.then(|| row.minor_sum("returns_minor")),
        margin_minor: (run.measure == Measure::Margin).then(|| row.minor_sum("margin_minor")),
        anonymous_sales_minor: row.minor_sum("anonymous_sales_minor"),
    })
}

/// Lens 1.
pub fn one_period(run: &Run) -> Result<OnePeriod, Failure> {
    let by_orders = run.insights.run("audit.by_orders")?;
    let by_spend = run.insights.run("audit.by_spend")?;
    let deciles = run.insights.run("audit.deciles")?;
    let margins = run.insights.run("audit.period_margins")?;
    let margins: Vec<f64> = rows(&margins).map(|row| row.sum("margin_minor")).collect();
    let few = margins.len() < FEWEST_FOR_TENTHS;
    Ok(OnePeriod {
        by_orders: rising(&by_orders, "orders_from")
            .into_iter()
            .map(|row| OrdersBin {
                orders_from: row.count("orders_from") as u32,
                orders_to: row.minor("orders_to").map(|orders| orders as u32),
                customers: row.count("customers"),
                sales_minor: row.minor_sum("sales_minor"),
            })
            .collect(),
        by_spend: rising(&by_spend, "until_minor")
            .into_iter()
            .map(|row| SpendBin {
                from_minor: row.minor("from_minor").unwrap_or_else(|| row.minor_sum("sales_minor").min(0)),
                until_minor: row.minor("until_minor"),
                customers: row.count("customers"),
                sales_minor: row.minor_sum("sales_minor"),
            })
            .collect(),
        deciles: if few {
            Vec::new()
        } else {
            rising(&deciles, "decile").into_iter().filter_map(decile).collect()
        },
        concentration: concentration(&margins, run.measure),
    })
}

fn decile(row: Row) -> Option<Decile> {
    Some(Decile {
        decile: row.count("decile") as u32,
        customers: row.count("customers"),
        orders: row.count("orders"),
        sales_minor: row.minor_sum("sales_minor"),
        value_minor: row.minor_sum("margin_minor"),
        value_share: row.number("margin_share")?,
    })
}

/// How few customers bring how much; `None` for fewer than ten, or where all together bring nothing.
pub fn concentration(values: &[f64], measure: Measure) -> Option<Concentration> {
    if values.len() < FEWEST_FOR_TENTHS {
        return None;
    }
    let whale = stats::whale::whale(values, CURVE_STEPS, Z).ok()?;
    let estimate = |of: stats::whale::Bounded| Estimate::new(of.value, of.low, of.high);
    Some(Concentration {
        measure,
        curve: whale
            .curve
            .iter()
            .map(|point| CurvePoint {
                customers_share: point.customers,
                value_share: point.value.value,
                low: point.value.low,
                high: point.value.high,
            })
            .collect(),
        gini: estimate(whale.gini),
        top_10_share: estimate(whale.top_10_share),
        top_20_share: estimate(whale.top_20_share),
        customers_for_half: whale.customers_for_half,
    })
}

/// Lens 2; `None` with less than two periods of history.
pub fn two_periods(run: &Run, sums: &Batch) -> Result<Option<TwoPeriods>, Failure> {
    let spans = run.insights.run("audit.spans")?;
    let span = |name: &str| {
        let row = rows(&spans).find(|row| row.text("span") == Some(name))?;
        row.period("from_on", "until_on")
    };
    let (Some(before), Some(after)) = (span("earlier"), span("later")) else { return Ok(None) };
    let (Some(before_totals), Some(after_totals)) =
        (totals(sums, "earlier", run), totals(sums, "later", run))
    else {
        return Ok(None);
    };
    let flows = run.insights.run("audit.flows")?;
    let drivers = run.insights.run("audit.drivers")?;
    let movement = run.insights.run("audit.movement")?;
    Ok(Some(TwoPeriods {
        before,
        after,
        before_totals,
        after_totals,
        flows: in_order(rows(&flows).filter_map(flow), |one| one.flow as u8),
        drivers: in_order(rows(&drivers).filter_map(|row| driver(row, run.measure)), |one| one.factor as u8),
        measure: run.measure,
        movement: moves(&movement),
    }))
}

fn in_order<T>(found: impl Iterator<Item = T>, place: impl Fn(&T) -> u8) -> Vec<T> {
    let mut found: Vec<T> = found.collect();
    found.sort_by_key(place);
    found
}

fn flow(row: Row) -> Option<Flow> {
    let flow = match row.text("flow")? {
        "stayed" => FlowKind::Stayed,
        "left" => FlowKind::Left,
        "new" => FlowKind::New,
        "came_back" => FlowKind::CameBack,
        _ => return None,
    };
    Some(Flow {
        flow,
        customers: row.count("customers"),
        before_minor: row.minor_sum("sales_before_minor"),
        after_minor: row.minor_sum("sales_after_minor"),
    })
}

/// A factor of the change; the margin rate drives nothing where margins are not known.
fn driver(row: Row, measure: Measure) -> Option<Driver> {
    let factor = match row.text("factor")? {
        "customers" => Factor::Customers,
        "frequency" => Factor::Frequency,
        "order_value" => Factor::OrderValue,
        "margin_rate" if measure == Measure::Margin => Factor::MarginRate,
        _ => return None,
    };
    Some(Driver {
        factor,
        before: row.sum("value_before"),
        after: row.sum("value_after"),
        effect_minor: row.minor_sum("effect_minor"),
    })
}

fn moves(movement: &Batch) -> Vec<Vec<u64>> {
    let place = |name: Option<&str>| match name {
        Some("best") => Some(0),
        Some("middle") => Some(1),
        Some("small") => Some(2),
        Some("nothing") => Some(3),
        _ => None,
    };
    let mut matrix = vec![vec![0; Group::ALL.len()]; Group::ALL.len()];
    for row in rows(movement) {
        if let (Some(before), Some(after)) = (place(row.text("group_before")), place(row.text("group_after")))
        {
            matrix[before][after] = row.count("customers");
        }
    }
    matrix
}

/// Lens 3; `None` where no cohort is a month old.
pub fn one_cohort(run: &Run) -> Result<Option<OneCohort>, Failure> {
    let life = run.insights.run("cohort.life")?;
    let Some(head) = first(&life) else { return Ok(None) };
    let Some(first_bought) = head.period("cohort_on", "cohort_until_on") else { return Ok(None) };
    let endings = run.insights.run("cohort.endings")?;
    let groups: Vec<Grouped> = rows(&endings)
        .map(|row| Grouped {
            time: row.sum("age_months"),
            events: row.count("ended"),
            censored: row.count("ongoing"),
        })
        .collect();
    let curve = kaplan_meier(&groups, LEVEL, Interval::LogLog).ok();
    let customers = head.count("customers");
    let ages = rising(&life, "age_months").into_iter().filter_map(|row| {
        let bought = row.count("bought_customers");
        let age_months = row.count("age_months") as u32;
        Some(CohortAge {
            age_months,
            survival: curve.as_ref().and_then(|curve| surviving(&curve.points, f64::from(age_months))),
            bought_share: share_of(bought, customers)?,
            repeat_share: share_of(row.count("repeat_customers"), customers)?,
            spend_per_buyer_minor: (bought > 0)
                .then(|| (row.sum("sales_minor") / bought as f64).round() as i64),
            spend_so_far_minor: (row.sum("sales_so_far_minor") / customers as f64).round() as i64,
        })
    });
    Ok(Some(OneCohort { first_bought, customers, ages: ages.collect() }))
}

/// The share still buying beyond `months`, while there are any left to tell it by.
fn surviving(points: &[stats::survival::Point], months: f64) -> Option<Estimate> {
    let last = points.last().filter(|last| last.time >= months)?;
    let point = points.iter().rev().find(|point| point.time < months);
    let whole = Estimate::new(1.0, 1.0, 1.0);
    let found = point.map_or(whole, |point| Estimate::new(point.survival, point.low, point.high));
    (last.at_risk > 0).then_some(found)
}

/// Lens 4; `None` with fewer than two cohorts.
pub fn cohorts(run: &Run) -> Result<Option<Cohorts>, Failure> {
    let sizes = run.insights.run("cohort.sizes")?;
    if sizes.rows() < 2 {
        return Ok(None);
    }
    let triangle = run.insights.run("cohort.triangle")?;
    let mut cells: BTreeMap<Date, BTreeMap<u64, (u64, i64)>> = BTreeMap::new();
    for row in rows(&triangle).filter(|row| row.minor("is_complete") == Some(1)) {
        if let Some(cohort_on) = row.day("cohort_on") {
            let cell = (row.count("bought_customers"), row.minor_sum("sales_minor"));
            cells.entry(cohort_on).or_default().insert(row.count("age"), cell);
        }
    }
    let oldest = cells.values().flat_map(|ages| ages.keys().copied()).max().unwrap_or(0);
    let mut found: Vec<CohortRow> = rows(&sizes)
        .filter_map(|row| {
            let first_bought = row.period("cohort_on", "cohort_until_on")?;
            let of = |age: u64| cells.get(&first_bought.from).and_then(|ages| ages.get(&age));
            Some(CohortRow {
                first_bought,
                customers: row.count("customers"),
                bought: (1..=oldest).map(|age| of(age).map(|cell| cell.0)).collect(),
                sales_minor: (0..=oldest).map(|age| of(age).map(|cell| cell.1)).collect(),
            })
        })
        .collect();
    found.sort_by_key(|row| row.first_bought.from);
    let comeback = run.insights.run("cohort.comeback")?;
    Ok(Some(Cohorts {
        grain: grain(run)?,
        newer_against_older: contrast(&comeback, &found, run.observed.from),
        rows: found,
        small_under: SMALL_COHORT,
    }))
}

fn grain(run: &Run) -> Result<Grain, Failure> {
    let grain = run.insights.run("cohort.grain")?;
    Ok(match first(&grain).and_then(|row| row.text("grain")) {
        Some("year") => Grain::Year,
        Some("quarter") => Grain::Quarter,
        _ => Grain::Month,
    })
}

/// The newer half of the cohorts against the older, at the highest of 30, 90, 180 and 365 days that leaves both enough
/// customers. Cohorts of the first days are left out: they hold old customers, who come back more than new ones.
fn contrast(comeback: &Batch, cohorts: &[CohortRow], observed_from: Date) -> Option<CohortContrast> {
    let is_truly_new =
        |cohort: &Date| observed_from.until(*cohort).is_ok_and(|span| span.get_days() >= UNKNOWN_PAST_DAYS);
    let mut best = None;
    for within_days in [30, 90, 180, 365] {
        let mut counted: Vec<(Date, u64, u64)> = rows(comeback)
            .filter(|row| row.count("within_days") == within_days)
            .filter_map(|row| Some((row.day("cohort_on")?, row.count("customers"), row.count("came_back"))))
            .filter(|(cohort, ..)| is_truly_new(cohort))
            .collect();
        counted.sort();
        let half = counted.len() / 2;
        let (older, newer) = counted.split_at(half);
        let sum =
            |part: &[(Date, u64, u64)]| part.iter().fold((0, 0), |sum, one| (sum.0 + one.1, sum.1 + one.2));
        let (old, new) = (sum(older), sum(newer));
        if old.0 < SMALL_COHORT || new.0 < SMALL_COHORT {
            continue;
        }
        let end = |part: &[(Date, u64, u64)]| {
            let last = part.last()?.0;
            Some(cohorts.iter().find(|cohort| cohort.first_bought.from == last)?.first_bought.until)
        };
        let (newer_share, older_share) =
            (proportion::share(new.1, new.0, LEVEL)?, proportion::share(old.1, old.0, LEVEL)?);
        let estimate = |share: proportion::Share| Estimate::new(share.value, share.low, share.high);
        best = Some(CohortContrast {
            newer: Period { from: newer.first()?.0, until: end(newer)? },
            older: Period { from: older.first()?.0, until: end(older)? },
            age_months: (within_days as f64 / 30.4375).round() as u32,
            newer_share: estimate(newer_share),
            older_share: estimate(older_share),
            difference: estimate(proportion::difference(newer_share, older_share)),
        });
        if within_days == 90 {
            break;
        }
    }
    best
}

/// Lens 5. What the base is worth comes from `worth`, the one row of `audit.worth`.
pub fn whole_base(run: &Run, worth: Option<Row>) -> Result<WholeBase, Failure> {
    let sales = run.insights.run("cohort.sales")?;
    let sizes = run.insights.run("cohort.sizes")?;
    let period_sales = run.insights.run("cohort.period_sales")?;
    let of_period: BTreeMap<Date, i64> = rows(&period_sales)
        .filter_map(|row| Some((row.day("cohort_on")?, row.minor_sum("sales_minor"))))
        .collect();
    let mut by_cohort: BTreeMap<Option<Date>, BTreeMap<Date, i64>> = BTreeMap::new();
    for row in rows(&sales) {
        if let Some(step) = row.day("step_on") {
            *by_cohort.entry(row.day("cohort_on")).or_default().entry(step).or_default() +=
                row.minor_sum("sales_minor");
        }
    }
    let grain = grain(run)?;
    let steps = steps(by_cohort.values().flat_map(|sales| sales.keys().copied()), grain);
    let series = |sales: Option<&BTreeMap<Date, i64>>| -> Vec<i64> {
        steps.iter().map(|step| sales.and_then(|sales| sales.get(step)).copied().unwrap_or(0)).collect()
    };
    let mut layers: Vec<CohortLayer> = rows(&sizes)
        .filter_map(|row| {
            let first_bought = row.period("cohort_on", "cohort_until_on")?;
            Some(CohortLayer {
                first_bought,
                customers: row.count("customers"),
                sales_minor: series(by_cohort.get(&Some(first_bought.from))),
                period_minor: of_period.get(&first_bought.from).copied().unwrap_or(0),
            })
        })
        .collect();
    layers.sort_by_key(|layer| layer.first_bought.from);
    let anonymous = by_cohort.get(&None);
    let alive =
        worth.zip(run.outlook.as_ref().filter(|outlook| outlook.has_attrition)).and_then(|(row, outlook)| {
            let all = row.sum("customers");
            Some(outlook.doubt.of_buyers(row.number("alive_customers")?, row.sum("alive_variance"), all))
        });
    let equity =
        worth.zip(run.outlook.as_ref().filter(|outlook| outlook.fit.is_some())).and_then(|(row, outlook)| {
            Some(outlook.doubt.amount(row.number("clv_minor")?, row.sum("margin_12m_variance")))
        });
    Ok(WholeBase {
        grain,
        anonymous_minor: anonymous.map_or(Vec::new(), |_| series(anonymous)),
        layers: merged(layers),
        steps,
        alive,
        equity,
    })
}

/// Every step from the first to the last, with those in which nothing was sold.
fn steps(sold: impl Iterator<Item = Date>, grain: Grain) -> Vec<Date> {
    let (mut low, mut high) = (None::<Date>, None::<Date>);
    for step in sold {
        low = Some(low.map_or(step, |low| low.min(step)));
        high = Some(high.map_or(step, |high| high.max(step)));
    }
    let months = match grain {
        Grain::Month => 1,
        Grain::Quarter => 3,
        Grain::Year => 12,
    };
    let (Some(low), Some(high)) = (low, high) else { return Vec::new() };
    let mut steps = vec![low];
    while let Some(next) = steps
        .last()
        .and_then(|last| last.checked_add(jiff::Span::new().months(months)).ok().filter(|next| *next <= high))
    {
        steps.push(next);
    }
    steps
}

/// Neighbouring cohorts together, so that there are no more layers than a reader can tell apart.
fn merged(layers: Vec<CohortLayer>) -> Vec<CohortLayer> {
    let each = layers.len().div_ceil(MOST_LAYERS).max(1);
    let together = |part: &[CohortLayer]| CohortLayer {
        first_bought: Period {
            from: part[0].first_bought.from,
            until: part[part.len() - 1].first_bought.until,
        },
        customers: part.iter().map(|layer| layer.customers).sum(),
        sales_minor: (0..part[0].sales_minor.len())
            .map(|step| part.iter().map(|layer| layer.sales_minor[step]).sum())
            .collect(),
        period_minor: part.iter().map(|layer| layer.period_minor).sum(),
    };
    layers.chunks(each).map(together).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::column::{Column, Values};
    use jiff::civil::date;

    fn layer(month: i8, sales: i64) -> CohortLayer {
        let from = date(2026, month, 1);
        CohortLayer {
            first_bought: Period { from, until: date(2026, month + 1, 1) },
            customers: 10,
            sales_minor: vec![sales, 2 * sales],
            period_minor: sales,
        }
    }

    #[test]
    fn neighbouring_cohorts_share_a_layer_where_there_are_too_many() {
        assert_eq!(merged((1..=8).map(|month| layer(month, 5)).collect()).len(), 8);
        let merged = merged((1..=9).map(|month| layer(month, 5)).collect());
        assert_eq!(merged.len(), 5);
        assert_eq!(merged[0].sales_minor, [10, 20]);
        assert_eq!(merged[0].first_bought.days(), 59);
        assert_eq!(merged.iter().map(|layer| layer.customers).sum::<u64>(), 90);
    }

    #[test]
    fn steps_without_sales_are_steps_too() {
        let found = steps([date(2026, 1, 1), date(2025, 11, 1)].into_iter(), Grain::Month);
        assert_eq!(found, [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]);
        assert_eq!(steps([].into_iter(), Grain::Year), []);
    }

    #[test]
    fn cohorts_of_an_unknown_past_are_not_compared() {
        let starts = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 5, 1), date(2026, 6, 1)];
        let days = starts.iter().map(|start| crate::understand::rows::day_of(*start)).collect();
        let comeback = Batch::new(vec![
            Column::new("cohort_on", Values::Day(days)),
            Column::ints("within_days", [30; 4].map(Some)),
            Column::ints("customers", [100; 4].map(Some)),
            Column::ints("came_back", [90, 80, 60, 30].map(Some)),
        ]);
        let cohorts: Vec<CohortRow> = starts
            .iter()
            .map(|start| CohortRow {
                first_bought: Period { from: *start, until: start.last_of_month().tomorrow().unwrap() },
                customers: 100,
                bought: vec![],
                sales_minor: vec![],
            })
            .collect();
        let found = contrast(&comeback, &cohorts, date(2026, 1, 1)).unwrap();
        assert_eq!((found.older.from, found.newer.until), (date(2026, 5, 1), date(2026, 7, 1)));
        assert_eq!((found.age_months, found.difference.value), (1, 0.3 - 0.6));
        assert!(found.difference.high < 0.0);
        assert!(contrast(&comeback, &cohorts, date(2026, 3, 1)).is_none());
    }

    #[test]
    fn few_customers_have_no_concentration() {
        assert!(concentration(&[1.0; 9], Measure::Sales).is_none());
        assert!(concentration(&[-1.0; 20], Measure::Margin).is_none());
        assert_eq!(concentration(&[1.0; 20], Measure::Sales).unwrap().customers_for_half, 10);
    }
}
